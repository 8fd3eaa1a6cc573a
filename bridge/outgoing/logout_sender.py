"""Delivers logout notices (OIDC Back-Channel Logout §2.5) by a thread of its own.

At least once: a row is deleted after the client has answered, so that a crash between
the two has it sent again when the lease is over. Ending a session twice does no harm.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from bridge.core.errors import StoreError
from bridge.core.records import LogoutNotice
from bridge.flow.ports import Audit, Clock, Event
from bridge.flow.stores import LogoutStore
from bridge.outgoing.errors import OutgoingError
from bridge.outgoing.http import GuardedHttp
from bridge.outgoing.logout_token import LogoutTokens

NOTICES_AT_A_TIME: Final = 20
SENDERS: Final = 4
# Longer than the senders need for all of a time, by the deadline of a call (5 s).
LEASE_S: Final = 30
TRIES_AT_S: Final = (0, 15, 60, 180, 540)  # after the session ended
GIVEN_UP_AFTER_S: Final = 600
LEAST_PAUSE_S: Final = 15
POLL_S: Final = 5.0  # for what is due again, and what other nodes left
WAIT_STEP_S: Final = 0.2  # other nodes deliver without telling


@dataclass(frozen=True, slots=True)
class SenderParts:
    """What the sender works with; `tokens` are those of the present configuration."""

    store: LogoutStore
    http: GuardedHttp
    tokens: Callable[[], LogoutTokens]
    audit: Audit
    clock: Clock
    poll_s: float = POLL_S


@dataclass(frozen=True, slots=True)
class _Run:
    """What the notices that are sent together have in common."""

    now: int
    tokens: LogoutTokens
    failed: dict[str, str] = field(default_factory=dict)  # client_id -> reason


class BackChannelSender:
    """The LogoutSender port."""

    def __init__(self, parts: SenderParts) -> None:
        self._parts = parts
        self._senders = ThreadPoolExecutor(SENDERS, "logout")
        self._thread = threading.Thread(target=self._run, name="logout", daemon=True)
        self._changed = threading.Condition()
        self._is_woken = False
        self.is_closing = False  # nothing more is sent
        self._claimed = 0
        self._handled = 0
        self._in_hand: list[Future[None]] = []  # the thread's own

    def start(self) -> None:
        """Start the thread, in the process that serves."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Tell whether the thread is at work."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Finish what is being sent; the rest stays in the store, due at once."""
        with self._changed:
            self.is_closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._senders.shutdown()

    def wake(self) -> None:
        """Have the outbox looked at now."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def wait_for(self, notice_ids: Sequence[int], timeout_s: float) -> frozenset[int]:
        """Wait until all are delivered or *timeout_s* is over; return those that are.

        Those of which the store cannot tell are not.
        """
        ends_at = time.monotonic() + timeout_s
        while True:
            handled = self._handled
            done = self._done(notice_ids)
            left_s = ends_at - time.monotonic()
            if len(done) == len(set(notice_ids)) or left_s <= 0:
                return done
            with self._changed:
                if self._handled == handled:
                    self._changed.wait(min(left_s, WAIT_STEP_S))

    def run_once(self, now: int) -> int:
        """Send the notices that are due at *now*, a bounded number; say how many.

        Returns when all are handled, or when it is woken: then slow receivers are left
        to their senders, and with them count as in hand at the next call.

        Raises:
            StoreError: none could be claimed.
        """
        with self._changed:
            self._is_woken = False
        room = NOTICES_AT_A_TIME - (self._claimed - self._handled)
        notices = self._parts.store.claim_logout_notices(now, now + LEASE_S, room)
        run = _Run(now, self._parts.tokens())
        self._claimed += len(notices)
        self._in_hand += [
            self._senders.submit(self._handle, notice, run) for notice in notices
        ]
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_woken or self._handled == self._claimed
            )
        self._raise_unforeseen()
        return len(notices)

    def _handle(self, notice: LogoutNotice, run: _Run) -> None:
        try:
            self._deliver(notice, run)
        except StoreError as error:  # the row stays; its lease passes
            self._record_error(error)
        finally:
            with self._changed:
                self._handled += 1
                self._changed.notify_all()

    def _raise_unforeseen(self) -> None:
        done = [future for future in self._in_hand if future.done()]
        self._in_hand = [future for future in self._in_hand if not future.done()]
        for future in done:
            future.result()

    def _run(self) -> None:
        while not self.is_closing:
            count = 0
            try:
                count = self.run_once(self._parts.clock())
            except StoreError as error:
                self._record_error(error)
            if count < NOTICES_AT_A_TIME:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._is_woken or self.is_closing,
                        self._parts.poll_s,
                    )

    def _deliver(self, notice: LogoutNotice, run: _Run) -> None:
        store = self._parts.store
        address = run.tokens.address_of(notice.client_id)
        if address is None:
            store.delete_logout_notice(notice.notice_id)
        elif self.is_closing:
            store.postpone_logout_notice(notice.notice_id, run.now)
        elif notice.tries > len(TRIES_AT_S):
            self._give_up(notice, "interrupted")  # the process ended during each try
        elif notice.client_id in run.failed:
            # One slow client must not hold all senders, one notice after the other.
            self._postpone(notice, run.failed[notice.client_id], run.now)
        else:
            self._send(notice, address, run)

    def _send(self, notice: LogoutNotice, address: str, run: _Run) -> None:
        try:
            token = run.tokens.token(notice, run.now)
            answer = self._parts.http.post_form(address, {"logout_token": token})
        except KeyError:
            reason = "no_key"
        except OutgoingError as error:
            reason = run.failed[notice.client_id] = error.fault.value
        else:
            if 200 <= answer.status < 300:
                self._parts.store.delete_logout_notice(notice.notice_id)
                self._record(Event.LOGOUT_TOLD, notice)
                return
            reason = f"status_{answer.status}"
        self._postpone(notice, reason, run.now)

    def _postpone(self, notice: LogoutNotice, reason: str, now: int) -> None:
        """Let *notice* wait for its next try, or give it up after the last one."""
        if notice.tries >= len(TRIES_AT_S):
            self._give_up(notice, reason)
            return
        planned = notice.created_at + TRIES_AT_S[notice.tries]
        due_at = max(planned, now + LEAST_PAUSE_S)
        if due_at > notice.created_at + GIVEN_UP_AFTER_S:
            self._give_up(notice, reason)
        else:
            self._parts.store.postpone_logout_notice(notice.notice_id, due_at)

    def _give_up(self, notice: LogoutNotice, reason: str) -> None:
        self._parts.store.delete_logout_notice(notice.notice_id)
        self._record(Event.LOGOUT_UNTOLD, notice, reason)

    def _record(
        self, event: Event, notice: LogoutNotice, reason: str | None = None
    ) -> None:
        self._parts.audit.record(
            event, client_id=notice.client_id, tries=notice.tries, reason=reason
        )

    def _record_error(self, error: StoreError) -> None:
        self._parts.audit.record(
            Event.ERROR, error_type=type(error).__name__, detail="logout sender"
        )

    def _done(self, notice_ids: Sequence[int]) -> frozenset[int]:
        store = self._parts.store
        try:
            return frozenset(
                one for one in notice_ids if not store.has_logout_notice(one)
            )
        except StoreError:
            return frozenset()
