"""The session of a browser: found by its cookie, made at the callback."""

import json
from dataclasses import dataclass

from bridge.core.compact import compact
from bridge.core.patron import Patron, patron_from_record, patron_to_record
from bridge.core.seal import column_purpose
from bridge.core.session import Session, SessionLimits, is_alive, should_touch
from bridge.flow.browser import Browser, digest, new_session_secret, session_digest
from bridge.flow.identities import Identities
from bridge.flow.ports import Random, Sealer, SignIn
from bridge.flow.stores import Store
from bridge.flow.text import to_base64url
from bridge.flow.ticket import Ticket
from bridge.flow.travel import is_forced


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to store, its cookie, and what it puts an end to."""

    sign_in: SignIn
    secret: str
    ends_session_id: str | None  # another patron's, in this browser
    is_other_patron: bool  # somebody else was, or may have been, signed in here before


class Sessions:
    """Opens and makes sessions; the patron stands sealed in the row."""

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        random: Random,
        limits: SessionLimits,
        identities: Identities,
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._random = random
        self._limits = limits
        self._identities = identities

    def find(self, browser: Browser, now: int) -> SignIn | None:
        """Return who is signed in in *browser*, and note that the session is used."""
        sign_in = self.find_kept(browser)
        if sign_in is None or not is_alive(sign_in.session, self._limits, now):
            return None
        if should_touch(sign_in.session, self._limits, now):
            self._store.touch_session(sign_in.session.session_id, now)
        return sign_in

    def find_kept(self, browser: Browser) -> SignIn | None:
        """Return whose session the cookie of *browser* names, be it left alone or over.

        For a logout: services may live on by it, and its patron may come back.
        """
        secret_digest = session_digest(browser)
        if secret_digest is None:
            return None
        session = self._store.get_session(secret_digest)
        patron = None if session is None else open_patron(self._sealer, session)
        if session is None or patron is None:
            return None  # or the sealing key is gone: sign in again
        return SignIn(patron, session.subject, session)

    def is_alive(self, session_id: str, now: int) -> bool:
        """Tell whether the session may be used: there, not over, not left alone."""
        session = self._store.get_session_by_id(session_id)
        return session is not None and is_alive(session, self._limits, now)

    def make(
        self,
        patron: Patron,
        upstream_scopes: frozenset[str],
        ticket: Ticket,
        browser: Browser,
        now: int,
    ) -> NewSession:
        """Make the session of a sign-in in *browser*, not stored yet.

        The secret is new each time (session fixation); the id stays when the same
        patron signs in again, also in a session left alone or over, so that services
        see one session and one logout tells them all. Whoever else was signed in
        before, in a session alive or left alone, is signed out.

        RERO+ may have asked for nothing on a trip that was not forced through its
        sign-out: a session that is alive then keeps its time of sign-in and its end.

        Raises:
            StoreError: whom the patron stands for cannot be read.
        """
        recognised = self._identities.recognise(patron)
        patron, subject = recognised.patron, recognised.subject
        secret_digest = session_digest(browser)
        before = (
            None if secret_digest is None else self._store.get_session(secret_digest)
        )
        is_same = before is not None and before.subject == subject
        session_id = (
            before.session_id
            if before is not None and is_same
            else to_base64url(self._random(16))
        )
        kept = before if is_same and not is_forced(ticket) else None
        if kept is not None and not is_alive(kept, self._limits, now):
            kept = None
        secret = new_session_secret(self._random)
        session = Session(
            session_id=session_id,
            secret_digest=digest(secret),
            subject=subject,
            sealed=self._seal(session_id, patron, now),
            upstream_scopes=tuple(sorted(upstream_scopes)),
            auth_time=now if kept is None else kept.auth_time,
            seen_at=now,
            ends_at=now + self._limits.lifetime_s if kept is None else kept.ends_at,
            ticket_id=ticket.ticket_id,
        )
        return NewSession(
            SignIn(patron, subject, session),
            secret,
            None if before is None or is_same else before.session_id,
            is_other_patron=secret_digest is not None and not is_same,
        )

    def _seal(self, session_id: str, patron: Patron, now: int) -> bytes:
        record = compact(patron_to_record(patron)).encode()
        purpose = column_purpose("sessions", "sealed", session_id.encode())
        return self._sealer.seal(purpose, record, now)


def open_patron(sealer: Sealer, session: Session) -> Patron | None:
    """Open the patron of *session*; None where the sealing key is gone."""
    purpose = column_purpose("sessions", "sealed", session.session_id.encode())
    record = sealer.open(purpose, session.sealed)
    return None if record is None else patron_from_record(json.loads(record))
