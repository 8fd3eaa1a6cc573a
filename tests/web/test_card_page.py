"""POST /card and its page: radio buttons, reasons, and the buttons that leave."""

import re

import pytest

from bridge.core.patron import Membership
from bridge.web.pages import CardPage, Pages, PageSettings
from bridge.web.texts import LANGUAGES, read_catalog
from tests.flow.cards import configuration
from tests.support.trial import ISSUER, Trial
from tests.support.visitor import Visitor


@pytest.fixture
def trial(trial: Trial) -> Trial:
    trial.configure(configuration())
    return trial


def test_page_offers_usable_cards_by_number_and_tells_of_the_rest(
    trial: Trial,
) -> None:
    page = Visitor(trial).sign_in("marie", "current")

    assert page.status == 200
    assert page.form_action == "/card"
    assert re.findall(
        r'type="radio" name="card" value="(\d+)" required>', page.text
    ) == [
        "0",
        "1",
    ]
    _, _, refused = page.text.partition("Not for")
    assert "This membership has ended." in refused
    assert "<bdi>NJ</bdi>" in refused
    assert "radio" not in refused


def test_chosen_card_is_what_userinfo_tells(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("marie", "current", scope="openid rero")

    answer = browser.press(page, "choose", card="1")
    tokens = browser.token(answer.query["code"], "current").members
    userinfo = browser.userinfo(tokens["access_token"]).members

    assert userinfo["rero_institutions"] == ["vs"]
    assert userinfo["rero_memberships"] == [
        {
            "institution": "vs",
            "patron_type": "vs-std",
            "expiration_date": "2030-03-30",
            "active": True,
        }
    ]


def test_refresh_is_decided_by_the_chosen_card_alone(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("marie", "current", scope="openid offline_access")
    code = browser.press(page, "choose", card="0").query["code"]
    refresh_token = str(browser.token(code, "current").members["refresh_token"])
    refresh = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    trial.configure(configuration('institutions = ["vs"]'))

    answer = browser.token("", "current", code=None, redirect_uri=None, **refresh)

    assert answer.members["error"] == "invalid_grant"


def test_code_is_refused_when_the_chosen_card_is_by_now(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("marie", "current")
    code = browser.press(page, "choose", card="0").query["code"]
    trial.configure(configuration('institutions = ["vs"]'))

    assert browser.token(code, "current").members["error"] == "invalid_grant"


def test_page_comes_again_where_no_card_was_chosen(trial: Trial) -> None:
    browser = Visitor(trial)

    again = browser.press(browser.sign_in("marie", "card"), "choose")

    assert again.status == 200
    assert again.form_action == "/card"


def test_card_of_before_is_ready_after_a_new_sign_in(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.press(browser.sign_in("marie", "card"), "choose", card="1")

    page = browser.sign_in("marie", "card", prompt="select_account")

    assert re.findall(r'value="(\d)" required checked>', page.text) == ["1"]


def test_cancel_ends_at_the_client_with_access_denied(trial: Trial) -> None:
    browser = Visitor(trial)

    query = browser.press(browser.sign_in("marie", "card"), "refuse").query

    assert query["error"] == "access_denied"
    assert query["state"] == "the-state"
    assert query["iss"] == ISSUER


def test_other_account_goes_through_the_sign_out_of_rero(trial: Trial) -> None:
    browser = Visitor(trial)

    answer = browser.press(browser.sign_in("marie", "card"), "other")

    assert answer.location.startswith("https://rero.example/signout?")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "allow"},
        {"decision": "choose", "card": "0"},
        {"ticket": "x", "decision": "choose", "card": "0"},
    ],
)
def test_odd_form_is_a_page(trial: Trial, form: dict[str, str]) -> None:
    answer = Visitor(trial).post("/card", form)

    assert answer.status == 400
    assert answer.page is not None


def test_form_that_another_site_sent_is_refused(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("marie", "card")
    form = {"ticket": page.ticket, "decision": "choose", "card": "0"}

    answer = browser.post("/card", form, {"Sec-Fetch-Site": "cross-site"})

    assert (answer.status, answer.page) == (400, "other_browser")


@pytest.mark.parametrize("language", LANGUAGES)
def test_card_that_nothing_is_known_of_has_a_name_and_codes_are_escaped(
    language: str,
) -> None:
    settings = PageSettings("RERO+", None, None, tuple(LANGUAGES), "/static/")
    cards = [Membership(None, patron_pid="7"), Membership("<b>", "a\u202e<i>")]
    page = CardPage("Service", "/card", "t", cards, [], None, None)

    html = Pages(settings).choose_card(language, page)

    assert f"<b><bdi>{read_catalog(language)['card.unnamed']}</bdi></b>" in html
    assert "<bdi>&lt;B&gt;</bdi>" in html
    assert "<bdi>a&lt;i&gt;</bdi>" in html
