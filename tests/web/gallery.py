"""One of every page a patron may see, in every language: for looking at them."""

from dataclasses import replace
from datetime import date
from typing import Final

from markupsafe import Markup

from bridge.core.cards import CardOffer
from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import PageReason
from bridge.core.patron import Membership
from bridge.web.pages import (
    STATIC,
    AdminDetails,
    CardPage,
    ConsentPage,
    ErrorPage,
    FormPostPage,
    Pages,
    PageSettings,
    RefusedPage,
    SignedOutPage,
    SignOutPage,
)
from bridge.web.texts import LANGUAGES

NAMES: Final = {
    "fr": "Médiathèque Valais",
    "de": "Mediathek Wallis",
    "it": "Mediateca Vallese",
    "en": "Valais Media Library",
}
LOGOUTS: Final = ("sign-out", "signed-out", "signed-out-told", "signed-out-kept")
PAGES: Final = (
    *("card", "card-again", "consent", "consent-nameless", "front", "form-post"),
    *LOGOUTS,
    *RefusalReason,
    *PageReason,
)
SEALED: Final = "what-is-sealed"  # has the footer offer the languages
RESTART: Final = "https://library.example/"
FOR_ADMINISTRATORS: Final = {PageReason.UNKNOWN_CLIENT, PageReason.REDIRECT_URI}
# What happens before a client is known, or where it no longer is: no button leads on.
WITHOUT_CLIENT: Final = {
    PageReason.UNKNOWN_CLIENT,
    PageReason.BAD_REQUEST,
    PageReason.OTHER_BROWSER,
    PageReason.NOT_FOUND,
    PageReason.METHOD,
    PageReason.TOO_LARGE,
    PageReason.STORE,
    PageReason.BUG,
}


def consent(language: str, *, nameless: bool) -> ConsentPage:
    return ConsentPage(
        client_name=NAMES[language],
        action="/consent",
        ticket="t1cket",
        given=[
            ("name", "Jean Simon"),
            ("email", "jean.simon@example.ch"),
            ("rero_memberships", Membership("vs", "adulte", date(2027, 3, 30))),
            ("rero_memberships", Membership("rbnj", "étudiant", date(2026, 9, 1))),
            ("sub", None),
        ],
        withheld=["birthdate", "barcode", "password"],
        patron_name=None if nameless else "Jean Simon",
        ask_again=not nameless,
        offline=nameless,
    )


def card(language: str, *, again: bool) -> CardPage:
    """Make the page of cards, with every reason that can stand beside one."""
    ended = Membership("fr", "étudiant", date(2025, 3, 30))
    refused = [
        CardOffer(ended, Refused(RefusalReason.MEMBERSHIP_EXPIRED, "fr")),
        CardOffer(Membership("ge", "pro"), Refused(RefusalReason.INSTITUTION)),
        CardOffer(Membership("bge"), Refused(RefusalReason.PATRON_TYPE)),
        CardOffer(
            Membership("ne", is_end_known=False),
            Refused(RefusalReason.MEMBERSHIP_UNKNOWN),
        ),
    ]
    cards = [
        Membership("vs", "adulte", date(2027, 3, 30)),
        Membership("rbnj", "étudiant"),
        Membership(None, patron_pid="7", is_end_known=False),
    ]
    return CardPage(
        client_name=NAMES[language],
        action="/card",
        ticket="t1cket",
        cards=cards,
        refused=[] if again else refused,
        chosen=cards[0] if again else None,
        patron_name=None if again else "Jean Simon",
    )


def error(language: str, reason: PageReason) -> ErrorPage:
    """Make the page as a patron meets it: some reasons leave the service unknown."""
    has_client = reason not in WITHOUT_CLIENT
    long_address = "https://sso.example.ch/realms/biblio/broker/rero/endpoint?" * 3
    details = AdminDetails("keycloak-vs", long_address, 2 if has_client else None)
    return ErrorPage(
        reason,
        "K7QF-2M9D",
        NAMES[language] if has_client else None,
        RESTART if has_client else None,
        details if reason in FOR_ADMINISTRATORS else None,
    )


def signed_out(language: str, page: str) -> SignedOutPage:
    """Make the page after a logout; services were told, or a session is kept."""
    is_told, is_kept = page == "signed-out-told", page == "signed-out-kept"
    return SignedOutPage(
        client_name=NAMES[language],
        client_url=RESTART,
        told=["Moodle Valais", NAMES[language]] if is_told else [],
        untold=["Nextcloud"] if is_told else [],
        upstream_url="https://bib.rero.ch/signout/",
        is_signed_in=is_kept,
        is_refused=is_kept,
    )


def html(pages: Pages, page: str, language: str) -> str:
    if page == "front":
        return pages.front(language)
    if page == "form-post":
        members = {"code": "c0de", "state": "st4te", "iss": "https://login.example.ch"}
        script = Markup("")  # this page is to stay
        return pages.form_post(
            language, FormPostPage(NAMES[language], RESTART, members, script)
        )
    if page == "sign-out":
        return pages.sign_out(
            language,
            SignOutPage(NAMES[language], "/logout/confirm", "t1cket", "Jean Simon"),
            SEALED,
        )
    if page in LOGOUTS:
        return pages.signed_out(language, signed_out(language, page), SEALED)
    if page.startswith("card"):
        return pages.choose_card(
            language, card(language, again=page == "card-again"), SEALED
        )
    if page.startswith("consent"):
        return pages.consent(
            language, consent(language, nameless=page == "consent-nameless"), SEALED
        )
    if isinstance(page, RefusalReason):
        refusal = Refused(page, "vs", date(2025, 3, 30))
        refused = RefusedPage(NAMES[language], refusal, "/consent", "t", "K7QF-2M9D")
        return pages.refused(language, refused, SEALED)
    return pages.error(language, error(language, PageReason(page)), SEALED)


SETTINGS: Final = PageSettings(
    title="RERO+",
    support="mailto:systembib@example.ch",
    privacy_url="https://library.example/privacy",
    languages=tuple(LANGUAGES),
    static_prefix=f"{STATIC.as_uri()}/",
)


def make_pages(*, demonstration: bool = False) -> Pages:
    return Pages(replace(SETTINGS, demonstration=demonstration))
