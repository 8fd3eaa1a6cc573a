"""Metrics for Prometheus: few labels, no patron, no path."""

from collections.abc import Callable
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector

from bridge import __version__
from bridge.flow.ports import Audit, Event
from bridge.observe.logs import Field

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_OUTCOMES: Final = {
    Event.LOGIN_COMPLETED: "completed",
    Event.LOGIN_FAILED: "failed",
    Event.LOGIN_REFUSED: "refused",
}


class Metrics:
    """Counts what the audit port is told and passes it on."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "bridge_http_request_duration_seconds",
            "Time to answer a request.",
            ["route", "status"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._logins = Counter(
            "bridge_logins_total",
            "Logins by how they ended.",
            ["client", "outcome"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "bridge_refusals_total",
            "Logins that a policy refused, or RERO+ failed, by reason.",
            ["client", "reason"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "bridge_tokens_issued_total",
            "Token answers.",
            ["client", "grant"],
            registry=self.registry,
        )
        self._notices = Counter(
            "bridge_logout_notices_total",
            "Clients told of a logout, or given up on.",
            ["client", "outcome"],
            registry=self.registry,
        )
        self._upstream = Histogram(
            "bridge_upstream_request_duration_seconds",
            "Time that RERO+ took to answer.",
            ["call", "outcome"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.reload_success = Gauge(
            "bridge_config_reload_success",
            "1 while the configuration files hold, 0 while old ones are kept.",
            registry=self.registry,
        )
        self.reload_success.set(1)
        info = Gauge(
            "bridge_build_info", "Version.", ["version"], registry=self.registry
        )
        info.labels(__version__).set(1)
        # Looking up a child costs as much as counting: there are few, they are kept.
        self._request_children = cache(
            lambda route, status: self._requests.labels(route, str(status))
        )
        self._counters = self._event_counters()

    def record(self, event: Event, /, **fields: Field) -> None:
        """Count *event* and pass it on to the log."""
        count = self._counters.get(event)
        if count is not None:
            count(fields)
        self._audit.record(event, **fields)

    def observe_request(self, route: str, status: int, duration_s: float) -> None:
        """Count an answer; *route* is a rule of the table."""
        self._request_children(route, status).observe(duration_s)

    def exposition(self) -> bytes:
        """Return all metrics in the text format."""
        return generate_latest(self.registry)

    def _event_counters(self) -> dict[Event, Callable[[dict[str, Field]], None]]:
        return {
            Event.LOGIN_COMPLETED: self._count_login(Event.LOGIN_COMPLETED),
            Event.LOGIN_FAILED: self._count_login(Event.LOGIN_FAILED),
            Event.LOGIN_REFUSED: self._count_login(Event.LOGIN_REFUSED),
            Event.CODE_REDEEMED: self._count_token("authorization_code"),
            Event.TOKEN_REFRESHED: self._count_token("refresh_token"),
            Event.LOGOUT_TOLD: self._count_notice("told"),
            Event.LOGOUT_UNTOLD: self._count_notice("untold"),
            Event.UPSTREAM_CALLED: self._time_upstream,
        }

    def _count_login(self, event: Event) -> Callable[[dict[str, Field]], None]:
        def count(fields: dict[str, Field]) -> None:
            client = str(fields.get("client_id"))
            self._logins.labels(client, _OUTCOMES[event]).inc()
            if "reason" in fields:
                self._refusals.labels(client, str(fields["reason"])).inc()

        return count

    def _count_token(self, grant: str) -> Callable[[dict[str, Field]], None]:
        def count(fields: dict[str, Field]) -> None:
            self._tokens.labels(str(fields.get("client_id")), grant).inc()

        return count

    def _count_notice(self, outcome: str) -> Callable[[dict[str, Field]], None]:
        def count(fields: dict[str, Field]) -> None:
            self._notices.labels(str(fields.get("client_id")), outcome).inc()

        return count

    def _time_upstream(self, fields: dict[str, Field]) -> None:
        duration_s = fields.get("duration_s")
        if isinstance(duration_s, float):
            labels = str(fields.get("call")), str(fields.get("outcome"))
            self._upstream.labels(*labels).observe(duration_s)
