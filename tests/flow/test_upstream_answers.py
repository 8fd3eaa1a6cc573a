"""What RERO+ answers instead of a patron: nothing stored, the ticket stays valid."""

import pytest

from bridge.core.errors import (
    PageReason,
    UnsafeRequest,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from bridge.flow.outcomes import AnswerClient, GoUpstream
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, query_of, state_of, url_of
from tests.support.trial import Trial

FAULTS = [
    (UpstreamUnavailable(UpstreamFault.DOWN), PageReason.UPSTREAM_DOWN),
    (UpstreamUnavailable(UpstreamFault.DEADLINE), PageReason.UPSTREAM_DOWN),
    (UpstreamUnavailable(UpstreamFault.BUSY), PageReason.BUSY),
    (UpstreamRefused(UpstreamFault.CODE_OVER), PageReason.UPSTREAM_CODE),
    (UpstreamRefused(UpstreamFault.REGISTRATION), PageReason.UPSTREAM_REGISTRATION),
    (UpstreamRefused(UpstreamFault.TOKEN_KILLED), PageReason.UPSTREAM_RACE),
    (UpstreamUnavailable(UpstreamFault.NOT_JSON), PageReason.UPSTREAM_DOWN),
    (UpstreamGarbled(UpstreamFault.NO_IDENTITY), PageReason.UPSTREAM_GARBLED),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_failed_exchange_stores_nothing_and_leaves_the_ticket_valid(
    trial: Trial,
    fault: UpstreamUnavailable | UpstreamRefused | UpstreamGarbled,
    reason: PageReason,
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.upstream.answers["jean"] = fault

    with page(reason) as caught:
        browser.complete(state)

    assert caught.value.restart is not None
    assert trial.spy.writes == []
    assert isinstance(browser.complete(state, "anna"), AnswerClient)


@pytest.mark.parametrize(
    ("fault", "level"),
    [
        (UpstreamRefused(UpstreamFault.REGISTRATION, "status 404"), "error"),
        (UpstreamRefused(UpstreamFault.SCOPE, "invalid_scope"), "error"),
        (UpstreamUnavailable(UpstreamFault.DOWN, "status 503"), "warning"),
        (UpstreamGarbled(UpstreamFault.SHAPE, "user id"), "warning"),
    ],
)
def test_operator_is_told_what_failed_at_rero_and_alarmed_where_it_is_ours(
    trial: Trial,
    fault: UpstreamUnavailable | UpstreamRefused | UpstreamGarbled,
    level: str,
) -> None:
    browser = FlowBrowser(trial)
    trial.upstream.answers["jean"] = fault

    with pytest.raises(UnsafeRequest):
        browser.complete(browser.go())

    (failed,) = trial.events("upstream:failed")
    assert failed["level"] == level
    assert failed["fault"] == fault.fault.value
    assert failed["detail"] == fault.detail


@pytest.mark.parametrize("fault", [UpstreamFault.CODE_OVER, UpstreamFault.TOKEN_KILLED])
def test_what_only_the_reader_can_mend_is_no_failure_of_rero(
    trial: Trial, fault: UpstreamFault
) -> None:
    browser = FlowBrowser(trial)
    trial.upstream.answers["jean"] = UpstreamRefused(fault)

    with pytest.raises(UnsafeRequest):
        browser.complete(browser.go())

    assert trial.events("upstream:failed") == []


def test_patron_who_rejects_at_rero_is_access_denied_at_the_client(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()

    with error_at_client("access_denied"):
        browser.complete_with({"state": state, "error": "access_denied"})

    assert trial.spy.writes == []
    assert isinstance(browser.complete(state), AnswerClient)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"error": "invalid_scope"}, PageReason.UPSTREAM_REGISTRATION),
        ({"error": "unauthorized_client"}, PageReason.UPSTREAM_REGISTRATION),
        ({"error": "invalid_request"}, PageReason.UPSTREAM_REGISTRATION),
        ({"error": "what is this"}, PageReason.UPSTREAM_GARBLED),
        ({}, PageReason.UPSTREAM_GARBLED),
        ({"code": "with a space"}, PageReason.UPSTREAM_GARBLED),
        ({"code": "x" * 513}, PageReason.UPSTREAM_GARBLED),
    ],
)
def test_other_answers_of_rero_are_pages_and_leave_the_ticket_valid(
    trial: Trial, parameters: dict[str, str], reason: PageReason
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()

    with page(reason):
        browser.complete_with({"state": state, **parameters})

    assert trial.upstream.calls == []
    assert isinstance(browser.complete(state), AnswerClient)


def test_refused_email_scope_is_left_out_once_with_the_same_end(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")
    trial.clock.advance(100)

    again = browser.complete_with({"state": state, "error": "invalid_scope"})

    assert "user:email" not in query_of(url_of(again))["scope"]
    trial.clock.advance(799)
    assert isinstance(browser.complete(state_of(again)), AnswerClient)


def test_refused_email_scope_is_not_asked_for_again_in_the_session(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")
    again = browser.complete_with({"state": state, "error": "invalid_scope"})
    browser.complete(state_of(again))

    outcome = browser.begin("mail", scope="openid email", prompt="none")

    assert isinstance(outcome, AnswerClient)


def test_fallback_does_not_live_longer_than_its_ticket(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")
    trial.clock.advance(100)
    again = browser.complete_with({"state": state, "error": "invalid_scope"})

    trial.clock.advance(800)

    with page(PageReason.TICKET):
        browser.complete(state_of(again))


def test_fallback_comes_once(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("mail", scope="openid email")
    again = browser.complete_with({"state": state, "error": "invalid_scope"})
    assert isinstance(again, GoUpstream)

    with page(PageReason.UPSTREAM_REGISTRATION):
        browser.complete_with({"state": state_of(again), "error": "invalid_scope"})
