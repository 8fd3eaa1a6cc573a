"""The e-mail scope of RERO+, whether it is offered, and patrons without an address."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.eligibility import RefusalReason
from bridge.flow.outcomes import AnswerClient, ShowRefusal
from bridge.flow.upstream_sign_in import EMAIL_OFFER_S, EMAIL_REFUSAL_S
from tests.flow.support import error_at_client
from tests.support.flow_browser import FlowBrowser, query_of, state_of, url_of
from tests.support.trial import CONFIGURATION, Trial, client
from tests.support.upstream import JEAN

ADDRESSLESS = replace(JEAN, email=None)
NEEDS_EMAIL = CONFIGURATION + client("needy", email="required")


@pytest.fixture
def needy(tmp_path: Path) -> Trial:
    """Give a bridge with a client that cannot do without an address."""
    trial = Trial(tmp_path, NEEDS_EMAIL)
    trial.upstream.answers["nobody"] = ADDRESSLESS
    return trial


def asks_for_email(trial: Trial) -> bool:
    """Tell whether a new browser is sent to RERO+ with the e-mail scope."""
    outcome = FlowBrowser(trial).begin("mail", scope="openid email")
    return "user:email" in query_of(url_of(outcome))["scope"].split()


def fall_back(trial: Trial, who: str = "nobody") -> None:
    """Let RERO+ refuse the e-mail scope, and sign in without it."""
    trial.upstream.answers["nobody"] = ADDRESSLESS
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")
    again = browser.complete_with({"state": state, "error": "invalid_scope"})
    assert isinstance(browser.complete(state_of(again), who), AnswerClient)


def test_a_refused_scope_is_not_asked_for_in_the_next_logins(trial: Trial) -> None:
    fall_back(trial)

    assert not asks_for_email(trial)
    trial.clock.advance(EMAIL_REFUSAL_S - 1)
    assert not asks_for_email(trial)
    trial.clock.advance(1)
    assert asks_for_email(trial)


def test_the_operator_is_told_once_that_the_scope_is_refused(trial: Trial) -> None:
    first, second = FlowBrowser(trial), FlowBrowser(trial)
    trial.upstream.answers["nobody"] = ADDRESSLESS
    states = [b.go("mail", scope="openid email") for b in (first, second)]

    for browser, state in zip((first, second), states, strict=True):
        again = browser.complete_with({"state": state, "error": "invalid_scope"})
        browser.complete(state_of(again), "nobody")

    events = trial.events("upstream:scope_refused")
    assert [(event["level"], event["detail"]) for event in events] == [
        ("warning", "user:email")
    ]


def test_a_refusal_counts_only_once_the_login_succeeds_without_the_scope(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")

    browser.complete_with({"state": state, "error": "invalid_scope"})

    assert asks_for_email(trial)


def test_a_login_that_did_not_ask_for_the_scope_says_nothing_of_it(
    trial: Trial,
) -> None:
    trial.upstream.answers["nobody"] = ADDRESSLESS

    FlowBrowser(trial).sign_in("nobody", "service")

    assert asks_for_email(trial)


def test_a_browser_cannot_make_up_a_refusal_where_others_have_the_scope(
    trial: Trial,
) -> None:
    FlowBrowser(trial).sign_in("jean", "mail", scope="openid email")
    fall_back(trial)
    is_asked = asks_for_email(trial)

    trial.clock.advance(EMAIL_OFFER_S)
    fall_back(trial)

    assert is_asked
    assert not asks_for_email(trial)


def test_a_login_that_has_the_scope_ends_the_refusal(trial: Trial) -> None:
    early = FlowBrowser(trial)
    state = early.go("mail", scope="openid email")
    fall_back(trial)

    early.complete(state, "jean")

    assert asks_for_email(trial)


def test_a_session_made_meanwhile_is_not_asked_for_the_scope_again(
    trial: Trial,
) -> None:
    fall_back(trial)
    browser = FlowBrowser(trial)
    browser.sign_in("nobody", "mail", scope="openid email")
    trial.clock.advance(EMAIL_REFUSAL_S)

    outcome = browser.begin("mail", scope="openid email", prompt="none")

    assert isinstance(outcome, AnswerClient)


def test_a_patron_without_an_address_is_refused_where_one_is_required(
    needy: Trial,
) -> None:
    refusal = FlowBrowser(needy).sign_in("nobody", "needy", scope="openid email")

    assert isinstance(refusal, ShowRefusal)
    assert refusal.refused.reason is RefusalReason.NO_EMAIL


def test_a_required_address_lets_in_who_has_one(needy: Trial) -> None:
    outcome = FlowBrowser(needy).sign_in("jean", "needy", scope="openid email")

    assert isinstance(outcome, AnswerClient)


def test_no_address_is_required_where_none_is_asked_for(needy: Trial) -> None:
    outcome = FlowBrowser(needy).sign_in("nobody", "needy", scope="openid")

    assert isinstance(outcome, AnswerClient)


def test_in_silence_the_client_is_told_that_access_is_denied(needy: Trial) -> None:
    browser = FlowBrowser(needy)
    browser.sign_in("nobody", "mail", scope="openid email")

    with error_at_client("access_denied"):
        browser.begin("needy", scope="openid email", prompt="none")
