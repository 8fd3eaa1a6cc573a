"""One card of several: taken, asked for, remembered, and narrowed to."""

from dataclasses import replace

import pytest

from bridge.core.patron import Membership
from bridge.flow.outcomes import AnswerClient, AskCard
from tests.flow.cards import (
    FR,
    NJ,
    ONLY_VALAIS,
    VS,
    asked,
    configuration,
    give,
    granted,
)
from tests.flow.support import error_at_client
from tests.support.flow_browser import FlowBrowser, url_of
from tests.support.trial import Trial
from tests.support.upstream import MARIE


@pytest.fixture
def trial(trial: Trial) -> Trial:
    trial.configure(configuration())
    return trial


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


def test_client_that_wants_all_is_asked_nothing(
    trial: Trial, browser: FlowBrowser
) -> None:
    answer = browser.sign_in("marie", "all")

    assert granted(trial, answer) == MARIE.memberships


def test_patron_with_one_card_is_asked_nothing(browser: FlowBrowser) -> None:
    assert isinstance(browser.sign_in("jean", "card"), AnswerClient)


def test_patron_without_a_card_goes_on_where_the_policy_lets_in(
    trial: Trial, browser: FlowBrowser
) -> None:
    give(trial, replace(MARIE, memberships=()))

    assert granted(trial, browser.sign_in("marie", "card")) == ()


def test_the_only_card_that_the_policy_takes_is_taken_without_a_question(
    trial: Trial, browser: FlowBrowser
) -> None:
    answer = browser.sign_in("marie", "valais")

    assert granted(trial, answer) == (VS,)
    assert trial.spy.logins[-1].card_choice is None


def test_page_offers_what_the_policy_takes_and_shows_the_rest_with_the_reason(
    browser: FlowBrowser,
) -> None:
    question = asked(browser.sign_in("marie", "current"))

    assert question.cards == (FR, VS)
    assert [
        (one.card, str(one.refused and one.refused.reason)) for one in question.refused
    ] == [(NJ, "membership_expired")]
    assert question.chosen is None
    assert question.patron_name == "Marie Müller"


def test_expired_card_can_be_chosen_where_no_policy_asks(browser: FlowBrowser) -> None:
    assert asked(browser.sign_in("marie", "card")).cards == MARIE.memberships


def test_policy_that_no_card_meets_refuses_before_any_question(
    trial: Trial, browser: FlowBrowser
) -> None:
    give(trial, replace(MARIE, memberships=(NJ, replace(FR, expires_on=NJ.expires_on))))

    outcome = browser.sign_in("marie", "current")

    assert not isinstance(outcome, AskCard | AnswerClient)
    assert trial.spy.writes == []


@pytest.mark.parametrize(("number", "card"), [("0", FR), ("1", VS)])
def test_grant_knows_the_chosen_card_alone_and_the_session_knows_all(
    trial: Trial, browser: FlowBrowser, number: str, card: Membership
) -> None:
    answer = browser.choose(browser.sign_in("marie", "current"), number)

    assert granted(trial, answer) == (card,)
    assert granted(trial, browser.begin("all")) == MARIE.memberships


def test_session_is_stored_before_the_question_and_card_and_grant_after(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "card")
    at_callback = trial.spy.logins[-1]
    browser.choose(question, "0")
    at_choice = trial.spy.logins[-1]

    assert at_callback.session is not None
    assert at_callback.grant is None
    assert at_callback.card_choice is None
    assert at_choice.session is None
    assert at_choice.grant is not None
    assert at_choice.card_choice is not None
    assert at_choice.ticket_id is not None
    assert b"fr" not in at_choice.card_choice.sealed


def test_chosen_card_is_remembered_at_this_client_in_this_session(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")

    assert granted(trial, browser.begin("card")) == (NJ,)
    assert granted(trial, browser.begin("card", prompt="none")) == (NJ,)
    asked(browser.begin("other"))
    asked(FlowBrowser(trial).sign_in("marie", "card"))


def test_chosen_card_is_not_another_patron_s(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")
    give(trial, replace(MARIE, identity=replace(MARIE.identity, value="16")), "zoe")

    browser.sign_in("zoe", "other", prompt="login")

    asked(browser.begin("card"))


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_new_sign_in_asks_again_and_has_the_card_of_before_ready(
    browser: FlowBrowser, prompt: str
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "1")

    question = asked(browser.sign_in("marie", "card", prompt=prompt))

    assert question.chosen == NJ
    assert isinstance(browser.choose(question, "2"), AnswerClient)


def test_silence_without_a_chosen_card_is_interaction_required(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.sign_in("marie", "card")
    writes = len(trial.spy.writes)

    with error_at_client("interaction_required"):
        browser.begin("card", prompt="none")

    assert len(trial.spy.writes) == writes


def test_silence_needs_no_choice_where_one_card_alone_is_taken(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.sign_in("marie", "valais")

    assert granted(trial, browser.begin("valais", prompt="none")) == (VS,)


def test_remembered_card_that_the_policy_now_refuses_asks_again(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "current"), "0")
    trial.configure(ONLY_VALAIS)

    with error_at_client("interaction_required"):
        browser.begin("current", prompt="none")
    question = asked(browser.begin("current"))

    assert (question.cards, question.chosen) == ((VS,), None)


def test_remembered_card_is_known_again_when_it_was_prolonged(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.choose(browser.sign_in("marie", "card"), "0")
    prolonged = replace(FR, expires_on=VS.expires_on)
    give(trial, replace(MARIE, memberships=(prolonged, NJ, VS)))
    trial.clock.advance(5)

    browser.sign_in("marie", "other", prompt="login")

    assert granted(trial, browser.begin("card")) == (prolonged,)


def test_session_that_lacks_what_cards_are_told_by_goes_to_rero_once_more(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.sign_in("marie", "all", scope="openid")

    url = url_of(browser.begin("card", scope="openid"))

    assert "institution" in url
    assert "patron_type" in url
    assert "expiration_date" in url
