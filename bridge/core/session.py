"""Session: one browser signed in at the bridge."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a patron signed in; the cookie holds only a secret.

    The store knows the secret by its digest alone. `sealed` is the patron as RERO+
    answered, readable with the sealing key only. Instants are whole seconds since the
    epoch.
    """

    session_id: str  # stays when the same patron signs in again in this browser
    secret_digest: bytes  # SHA-256 of the cookie; new at every sign-in
    subject: str  # internal: HMAC(salt, "internal", ...), never a user id
    sealed: bytes
    upstream_scopes: tuple[str, ...]
    auth_time: int
    seen_at: int  # written at most once in a tenth of the idle time
    ends_at: int
    ticket_id: bytes  # of the ticket that made it: a used ticket goes on only here


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives, in seconds."""

    lifetime_s: int = 28_800
    idle_s: int = 1_800


def is_alive(session: Session, limits: SessionLimits, now: int) -> bool:
    """Tell whether *session* may be used: neither over nor left alone too long."""
    return now < session.ends_at and now < session.seen_at + limits.idle_s


def should_touch(session: Session, limits: SessionLimits, now: int) -> bool:
    """Tell whether *seen_at* is to be written: at most once in a tenth of idle_s."""
    return now - session.seen_at >= max(1, limits.idle_s // 10)
