"""Read of an HTML page what a login needs: its headline, links and forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

BUTTON_TYPES: Final = frozenset({"submit", "image"})
# Fields a browser shows and sends; a form is filled in by these types.
TEXT_TYPES: Final = frozenset({"text", "email", "username", "tel", "search", "number"})


@dataclass(slots=True)
class Field:
    """One field of a form, as a browser would send it."""

    name: str
    type: str
    value: str


@dataclass(slots=True)
class Button:
    """A button that sends its form; without a name it adds nothing to it."""

    name: str
    value: str
    text: str


@dataclass(slots=True)
class Form:
    """A form; action and method as written in the page."""

    action: str
    method: str  # "get" or "post"
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def asks_for_password(self) -> bool:
        """Whether this is the form of a sign-in."""
        return any(entry.type == "password" for entry in self.fields)


@dataclass(slots=True)
class Link:
    """A link and its text."""

    href: str
    text: str


@dataclass(slots=True)
class Page:
    """What was found in a page."""

    h1: str = ""
    links: list[Link] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def read_page(html: str) -> Page:
    """Read a page; broken markup is read as far as it goes."""
    reader = PageReader()
    reader.feed(html)
    reader.close()
    return reader.page


class PageReader(HTMLParser):
    """Collects headline, links and forms while the page goes by."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._form: Form | None = None
        # Elements whose text is wanted: tag, text so far, where it goes at the end.
        self._open: list[tuple[str, list[str], Callable[[str], None]]] = []

    def handle_starttag(
        self, tag: str, attrs: Sequence[tuple[str, str | None]]
    ) -> None:
        """Note the elements that matter."""
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "h1" if not self.page.h1:
                self._collect("h1", self._set_h1)
            case "a" if given.get("href"):
                link = Link(given["href"], "")
                self.page.links.append(link)
                self._collect("a", lambda text: setattr(link, "text", text))
            case "form":
                self._form = Form(
                    given.get("action", ""), given.get("method", "get").lower()
                )
                self.page.forms.append(self._form)
            case "input" if self._form is not None and "disabled" not in given:
                self._read_input(self._form, given)
            case "button" if self._form is not None and "disabled" not in given:
                self._read_button(self._form, given)

    def handle_endtag(self, tag: str) -> None:
        """Hand over the text of an element that ends."""
        if tag == "form":
            self._form = None
        for index in range(len(self._open) - 1, -1, -1):
            name, parts, done = self._open[index]
            if name == tag:
                del self._open[index:]
                done(" ".join("".join(parts).split()))
                return

    def handle_data(self, data: str) -> None:
        """Add text to every element it stands in."""
        for _, parts, _ in self._open:
            parts.append(data)

    def _collect(self, tag: str, done: Callable[[str], None]) -> None:
        self._open.append((tag, [], done))

    def _set_h1(self, text: str) -> None:
        self.page.h1 = text

    def _read_input(self, form: Form, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        name, value = given.get("name", ""), given.get("value", "")
        if kind in BUTTON_TYPES:
            form.buttons.append(Button(name, value, value))
        elif kind in {"checkbox", "radio"}:
            if "checked" in given and name:
                form.fields.append(Field(name, kind, given.get("value", "on")))
        elif kind not in {"button", "reset", "file"} and name:
            form.fields.append(Field(name, kind, value))

    def _read_button(self, form: Form, given: dict[str, str]) -> None:
        if given.get("type", "submit").lower() != "submit":
            return
        button = Button(given.get("name", ""), given.get("value", ""), "")
        form.buttons.append(button)
        self._collect("button", lambda text: setattr(button, "text", text))
