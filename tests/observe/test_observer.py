"""RequestObserver: one line and one measure a request, by its route."""

import io
import json

from bridge.flow.ports import Event
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics
from bridge.observe.observer import RequestObserver


def test_events_belong_to_the_request_between_its_begin_and_its_end() -> None:
    stream = io.StringIO()
    log = EventLog(lambda: 0.0, stream)
    observer = RequestObserver(log, Metrics(log))

    observer.begin("ABCD-EFGH", None)
    log.record(Event.LOGIN_STARTED)
    observer.end("/authorize", "GET", 303, 0.0012345678)
    log.record(Event.STORE_CLEANED, count=1)

    began, ended, after = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert began["request_id"] == ended["request_id"] == "ABCD-EFGH"
    assert ended["route"] == "/authorize"
    assert ended["duration_s"] == 0.001235
    assert "request_id" not in after
