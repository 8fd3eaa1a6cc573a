"""The error tree: one class for each OAuth error code, and what may fail around them.

Code raises; only `web/answers.py` catches and turns an error into a page, a redirect to
a return address or JSON. `description` may be read by the relying party (ASCII, no
secret, nothing the requester wrote); `detail` is for the log alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class BridgeError(Exception):
    """Carry every fault that the bridge itself raises."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the configuration: where, what, and what to write instead."""

    key: str
    message: str
    source: str = ""
    line: int | None = None


class ConfigurationError(BridgeError):
    """Stop the start: every fault of the configuration at once (exit status 2)."""

    def __init__(self, faults: Sequence[Fault], files: Iterable[str] = ()) -> None:
        super().__init__("; ".join(f"{fault.key}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)
        self.files = tuple(files)  # read, or not readable: one of them is at fault


class ProtocolError(BridgeError):
    """An error that the specifications name, on its way to the relying party."""

    error: ClassVar[str] = "server_error"
    status: ClassVar[int] = 400

    def __init__(self, description: str, *, detail: str = "") -> None:
        super().__init__(description)
        self.description = description
        self.detail = detail


class InvalidRequest(ProtocolError):
    """RFC 6749 §4.1.2.1, §5.2: a parameter is missing, doubled or malformed."""

    error = "invalid_request"


class InvalidClient(ProtocolError):
    """RFC 6749 §5.2: client authentication failed."""

    error = "invalid_client"
    status = 401


class InvalidGrant(ProtocolError):
    """RFC 6749 §5.2: the code or refresh token is unknown, used, over or another's."""

    error = "invalid_grant"


class InvalidScope(ProtocolError):
    """RFC 6749 §4.1.2.1, §5.2: the scope is malformed or wider than granted."""

    error = "invalid_scope"


class InvalidToken(ProtocolError):
    """RFC 6750 §3.1: the access token is unknown, over or revoked."""

    error = "invalid_token"
    status = 401


class InsufficientScope(ProtocolError):
    """RFC 6750 §3.1: the access token does not reach this far."""

    error = "insufficient_scope"
    status = 403


class AccessDenied(ProtocolError):
    """RFC 6749 §4.1.2.1: the patron or the policy said no."""

    error = "access_denied"
    status = 403


class UnauthorizedClient(ProtocolError):
    """RFC 6749 §4.1.2.1, §5.2: this client may not use this grant or response type."""

    error = "unauthorized_client"


class UnsupportedGrantType(ProtocolError):
    """RFC 6749 §5.2: the grant type is not one that the bridge has."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(ProtocolError):
    """RFC 6749 §4.1.2.1: the response type is not one that the bridge has."""

    error = "unsupported_response_type"


class LoginRequired(ProtocolError):
    """OIDC Core §3.1.2.6: prompt=none, and nobody is signed in."""

    error = "login_required"


class ConsentRequired(ProtocolError):
    """OIDC Core §3.1.2.6: prompt=none, and the patron must be asked first."""

    error = "consent_required"


class InteractionRequired(ProtocolError):
    """OIDC Core §3.1.2.6: prompt=none, and a page would have to be shown."""

    error = "interaction_required"


class UnmetAuthenticationRequirements(ProtocolError):
    """OIDC Unmet Authentication Requirements §2: an essential acr cannot be given."""

    error = "unmet_authentication_requirements"


class RequestNotSupported(ProtocolError):
    """OIDC Core §3.1.2.6: request objects by value are not taken."""

    error = "request_not_supported"


class RequestUriNotSupported(ProtocolError):
    """OIDC Core §3.1.2.6: request objects by reference are not taken."""

    error = "request_uri_not_supported"


class RegistrationNotSupported(ProtocolError):
    """OIDC Core §3.1.2.6: the registration parameter is not taken."""

    error = "registration_not_supported"


class TemporarilyUnavailable(ProtocolError):
    """RFC 6749 §4.1.2.1: try again later."""

    error = "temporarily_unavailable"
    status = 503


class TooManyRequests(TemporarilyUnavailable):
    """A limit of this browser or address is used up (RFC 6585 §4).

    `client_id` and `restart` are for its page, as those of `UnsafeRequest`.
    """

    status = 429

    def __init__(
        self, description: str, *, retry_after_s: int, detail: str = ""
    ) -> None:
        super().__init__(description, detail=detail)
        self.retry_after_s = retry_after_s
        self.client_id: str | None = None
        self.restart: str | None = None


class PageReason(StrEnum):
    """Why the browser is shown an error page instead of being sent on."""

    UNKNOWN_CLIENT = "unknown_client"
    REDIRECT_URI = "redirect_uri"
    BAD_REQUEST = "bad_request"
    TICKET = "ticket"  # the sealed state is damaged, not ours, or over
    OTHER_BROWSER = "other_browser"  # the binding cookie is missing or another's
    USED_TICKET = "used_ticket"  # finished before, and not in this session
    UPSTREAM_DENIED = "upstream_denied"
    UPSTREAM_DOWN = "upstream_down"
    UPSTREAM_REGISTRATION = "upstream_registration"
    UPSTREAM_CODE = "upstream_code"
    UPSTREAM_RACE = "upstream_race"
    UPSTREAM_GARBLED = "upstream_garbled"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    METHOD = "method"
    TOO_LARGE = "too_large"
    STORE = "store"
    BUG = "bug"


class UnsafeRequest(InvalidRequest):
    """No return address could be made: the error must be a page, never a redirect.

    `reason` picks the page; `client_id` is set only where the client is known;
    `restart` is a sealed request with which the browser may begin again.
    """

    def __init__(
        self,
        reason: PageReason,
        description: str,
        *,
        client_id: str | None = None,
        restart: str | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(description, detail=detail)
        self.reason = reason
        self.client_id = client_id
        self.restart = restart


class UpstreamFault(StrEnum):
    """What RERO+ did, in the words of the log and of the metric."""

    DOWN = "down"  # no answer, 5xx, or a maintenance page
    DEADLINE = "deadline"  # not whole within the deadline
    BUSY = "busy"  # our own limit of concurrent calls is reached
    REGISTRATION = (
        "registration"  # 401 or 404 at the token endpoint: our entry is wrong
    )
    CODE_OVER = "code_over"  # 400 invalid_grant
    TOKEN_KILLED = "token_killed"  # 401 at info: a parallel login, or a closed account
    DENIED = "denied"  # the patron pressed "Reject"
    SCOPE = "scope"  # a scope that RERO+ does not offer
    ODD_ERROR = "odd_error"  # an error that we know no cause for
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    SHAPE = "shape"  # JSON, but not what the documents say
    NO_CARD = "no_card"  # of an upstream without user ids: nothing to recognise
    NO_IDENTITY = "no_identity"  # neither user id nor a barcode that may count
    IDENTITY_DIFFERS = "identity_differs"  # token answer and info name two people
    IDENTITY_LOST = "identity_lost"  # user ids were seen before, now there is none


class UpstreamError(BridgeError):
    """RERO+ did not give what a login needs. The text never holds its answer."""

    def __init__(self, fault: UpstreamFault, detail: str = "") -> None:
        super().__init__(fault.value if not detail else f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


class UpstreamUnavailable(UpstreamError):
    """RERO+ is down, slow, or our own limit of concurrent calls is reached."""


class UpstreamRefused(UpstreamError):
    """RERO+ answered an error: of the patron, the code, or our registration."""


class UpstreamGarbled(UpstreamError):
    """RERO+ answered something that it should not."""


class StoreError(BridgeError):
    """The store cannot answer: 503."""
