"""One card of several, and consent: asked one after the other, about that card."""

from dataclasses import replace

import pytest

from bridge.flow.outcomes import AskConsent
from bridge.flow.ticket import TicketKind
from tests.flow.cards import (
    FR,
    NJ,
    ONLY_VALAIS,
    RERO,
    VS,
    asked,
    configuration,
    give,
    granted,
)
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


def test_card_and_consent_are_asked_one_after_the_other(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.choose(browser.sign_in("marie", "asking", scope=RERO), "1")
    assert isinstance(question, AskConsent)
    institutions = question.claims["rero_institutions"]

    answer = browser.approve(question, remember=True)

    assert institutions == ["vs"]
    assert granted(trial, answer) == (VS,)
    assert granted(trial, browser.begin("asking", scope=RERO)) == (VS,)


def test_remembered_consent_counts_for_another_card_too(
    trial: Trial, browser: FlowBrowser
) -> None:
    browser.approve(
        browser.choose(browser.sign_in("marie", "asking"), "1"), remember=True
    )
    trial.clock.advance(5)

    answer = browser.choose(browser.sign_in("marie", "asking", prompt="login"), "0")

    assert granted(trial, answer) == (FR,)


def test_consent_page_for_the_only_card_that_is_taken_keeps_to_it(
    trial: Trial, browser: FlowBrowser
) -> None:
    give(trial, replace(MARIE, memberships=(NJ, VS)))
    question = browser.sign_in("marie", "asking", scope=RERO)
    assert isinstance(question, AskConsent)

    answer = browser.approve(question)

    assert question.claims["rero_institutions"] == ["vs"]
    assert granted(trial, answer) == (VS,)


def test_card_refused_while_consent_was_asked_is_asked_for_again(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.choose(browser.sign_in("marie", "asking"), "0")
    trial.configure(ONLY_VALAIS)

    assert asked(browser.approve(question)).cards == (VS,)


def test_client_that_wants_all_by_now_asks_consent_for_all(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.choose(browser.sign_in("marie", "asking", scope=RERO), "0")
    trial.configure(configuration().replace('card = "one"', 'card = "all"'))

    again = browser.approve(question)

    assert isinstance(again, AskConsent)
    assert again.claims["rero_institutions"] == ["fr", "nj", "vs"]


def test_second_press_on_another_card_counts_before_consent(
    trial: Trial, browser: FlowBrowser
) -> None:
    question = browser.sign_in("marie", "asking")
    browser.choose(question, "0")

    answer = browser.approve(browser.choose(question, "1"), remember=True)

    assert granted(trial, answer) == (VS,)
    assert granted(trial, browser.begin("asking")) == (VS,)


def test_other_account_on_the_consent_page_asks_for_the_card_again(
    browser: FlowBrowser,
) -> None:
    question = browser.choose(browser.sign_in("marie", "asking"), "0")
    assert isinstance(question, AskConsent)

    outcome = browser.change_account(TicketKind.CONSENT, question.ticket)

    state = url_of(outcome).partition("state=")[2].partition("&")[0]
    asked(browser.complete(state, "marie"))
