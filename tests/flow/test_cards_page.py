"""The page of cards: what its form may say, when, where, and how often."""

from dataclasses import replace

import pytest

from bridge.core.errors import PageReason
from bridge.core.records import LoginWrite
from bridge.flow.ticket import TicketKind
from tests.flow.cards import (
    FR,
    ONLY_VALAIS,
    VS,
    asked,
    configuration,
    granted,
)
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, url_of
from tests.support.trial import NOW, Trial
from tests.support.upstream import MARIE


@pytest.fixture
def trial(trial: Trial) -> Trial:
    trial.configure(configuration())
    return trial


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


def test_card_refused_while_its_page_was_open_is_not_replaced_unasked(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "current")
    trial.configure(ONLY_VALAIS)

    again = asked(browser.choose(question, "0"))

    assert again.cards == (VS,)
    assert trial.spy.logins[-1].card_choice is None


def test_no_card_chosen_asks_again(browser: FlowBrowser) -> None:
    question = browser.sign_in("marie", "card")

    assert asked(browser.choose(question, None)).cards == MARIE.memberships


@pytest.mark.parametrize("number", ["3", "-1", "01", "", "vs", "1.0", "٣", "9" * 5000])
def test_card_that_the_page_did_not_offer_cannot_be_chosen(
    browser: FlowBrowser, number: str
) -> None:
    question = browser.sign_in("marie", "card")

    with page(PageReason.BAD_REQUEST):
        browser.choose(question, number)


def test_refused_card_has_no_number(browser: FlowBrowser) -> None:
    question = browser.sign_in("marie", "current")

    with page(PageReason.BAD_REQUEST):
        browser.choose(question, "2")


def test_double_press_goes_on_in_the_same_session(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")

    first = granted(trial, browser.choose(question, "0"))
    second = granted(trial, browser.choose(question, "0"))

    assert first == second == (FR,)


def test_ticket_of_another_browser_is_refused(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")
    stranger = FlowBrowser(trial)
    stranger.sign_in("marie", "all")

    with page(PageReason.OTHER_BROWSER):
        stranger.choose(question, "0")


def test_ticket_of_another_patron_s_session_is_refused(browser: FlowBrowser) -> None:
    question = browser.sign_in("marie", "card")
    binding = browser.cookies.binding
    browser.sign_in("jean", "all", prompt="login")
    browser.cookies = replace(browser.cookies, binding=binding)

    with page(PageReason.USED_TICKET):
        browser.choose(question, "0")


def test_ticket_of_an_earlier_sign_in_is_refused(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")
    trial.clock.advance(5)
    browser.sign_in("marie", "card", prompt="login")

    with page(PageReason.USED_TICKET):
        browser.choose(question, "0")


def test_ticket_is_over_after_a_quarter_of_an_hour(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")
    trial.clock.advance(900)

    with page(PageReason.TICKET):
        browser.choose(question, "0")


def test_ticket_is_good_for_no_other_page(browser: FlowBrowser) -> None:
    question = asked(browser.sign_in("marie", "card"))

    with page(PageReason.TICKET):
        browser.complete(question.ticket)
    with page(PageReason.TICKET):
        browser.refuse(TicketKind.CONSENT, question.ticket)


def test_session_that_ends_while_the_card_is_stored_is_a_page(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "asking")
    session = trial.spy.logins[-1].session
    assert session is not None
    session_id = session.session_id
    trial.spy.before_lookup = lambda: trial.store.end_session(session_id, NOW)

    with page(PageReason.USED_TICKET):
        browser.choose(question, "0")


def test_reloaded_callback_shows_the_question_again(browser: FlowBrowser) -> None:
    state = browser.go("card")
    browser.complete(state, "marie")

    assert asked(browser.complete(state, "marie")).cards == MARIE.memberships


def test_cancelled_is_access_denied_at_the_client(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = asked(browser.sign_in("marie", "card"))

    with error_at_client("access_denied"):
        browser.refuse(TicketKind.CARD, question.ticket)

    assert trial.events("card:refused")
    assert not trial.events("consent:refused")


def test_other_account_signs_out_at_rero_and_asks_for_the_card_again(
    browser: FlowBrowser,
) -> None:
    question = asked(browser.sign_in("marie", "card", prompt="select_account"))
    browser.choose(question, "0")
    question = asked(browser.sign_in("marie", "card", prompt="login"))

    outcome = browser.change_account(TicketKind.CARD, question.ticket)

    assert "/signout?" in url_of(outcome)
    state = url_of(outcome).partition("state=")[2].partition("&")[0]
    asked(browser.complete(state, "marie"))


def test_choices_are_counted_with_the_authorizations_of_a_session(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")
    for _ in range(30):
        browser.choose(question, "0")

    with pytest.raises(Exception, match="too many requests"):
        browser.choose(question, "0")


def test_log_tells_of_the_choice_but_not_of_the_card(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")

    [question], [choice] = trial.events("card:asked"), trial.events("card:chosen")

    assert question["client_id"] == choice["client_id"] == "card"
    assert "nj" not in str(question) + str(choice)


def test_unreadable_choice_asks_again(trial: Trial, browser: FlowBrowser) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")
    choice = trial.spy.logins[-1].card_choice
    assert choice is not None
    broken = replace(choice, sealed=b"x" + choice.sealed)
    trial.store.put_login(LoginWrite(NOW, card_choice=broken))

    asked(browser.begin("card"))


def test_choice_moved_to_another_client_is_not_read(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")
    choice = trial.spy.logins[-1].card_choice
    assert choice is not None
    moved = replace(choice, client_id="other")
    trial.store.put_login(LoginWrite(NOW, card_choice=moved))

    asked(browser.begin("other"))
