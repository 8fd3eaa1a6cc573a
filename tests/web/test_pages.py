"""What the pages say and hold, without a browser."""

import re
from datetime import date

import pytest

from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import PageReason
from bridge.core.patron import Membership
from bridge.web.pages import (
    STATIC,
    AdminDetails,
    ConsentPage,
    ErrorPage,
    Pages,
    PageSettings,
    RefusedPage,
)
from bridge.web.texts import LANGUAGES

# Markup, quotes, control characters, a turn of the writing direction, half a character.
HOSTILE = "<script>alert(1)</script>\"'>&\x00\x1b\u202e\u2066\u200f\ud800 name"
# What may follow an escaped HOSTILE in any page, and nothing else of it.
RAW = ("<script", "\"'>", "\x00", "\x1b", "\u202e", "\u2066", "\u200f", "\ud800")


def pages(**changes: object) -> Pages:
    settings: dict[str, object] = {
        "title": "RERO+",
        "support": "mailto:help@library.example",
        "privacy_url": "https://library.example/privacy",
        "languages": tuple(LANGUAGES),
        "static_prefix": "/static/",
        **changes,
    }
    return Pages(PageSettings(**settings))  # type: ignore[arg-type]  # keywords of a test


def consent(**changes: object) -> ConsentPage:
    values: dict[str, object] = {
        "client_name": "Valais Media Library",
        "action": "/consent",
        "ticket": "t1cket",
        "given": [("name", "Jean Simon")],
        "withheld": ["birthdate"],
        "patron_name": "Jean Simon",
        "ask_again": True,
        **changes,
    }
    return ConsentPage(**values)  # type: ignore[arg-type]  # keywords of a test


def refused(refusal: Refused) -> RefusedPage:
    return RefusedPage("Media Library", refusal, "/consent", "t1cket", "K7QF-2M9D")


def text(html: str) -> str:
    """What a reader sees: no tags, single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<body>")[2]).split())


def heading(html: str) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", html)
    assert len(found) == 1
    return re.sub(r"<[^>]*>", "", found[0])


def every_page(value: str) -> list[str]:
    """Every page in every language, with *value* wherever a value may stand."""
    wall = pages(title=value, support=f"mailto:{value}", privacy_url=f"https://{value}")
    asked = consent(
        client_name=value,
        action=value,
        ticket=value,
        given=[("name", value), ("rero_memberships", Membership(value, value))],
        patron_name=value,
    )
    refusals = [Refused(reason, value, date(2025, 3, 30)) for reason in RefusalReason]
    written = []
    for language in LANGUAGES:
        written += [wall.consent(language, asked), wall.front(language)]
        written += [
            wall.refused(language, RefusedPage(value, refusal, value, value, value))
            for refusal in refusals
        ]
        details = AdminDetails(value, value, 2)
        written += [
            wall.error(
                language, ErrorPage(reason, value, value, f"https://{value}", details)
            )
            for reason in PageReason
        ]
    return written


def test_no_value_brings_markup_or_unseen_characters_into_a_page() -> None:
    written = every_page(HOSTILE)

    for html in written:
        assert [piece for piece in RAW if piece in html] == []
        html.encode("utf-8")


def test_every_page_has_one_heading_its_language_a_title_and_no_script_or_style() -> (
    None
):
    written = every_page("A Library")

    for html in written:
        assert html.count("<h1>") == 1
        assert re.search(r'<html lang="(fr|de|it|en)">', html)
        assert re.search(r"<title>[^<]+ - A Library</title>", html)
        assert not re.search(r"<script|<style|style=|\son\w+=|https?://[^A\"]", html)


def test_consent_shows_real_values_and_posts_the_ticket() -> None:
    page = consent(
        given=[
            ("name", "Jean Simon"),
            ("birthdate", date(1980, 5, 1)),
            ("rero_memberships", Membership("vs", "adult", date(2027, 3, 30))),
            ("rero_memberships", Membership("nj", None, None)),
            ("sub", None),
        ],
        withheld=["email", "password"],
    )

    html = pages().consent("en", page)

    assert heading(html) == "Valais Media Library would like to sign you in"
    assert '<form method="post" action="/consent">' in html
    assert '<input type="hidden" name="ticket" value="t1cket">' in html
    assert "Date of birth 1 May 1980" in text(html)
    assert (
        "Library and membership VS, adult, valid until 30 March 2027 NJ Pseudonymous"
        in text(html)
    )
    assert "does not receive E-mail address Password" in text(html)


def test_consent_offers_to_allow_to_refuse_and_to_be_somebody_else() -> None:
    html = pages().consent("en", consent())

    decisions = re.findall(r'name="decision" value="(\w+)"', html)
    assert sorted(decisions) == ["allow", "other", "refuse"]
    assert '<input type="checkbox" name="remember" value="yes">' in html


def test_consent_without_a_name_still_offers_another_account() -> None:
    html = pages().consent("en", consent(patron_name=None, ask_again=False))

    assert html.count('value="other"') == 1
    assert "remember" not in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Votre inscription à la bibliothèque (VS) a pris fin le 30.03.2025"),
        (
            "de",
            "Ihre Mitgliedschaft bei der Bibliothek (VS) ist am 30.03.2025 abgelaufen",
        ),
        ("it", "La sua iscrizione alla biblioteca (VS) è scaduta il 30.03.2025"),
        ("en", "Your library membership (VS) ended on 30 March 2025"),
    ],
)
def test_refusal_says_the_reason_with_institution_and_date(
    language: str, words: str
) -> None:
    refusal = Refused(RefusalReason.MEMBERSHIP_EXPIRED, "vs", date(2025, 3, 30))

    html = pages().refused(language, refused(refusal))

    assert heading(html) == words
    assert "K7QF-2M9D" in html
    assert re.findall(r'name="decision" value="(\w+)"', html) == ["refuse", "other"]


@pytest.mark.parametrize("reason", RefusalReason)
@pytest.mark.parametrize("institution", ["vs", None])
@pytest.mark.parametrize("expired_on", [date(2025, 3, 30), None])
def test_refusal_can_be_told_whatever_is_known(
    reason: RefusalReason, institution: str | None, expired_on: date | None
) -> None:
    html = pages().refused("en", refused(Refused(reason, institution, expired_on)))

    assert "None" not in html
    assert "()" not in html


def test_every_reason_has_its_own_words() -> None:
    alike = {PageReason.REDIRECT_URI: PageReason.UNKNOWN_CLIENT}  # one heading for both

    headings = [
        heading(pages().error("en", ErrorPage(reason, "K7QF-2M9D")))
        for reason in PageReason
        if reason not in alike
    ]

    assert len(headings) == len(set(headings))


def test_error_page_goes_on_at_the_service_first() -> None:
    page = ErrorPage(
        PageReason.TICKET, "K7QF-2M9D", "Media Library", "https://library.example/"
    )

    html = pages().error("en", page)

    link = '<a class="button" href="https://library.example/">'
    assert f"{link}Start again at <bdi>Media Library</bdi></a>" in html


def test_error_page_without_a_service_offers_to_try_again() -> None:
    html = pages().error("en", ErrorPage(PageReason.BUSY, "K7QF-2M9D", None, "/again"))

    assert '<a class="button" href="/again">Try again</a>' in html


def test_button_never_leads_to_a_script() -> None:
    page = ErrorPage(PageReason.BUSY, "K7QF-2M9D", None, "javascript:alert(1)")

    html = pages().error("en", page)

    assert "javascript" not in html


def test_error_page_tells_the_administrator_what_was_received() -> None:
    details = AdminDetails("keycloak-vs", "https://sso.example/bäck", 2)
    page = ErrorPage(PageReason.REDIRECT_URI, "K7QF-2M9D", admin=details)

    html = pages().error("en", page)

    assert "The mistake is not yours." in html
    assert "not among the registered ones (number: 2)" in html
    assert "<bdi>keycloak-vs</bdi>" in html
    assert "<bdi>https://sso.example/bäck</bdi>" in html


def test_details_of_a_huge_request_are_cut() -> None:
    details = AdminDetails("x" * 60_000, None)
    page = ErrorPage(PageReason.UNKNOWN_CLIENT, "K7QF-2M9D", admin=details)

    html = pages().error("en", page)

    assert len(html) < 4_000
    assert "(none)" in html


def test_support_is_reached_with_the_reference_as_subject() -> None:
    html = pages().error("en", ErrorPage(PageReason.BUG, "K7QF-2M9D"))

    assert (
        '<a href="mailto:help@library.example?subject=K7QF-2M9D">help@library.example'
        in html
    )


def test_pages_do_without_support_and_privacy() -> None:
    bare = pages(support=None, privacy_url=None)

    html = bare.error("en", ErrorPage(PageReason.BUG, "K7QF-2M9D"))

    assert "<footer>" not in html
    assert "Questions?" not in html
    assert "K7QF-2M9D" in html


def test_front_page_can_be_read_in_all_languages() -> None:
    html = pages().front("de")

    assert re.findall(r"/language\?to=(\w+)", html) == ["fr", "de", "it", "en"]
    assert 'hreflang="de" aria-current="true">Deutsch</a>' in html
    assert 'href=".well-known/openid-configuration"' in html


def test_demonstration_is_told_on_every_page_only_where_it_is_one() -> None:
    page = ErrorPage(PageReason.BUG, "K7QF-2M9D")

    shown = [pages(demonstration=d).error("en", page) for d in (True, False)]

    assert ["nothing here is real" in html for html in shown] == [True, False]


def test_stylesheet_is_small_and_its_address_changes_with_it() -> None:
    wall = pages(static_prefix="/login/static/")

    assert re.fullmatch(
        r"/login/static/bridge\.css\?v=[0-9a-f]{12}", wall.stylesheet_url
    )
    assert f'<link rel="stylesheet" href="{wall.stylesheet_url}">' in wall.front("fr")
    assert (STATIC / "bridge.css").stat().st_size <= 6_000
