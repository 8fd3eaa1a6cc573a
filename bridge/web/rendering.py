"""What templates are rendered by: one environment a language, and values made safe."""

from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bridge.core.patron import Membership
from bridge.web.facts import Shown
from bridge.web.texts import UNSHOWABLE, format_date, read_catalog

TEMPLATES: Final = Path(__file__).parent / "templates"


class Translator:
    """Writes texts and values in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._texts = read_catalog(language)

    def text(self, key: str, /, **values: object) -> Markup:
        """Return the text of *key*, its placeholders filled with escaped *values*.

        Raises:
            KeyError: there is no such text, or a placeholder has no value.
        """
        # The texts are those of the catalogs in this package, never a request's, and
        # `%` of a Markup escapes what is put in.
        return Markup(self._texts[key]) % values  # noqa: S704 - said above

    def show(self, value: Shown) -> str:
        """Write *value* as the language does."""
        if value is None:
            return self.text("consent.pseudonym")
        if isinstance(value, date):
            return format_date(value, self._language)
        if isinstance(value, bool):
            return self.text("value.yes") if value else self.text("value.no")
        if isinstance(value, Membership):
            return self._membership(value)
        return value

    def _membership(self, membership: Membership) -> str:
        parts = [institution_name(membership.institution), membership.patron_type or ""]
        if membership.expires_on is not None:
            day = format_date(membership.expires_on, self._language)
            parts.append(self.text("membership.until", date=day))
        return ", ".join(part for part in parts if part)


def make_environment(language: str) -> Environment:
    """Make what templates of *language* are rendered by; a missing value is a fault."""
    translator = Translator(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=showable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = translator.text
    environment.filters.update(
        bdi=isolate,
        verbatim=Verbatim,
        show=translator.show,
        institution=institution_name,
        mail_subject=mail_subject,
        bare=lambda address: address.partition(":")[2].strip("/"),
    )
    environment.tests["web"] = is_web_address
    return environment


class Verbatim:
    """A value that must reach the client as it is: only escaped, nothing taken out."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __html__(self) -> str:
        # A browser would make one line feed of a carriage return in an attribute.
        escaped = str(escape(self._value))
        return escaped.replace("\r", "&#13;").replace("\n", "&#10;")


def showable(value: object) -> object:
    """Take out of a text what cannot be shown; finalizes every value of a template."""
    # What is safe already stays so: a Markup is translated into a Markup.
    return value.translate(UNSHOWABLE) if isinstance(value, str) else value


def isolate(value: str) -> Markup:
    """Keep the direction of writing of *value* from the sentence around it."""
    return Markup("<bdi>{}</bdi>").format(value)


def is_web_address(address: str | None) -> bool:
    """Tell whether a link may lead to *address*: javascript: and its like may not."""
    return address is not None and address.startswith(("https://", "http://", "/"))


def institution_name(code: str | None) -> str:
    """Write an institution's code as patrons know it: "vs" is VS."""
    return (code or "").upper()


def mail_subject(address: str, subject: str) -> str:
    """Give a mailto: *address* a subject; another address stays as it is."""
    if not address.startswith("mailto:") or "?" in address:
        return address
    quoted = quote(subject, safe="", errors="replace")  # RFC 6068 §2
    return f"{address}?subject={quoted}"
