"""The suite that every store passes: its stores, and values to write into them.

Each test of this folder that takes the fixture `store` runs on every store named in
STORES, one behaviour of the port (bridge/flow/stores.py) a test. A new adapter is one
line here.
"""

import itertools
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from bridge.core.grant import Grant
from bridge.core.records import Consent, LoginWrite, LogoutNotice, PushedRequest
from bridge.core.session import Session
from bridge.flow.stores import WholeStore
from bridge.store.memory import MemoryStore
from bridge.store.sqlite import open_sqlite_store

STORES: Final[Mapping[str, Callable[[Path], WholeStore]]] = {
    "sqlite": lambda folder: open_sqlite_store(folder / "bridge.db"),
    "memory": lambda _folder: MemoryStore(),
}

NOW: Final = 1_800_000_000
HOUR_S: Final = 3600
DAY_S: Final = 86_400

Result = TypeVar("Result")
_numbers = itertools.count(1)


def make_session(
    session_id: str = "session-1",
    subject: str = "subject-1",
    *,
    secret: bytes | None = None,
    auth_time: int = NOW,
    seen_at: int = NOW,
    ends_at: int = NOW + 8 * HOUR_S,
) -> Session:
    """Make a session; its secret digest follows from its id unless given."""
    return Session(
        session_id=session_id,
        secret_digest=secret or session_id.encode().ljust(32, b"\0"),
        subject=subject,
        sealed=b"\0sealed patron\xff",
        upstream_scopes=("fullname", "birthdate"),
        auth_time=auth_time,
        seen_at=seen_at,
        ends_at=ends_at,
        ticket_id=b"ticket of the session",
    )


def make_grant(
    session_id: str | None = "session-1",
    subject: str = "subject-1",
    client_id: str = "client-1",
    *,
    grant_id: bytes | None = None,
    scope: tuple[str, ...] = ("openid", "profile"),
    issued_at: int = NOW,
    expires_at: int = NOW + HOUR_S,
    logout_until: int = 0,
) -> Grant:
    """Make a grant as a redeemed code leaves it, with an id of its own."""
    return Grant(
        grant_id=grant_id or next(_numbers).to_bytes(16, "big"),
        version=1,
        client_id=client_id,
        subject=subject,
        session_id=session_id,
        sid=f"sid of {session_id} at {client_id}" if session_id else None,
        sealed=b"\0sealed claims\xff",
        scope=scope,
        generation=1,
        access_epoch=0,
        swapped_at=0,
        swapped_scope=0,
        refresh_limit=0,
        refresh_end=0,
        key_id=b"key1",
        redirect_uri="https://rp.example/callback",
        code_challenge=None,
        nonce="n-0S6_WzA2Mj",
        auth_time=NOW,
        logout_until=logout_until,
        issued_at=issued_at,
        expires_at=expires_at,
    )


def make_pushed_request(
    request_id: bytes = b"pushed",
    client_id: str = "client-1",
    *,
    ends_at: int = NOW + 60,
) -> PushedRequest:
    """Make a pushed request; its id is filled up to 32 bytes."""
    sealed = b"\0sealed parameters\xff"
    return PushedRequest(request_id.ljust(32, b"\0"), client_id, sealed, ends_at)


OFFLINE: Final = ("openid", "offline_access")


def put(store: WholeStore, *values: Session | Grant) -> None:
    """Write each of *values* by a login of its own, at NOW."""
    for value in values:
        if isinstance(value, Session):
            assert store.put_login(LoginWrite(NOW, session=value))
        else:
            assert store.put_login(LoginWrite(NOW, grant=value))


def allow(store: WholeStore, subject: str, client_id: str) -> Consent:
    """Write that the patron of *subject* allowed the client, at NOW."""
    consent = Consent(subject, client_id, frozenset({"openid"}), NOW)
    assert store.put_login(LoginWrite(NOW, consent=consent))
    return consent


def waiting(store: WholeStore) -> Sequence[LogoutNotice]:
    """List all notices, oldest first; each counts one more try."""
    return store.claim_logout_notices(NOW + DAY_S, NOW, 100)


def at_once(call: Callable[[], Result], threads: int = 20) -> list[Result]:
    """Run *call* in as many *threads*, all let go together; return what they say."""
    barrier = threading.Barrier(threads)
    results: list[Result] = []

    def run() -> None:
        barrier.wait()
        results.append(call())

    runners = [threading.Thread(target=run) for _ in range(threads)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # a race in Python code shows only where threads change
    try:
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
    finally:
        sys.setswitchinterval(before)
    assert len(results) == threads
    return results
