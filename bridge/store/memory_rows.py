"""The rows of the store in memory, and what a transaction does to several of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bridge.core.errors import StoreError
from bridge.core.grant import Grant, end_with_session
from bridge.core.records import (
    CardChoice,
    Consent,
    ImportedSub,
    KeptTokens,
    LoginWrite,
    LogoutNotice,
    PushedRequest,
    SubjectLink,
    UpstreamRecord,
)
from bridge.core.session import Session
from bridge.store.lives import ACCESS_AT_MOST_S, CLEAN_ROWS, NOTICE_LIFE_S, OVER_FOR_S

Key = TypeVar("Key")
Value = TypeVar("Value")


class MemoryRows:
    """Dicts in the place of tables; whoever calls holds the lock of the store."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.grants: dict[bytes, Grant] = {}
        self.tickets: dict[bytes, int] = {}
        self.consents: dict[tuple[str, str], Consent] = {}
        self.card_choices: dict[tuple[str, str], CardChoice] = {}  # session, client
        self.session_clients: dict[tuple[str, str], str] = {}  # their sid
        self.upstreams: dict[str, UpstreamRecord] = {}
        self.notices: dict[int, LogoutNotice] = {}
        self.pushed_requests: dict[bytes, PushedRequest] = {}
        self.assertions: dict[bytes, int] = {}
        self.links: dict[str, SubjectLink] = {}
        self.imports: dict[tuple[str, str], ImportedSub] = {}  # by subject and sector
        self.upstream_tokens: dict[str, KeptTokens] = {}
        self._last_notice_id = 0

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login; False and nothing written: see the port."""
        if not self._may_write(write):
            return False
        self._refuse_conflicts(write)  # nothing below can fail
        if write.ticket_id is not None:
            self.tickets[write.ticket_id] = write.ticket_ends_at
        if write.pushed_id is not None:
            del self.pushed_requests[write.pushed_id]
        if write.ends_session_id is not None:
            self.end_session(write.ends_session_id, write.now)
        if write.session is not None:
            self._put_session(write.session, write)
        if write.grant is not None:
            self._put_grant(write.grant, write)
        self._put_records(write)
        return True

    def _put_records(self, write: LoginWrite) -> None:
        """Write what a login leaves beside session and grant."""
        if write.consent is not None:
            consent = write.consent
            self.consents[consent.subject, consent.client_id] = consent
        if write.card_choice is not None:
            choice = write.card_choice
            self.card_choices[choice.session_id, choice.client_id] = choice
        if write.upstream is not None:
            self._put_upstream(write.upstream)
        if write.upstream_tokens is not None:
            kept = write.upstream_tokens
            self.upstream_tokens[kept.subject] = kept

    def find_session(self, secret_digest: bytes) -> Session | None:
        """Find the session of a cookie's digest."""
        for session in self.sessions.values():
            if session.secret_digest == secret_digest:
                return session
        return None

    def sessions_of(self, subject: str) -> list[Session]:
        """List a patron's sessions, the newest first."""
        found = [one for one in self.sessions.values() if one.subject == subject]
        return sorted(found, key=lambda one: (-one.auth_time, one.session_id))

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> Sequence[LogoutNotice] | None:
        """End a session; return the notices, None where it is gone."""
        session = self.sessions.pop(session_id, None)
        if session is None:
            return None
        told = [
            (client_id, sid)
            for (other_id, client_id), sid in sorted(self.session_clients.items())
            if other_id == session_id and client_id != begun_by
        ]
        self._end_with_sessions()
        for grant in list(self.grants.values()):
            if grant.session_id != session_id:
                continue
            left = end_with_session(grant)
            if left is None:
                del self.grants[grant.grant_id]
            else:
                self.grants[grant.grant_id] = left
        self._forget_upstream_tokens(session.subject)
        return [self._put_notice(client_id, sid, now) for client_id, sid in told]

    def end_sessions_of(self, subject: str, now: int, *, offline: bool) -> int:
        """End all sessions of a patron; say how many."""
        found = self.sessions_of(subject)
        for session in found:
            self.end_session(session.session_id, now)
        if offline:
            # Whatever is left has outlived its session, ended or run out.
            self.delete_grants(
                [one for one in self.grants.values() if one.subject == subject]
            )
        return len(found)

    def delete_grants(self, grants: Sequence[Grant]) -> int:
        """Delete *grants*, and what they kept; say how many."""
        for grant in grants:
            del self.grants[grant.grant_id]
            self._forget_upstream_tokens(grant.subject)
        return len(grants)

    def clean(self, now: int) -> int:
        """Delete what is over, a bounded number of rows; say how many."""
        over = now - OVER_FOR_S
        before = set(self.sessions)
        subjects = {grant.subject for grant in self.grants.values()}
        subjects |= {session.subject for session in self.sessions.values()}
        count = (
            _clean(self.grants, lambda grant: grant.expires_at < over)
            + _clean(self.sessions, lambda session: session.ends_at < over)
            + _clean(self.tickets, lambda ends_at: ends_at < over)
            + _clean(self.pushed_requests, lambda request: request.ends_at < over)
            + _clean(self.assertions, lambda ends_at: ends_at < over)
            + _clean(
                self.notices,
                lambda notice: notice.created_at < now - NOTICE_LIFE_S,
            )
            + _clean(self.upstream_tokens, lambda kept: kept.ends_at < over)
        )
        self._forget_upstream_tokens(*subjects)
        self._end_with_sessions()
        for grant in self.grants.values():
            if grant.session_id in before - self.sessions.keys():
                self.grants[grant.grant_id] = _run_out(grant)
        return count

    def _end_with_sessions(self) -> None:
        """Delete what lives by sessions that are gone."""
        for rows in (self.card_choices, self.session_clients):
            for key in [key for key in rows if key[0] not in self.sessions]:
                del rows[key]

    def _forget_upstream_tokens(self, *subjects: str) -> None:
        """Delete the tokens of those who have no session and no offline grant left."""
        for subject in self.upstream_tokens.keys() & {*subjects}:
            sessions = (one.subject == subject for one in self.sessions.values())
            grants = (
                one.subject == subject and one.is_offline
                for one in self.grants.values()
            )
            if not any(sessions) and not any(grants):
                del self.upstream_tokens[subject]

    def _may_write(self, write: LoginWrite) -> bool:
        session_id = None if write.grant is None else write.grant.session_id
        choice = write.card_choice
        return (
            write.ticket_id not in self.tickets
            and (not write.needs_session or session_id in self.sessions)
            and (choice is None or choice.session_id in self.sessions)
            and (write.pushed_id is None or write.pushed_id in self.pushed_requests)
        )

    def _refuse_conflicts(self, write: LoginWrite) -> None:
        if write.grant is not None and write.grant.grant_id in self.grants:
            raise StoreError("the store cannot write: the grant id is there")
        if write.session is None:
            return
        holder = self.find_session(write.session.secret_digest)
        gives_way = {write.session.session_id, write.ends_session_id}
        if holder is not None and holder.session_id not in gives_way:
            raise StoreError("the store cannot write: the secret digest is there")

    def _put_session(self, session: Session, write: LoginWrite) -> None:
        others = [
            other
            for other in self.sessions_of(session.subject)
            if other.session_id != session.session_id and other.ends_at > write.now
        ]
        for oldest in others[write.limits.sessions_per_subject - 1 :]:
            self.end_session(oldest.session_id, write.now)
        self.sessions[session.session_id] = session

    def _put_grant(self, grant: Grant, write: LoginWrite) -> None:
        others = [
            other
            for other in self.grants.values()
            if (other.subject, other.client_id) == (grant.subject, grant.client_id)
            and other.expires_at > write.now
        ]
        others.sort(key=lambda other: other.issued_at, reverse=True)
        self.delete_grants(others[write.limits.grants_per_subject_and_client - 1 :])
        self.grants[grant.grant_id] = grant
        if grant.logout_until and grant.sid and grant.session_id in self.sessions:
            key = (grant.session_id, grant.client_id)
            self.session_clients.setdefault(key, grant.sid)

    def _put_upstream(self, record: UpstreamRecord) -> None:
        known = self.upstreams.get(record.upstream_id, record)
        self.upstreams[record.upstream_id] = replace(
            record,
            has_user_ids=known.has_user_ids or record.has_user_ids,
            salt_fingerprint=known.salt_fingerprint or record.salt_fingerprint,
        )

    def _put_notice(self, client_id: str, sid: str, now: int) -> LogoutNotice:
        self._last_notice_id += 1
        notice = LogoutNotice(self._last_notice_id, client_id, sid, now, due_at=now)
        self.notices[notice.notice_id] = notice
        return notice


def _run_out(grant: Grant) -> Grant:
    """Let what a cleaned session leaves go once its access tokens are over."""
    if grant.is_offline:
        return grant
    last = max(grant.issued_at, grant.swapped_at) + ACCESS_AT_MOST_S
    return replace(grant, expires_at=min(grant.expires_at, last))


def _clean(rows: dict[Key, Value], is_over: Callable[[Value], bool]) -> int:
    over = [key for key, value in rows.items() if is_over(value)][:CLEAN_ROWS]
    for key in over:
        del rows[key]
    return len(over)
