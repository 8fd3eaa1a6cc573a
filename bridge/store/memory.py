"""The store in memory: for tests and trials; it ends with the process."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from bridge.core.errors import StoreError
from bridge.core.grant import Grant, end_with_session
from bridge.core.records import Consent, LoginWrite, LogoutNotice, UpstreamRecord
from bridge.core.session import Session
from bridge.store.lives import CLEAN_ROWS, NOTICE_LIFE_S, OVER_FOR_S
from bridge.store.rows import SWAPPED_COLUMNS

Key = TypeVar("Key")
Value = TypeVar("Value")


class MemoryStore:
    """The Store port on dicts under one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self._sessions: dict[str, Session] = {}
        self._grants: dict[bytes, Grant] = {}
        self._tickets: dict[bytes, int] = {}
        self._consents: dict[tuple[str, str], Consent] = {}
        self._upstreams: dict[str, UpstreamRecord] = {}
        self._notices: dict[int, LogoutNotice] = {}
        self._last_notice_id = 0

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login, or nothing: see the port."""
        with self._transaction():
            if write.ticket_id in self._tickets:
                return False
            kept = None if write.grant is None else write.grant.session_id
            if write.needs_session and kept not in self._sessions:
                return False
            self._refuse_conflicts(write)  # nothing below can fail
            if write.ticket_id is not None:
                self._tickets[write.ticket_id] = write.ticket_ends_at
            if write.ends_session_id is not None:
                self._end_session(write.ends_session_id, write.now)
            if write.session is not None:
                self._put_session(write.session, write)
            if write.grant is not None:
                self._put_grant(write.grant, write)
            if write.consent is not None:
                consent = write.consent
                self._consents[consent.subject, consent.client_id] = consent
            if write.upstream is not None:
                self._put_upstream(write.upstream)
            return True

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Tell whether put_login has seen *ticket_id*."""
        with self._transaction():
            return ticket_id in self._tickets

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read the session of a cookie's digest, over or not."""
        with self._transaction():
            return self._find_session(secret_digest)

    def get_session_by_id(self, session_id: str) -> Session | None:
        """Read a session by its public id, over or not."""
        with self._transaction():
            return self._sessions.get(session_id)

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Move `seen_at` forward; False where the session is gone."""
        with self._transaction():
            session = self._sessions.get(session_id)
            if session is None:
                return False
            later = max(session.seen_at, seen_at)
            self._sessions[session_id] = replace(session, seen_at=later)
            return True

    def end_session(self, session_id: str, now: int) -> bool:
        """End a session as put_login does; False where it is gone."""
        with self._transaction():
            return self._end_session(session_id, now)

    def get_grant(self, grant_id: bytes) -> Grant | None:
        """Read a grant, over or not."""
        with self._transaction():
            return self._grants.get(grant_id)

    def swap_grant(self, grant: Grant) -> bool:
        """Write what a swap changes if the row's version is still one less."""
        with self._transaction():
            present = self._grants.get(grant.grant_id)
            if present is None or present.version != grant.version - 1:
                return False
            changes = {name: getattr(grant, name) for name in SWAPPED_COLUMNS}
            self._grants[grant.grant_id] = replace(present, **changes)
            return True

    def delete_grant(self, grant_id: bytes) -> int:
        """Delete a grant and say how many rows went (0 or 1)."""
        with self._transaction():
            return 1 if self._grants.pop(grant_id, None) else 0

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read what the patron allowed the client."""
        with self._transaction():
            return self._consents.get((subject, client_id))

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""
        with self._transaction():
            return [self._upstreams[name] for name in sorted(self._upstreams)]

    def get_logout_notices(self, limit: int) -> Sequence[LogoutNotice]:
        """Read the oldest notices that wait to be sent."""
        with self._transaction():
            return list(self._notices.values())[:limit]

    def clean(self, now: int) -> int:
        """Delete what is over for an hour, a bounded number of rows; say how many."""
        with self._transaction():
            over = now - OVER_FOR_S
            return (
                _clean(self._grants, lambda grant: grant.expires_at < over)
                + _clean(self._sessions, lambda session: session.ends_at < over)
                + _clean(self._tickets, lambda ends_at: ends_at < over)
                + _clean(
                    self._notices,
                    lambda notice: notice.created_at < now - NOTICE_LIFE_S,
                )
            )

    def check_writable(self) -> None:
        """Do nothing: memory takes what it is given."""
        with self._transaction():
            return

    def close(self) -> None:
        """Close the store; nothing may be called afterwards."""
        with self._lock:
            self._is_closed = True

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if self._is_closed:
                raise StoreError("the store is closed")
            yield

    def _find_session(self, secret_digest: bytes) -> Session | None:
        for session in self._sessions.values():
            if session.secret_digest == secret_digest:
                return session
        return None

    def _refuse_conflicts(self, write: LoginWrite) -> None:
        if write.grant is not None and write.grant.grant_id in self._grants:
            raise StoreError("the store cannot write: the grant id is there")
        if write.session is None:
            return
        holder = self._find_session(write.session.secret_digest)
        gives_way = {write.session.session_id, write.ends_session_id}
        if holder is not None and holder.session_id not in gives_way:
            raise StoreError("the store cannot write: the secret digest is there")

    def _put_session(self, session: Session, write: LoginWrite) -> None:
        others = [
            other
            for other in self._sessions.values()
            if other.subject == session.subject
            and other.session_id != session.session_id
            and other.ends_at > write.now
        ]
        others.sort(key=lambda other: other.auth_time, reverse=True)
        for oldest in others[write.limits.sessions_per_subject - 1 :]:
            self._end_session(oldest.session_id, write.now)
        self._sessions[session.session_id] = session

    def _put_grant(self, grant: Grant, write: LoginWrite) -> None:
        others = [
            other
            for other in self._grants.values()
            if (other.subject, other.client_id) == (grant.subject, grant.client_id)
            and other.expires_at > write.now
        ]
        others.sort(key=lambda other: other.issued_at, reverse=True)
        for oldest in others[write.limits.grants_per_subject_and_client - 1 :]:
            del self._grants[oldest.grant_id]
        self._grants[grant.grant_id] = grant

    def _put_upstream(self, record: UpstreamRecord) -> None:
        known = self._upstreams.get(record.upstream_id, record)
        has_user_ids = known.has_user_ids or record.has_user_ids
        self._upstreams[record.upstream_id] = replace(record, has_user_ids=has_user_ids)

    def _end_session(self, session_id: str, now: int) -> bool:
        if self._sessions.pop(session_id, None) is None:
            return False
        told: set[tuple[str, str]] = set()
        for grant in list(self._grants.values()):
            if grant.session_id != session_id:
                continue
            if grant.sid is not None and grant.logout_until > now:
                told.add((grant.client_id, grant.sid))
            left = end_with_session(grant)
            if left is None:
                del self._grants[grant.grant_id]
            else:
                self._grants[grant.grant_id] = left
        for client_id, sid in sorted(told):
            self._last_notice_id += 1
            notice = LogoutNotice(self._last_notice_id, client_id, sid, now)
            self._notices[notice.notice_id] = notice
        return True


def _clean(rows: dict[Key, Value], is_over: Callable[[Value], bool]) -> int:
    over = [key for key, value in rows.items() if is_over(value)][:CLEAN_ROWS]
    for key in over:
        del rows[key]
    return len(over)
