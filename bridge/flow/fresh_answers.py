"""RERO+ asked anew about a patron who signed in before, by the tokens that were kept.

A service waits for its tokens meanwhile, so nothing here may cost it a refresh: where
RERO+ is down, slow, or takes the tokens no more, what was known before still stands.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from bridge.core.claim_sources import END_UPSTREAM_SCOPE
from bridge.core.claims import upstream_scopes
from bridge.core.client import Client
from bridge.core.errors import (
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamUnavailable,
)
from bridge.core.patron import Patron, without_unasked_ends
from bridge.core.records import KeptTokens
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.identities import Identities
from bridge.flow.ports import Audit, Event
from bridge.flow.stores import UpstreamTokensStore
from bridge.flow.token_seals import TokenSeals
from bridge.flow.upstream_sign_in import NO_FAILURES, UpstreamSignIn

SHARED_WAIT_S: Final = 3.0  # as long as the asking itself may take
REST_S: Final = 30  # an upstream that is down is left alone for so long
_TOKENS_ARE_DEAD: Final = frozenset(
    {UpstreamFault.TOKEN_KILLED, UpstreamFault.CODE_OVER}
)


@dataclass(frozen=True, slots=True)
class FreshAnswer:
    """A patron as RERO+ knows them now, and the scopes that this rests on."""

    patron: Patron
    held: frozenset[str]


class SharedAsking:
    """One asking at a time for each patron: who comes meanwhile shares its answer.

    It outlives a configuration that is read anew: two exchanges of one refresh token
    would end each other's tokens.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[FreshAnswer | None]] = {}

    def ask(
        self, subject: str, work: Callable[[], FreshAnswer | None]
    ) -> FreshAnswer | None:
        """Return what *work* says, or what it says to another thread just now."""
        with self._lock:
            shared = self._under_way.get(subject)
            own: Future[FreshAnswer | None] = Future()
            if shared is None:
                self._under_way[subject] = own
        if shared is not None:
            try:
                return shared.result(SHARED_WAIT_S)
            except TimeoutError:
                return None
        try:
            own.set_result(work())
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[subject]
        return own.result()


@dataclass(frozen=True, slots=True)
class FreshParts:
    """What asking anew is made of; `app.py` puts it together."""

    upstream: UpstreamSignIn
    store: UpstreamTokensStore
    seals: TokenSeals
    identities: Identities
    asking: SharedAsking
    audit: Audit
    offered_scopes: frozenset[str]


class FreshAnswers:
    """The FreshClaims port. No transaction is open while RERO+ is asked."""

    def __init__(self, parts: FreshParts) -> None:
        self._parts = parts
        self._rests_until = 0  # seconds since the epoch

    def ask(
        self, subject: str, client: Client, claims: frozenset[str], now: int
    ) -> Patron | None:
        """Return the patron as RERO+ knows them now, or None; see the port.

        Raises:
            StoreError: the tokens cannot be read or written.
        """
        if now < self._rests_until:
            return None
        found = self._read(subject)
        if found is None:
            return None
        # The newest login may have asked for less than this client needs: what it
        # leaves out is not gone.
        needed = upstream_scopes(client, claims, self._parts.offered_scopes)
        if not needed <= found[1].held:
            self._note_kept(client, "scopes")
            return None
        answer = self._parts.asking.ask(
            subject, lambda: self._ask(subject, client, now)
        )
        if answer is None or not needed <= answer.held:
            return None
        return answer.patron

    def _ask(self, subject: str, client: Client, now: int) -> FreshAnswer | None:
        found = self._read(subject)  # anew: another thread may have exchanged them
        if found is None:
            return None
        row, tokens = found
        held = tokens.held

        def keep(renewed: UpstreamTokens) -> None:
            """Put *renewed* in the place of the row, unless a login or logout did."""
            nonlocal row, held
            held = renewed.held
            after = self._parts.seals.seal(subject, renewed, now)
            if self._parts.store.swap_upstream_tokens(row, after):
                row = after

        try:
            answer = self._parts.upstream.ask_again(tokens, keep)
            patron = answer.patron
            if END_UPSTREAM_SCOPE not in answer.scopes:
                patron = without_unasked_ends(patron)
            recognised = self._parts.identities.recognise(patron)
            if recognised.subject != subject:
                raise UpstreamGarbled(UpstreamFault.IDENTITY_DIFFERS)
        except UpstreamError as error:
            self._note_failure(error, client, now)
            if error.fault in _TOKENS_ARE_DEAD:
                self._parts.store.delete_upstream_tokens(row)
            return None
        self._parts.audit.record(Event.CLAIMS_RENEWED, client_id=client.client_id)
        return FreshAnswer(recognised.patron, held)

    def _read(self, subject: str) -> tuple[KeptTokens, UpstreamTokens] | None:
        row = self._parts.store.get_upstream_tokens(subject)
        tokens = None if row is None else self._parts.seals.open(row)
        return None if row is None or tokens is None else (row, tokens)

    def _note_failure(self, error: UpstreamError, client: Client, now: int) -> None:
        is_down = isinstance(error, UpstreamUnavailable)
        if is_down and error.fault is not UpstreamFault.BUSY:
            self._rests_until = now + REST_S
        if error.fault not in NO_FAILURES:
            self._parts.audit.record(
                Event.UPSTREAM_FAILED,
                fault=error.fault.value,
                detail=error.detail or None,
            )
        self._note_kept(client, error.fault.value)

    def _note_kept(self, client: Client, reason: str) -> None:
        client_id = client.client_id
        self._parts.audit.record(Event.CLAIMS_KEPT, client_id=client_id, reason=reason)
