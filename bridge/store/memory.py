"""The store in memory: for tests and trials; it ends with the process."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bridge.core.errors import StoreError
from bridge.core.grant import Grant
from bridge.core.records import (
    CardChoice,
    Consent,
    ImportedSub,
    KeptTokens,
    LoginWrite,
    LogoutNotice,
    PushedRequest,
    Standing,
    SubjectLink,
    UpstreamRecord,
)
from bridge.core.session import Session
from bridge.store import memory_subjects
from bridge.store.memory_rows import MemoryRows
from bridge.store.rows import SWAPPED_COLUMNS


class MemoryStore:
    """The WholeStore port on dicts under one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self._rows = MemoryRows()

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login, or nothing: see the port."""
        with self._transaction() as rows:
            return rows.put_login(write)

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Tell whether put_login has seen *ticket_id*."""
        with self._transaction() as rows:
            return ticket_id in rows.tickets

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read the session of a cookie's digest, over or not."""
        with self._transaction() as rows:
            return rows.find_session(secret_digest)

    def get_session_by_id(self, session_id: str) -> Session | None:
        """Read a session by its public id, over or not."""
        with self._transaction() as rows:
            return rows.sessions.get(session_id)

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Move `seen_at` forward; False where the session is gone."""
        with self._transaction() as rows:
            session = rows.sessions.get(session_id)
            if session is None:
                return False
            later = max(session.seen_at, seen_at)
            rows.sessions[session_id] = replace(session, seen_at=later)
            return True

    def get_grant(self, grant_id: bytes) -> Grant | None:
        """Read a grant, over or not."""
        with self._transaction() as rows:
            return rows.grants.get(grant_id)

    def swap_grant(self, grant: Grant) -> bool:
        """Write what a swap changes if the row's version is still one less."""
        with self._transaction() as rows:
            present = rows.grants.get(grant.grant_id)
            if present is None or present.version != grant.version - 1:
                return False
            changes = {name: getattr(grant, name) for name in SWAPPED_COLUMNS}
            rows.grants[grant.grant_id] = replace(present, **changes)
            return True

    def delete_grant(self, grant_id: bytes) -> int:
        """Delete a grant and say how many rows went (0 or 1)."""
        with self._transaction() as rows:
            grant = rows.grants.get(grant_id)
            return 0 if grant is None else rows.delete_grants([grant])

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read what the patron allowed the client."""
        with self._transaction() as rows:
            return rows.consents.get((subject, client_id))

    def get_card_choice(self, session_id: str, client_id: str) -> CardChoice | None:
        """Read which card was chosen at the client."""
        with self._transaction() as rows:
            return rows.card_choices.get((session_id, client_id))

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""
        with self._transaction() as rows:
            return [rows.upstreams[name] for name in sorted(rows.upstreams)]

    def get_standing(self, subject: str) -> Standing:
        """Read what the operator said of an identity, in one short read."""
        with self._transaction() as rows:
            return memory_subjects.get_standing(rows, subject)

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> Sequence[LogoutNotice] | None:
        """End a session as put_login does; return the notices, None: it is gone."""
        with self._transaction() as rows:
            return rows.end_session(session_id, now, begun_by)

    def end_sessions_of(self, subject: str, now: int, *, offline: bool) -> int:
        """End all sessions of a patron; say how many."""
        with self._transaction() as rows:
            return rows.end_sessions_of(subject, now, offline=offline)

    def get_sessions_of(self, subject: str) -> Sequence[Session]:
        """Read a patron's sessions, over or not, the newest first."""
        with self._transaction() as rows:
            return rows.sessions_of(subject)

    def get_session_id(self, client_id: str, sid: str) -> str | None:
        """Find the session that *sid* names at a client that takes part in logouts."""
        with self._transaction() as rows:
            for (session_id, other_id), other_sid in rows.session_clients.items():
                if (other_id, other_sid) == (client_id, sid):
                    return session_id
            return None

    def claim_logout_notices(
        self, now: int, until: int, limit: int, but_not_of: Collection[str] = ()
    ) -> Sequence[LogoutNotice]:
        """Claim notices due at *now*, longest first: nobody else may until *until*."""
        with self._transaction() as rows:
            due = [one for one in rows.notices.values() if one.due_at <= now]
            due = [one for one in due if one.client_id not in but_not_of]
            due.sort(key=lambda one: (one.due_at, one.notice_id))
            claimed = [
                replace(one, tries=one.tries + 1, due_at=until) for one in due[:limit]
            ]
            rows.notices.update({one.notice_id: one for one in claimed})
            return claimed

    def postpone_logout_notice(self, notice_id: int, due_at: int) -> bool:
        """Let a claimed notice wait until *due_at*; False where it is gone."""
        with self._transaction() as rows:
            notice = rows.notices.get(notice_id)
            if notice is None:
                return False
            rows.notices[notice_id] = replace(notice, due_at=due_at)
            return True

    def delete_logout_notice(self, notice_id: int) -> int:
        """Delete a notice that was delivered or given up; say how many rows went."""
        with self._transaction() as rows:
            return 1 if rows.notices.pop(notice_id, None) else 0

    def has_logout_notice(self, notice_id: int) -> bool:
        """Tell whether a notice still waits to be delivered."""
        with self._transaction() as rows:
            return notice_id in rows.notices

    def put_pushed_request(self, request: PushedRequest, now: int, limit: int) -> bool:
        """Keep a pushed request; False: its client has *limit* live ones already."""
        with self._transaction() as rows:
            live = [
                other
                for other in rows.pushed_requests.values()
                if other.client_id == request.client_id and other.ends_at > now
            ]
            if len(live) >= limit:
                return False
            if request.request_id in rows.pushed_requests:
                raise StoreError("the store cannot write: the request id is there")
            rows.pushed_requests[request.request_id] = request
            return True

    def get_pushed_request(self, request_id: bytes) -> PushedRequest | None:
        """Read a pushed request, over or not."""
        with self._transaction() as rows:
            return rows.pushed_requests.get(request_id)

    def put_assertion(self, digest: bytes, ends_at: int) -> bool:
        """Note the jti of an assertion; False: it was used before (RFC 7523 §3)."""
        with self._transaction() as rows:
            if digest in rows.assertions:
                return False
            rows.assertions[digest] = ends_at
            return True

    def get_links(self) -> Sequence[SubjectLink]:
        """Read every link, the oldest first."""
        with self._transaction() as rows:
            return sorted(
                rows.links.values(), key=lambda one: (one.made_at, one.subject)
            )

    def put_links(self, links: Sequence[SubjectLink], now: int) -> bool:
        """Write all *links*, or none: False where one would make a chain."""
        with self._transaction() as rows:
            return memory_subjects.put_links(rows, links, now)

    def delete_link(self, link: SubjectLink, now: int) -> int:
        """Delete a link and say how many rows went; who it led to is signed out."""
        with self._transaction() as rows:
            return memory_subjects.delete_link(rows, link, now)

    def get_imports(self) -> Sequence[ImportedSub]:
        """Read every imported sub, the oldest first."""
        with self._transaction() as rows:
            return sorted(
                rows.imports.values(),
                key=lambda one: (one.made_at, one.sector, one.subject),
            )

    def put_imports(
        self,
        imports: Sequence[ImportedSub],
        gone: Sequence[ImportedSub],
        client_ids: Sequence[str],
        now: int,
    ) -> None:
        """Write all *imports* in the place of those *gone*, or raise StoreError."""
        with self._transaction() as rows:
            memory_subjects.put_imports(rows, imports, gone, client_ids, now)

    def get_consents_of(self, subject: str) -> Sequence[Consent]:
        """Read all that a patron allowed, by client."""
        with self._transaction() as rows:
            found = [key for key in rows.consents if key[0] == subject]
            return [rows.consents[key] for key in sorted(found)]

    def withdraw(self, subject: str, client_id: str | None) -> tuple[int, int]:
        """Delete consent and grants at a client (None: at all); say how many."""
        with self._transaction() as rows:
            return memory_subjects.withdraw(rows, subject, client_id)

    def get_grants_at(
        self, client_id: str, after: bytes, limit: int
    ) -> Sequence[Grant]:
        """Read a client's grants in the order of their ids, those after *after*."""
        with self._transaction() as rows:
            found = [
                rows.grants[grant_id]
                for grant_id in sorted(rows.grants)
                if grant_id > after and rows.grants[grant_id].client_id == client_id
            ]
            return found[:limit]

    def get_sessions_after(self, session_id: str, limit: int) -> Sequence[Session]:
        """Read sessions in the order of their ids, those after *session_id*."""
        with self._transaction() as rows:
            found = [name for name in sorted(rows.sessions) if name > session_id]
            return [rows.sessions[name] for name in found[:limit]]

    def get_upstream_tokens(self, subject: str) -> KeptTokens | None:
        """Read the tokens of a patron, over or not."""
        with self._transaction() as rows:
            return rows.upstream_tokens.get(subject)

    def swap_upstream_tokens(self, before: KeptTokens, after: KeptTokens) -> bool:
        """Write *after* only if the row is still *before*."""
        with self._transaction() as rows:
            if rows.upstream_tokens.get(before.subject) != before:
                return False
            rows.upstream_tokens[before.subject] = after
            return True

    def delete_upstream_tokens(self, kept: KeptTokens) -> int:
        """Delete the row only if it is still *kept*."""
        with self._transaction() as rows:
            if rows.upstream_tokens.get(kept.subject) != kept:
                return 0
            del rows.upstream_tokens[kept.subject]
            return 1

    def clean(self, now: int) -> int:
        """Delete what is over for an hour, a bounded number of rows; say how many."""
        with self._transaction() as rows:
            return rows.clean(now)

    def check_writable(self) -> None:
        """Do nothing: memory takes what it is given."""
        with self._transaction():
            return

    def close(self) -> None:
        """Close the store; nothing may be called afterwards."""
        with self._lock:
            self._is_closed = True

    @contextmanager
    def _transaction(self) -> Iterator[MemoryRows]:
        with self._lock:
            if self._is_closed:
                raise StoreError("the store is closed")
            yield self._rows
