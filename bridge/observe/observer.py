"""The Observer port: each request gets a context, a line of the log and a measure."""

from bridge.flow.ports import Event
from bridge.observe.context import CURRENT, RequestContext, trace_id_of
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics


class RequestObserver:
    """Is told of the beginning and the end of every HTTP request."""

    def __init__(self, log: EventLog, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics

    def begin(self, request_id: str, traceparent: str | None) -> None:
        """Bind the request's ids to this thread."""
        CURRENT.set(RequestContext(request_id, trace_id_of(traceparent)))

    def end(self, route: str, method: str, status: int, duration_s: float) -> None:
        """Write the access line: the rule of the route, never the path or query."""
        self._metrics.observe_request(route, status, duration_s)
        self._log.record(
            Event.HTTP_REQUEST,
            route=route,
            method=method,
            status=status,
            duration_s=round(duration_s, 6),
        )
        self._log.flush_request()
        CURRENT.set(None)  # what the thread does next belongs to no request

    def bug(self, error: BaseException) -> None:
        """Log the places that an unforeseen error came through."""
        self._log.bug(error)
