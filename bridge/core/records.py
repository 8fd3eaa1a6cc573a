"""Records: what the store keeps beside sessions and grants, and what a login writes."""

from dataclasses import dataclass, field

from bridge.core.grant import Grant
from bridge.core.session import Session


@dataclass(frozen=True, slots=True)
class Consent:
    """What a patron allowed a client once; a wider set asks again."""

    subject: str  # internal
    client_id: str
    allowed: frozenset[str]  # scopes and claims
    given_at: int


@dataclass(frozen=True, slots=True)
class CardChoice:
    """Which card a patron chose at a client; it ends with the session.

    `sealed` is the membership, readable with the sealing key only.
    """

    session_id: str
    client_id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class UpstreamRecord:
    """Which upstream the store's subjects belong to (fixed at the first login)."""

    upstream_id: str
    base_url: str
    has_user_ids: bool  # it has answered with a user id: no barcode fallback any more
    salt_fingerprint: str = ""  # of the salt that made the subjects; "": not recorded


@dataclass(frozen=True, slots=True)
class SubjectLink:
    """An identity that stands for another one: by the operator's word alone.

    `sealed` are both identities, readable with the salt only.
    """

    subject: str  # internal, of the identity that signs in
    into_subject: str  # internal, of the one whose subjects it is given
    sealed: bytes
    made_at: int


@dataclass(frozen=True, slots=True)
class ImportedSub:
    """A sub that the operator gave a patron in place of the computed one.

    It may be a barcode or a name: `sealed` are identity and sub, readable with the salt
    only, and the store tells subs apart by their digests.
    """

    subject: str  # internal
    sector: str  # of the clients it is for; "": the public ones
    digest: str  # of sector and sub, under the salt: no two patrons have the same
    sealed: bytes
    made_at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the operator said of an identity: its link, and what was imported for it.

    Where there is a link, the imported subs are those of where it leads.
    """

    link: SubjectLink | None = None
    imports: tuple[ImportedSub, ...] = ()  # by sector


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """RERO+'s tokens of a patron: the newest ones, one row a patron.

    `sealed` is readable with the sealing key only, and no two seals are the same: by it
    a row is compared and swapped.
    """

    subject: str  # internal
    sealed: bytes
    ends_at: int


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How many live rows one patron may have; the oldest gives way."""

    grants_per_subject_and_client: int = 20
    sessions_per_subject: int = 20


@dataclass(frozen=True, slots=True)
class LoginWrite:
    """All that one step of a login writes, in one transaction, or nothing at all.

    `ticket_id` is inserted uniquely: it is what makes a ticket single use. The session
    that `ends_session_id` names is ended first, like a logout; `session` replaces the
    row of the same session_id, if there is one. The pushed request that `pushed_id`
    names must be there still and is deleted.
    """

    now: int
    ticket_id: bytes | None = None
    ticket_ends_at: int = 0
    ends_session_id: str | None = None
    session: Session | None = None
    grant: Grant | None = None
    needs_session: bool = False  # the grant's session was kept: it must be there still
    consent: Consent | None = None
    card_choice: CardChoice | None = None  # of a kept session: it must be there still
    upstream: UpstreamRecord | None = None
    pushed_id: bytes | None = None  # of the pushed request that the grant uses up
    upstream_tokens: KeptTokens | None = None  # in the place of those of before
    limits: StoreLimits = field(default_factory=StoreLimits)


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """One relying party to be told of an ended session: a row of the outbox."""

    notice_id: int
    client_id: str
    sid: str
    created_at: int
    tries: int = 0  # how often it was claimed for sending
    due_at: int = 0  # not to be claimed before: it waits, or somebody is sending it


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """An authorization request that a client sent ahead (RFC 9126).

    `sealed` are its parameters, readable with the sealing key only.
    """

    request_id: bytes  # 32 random bytes, the last part of its request_uri
    client_id: str
    sealed: bytes
    ends_at: int
