"""The page of a refusal tells each reason by its facts, and no more than that."""

import re
from datetime import date

import pytest

from bridge.core.eligibility import RefusalReason, Refused
from bridge.web.pages import Pages, PageSettings, RefusedPage
from bridge.web.texts import LANGUAGES


def page_of(language: str, refusal: Refused) -> str:
    settings = PageSettings("RERO+", None, None, tuple(LANGUAGES), "/static/")
    page = RefusedPage("Media Library", refusal, "/refusal", "t1cket", "K7QF-2M9D")
    return Pages(settings).refused(language, page)


def heading(html: str) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", html)
    assert len(found) == 1
    return re.sub(r"<[^>]*>", "", found[0])


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (
            Refused(RefusalReason.PATRON_TYPE, "vs", patron_type="vs-child"),
            "Media Library is not open to your type of membership (VS)",
        ),
        (
            Refused(RefusalReason.TOO_YOUNG, age_limit=16),
            "Media Library is open from the age of 16",
        ),
        (
            Refused(RefusalReason.TOO_OLD, age_limit=0),
            "Media Library is open up to the age of 0",
        ),
        (
            Refused(RefusalReason.BIRTHDATE_UNKNOWN),
            "Your RERO+ account does not tell your birth date",
        ),
        (Refused(RefusalReason.DENIED), "Media Library is not open to this account"),
    ],
)
def test_refusal_says_what_the_policy_asks(refusal: Refused, words: str) -> None:
    assert heading(page_of("en", refusal)) == words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", RefusalReason)
def test_refusal_is_told_in_every_language_with_and_without_its_facts(
    language: str, reason: RefusalReason
) -> None:
    bare = page_of(language, Refused(reason))
    full = page_of(language, Refused(reason, "vs", date(2025, 3, 30), "vs-std", 16))

    assert "None" not in bare + full
    assert heading(bare).strip()
    assert heading(full).strip()
    assert "vs-std" not in full
