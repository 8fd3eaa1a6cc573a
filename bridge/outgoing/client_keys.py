"""The public keys of clients: registered, or fetched from their jwks_uri and kept."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bridge.core.client import Client
from bridge.core.patron import JsonObject
from bridge.flow.ports import Audit, Event
from bridge.outgoing.errors import OutgoingError
from bridge.outgoing.http import GuardedHttp
from bridge.outgoing.jwks import life_s, read_jwks

UNKNOWN_KID_EVERY_S: Final = 60
LONGEST_PAUSE_S: Final = 300
FIRST_PAUSE_S: Final = 10  # after a failure; doubled by each further one
# Whoever holds fetches up must not keep a withdrawn key alive for ever.
KEPT_AT_MOST_S: Final = 7 * 86_400
# Requests that fetch or wait for it: the other threads go on whatever a client does.
WAITING_AT_A_TIME: Final = 8


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the keys at one jwks_uri."""

    keys: tuple[JsonObject, ...] = ()
    fresh_until: int = 0
    kept_until: int = 0
    tried_at: int = 0
    failures: int = 0  # since the last success
    next_try_at: int = 0

    def wants_fetch(self, kid: str | None, now: int) -> bool:
        """Tell whether the keys should be fetched before a *kid* is looked for."""
        if now < self.next_try_at:
            return False
        if now >= self.fresh_until:
            return True
        return self._misses(kid) and now >= self.tried_at + UNKNOWN_KID_EVERY_S

    def is_enough_for(self, kid: str | None, now: int) -> bool:
        """Tell whether a request can go on with these keys, fresh or not."""
        return now < self.kept_until and not self._misses(kid)

    def _misses(self, kid: str | None) -> bool:
        return kid is not None and all(key.get("kid") != kid for key in self.keys)


@dataclass(slots=True)
class _Entry:
    """One client's jwks_uri; `known` is replaced as a whole under the lock."""

    jwks_uri: str
    known: _Known = field(default_factory=_Known)
    lock: threading.Lock = field(default_factory=threading.Lock)


class FetchedClientKeys:
    """The ClientKeys port; safe for many threads, and kept over reloads."""

    def __init__(self, http: GuardedHttp, audit: Audit) -> None:
        self._http = http
        self._audit = audit
        self._entries: dict[str, _Entry] = {}  # by client_id: as many as clients
        self._entries_lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(WAITING_AT_A_TIME)

    def keys_of(
        self, client: Client, kid: str | None, now: int
    ) -> Sequence[JsonObject]:
        """Return the JWKs of *client*, fetched anew where that is due: see the port."""
        if client.jwks_uri is None:
            return client.jwks
        entry = self._entry(client.client_id, client.jwks_uri)
        if entry.known.wants_fetch(kid, now):
            self._refresh(entry, client.client_id, kid, now)
        known = entry.known
        return known.keys if now < known.kept_until else ()

    def _entry(self, client_id: str, jwks_uri: str) -> _Entry:
        with self._entries_lock:
            entry = self._entries.get(client_id)
            if entry is None or entry.jwks_uri != jwks_uri:
                entry = self._entries[client_id] = _Entry(jwks_uri)
            return entry

    def _refresh(
        self, entry: _Entry, client_id: str, kid: str | None, now: int
    ) -> None:
        """Fetch, unless somebody does already; wait for that only without old keys."""
        if not self._waiting.acquire(blocking=False):
            return
        try:
            must_wait = not entry.known.is_enough_for(kid, now)
            if not entry.lock.acquire(blocking=must_wait):
                return
            try:
                if entry.known.wants_fetch(kid, now):  # not by another one meanwhile
                    entry.known = self._fetch(entry, client_id, now)
            finally:
                entry.lock.release()
        finally:
            self._waiting.release()

    def _fetch(self, entry: _Entry, client_id: str, now: int) -> _Known:
        reason = "no_jwks"
        try:
            answer = self._http.get(entry.jwks_uri)
        except OutgoingError as error:
            reason = error.fault.value
        else:
            keys = read_jwks(answer.body)
            if answer.status != 200:
                reason = f"status_{answer.status}"
            elif keys is not None:
                fresh_until = now + life_s(answer.cache_control)
                return _Known(keys, fresh_until, now + KEPT_AT_MOST_S, now)
        self._audit.record(
            Event.CLIENT_REFUSED, client_id=client_id, reason=f"jwks_uri_{reason}"
        )
        known = entry.known
        pause_s = min(FIRST_PAUSE_S * 2 ** min(known.failures, 10), LONGEST_PAUSE_S)
        return replace(
            known,
            tried_at=now,
            failures=known.failures + 1,
            next_try_at=now + pause_s,
        )
