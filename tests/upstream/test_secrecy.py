"""What the log and the errors may know of an answer."""

import traceback

import pytest
from werkzeug import Response

from bridge.core.errors import (
    UpstreamError,
)
from bridge.flow.ports import Event
from tests.upstream.support import (
    ACCESS_TOKEN,
    CODE,
    TOKEN,
    Bridge,
    Rero,
    bridge_at,
    json_answer,
)


def html(status: int) -> Response:
    return Response(
        "<html>PLANTED maintenance</html>", status, content_type="text/html"
    )


def test_audit_knows_calls_outcomes_and_durations_alone(
    rero: Rero, bridge: Bridge
) -> None:
    bridge.sign_in()

    assert [event for event, _ in bridge.audit.events] == [Event.UPSTREAM_CALLED] * 2
    assert all(
        set(fields) == {"call", "outcome", "duration_s"}
        for _, fields in bridge.audit.events
    )


def planted(where: str) -> dict[str, object]:
    """Return an answer with a marker at one place, and a fault beside it."""
    token: dict[str, object] = dict(TOKEN)
    token[where] = ["PLANTED"] if where == "access_token" else "PLANTED"
    return token


@pytest.mark.parametrize(
    "answer",
    [
        html(200),
        html(500),
        Response(b'{"PLANTED": \xff}', 200),
        Response('{"PLANTED": tru', 200),
        json_answer({"error": "PLANTED", "error_description": "PLANTED"}, 400),
        json_answer(planted("access_token")),
        json_answer(planted("token_type")),
        json_answer(planted("user")),
        Response("PLANTED", 200, {"Content-Encoding": "gzip"}),
    ],
)
def test_nothing_of_an_answer_gets_into_an_error(
    answer: Response, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [answer]

    error = bridge.failure()

    assert_tells_nothing(error)


def test_neither_code_nor_token_gets_into_an_error(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer({"barcode": ["2050124311"], "user_id": "007"})]

    error = bridge.failure()

    assert_tells_nothing(error)


def assert_tells_nothing(error: UpstreamError) -> None:
    """Walk everything that a log or a tracer might print."""
    told = "".join(traceback.format_exception(error))
    link: BaseException | None = error
    while link is not None:
        told += str(link) + repr(link) + repr(link.args)
        link = link.__cause__ or link.__context__
    secrets = ("PLANTED", CODE, ACCESS_TOKEN, "s3cr&t", "2050124311", "007")
    assert not [secret for secret in secrets if secret in told]


def test_settings_do_not_print_the_secret() -> None:
    settings = bridge_at("https://bib.example").settings

    assert "s3cr&t" not in repr(settings)
