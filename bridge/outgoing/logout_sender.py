"""Delivers logout notices (OIDC Back-Channel Logout §2.5) by a thread of its own.

At least once: a row is deleted after the client has answered, so that a crash between
the two has it sent again when the lease is over. Ending a session twice does no harm.

A client is told one thing at a time, and a notice is claimed when a sender is free for
it: a slow client keeps one sender, and what counts as a try is one.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from bridge.core.errors import StoreError
from bridge.core.records import LogoutNotice
from bridge.flow.ports import Audit, Clock, Event
from bridge.flow.stores import LogoutStore
from bridge.outgoing.errors import OutgoingError
from bridge.outgoing.http import GuardedHttp
from bridge.outgoing.logout_token import LogoutTokens

SENDERS: Final = 8  # so many clients at a time
LEASE_S: Final = 30  # longer than a sender needs, by the deadline of a call (5 s)
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


class BackChannelSender:
    """The LogoutSender port."""

    def __init__(self, parts: SenderParts) -> None:
        self._parts = parts
        self._senders = ThreadPoolExecutor(SENDERS, "logout")
        self._thread = threading.Thread(target=self._run, name="logout", daemon=True)
        self._changed = threading.Condition()
        self._is_woken = False
        self.is_closing = False  # nothing more is sent
        self._handled = 0
        self._in_hand: dict[str, Future[None]] = {}  # by client_id; the thread's own
        self._failing: set[str] = set()  # clients whose last call had no answer

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
        """Send all notices that are due at *now*; say how many they were.

        Raises:
            StoreError: no more could be claimed.
        """
        count = 0
        while True:
            count += self._send_due(now)
            if not self._in_hand:
                return count
            with self._changed:
                self._changed.wait_for(lambda: self._is_woken)

    def _send_due(self, now: int) -> int:
        """Claim what is due as long as senders are free, and say how much.

        Raises:
            StoreError: no more could be claimed.
        """
        with self._changed:
            self._is_woken = False
        self._forget_handled()
        count = 0
        while len(self._in_hand) < SENDERS:
            claimed = self._parts.store.claim_logout_notices(
                now, now + LEASE_S, 1, self._in_hand.keys()
            )
            if not claimed:
                break
            (notice,) = claimed
            future = self._senders.submit(self._handle, notice, now)
            self._in_hand[notice.client_id] = future
            future.add_done_callback(self._count_handled)
            count += 1
        return count

    def _forget_handled(self) -> None:
        """Let go of what is done; what nobody foresaw ends the thread."""
        done = {one: future for one, future in self._in_hand.items() if future.done()}
        for client_id, future in done.items():
            del self._in_hand[client_id]
            future.result()

    def _count_handled(self, _future: Future[None]) -> None:
        with self._changed:
            self._handled += 1
            self._is_woken = True  # a sender is free
            self._changed.notify_all()

    def _run(self) -> None:
        while not self.is_closing:
            try:
                self._send_due(self._parts.clock())
            except StoreError as error:
                self._record_error(error)
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_woken or self.is_closing, self._parts.poll_s
                )

    def _handle(self, notice: LogoutNotice, now: int) -> None:
        try:
            self._deliver(notice, now)
        except StoreError as error:  # the row stays; its lease passes
            self._record_error(error)

    def _deliver(self, notice: LogoutNotice, now: int) -> None:
        tokens = self._parts.tokens()
        address = tokens.address_of(notice.client_id)
        is_late = now > notice.created_at + GIVEN_UP_AFTER_S
        if address is None:
            self._parts.store.delete_logout_notice(notice.notice_id)
        elif notice.tries > len(TRIES_AT_S):
            self._give_up(notice, "interrupted")  # the process ended during each try
        elif is_late and notice.client_id in self._failing:
            # Its turn did not come in time, and others were tried in vain.
            self._give_up(replace(notice, tries=notice.tries - 1), "not_reached")
        else:
            self._send(notice, address, tokens, now)

    def _send(
        self, notice: LogoutNotice, address: str, tokens: LogoutTokens, now: int
    ) -> None:
        try:
            token = tokens.token(notice, now)
            answer = self._parts.http.post_form(address, {"logout_token": token})
        except KeyError:
            reason = "no_key"
        except OutgoingError as error:
            reason = error.fault.value
            self._failing.add(notice.client_id)
        else:
            self._failing.discard(notice.client_id)
            if 200 <= answer.status < 300:
                self._parts.store.delete_logout_notice(notice.notice_id)
                self._record(Event.LOGOUT_TOLD, notice)
                return
            reason = f"status_{answer.status}"
        self._postpone(notice, reason, now)

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
