"""Clients that are told of logouts at real sockets, and a sender with its store."""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.core.client import Client
from bridge.core.patron import JsonObject
from bridge.flow.ports import Event
from bridge.flow.stores import WholeStore
from bridge.outgoing.http import GuardedHttp
from bridge.outgoing.logout_sender import BackChannelSender, SenderParts
from bridge.outgoing.logout_token import LogoutTokens
from bridge.store.memory import MemoryStore
from tests.outgoing.support import http_on_loopback
from tests.store.conformance import NOW, make_grant, make_session, put
from tests.upstream.support import RecordingAudit

ISSUER = "https://login.example"


class PlainSigner:
    """Writes down what would be signed; one algorithm has no key."""

    def sign(self, claims: JsonObject, alg: str, now: int, typ: str = "JWT") -> str:
        if alg == "PS256":
            raise KeyError(alg)
        text = json.dumps({"claims": claims, "alg": alg, "typ": typ})
        return urlsafe_b64encode(text.encode()).decode()


def signed(token: str) -> Any:
    """Return what `PlainSigner` was given for *token*."""
    return json.loads(urlsafe_b64decode(token))


@dataclass
class Receiver:
    """One client: what it answers, and the tokens that it got."""

    client_id: str
    statuses: list[int] = field(default_factory=lambda: [200])
    may_answer: threading.Event = field(default_factory=threading.Event)
    is_asked: threading.Event = field(default_factory=threading.Event)
    tokens: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.may_answer.set()

    def answer(self, request: Request) -> Response:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.tokens.append(request.form["logout_token"])
            statuses = self.statuses
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        self.is_asked.set()
        self.may_answer.wait(30)
        with self.lock:
            self.at_once -= 1
        return Response("SECRET page", status)

    def sids(self) -> list[str]:
        return sorted(signed(token)["claims"]["sid"] for token in self.tokens)


@dataclass
class Outbox:
    """A store with logout notices, its clients, and senders over it."""

    server: HTTPServer
    store: WholeStore = field(default_factory=MemoryStore)
    clients: dict[str, Client] = field(default_factory=dict)
    audit: RecordingAudit = field(default_factory=RecordingAudit)
    now: int = NOW
    sessions: int = 0

    def receiver(self, client_id: str, *statuses: int, **members: Any) -> Receiver:
        """Register a client that answers *statuses*, the last one for ever."""
        path = f"/{client_id}"
        receiver = Receiver(client_id, list(statuses) or [200])
        self.server.expect_request(path, method="POST").respond_with_handler(
            receiver.answer
        )
        self.register(
            client_id, backchannel_logout_uri=self.server.url_for(path), **members
        )
        return receiver

    def register(self, client_id: str, **members: Any) -> None:
        redirect_uris = (f"https://{client_id}.example/cb",)
        self.clients[client_id] = Client(
            client_id, redirect_uris, f"{client_id}.example", **members
        )

    def end_session_at(self, *client_ids: str) -> list[int]:
        """End a session with a login at each of the clients; return the notices."""
        self.sessions += 1
        session_id = f"session-{self.sessions}"
        put(self.store, make_session(session_id, subject=session_id))
        for client_id in client_ids:
            put(
                self.store,
                make_grant(
                    session_id, session_id, client_id, logout_until=NOW + 86_400
                ),
            )
        notices = self.store.end_session(session_id, self.now)
        assert notices is not None
        return [notice.notice_id for notice in notices]

    def sender(
        self, *, store: WholeStore | None = None, http: GuardedHttp | None = None
    ) -> BackChannelSender:
        tokens = LogoutTokens(ISSUER, self.clients, PlainSigner(), bytes_in_order())
        return BackChannelSender(
            SenderParts(
                store or self.store,
                http or http_on_loopback(),
                lambda: tokens,
                self.audit,
                lambda: self.now,
                poll_s=3_600,  # it must be woken
            )
        )

    def events(self) -> list[tuple[Event, dict[str, object]]]:
        return [
            (
                event,
                {name: value for name, value in fields.items() if value is not None},
            )
            for event, fields in self.audit.events
        ]


def bytes_in_order() -> Callable[[int], bytes]:
    """Return chance without chance: 1, 2, 3, ..."""
    numbers = iter(range(1, 1_000))
    return lambda size: next(numbers).to_bytes(size, "big")
