"""One login for each line of a policy: the page, and what the client is told."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bridge.core.patron import Membership
from bridge.web.texts import read_catalog
from tests.spec.support import claims_of, refresh
from tests.support.trial import HEAD, NOW, Trial, client
from tests.support.upstream import JEAN, make_patron
from tests.support.visitor import Answer, Visitor

MIDNIGHT = 1_800_054_000  # of 16 January 2027 in Zurich; NOW is the day before
CHILD = make_patron(
    "21", "Simon, Lea", Membership("vs", "vs-child"), birthdate=date(2015, 2, 28)
)
TWO_CARDS = make_patron(
    "22",
    "Rey, Marc",
    Membership("fr", "fr-std", date(2020, 1, 1)),
    Membership("vs", "vs-std", date(2030, 1, 1)),
)
Configure = Callable[[str], Visitor]


@pytest.fixture
def under(trial: Trial) -> Configure:
    """Return a function that gives the client a policy, and a browser to come with."""

    def configure(lines: str) -> Visitor:
        policy = f"[policies.p]\n{lines}\n"
        service = client("service", policy="p", refresh_tokens=True)
        trial.configure(HEAD + policy + service)
        trial.upstream.answers |= {"lea": CHILD, "marc": TWO_CARDS}
        return Visitor(trial)

    return configure


def heading(page: Answer) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", page.text)
    assert len(found) == 1
    return re.sub(r"<[^>]*>", "", found[0])


@pytest.mark.parametrize(
    ("lines", "who", "words"),
    [
        ("", "zoe", "Your RERO+ account does not belong to a library yet"),
        ('institutions = ["VS"]', "anna", "service is not open to members of your"),
        (
            'patron_types = ["VS-STD"]',
            "lea",
            "service is not open to your type of membership (VS)",
        ),
        (
            'patron_types = ["vs:fr-std"]',
            "anna",
            "service is not open to your type of membership (FR)",
        ),
        (
            'membership = "current"',
            "luca",
            "Your library membership (VS) ended on 30 March 2020",
        ),
        (
            'membership = "current"\nmemberships = "all"',
            "marc",
            "Your library membership (FR) ended on 1 January 2020",
        ),
        ("minimum_age = 16", "lea", "service is open from the age of 16"),
        ("maximum_age = 25", "jean", "service is open up to the age of 25"),
        ("minimum_age = 16", "anna", "Your RERO+ account does not tell your birth"),
        ("maximum_age = 25", "anna", "Your RERO+ account does not tell your birth"),
    ],
)
def test_refused_patron_sees_why_and_the_client_is_told_access_denied(
    under: Configure, lines: str, who: str, words: str
) -> None:
    browser = under(lines)

    page = browser.sign_in(who)
    answer = browser.press(page, "refuse")

    assert page.status == 403
    assert heading(page).startswith(words)
    assert answer.location.startswith("https://service.example/callback?")
    assert answer.query["error"] == "access_denied"


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        ("", "luca"),
        ("patron_record = false", "zoe"),
        ('institutions = ["VS"]', "luca"),
        ('patron_types = ["VS-STD"]', "jean"),
        ('patron_types = ["vs:vs-std"]\nmembership = "current"', "marc"),
        ('membership = "current"\ngrace_days = 3650', "luca"),
        ('institutions = ["vs"]\nmembership = "current"\nmemberships = "all"', "marc"),
        ("minimum_age = 11\nmaximum_age = 11", "lea"),
    ],
)
def test_patron_who_meets_every_line_is_let_in(
    under: Configure, lines: str, who: str
) -> None:
    assert under(lines).sign_in(who).query["code"]


def test_denied_subject_is_refused_and_hears_of_no_list(under: Configure) -> None:
    before = under("")
    sub = claims_of(before, before.tokens())["sub"]
    browser = under(f'deny = ["{sub}"]')

    page = browser.sign_in()
    answer = browser.press(page, "refuse")

    assert heading(page) == "service is not open to this account"
    assert str(sub) not in page.text
    assert not re.search(r"\b(deny|denied|list|block)", page.text)
    assert answer.query["error"] == "access_denied"


def test_allowed_subject_is_let_in_whatever_the_other_lines_say(
    under: Configure,
) -> None:
    before = under("")
    sub = claims_of(before, before.tokens("luca"))["sub"]
    lines = 'institutions = ["fr"]\nmembership = "current"\nminimum_age = 99'

    browser = under(f'allow = ["{sub}"]\n{lines}')

    assert browser.sign_in("luca").query["code"]
    assert browser.sign_in("jean", prompt="login").status == 403


def test_list_of_one_client_means_nothing_at_another(trial: Trial) -> None:
    browser = Visitor(trial)
    sub = claims_of(browser, browser.tokens())["sub"]
    policy = f'[policies.p]\ndeny = ["{sub}"]\n'

    trial.configure(HEAD + policy + client("other", policy="p"))

    assert browser.sign_in("jean", "other").query["code"]


@pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
@pytest.mark.parametrize(
    ("lines", "who", "reason"),
    [
        ('patron_types = ["x"]', "lea", "patron_type"),
        ("minimum_age = 16", "lea", "too_young"),
        ("maximum_age = 10", "lea", "too_old"),
        ("minimum_age = 16", "anna", "birthdate_unknown"),
    ],
)
def test_page_says_what_to_do_in_the_patrons_language(
    under: Configure, language: str, lines: str, who: str, reason: str
) -> None:
    advice = read_catalog(language)[f"refused.{reason}.do"].partition("%(client)s")[2]

    page = under(lines).sign_in(who, ui_locales=language)

    assert (advice or read_catalog(language)[f"refused.{reason}.do"]) in page.text


@pytest.mark.parametrize(
    ("lines", "scopes"),
    [
        ("", ""),
        ('patron_types = ["x"]', "patron_type"),
        ('membership = "current"', "expiration_date"),
        ("minimum_age = 16", "birthdate"),
        ("maximum_age = 16", "birthdate"),
        ('deny = ["x"]', ""),
    ],
)
def test_rero_is_asked_for_what_the_policy_needs(
    under: Configure, lines: str, scopes: str
) -> None:
    for_identity = {"institution", "patron_types"}  # as long as a barcode may do

    sent = under(lines).authorize(scope="openid")

    assert set(sent.query["scope"].split()) - for_identity == set(scopes.split())


def test_tokens_end_with_the_last_day_that_the_policy_lets_the_patron_in(
    trial: Trial, under: Configure
) -> None:
    browser = under('membership = "current"')
    card = Membership("vs", "vs-std", date(2027, 1, 15))
    trial.upstream.answers["jean"] = replace(JEAN, memberships=(card,))
    trial.clock.now = MIDNIGHT - 10

    tokens = browser.tokens()

    assert tokens["expires_in"] == 10
    assert claims_of(browser, tokens)["exp"] == MIDNIGHT
    trial.clock.now = MIDNIGHT
    assert browser.userinfo(tokens["access_token"]).status == 401
    assert refresh(browser, tokens).members["error"] == "invalid_grant"


def test_session_outlives_what_one_client_may(trial: Trial) -> None:
    policy = '[policies.p]\nmembership = "current"\n'
    trial.configure(HEAD + policy + client("service", policy="p") + client("other"))
    browser = Visitor(trial)
    card = Membership("vs", "vs-std", date(2027, 1, 15))
    trial.upstream.answers["jean"] = replace(JEAN, memberships=(card,))
    trial.clock.now = MIDNIGHT - 10
    browser.tokens()

    trial.clock.now = MIDNIGHT

    assert browser.authorize("other", prompt="none").query["code"]
    assert browser.authorize(prompt="none").query["error"] == "access_denied"
    assert browser.authorize().status == 403


def test_tokens_of_a_patron_without_end_live_as_long_as_ever(under: Configure) -> None:
    browser = under('membership = "current"')

    tokens = browser.tokens()

    assert tokens["expires_in"] == 600
    assert claims_of(browser, tokens)["exp"] == NOW + 300
