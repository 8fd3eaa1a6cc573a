"""Limits: what one session, ticket or address may do in a minute."""

import pytest

from bridge.core.errors import (
    PageReason,
    TooManyRequests,
    UpstreamFault,
    UpstreamUnavailable,
)
from bridge.core.return_address import ErrorAtClient
from bridge.flow.outcomes import AnswerClient
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import Trial


def test_session_may_ask_for_30_authorizations_a_minute(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    for _ in range(30):
        assert isinstance(browser.begin(), AnswerClient)

    with pytest.raises(TooManyRequests) as caught:
        browser.begin()

    assert 0 < caught.value.retry_after_s <= 60


def test_limit_of_a_session_is_told_to_the_client_in_silence(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    for _ in range(30):
        browser.begin()

    with pytest.raises(ErrorAtClient) as caught:
        browser.begin(prompt="none")

    assert caught.value.cause.error == "temporarily_unavailable"


def test_used_tickets_count_as_authorizations_of_their_session(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    browser.complete(state)
    for _ in range(30):
        browser.complete(state)

    with pytest.raises(TooManyRequests):
        browser.complete(state)


def test_limit_of_one_session_is_not_that_of_another(trial: Trial) -> None:
    browser, other = FlowBrowser(trial), FlowBrowser(trial)
    browser.sign_in()
    other.sign_in("anna")
    for _ in range(30):
        browser.begin()

    assert isinstance(other.begin(), AnswerClient)


def test_session_goes_on_after_two_minutes(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    for _ in range(30):
        browser.begin()

    trial.clock.advance(120)

    assert isinstance(browser.begin(), AnswerClient)


def test_ticket_may_ask_rero_10_times_a_minute(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.upstream.answers["jean"] = UpstreamUnavailable(UpstreamFault.DOWN)
    for _ in range(10):
        with page(PageReason.UPSTREAM_DOWN):
            browser.complete(state)

    with pytest.raises(TooManyRequests):
        browser.complete(state)

    assert len(trial.upstream.calls) == 10


def test_address_may_ask_rero_30_times_a_minute(trial: Trial) -> None:
    for number in range(30):
        FlowBrowser(trial).sign_in("jean" if number % 2 else "anna")

    with pytest.raises(TooManyRequests):
        FlowBrowser(trial).sign_in()

    assert len(trial.upstream.calls) == 30
    elsewhere = FlowBrowser(trial, "192.0.2.99")
    assert isinstance(elsewhere.sign_in(), AnswerClient)


def test_callbacks_that_do_not_reach_rero_count_nothing(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    for _ in range(40):
        with page(PageReason.UPSTREAM_GARBLED):
            browser.complete_with({"state": state})

    assert isinstance(browser.complete(state), AnswerClient)


def test_rero_is_told_the_address_of_the_browser(trial: Trial) -> None:
    FlowBrowser(trial, "198.51.100.4").sign_in()

    assert [call.address for call in trial.upstream.calls] == ["198.51.100.4"]
