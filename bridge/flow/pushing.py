"""Pushed authorization requests: sent ahead by the client itself (RFC 9126)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bridge.core.authorization import PARAMETERS, authorization_request
from bridge.core.client import Client
from bridge.core.compact import compact
from bridge.core.errors import (
    InvalidRequest,
    PageReason,
    TooManyRequests,
    UnsafeRequest,
)
from bridge.core.records import PushedRequest
from bridge.core.return_address import Parameters, return_address
from bridge.core.seal import column_purpose
from bridge.flow.hints import Hints
from bridge.flow.ports import Audit, Event, Random, Sealer
from bridge.flow.stores import ClientStore
from bridge.flow.text import from_base64url, to_base64url

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFE_S: Final = 60
MAX_LIVE: Final = 1_000  # pushed requests of one client at a time
ID_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class PushedParameters:
    """What a client pushed, taken up again; the grant that comes of it uses it up."""

    parameters: Parameters
    request_id: bytes


class Pushing:
    """Keeps pushed requests and opens them."""

    def __init__(
        self,
        store: ClientStore,
        sealer: Sealer,
        random: Random,
        clients: Mapping[str, Client],
        hints: Hints,
        audit: Audit,
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._random = random
        self._clients = clients
        self._hints = hints
        self._audit = audit

    def push(self, form: Parameters, client: Client, now: int) -> tuple[str, int]:
        """Keep a request of an authenticated client: its request_uri and its life.

        The request is checked as /authorize would check it (RFC 9126 §2.1).

        Raises:
            ProtocolError: what /authorize would raise; TooManyRequests.
        """
        parameters = Parameters(_pushed_pairs(form, client))
        address = return_address(parameters, self._clients)
        request = authorization_request(parameters, address)
        self._hints.apply(parameters.get("id_token_hint"), request)
        request_id = self._random(ID_BYTES)
        plaintext = compact(dict(parameters)).encode()
        sealed = self._sealer.seal(_purpose(request_id), plaintext, now)
        pushed = PushedRequest(request_id, client.client_id, sealed, now + LIFE_S)
        if not self._store.put_pushed_request(pushed, now, MAX_LIVE):
            raise TooManyRequests("too many pushed requests", retry_after_s=LIFE_S)
        self._audit.record(Event.REQUEST_PUSHED, client_id=client.client_id)
        return f"{PREFIX}{to_base64url(request_id)}", LIFE_S

    def open(self, parameters: Parameters, now: int) -> PushedParameters | None:
        """Take up what `request_uri` names; None: it is absent or none of ours.

        Other parameters of the query but client_id count for nothing (RFC 9126 §4).

        Raises:
            UnsafeRequest: it is unknown, used, over, or another client's.
        """
        request_uri = parameters.get("request_uri", "")
        if not request_uri.startswith(PREFIX):
            return None
        if {"client_id", "request_uri"} & parameters.doubled:
            raise UnsafeRequest(PageReason.BAD_REQUEST, "a parameter is doubled")
        client_id = parameters.get("client_id", "")
        pushed = self._get(request_uri.removeprefix(PREFIX))
        plaintext = None
        if pushed and pushed.client_id == client_id and now < pushed.ends_at:
            plaintext = self._sealer.open(_purpose(pushed.request_id), pushed.sealed)
        if pushed is None or plaintext is None:
            raise UnsafeRequest(
                PageReason.TICKET,
                "the pushed request is unknown, used or over",
                client_id=client_id if client_id in self._clients else None,
            )
        pairs: dict[str, str] = json.loads(plaintext)
        return PushedParameters(Parameters(pairs.items()), pushed.request_id)

    def _get(self, text: str) -> PushedRequest | None:
        request_id = from_base64url(text) if _ID.fullmatch(text) else None
        return (
            None if request_id is None else self._store.get_pushed_request(request_id)
        )


def _pushed_pairs(form: Parameters, client: Client) -> list[tuple[str, str]]:
    """Return the request that an authenticated client sent.

    Raises:
        InvalidRequest: it is doubled, another client's, or a reference to a request.
    """
    if doubled := form.doubled & PARAMETERS:
        raise InvalidRequest(f"{min(doubled)} is given more than once")
    if "request_uri" in form:
        raise InvalidRequest("request_uri must not be pushed")  # RFC 9126 §2.1
    if form.get("client_id", client.client_id) != client.client_id:
        raise InvalidRequest("client_id differs from the authenticated client")
    # What authenticates the client is no part of the request, nor is what we ignore.
    sent = {name: value for name, value in form.items() if name in PARAMETERS}
    return [*({"client_id": client.client_id} | sent).items()]


def _purpose(request_id: bytes) -> bytes:
    return column_purpose("pushed_requests", "sealed", request_id)
