"""EventLog: one event a line, by name, with the fields that a log may hold."""

import io
import json
import logging

import pytest

from bridge.flow.ports import Event
from bridge.observe.context import CURRENT, RequestContext, trace_id_of
from bridge.observe.logs import EventLog


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_event_is_one_line_with_time_level_and_name(stream: io.StringIO) -> None:
    EventLog(lambda: 1_800_000_000.25, stream).record(
        Event.LOGIN_COMPLETED, client_id="service", signed_in_now=True
    )

    assert lines(stream) == [
        {
            "time": "2027-01-15T08:00:00.250Z",
            "level": "info",
            "event": "login:completed",
            "kind": "audit",
            "client_id": "service",
            "signed_in_now": True,
        }
    ]


@pytest.mark.parametrize("field", ["name", "barcode", "code", "path", "query", "sub"])
def test_field_that_is_not_on_the_list_is_refused(
    stream: io.StringIO, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        EventLog(lambda: 0.0, stream).record(Event.LOGIN_COMPLETED, **{field: "x"})

    assert stream.getvalue() == ""


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("forged", ["a\nb", "a\r\nb", "\u2028b", "\x1b[31m", "a\x00"])
def test_control_characters_make_no_second_line(
    stream: io.StringIO, forged: str, *, as_text: bool
) -> None:
    log = EventLog(lambda: 0.0, stream, as_text=as_text)

    log.record(Event.CLIENT_REFUSED, client_id=forged)

    written = stream.getvalue()
    assert written.endswith("\n")
    assert written[:-1].isprintable()
    assert written.isascii()


def test_text_form_names_the_event_and_its_fields(stream: io.StringIO) -> None:
    log = EventLog(lambda: 0.0, stream, as_text=True)

    log.record(Event.LOGIN_REFUSED, client_id="service", reason="institution")

    assert "login:refused" in stream.getvalue()
    assert 'client_id="service" reason="institution"' in stream.getvalue()


def test_event_below_the_level_is_not_written(stream: io.StringIO) -> None:
    log = EventLog(lambda: 0.0, stream, level=logging.WARNING)

    log.record(Event.LOGIN_COMPLETED, client_id="service")
    log.record(Event.LOGIN_FAILED, client_id="service")

    assert [line["event"] for line in lines(stream)] == ["login:failed"]


def test_request_and_trace_stand_in_every_line_of_a_request(
    stream: io.StringIO,
) -> None:
    token = CURRENT.set(RequestContext("ABCD-EFGH", "f" * 32))
    log = EventLog(lambda: 0.0, stream)
    log.record(Event.LOGIN_STARTED, client_id="service")
    before = stream.getvalue()
    log.flush_request()
    CURRENT.reset(token)

    (line,) = lines(stream)
    assert before == ""
    assert (line["request_id"], line["trace_id"]) == ("ABCD-EFGH", "f" * 32)


@pytest.mark.parametrize(
    ("header", "trace_id"),
    [
        (None, None),
        ("", None),
        (f"00-{'a' * 32}-{'b' * 16}-01", "a" * 32),
        (f"00-{'a' * 31}-{'b' * 16}-01", None),
        (f"00-{'A' * 32}-{'b' * 16}-01", None),
        (f"00-{'a' * 32}-{'b' * 16}-01\n", None),
        (f"00-{'a' * 32}-{'b' * 16}-01-extra", None),
    ],
)
def test_trace_id_is_read_of_a_well_formed_traceparent_alone(
    header: str | None, trace_id: str | None
) -> None:
    assert trace_id_of(header) == trace_id


def test_bug_is_logged_by_places_and_never_by_values(stream: io.StringIO) -> None:
    def fail(secret: str) -> None:
        raise ValueError(f"cannot read {secret}")

    try:
        fail("the-secret-itself")
    except ValueError as error:
        EventLog(lambda: 0.0, stream).bug(error)

    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("error", "error")
    assert line["error_type"] == "ValueError"
    assert "fail:" in str(line["trace"])
    assert "secret-itself" not in stream.getvalue()
