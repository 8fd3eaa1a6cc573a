"""The pages a patron sees: card, consent, refusal, error, front.

Templates and texts lie beside this file. Pages hold no script and no inline style, so
the content security policy can forbid both; every value is escaped, freed of what
cannot be shown, and set apart in its direction of writing.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from bridge.core.cards import CardOffer
from bridge.core.colours import ACCENT, ACCENT_DARK, accent_styles
from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import PageReason
from bridge.core.patron import Membership
from bridge.web.facts import Fact
from bridge.web.rendering import make_environment
from bridge.web.texts import LANGUAGES

STATIC: Final = Path(__file__).parent / "static"
STYLESHEET: Final = "bridge.css"
LOGO: Final = "logo"
# The facts that the heading of a refusal may tell, by the ends of its texts' keys.
_TOLD: Final = {
    RefusalReason.MEMBERSHIP_EXPIRED: ("at", "on"),
    RefusalReason.PATRON_TYPE: ("at",),
    RefusalReason.TOO_YOUNG: ("limit",),
    RefusalReason.TOO_OLD: ("limit",),
}


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What the operator says about all pages."""

    title: str  # ends the title of every page: "RERO+"
    support: str | None  # mailto: or https: address
    privacy_url: str | None
    languages: Sequence[str]  # the first is the fallback
    static_prefix: str  # path of the stylesheet's folder, "/static/"
    language_action: str = "/language"  # path that a language is chosen at
    accent: str = ACCENT
    accent_dark: str = ACCENT_DARK
    logo: bytes | None = None
    logo_alt: str = ""  # what the logo says, for those who do not see it
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class CardPage:
    """Which card is to be used?"""

    client_name: str
    action: str  # path that the form is posted to
    ticket: str
    cards: Sequence[Membership]  # the form names one by its place
    refused: Sequence[CardOffer]  # shown with the reason, not to be chosen
    chosen: Membership | None  # of `cards`, the time before
    patron_name: str | None


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """May the client have these claims?"""

    client_name: str
    action: str  # path that the form is posted to
    ticket: str
    given: Sequence[Fact]  # several values of one claim stand one after the other
    withheld: Sequence[str]  # names of claims
    patron_name: str | None
    ask_again: bool  # offer "do not ask again"
    offline: bool = False  # offline_access is among what is allowed
    labels: Mapping[str, str] = field(default_factory=dict)  # of claims of one's own


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """The policy lets this patron not use the client."""

    client_name: str
    refusal: Refused
    action: str
    ticket: str
    reference: str


@dataclass(frozen=True, slots=True)
class AdminDetails:
    """What helps the service's administrator; the registered addresses stay here."""

    client_id: str | None  # as received
    redirect_uri: str | None  # as received
    registered: int | None = None  # how many redirect URIs are


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Why the login stops here, and where it goes on.

    `restart_url` comes from the registration or a sealed ticket, never from a request.
    """

    reason: PageReason
    reference: str
    client_name: str | None = None
    restart_url: str | None = None
    admin: AdminDetails | None = None


@dataclass(frozen=True, slots=True)
class FormPostPage:
    """Carry an answer to the client."""

    client_name: str
    action: str  # the client's redirect_uri
    members: Mapping[str, str]
    script: Markup  # the one that the content security policy allows


@dataclass(frozen=True, slots=True)
class SignOutPage:
    """Sign out?"""

    client_name: str | None
    action: str
    ticket: str
    patron_name: str | None
    is_refused: bool = False  # the service asked for an address that is not registered


@dataclass(frozen=True, slots=True)
class SignedOutPage:
    """What is signed out, and what is still open."""

    client_name: str | None
    client_url: str | None
    told: Sequence[str]  # names of services that confirmed
    untold: Sequence[str]  # names of services that have not, yet
    upstream_url: str
    is_signed_in: bool  # a session is kept here
    is_refused: bool  # the service asked for an address that is not registered


def choose_language(
    ui_locales: Sequence[str],
    cookie: str | None,
    accept_language: str | None,
    languages: Sequence[str],
) -> str:
    """Choose one of *languages* (OIDC Core §3.1.2.1: ui_locales in their order).

    Then come the cookie, the header Accept-Language (RFC 9110 §12.5.4), and the first.
    """
    chosen = first_of_ours((*ui_locales, cookie or ""), languages)
    if chosen is not None:
        return chosen
    # Not best_match: it tries whole tags first, so de-CH would lose to en;q=0.5.
    for tag, quality in parse_accept_header(accept_language, LanguageAccept):
        language = tag.partition("-")[0].lower()
        if language in languages and quality > 0:
            return language
    return languages[0]


def first_of_ours(tags: Iterable[str], languages: Sequence[str]) -> str | None:
    """Return the first of *tags* that is one of *languages*; "de-CH" is "de"."""
    for tag in tags:
        language = tag.replace("_", "-").partition("-")[0].lower()
        if language in languages:
            return language
    return None


class Pages:
    """Writes pages as HTML texts; immutable, so all threads share one.

    *sealed* is the page itself (web/shown_page.py): with it, the footer offers the
    other languages.
    """

    def __init__(self, settings: PageSettings) -> None:
        self._settings = settings
        colours = accent_styles(settings.accent, settings.accent_dark)
        self.stylesheet = (STATIC / STYLESHEET).read_bytes() + colours.encode()
        self.stylesheet_url = self._static_url(STYLESHEET, self.stylesheet)
        self._logo_url = None
        if settings.logo is not None:
            self._logo_url = self._static_url(LOGO, settings.logo)
        self._languages = {
            language: make_environment(language) for language in settings.languages
        }

    def choose_card(self, language: str, page: CardPage, sealed: str = "") -> str:
        """Ask the patron; decision is `choose`, `refuse` or `other`, and `card`."""
        return self._render(language, "choose_card.html", sealed, page=page)

    def consent(self, language: str, page: ConsentPage, sealed: str = "") -> str:
        """Ask the patron; decision is `allow`, `refuse` or `other`, and `remember`."""
        given = [
            (label, [value for _, value in facts])
            for label, facts in groupby(page.given, key=lambda fact: fact[0])
        ]
        return self._render(language, "consent.html", sealed, page=page, given=given)

    def refused(self, language: str, page: RefusedPage, sealed: str = "") -> str:
        """Tell why the policy says no; decision is `refuse` or `other`."""
        return self._render(
            language,
            "refused.html",
            sealed,
            page=page,
            heading=_refusal_key(page.refusal),
            reference=page.reference,
        )

    def error(self, language: str, page: ErrorPage, sealed: str = "") -> str:
        """Tell what stopped the login and what to do first."""
        return self._render(
            language, "error.html", sealed, page=page, reference=page.reference
        )

    def form_post(self, language: str, page: FormPostPage) -> str:
        """Carry an authorization response to the client by a form."""
        return self._render(language, "form_post.html", page=page)

    def sign_out(self, language: str, page: SignOutPage, sealed: str = "") -> str:
        """Ask the patron; decision is `sign_out` or `stay`."""
        return self._render(language, "sign_out.html", sealed, page=page)

    def signed_out(self, language: str, page: SignedOutPage, sealed: str = "") -> str:
        """Tell what is signed out, and that RERO+ is not."""
        return self._render(language, "signed_out.html", sealed, page=page)

    def front(self, language: str) -> str:
        """Tell who comes to the bare address that there is nothing to do."""
        return self._render(language, "front.html")

    def _static_url(self, name: str, content: bytes) -> str:
        """Return where a file is; it is another address when it is another file."""
        digest = hashlib.sha256(content).hexdigest()[:12]
        return f"{self._settings.static_prefix}{name}?v={digest}"

    def _render(
        self, language: str, template: str, sealed: str = "", **context: object
    ) -> str:
        return (
            self._languages[language]
            .get_template(template)
            .render(
                settings=self._settings,
                stylesheet_url=self.stylesheet_url,
                logo_url=self._logo_url,
                language=language,
                sealed=sealed,
                language_names=LANGUAGES,
                **context,
            )
        )


def _refusal_key(refusal: Refused) -> str:
    """Return the key of the sentence that says all that is known."""
    known = {
        "at": bool(refusal.institution),
        "on": refusal.expired_on is not None,
        "limit": refusal.age_limit is not None,
    }
    ends = [f"_{fact}" for fact in _TOLD.get(refusal.reason, ()) if known[fact]]
    return f"refused.{refusal.reason}{''.join(ends)}"
