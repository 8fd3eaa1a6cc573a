"""Threat 13: the keys of a client come from its registration, fetched with care."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.core.client import Client
from bridge.core.patron import JsonObject
from bridge.flow.ports import Event
from bridge.outgoing.addresses import AddressRules
from bridge.outgoing.client_keys import WAITING_AT_A_TIME, FetchedClientKeys
from bridge.outgoing.http import GuardedHttp, OutgoingRules
from tests.outgoing.support import NOW, http_on_loopback
from tests.upstream.support import RecordingAudit

HOUR = 3_600


def key(kid: str) -> JsonObject:
    return {"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": "AA"}


def key_set(*kids: str, **headers: str) -> Response:
    return Response(json.dumps({"keys": [key(kid) for kid in kids]}), headers=headers)


@dataclass
class World:
    """A client with a jwks_uri at a server that answers what it is told to."""

    server: HTTPServer
    answers: list[Response] = field(default_factory=list)
    fetches: int = 0
    audit: RecordingAudit = field(default_factory=RecordingAudit)
    may_answer: threading.Event = field(default_factory=threading.Event)
    is_asked: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.server.expect_request("/keys").respond_with_handler(self._answer)
        self.may_answer.set()
        self.keys = FetchedClientKeys(http_on_loopback(), self.audit)
        self.client = client(jwks_uri=self.server.url_for("/keys"))

    def _answer(self, _: Request) -> Response:
        self.fetches += 1
        self.is_asked.set()
        self.may_answer.wait(10)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def kids(self, kid: str | None = None, *, at: int = NOW) -> list[object]:
        """Return the kids of the keys that the client has for *kid*."""
        return kids_of(self.keys.keys_of(self.client, kid, at))


def kids_of(keys: Sequence[JsonObject]) -> list[object]:
    return [one["kid"] for one in keys]


def client(**members: Any) -> Client:
    return Client("rp", ("https://rp.example/cb",), "rp.example", **members)


@pytest.fixture
def world(httpserver: HTTPServer) -> World:
    return World(httpserver)


def test_registered_keys_are_given_as_they_are() -> None:
    keys = FetchedClientKeys(http_on_loopback(), RecordingAudit())
    registered = (key("a"), {"kty": "RSA", "n": "AQ", "e": "AQAB", "x5t": "t"})

    given = keys.keys_of(client(jwks=registered), "unknown", NOW)

    assert given == registered


def test_fetched_keys_are_kept_for_an_hour(world: World) -> None:
    world.answers = [key_set("a"), key_set("b")]

    found = [world.kids(at=NOW + after) for after in (0, 1, HOUR - 1, HOUR)]

    assert found == [["a"], ["a"], ["a"], ["b"]]
    assert world.fetches == 2


def test_fetched_keys_are_kept_as_cache_control_says(world: World) -> None:
    world.answers = [key_set("a", **{"Cache-Control": "max-age=7200"}), key_set("b")]

    found = [world.kids(at=NOW + after) for after in (0, 7_199, 7_200)]

    assert found == [["a"], ["a"], ["b"]]


def test_unknown_kid_has_the_keys_fetched_at_most_once_a_minute(world: World) -> None:
    world.answers = [key_set("a"), key_set("a"), key_set("a", "b")]

    found = [world.kids("b", at=NOW + after) for after in (0, 1, 59, 60, 61, 119, 120)]

    assert found == [["a"]] * 6 + [["a", "b"]]
    assert world.fetches == 3


def test_known_kid_has_nothing_fetched(world: World) -> None:
    world.answers = [key_set("a")]
    world.kids("a")

    world.kids("a", at=NOW + 120)

    assert world.fetches == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response("SECRET", 503), "jwks_uri_status_503"),
        (Response('{"keys": []}', 302), "jwks_uri_status_302"),
        (Response("<html>SECRET</html>"), "jwks_uri_no_jwks"),
        (Response(" " * 70_000), "jwks_uri_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_failed_fetch_keeps_the_old_keys_and_says_why_without_the_body(
    world: World, answer: Response, reason: str
) -> None:
    world.answers = [key_set("a"), answer]
    world.kids()

    found = world.kids(at=NOW + HOUR)

    assert found == ["a"]
    assert world.audit.events == [
        (Event.CLIENT_REFUSED, {"client_id": "rp", "reason": reason})
    ]


def test_old_keys_are_kept_for_a_week_at_most(world: World) -> None:
    world.answers = [key_set("a"), Response("", 503)]
    world.kids()
    week = 7 * 24 * HOUR

    found = [world.kids(at=NOW + after) for after in (week - 1, week)]

    assert found == [["a"], []]


def test_failures_are_tried_again_after_ever_longer_pauses(world: World) -> None:
    world.answers = [Response("", 503)]
    tried_at = []

    for after in range(1_000):
        before = world.fetches
        world.kids("a", at=NOW + after)
        if world.fetches > before:
            tried_at.append(after)

    assert tried_at == [0, 10, 30, 70, 150, 310, 610, 910]


def test_success_after_failures_is_taken(world: World) -> None:
    world.answers = [Response("", 503), key_set("a")]

    found = [world.kids(at=NOW + after) for after in (0, 9, 10)]

    assert found == [[], [], ["a"]]


def test_changed_jwks_uri_forgets_the_keys_of_the_old_one(world: World) -> None:
    world.answers = [key_set("a"), key_set("b")]
    world.kids()
    moved = client(jwks_uri=world.server.url_for("/keys") + "?moved")

    found = kids_of(world.keys.keys_of(moved, None, NOW))

    assert found == ["b"]


def test_refused_address_gives_no_keys(world: World) -> None:
    world.answers = [key_set("a")]
    world.keys = FetchedClientKeys(
        GuardedHttp(OutgoingRules(AddressRules())), world.audit
    )

    assert world.kids() == []
    assert world.fetches == 0
    assert world.audit.events[0][1]["reason"] == "jwks_uri_address"


def test_others_use_the_old_keys_while_one_fetches(world: World) -> None:
    world.answers = [key_set("a"), key_set("b")]
    world.kids()
    world.may_answer.clear()
    world.is_asked.clear()
    fetched: list[list[object]] = []
    fetcher = threading.Thread(
        target=lambda: fetched.append(world.kids(at=NOW + HOUR)), daemon=True
    )
    fetcher.start()
    assert world.is_asked.wait(10)

    meanwhile = world.kids("a", at=NOW + HOUR)

    world.may_answer.set()
    fetcher.join(10)
    assert meanwhile == ["a"]
    assert fetched == [["b"]]
    assert world.fetches == 2


def test_those_without_keys_wait_for_one_fetch_and_never_too_many(
    world: World,
) -> None:
    world.answers = [key_set("a")]
    world.may_answer.clear()
    found: list[list[object]] = []
    changed = threading.Condition()

    def ask() -> None:
        kids = world.kids()
        with changed:
            found.append(kids)
            changed.notify_all()

    threads = [
        threading.Thread(target=ask, daemon=True) for _ in range(WAITING_AT_A_TIME + 3)
    ]
    for thread in threads:
        thread.start()
    with changed:
        assert changed.wait_for(lambda: len(found) == 3, 10)

    world.may_answer.set()
    for thread in threads:
        thread.join(10)

    assert found[:3] == [[]] * 3
    assert found[3:] == [["a"]] * WAITING_AT_A_TIME
    assert world.fetches == 1
