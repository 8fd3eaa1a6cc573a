"""Pushed authorization requests: sent ahead by the client itself (RFC 9126)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bridge.core.authorization import authorization_request
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
from bridge.flow.ports import Random, Sealer
from bridge.flow.stores import ClientStore
from bridge.flow.text import from_base64url, to_base64url

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFE_S: Final = 60
MAX_LIVE: Final = 1_000  # pushed requests of one client at a time
ID_BYTES: Final = 32
# What authenticates the client is no part of the request (RFC 9126 §2.1).
_CREDENTIALS: Final = frozenset(
    {"client_secret", "client_assertion", "client_assertion_type"}
)
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
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._random = random
        self._clients = clients

    def push(self, form: Parameters, client: Client, now: int) -> tuple[str, int]:
        """Keep a request of an authenticated client: its request_uri and its life.

        The request is checked as /authorize would check it (RFC 9126 §2.1).

        Raises:
            ProtocolError: what /authorize would raise; TooManyRequests.
        """
        if "request_uri" in form:
            raise InvalidRequest("request_uri must not be pushed")
        if form.get("client_id", client.client_id) != client.client_id:
            raise InvalidRequest("client_id differs from the authenticated client")
        pairs = [(n, v) for n, v in form.items() if n not in _CREDENTIALS]
        if "client_id" not in form:
            pairs.append(("client_id", client.client_id))
        if doubled := form.doubled:
            raise InvalidRequest(f"{min(doubled)} is given more than once")
        parameters = Parameters(pairs)
        address = return_address(parameters, self._clients)
        authorization_request(parameters, address)
        request_id = self._random(ID_BYTES)
        sealed = self._sealer.seal(
            _purpose(request_id), compact(dict(pairs)).encode(), now
        )
        kept = self._store.put_pushed_request(
            PushedRequest(request_id, client.client_id, sealed, now + LIFE_S),
            now,
            MAX_LIVE,
        )
        if not kept:
            raise TooManyRequests("too many pushed requests", retry_after_s=LIFE_S)
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


def _purpose(request_id: bytes) -> bytes:
    return column_purpose("pushed_requests", "sealed", request_id)
