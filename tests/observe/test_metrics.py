"""Metrics: what is counted, by few labels."""

import io

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.flow.ports import Event
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics
from tests.support.trial import Trial
from tests.support.visitor import Visitor

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(metrics: Metrics) -> Samples:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_logins_are_counted_by_client_and_outcome(trial: Trial) -> None:
    Visitor(trial).sign_in("jean")
    Visitor(trial).sign_in("luca", "members")
    Visitor(trial).sign_in("nobody")

    counted = samples(trial.metrics)

    def logins(client: str, outcome: str) -> float | None:
        labels = (("client", client), ("outcome", outcome))
        return counted.get(("bridge_logins_total", labels))

    assert logins("service", "completed") == 1
    assert logins("members", "refused") == 1
    assert logins("service", "failed") == 1
    reason = (("client", "members"), ("reason", "membership_expired"))
    assert counted["bridge_refusals_total", reason] == 1


def test_token_answers_are_counted_by_grant_type(trial: Trial) -> None:
    Visitor(trial).tokens()

    labels = (("client", "service"), ("grant", "authorization_code"))
    assert samples(trial.metrics)["bridge_tokens_issued_total", labels] == 1


@pytest.mark.parametrize("path", ["/nowhere", "/token/x", "//jwks", "/\u00e9"])
def test_unknown_paths_share_one_label(trial: Trial, path: str) -> None:
    Visitor(trial).get(path)

    name = "bridge_http_request_duration_seconds_count"
    labels = (("route", "none"), ("status", "404"))
    assert samples(trial.metrics)[name, labels] == 1


def test_labels_do_not_grow_with_what_is_sent(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.authorize()
    browser.authorize("service", client_id_hint="x")
    before = len(samples(trial.metrics))

    for number in range(20):
        browser.authorize(client_id_hint=f"x{number}")
        browser.get(f"/path-{number}")
        browser.post("/token", {"client_id": f"client-{number}"})
        browser.send(f"METHOD{number}", "/authorize")

    # At most: 404 of no route, 401 of /token, 405 of /authorize (a histogram each).
    assert len(samples(trial.metrics)) - before <= 3 * 16


def test_calls_of_rero_are_timed_by_call_and_outcome() -> None:
    metrics = Metrics(EventLog(lambda: 0.0, io.StringIO()))

    metrics.record(Event.UPSTREAM_CALLED, call="token", outcome="ok", duration_s=0.02)

    labels = (("call", "token"), ("outcome", "ok"))
    counted = samples(metrics)
    assert counted["bridge_upstream_request_duration_seconds_count", labels] == 1


@pytest.mark.parametrize(
    ("event", "outcome"),
    [(Event.LOGOUT_TOLD, "told"), (Event.LOGOUT_UNTOLD, "untold")],
)
def test_logout_notices_are_counted_by_client_and_outcome(
    event: Event, outcome: str
) -> None:
    stream = io.StringIO()
    metrics = Metrics(EventLog(lambda: 0.0, stream))

    metrics.record(event, client_id="service", tries=5, reason=None)

    labels = (("client", "service"), ("outcome", outcome))
    assert samples(metrics)["bridge_logout_notices_total", labels] == 1
    assert '"tries":5' in stream.getvalue()


def test_event_is_passed_on_to_the_log() -> None:
    stream = io.StringIO()

    Metrics(EventLog(lambda: 0.0, stream)).record(Event.SESSION_ENDED)

    assert '"session:ended"' in stream.getvalue()
