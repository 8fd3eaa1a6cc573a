"""What the steps need from outside, as Protocols; `app.py` hands in the adapters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import Client
from bridge.core.grant import Grant
from bridge.core.patron import JsonObject, Patron
from bridge.core.session import Session
from bridge.core.upstream_tokens import UpstreamTokens


class Clock(Protocol):
    """The time of day."""

    def __call__(self) -> int:
        """Return whole seconds since the epoch."""


class Random(Protocol):
    """The source of chance."""

    def __call__(self, size: int, /) -> bytes:
        """Return *size* random bytes."""


# -- upstream -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UpstreamLogin:
    """What RERO+ answered to a code, or when it was asked again."""

    patron: Patron
    scopes: frozenset[str]  # as the token answer says; empty where it does not
    # Where the configuration has them kept.
    tokens: UpstreamTokens | None = field(default=None, repr=False)


class Upstream(Protocol):
    """RERO+ as an OAuth 2 server."""

    def authorization_url(
        self, state: str, scopes: frozenset[str], *, sign_in_again: bool = False
    ) -> str:
        """Return where the browser goes; *sign_in_again*: through RERO+'s sign-out."""

    def sign_out_url(self) -> str:
        """Return where a patron ends the session at RERO+."""

    def sign_in(self, code: str, *, allow_barcode: bool, address: str) -> UpstreamLogin:
        """Exchange *code* at once and fetch the patron.

        *allow_barcode* is False once this upstream has shown user ids. *address* is the
        browser's: an address that just failed may not take the last upstream slots.

        Raises:
            UpstreamUnavailable, UpstreamRefused, UpstreamGarbled
        """

    def ask_again(
        self,
        tokens: UpstreamTokens,
        *,
        allow_barcode: bool,
        keep: Callable[[UpstreamTokens], None],
    ) -> UpstreamLogin:
        """Fetch the patron of an earlier login as RERO+ knows them now.

        Tokens that are over are exchanged first, never twice: RERO+ ends the former
        ones with its answer, so *keep* is called with the new ones before anything else
        can fail. Takes a few seconds at most, and never the last upstream slots.

        Raises:
            UpstreamUnavailable, UpstreamRefused, UpstreamGarbled
        """


class FreshClaims(Protocol):
    """Asks RERO+ anew about patrons who signed in before."""

    def ask(
        self, subject: str, client: Client, claims: frozenset[str], now: int
    ) -> Patron | None:
        """Return the patron as RERO+ knows them now, with all that *claims* need.

        None: it cannot be asked, or does not answer; what was known before still
        stands. Never raises because of RERO+.
        """


# -- seals, tags, signatures ----------------------------------------------------------


class Sealer(Protocol):
    """Authenticated encryption with a purpose and a rotatable key."""

    def seal(self, purpose: bytes, plaintext: bytes, now: int) -> bytes:
        """Seal *plaintext*; version, key id and *purpose* are associated data."""

    def open(self, purpose: bytes, sealed: bytes) -> bytes | None:
        """Open what `seal` made for the same purpose, or return None."""


class Tagger(Protocol):
    """HMAC tags under keys that are not in the store."""

    def key_id(self, now: int) -> bytes:
        """Return the id (4 bytes) of the key that makes tags at *now*."""

    def tag(self, key_id: bytes, message: bytes) -> bytes | None:
        """Return the tag (18 bytes) of *message*, or None: no such key."""


class Signer(Protocol):
    """Makes JWS in compact form by the bridge's own keys."""

    def sign(self, claims: JsonObject, alg: str, now: int, typ: str = "JWT") -> str:
        """Sign *claims* by the key that is active for *alg* at *now*.

        Raises:
            KeyError: there is no active key for *alg*.
        """


class Verifier(Protocol):
    """Checks JWS in compact form; the header never chooses key or algorithm."""

    def verify_own(self, token: str) -> JsonObject | None:
        """Return the claims of a JWT that the bridge signed itself, else None.

        Any published key counts, a retired one too. Claims are not looked at.
        """

    def verify(
        self, token: str, keys: Sequence[JsonObject], alg: str
    ) -> JsonObject | None:
        """Return the claims of a JWT signed with *alg* by one of *keys*, else None."""


class ClientKeys(Protocol):
    """The public keys of clients that authenticate by a signed assertion."""

    def keys_of(
        self, client: Client, kid: str | None, now: int
    ) -> Sequence[JsonObject]:
        """Return the JWKs of *client*: registered ones, or those of its jwks_uri.

        A *kid* that is not among the fetched ones has them fetched anew, at most once
        in a minute. No keys where they cannot be fetched: the log says why.
        """


class LogoutSender(Protocol):
    """Delivers logout notices by a thread of its own."""

    def wake(self) -> None:
        """Have the outbox looked at now."""

    def wait_for(self, notice_ids: Sequence[int], timeout_s: float) -> frozenset[int]:
        """Wait until all are delivered or *timeout_s* is over; return the delivered."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, as a client may know it."""

    patron: Patron
    subject: str  # internal
    session: Session


class Engine(Protocol):
    """OpenID Connect: builds grants; the flow stores them."""

    def authorize(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn, now: int
    ) -> tuple[Grant, str]:
        """Build a grant, unsaved, and its authorization code.

        Raises:
            LoginRequired: the `claims` parameter asks for another subject.
        """

    def preview(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn, now: int
    ) -> JsonObject:
        """Return all claims that *client* would receive, at either place."""

    def subject_of(self, client: Client, patron: Patron) -> str:
        """Return the subject identifier of *patron* at *client*."""


# -- observation and limits -----------------------------------------------------------


class Event(StrEnum):
    """What the log is told, one event a step (each is an audit event, too)."""

    LOGIN_STARTED = "login:started"
    LOGIN_COMPLETED = "login:completed"
    LOGIN_REFUSED = "login:refused"
    LOGIN_FAILED = "login:failed"
    LOGIN_REPEATED = "login:repeated"
    CARD_ASKED = "card:asked"
    CARD_CHOSEN = "card:chosen"
    CARD_REFUSED = "card:refused"
    CONSENT_ASKED = "consent:asked"
    CONSENT_GIVEN = "consent:given"
    CONSENT_REFUSED = "consent:refused"
    CODE_REDEEMED = "code:redeemed"
    TOKEN_REFRESHED = "token:refreshed"
    TOKEN_REFUSED = "token:refused"
    GRANT_ENDED = "grant:ended"
    SESSION_ENDED = "session:ended"
    LOGOUT_ASKED = "logout:asked"
    LOGOUT_TOLD = "logout:told"
    LOGOUT_UNTOLD = "logout:untold"
    TOKEN_REVOKED = "token:revoked"
    REQUEST_PUSHED = "request:pushed"
    CLIENT_REFUSED = "client:refused"
    IDENTITY_BARCODE = "identity:barcode"
    CLAIMS_RENEWED = "claims:renewed"
    CLAIMS_KEPT = "claims:kept"
    UPSTREAM_CALLED = "upstream:called"
    UPSTREAM_FAILED = "upstream:failed"
    SCOPE_REFUSED = "upstream:scope_refused"
    HTTP_REQUEST = "http:request"
    ERROR = "error"
    CONFIG_LOADED = "config:loaded"
    CONFIG_REFUSED = "config:refused"
    STORE_CLEANED = "store:cleaned"
    SERVER_STARTED = "server:started"
    SERVER_STOPPED = "server:stopped"
    SUBJECT_LINKED = "subject:linked"
    SUBJECT_MERGED = "subject:merged"
    SUBJECT_UNLINKED = "subject:unlinked"
    SUBJECT_LOOKED_UP = "subject:looked_up"
    SUBJECTS_IMPORTED = "subjects:imported"
    SUBJECTS_EXPORTED = "subjects:exported"
    CONSENT_WITHDRAWN = "consent:withdrawn"


class Audit(Protocol):
    """Takes events with fields: never a secret, never a patron's data."""

    def record(
        self, event: Event, /, **fields: str | int | float | bool | None
    ) -> None:
        """Record *event*; the request id is added where there is one."""


class Limiter(Protocol):
    """Counts what one browser, session or address does in a minute."""

    def hit(self, limit: str, *names: str) -> int:
        """Count one use of *limit* by *names*; 0: allowed, else seconds to wait."""


class Observer(Protocol):
    """Is told of every HTTP request; binds its id to what the request records."""

    def begin(self, request_id: str, traceparent: str | None) -> None:
        """Note that this thread answers *request_id* from now on."""

    def end(self, route: str, method: str, status: int, duration_s: float) -> None:
        """Note the answer; *route* is a rule of the table, never a path."""

    def bug(self, error: BaseException) -> None:
        """Log the trace of an error that nobody foresaw."""
