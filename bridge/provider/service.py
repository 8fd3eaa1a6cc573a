"""PyopEngine: what flow and web ask of OpenID Connect, answered by pyop's Provider."""

from collections.abc import Mapping
from typing import Final

from oic.exception import (
    InvalidRedirectUri,
    MissingPage,
    ModificationForbidden,
    PyoidcError,
    UnSupported,
)
from pyop.exceptions import (
    AuthorizationError,
    BearerTokenError,
    InvalidSubjectIdentifier,
    OAuthError,
)
from pyop.message import AuthorizationRequest as PyopRequest

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import requested_claims
from bridge.core.client import Client
from bridge.core.errors import (
    InsufficientScope,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    ProtocolError,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from bridge.core.grant import Grant
from bridge.core.patron import JsonObject
from bridge.core.return_address import Parameters
from bridge.flow.ports import Audit, Event, SignIn
from bridge.provider.client_auth import authenticate
from bridge.provider.engine import BridgeProvider

# What pyop and pyoidc raise, by the OAuth code that they carry or by their kind.
ERRORS: Final[Mapping[str, type[ProtocolError]]] = {
    "invalid_request": InvalidRequest,
    "invalid_client": InvalidClient,
    "invalid_grant": InvalidGrant,
    "invalid_scope": InvalidScope,
    "invalid_token": InvalidToken,
    "unsupported_grant_type": UnsupportedGrantType,
}
LIBRARY_ERRORS: Final = (
    OAuthError,
    BearerTokenError,
    AuthorizationError,
    InvalidSubjectIdentifier,
    PyoidcError,
    InvalidRedirectUri,  # these four have no common ancestor at pyoidc
    MissingPage,
    ModificationForbidden,
    UnSupported,
)
GRANT_PARAMETERS: Final = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
}
PARAMETERS: Final = frozenset(
    "grant_type code redirect_uri code_verifier refresh_token scope client_id"
    " client_secret client_assertion client_assertion_type".split()
)


def translate(error: Exception) -> ProtocolError:
    """Return our error for one of pyop's or pyoidc's; its text stays inside."""
    code = getattr(error, "oauth_error", None)
    kind = ERRORS.get(str(code), InvalidRequest)
    return kind("the request cannot be answered", detail=type(error).__name__)


class PyopEngine:
    """The Engine port, and the token and userinfo endpoints."""

    def __init__(
        self, provider: BridgeProvider, clients: Mapping[str, Client], audit: Audit
    ) -> None:
        self._provider = provider
        self._clients = clients
        self._audit = audit

    def authorize(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn, now: int
    ) -> tuple[Grant, str]:
        """Build a grant, unsaved, and its authorization code; see the Engine port."""
        provider = self._provider.for_login(request, client, sign_in, now)
        message = PyopRequest(
            client_id=client.client_id,
            redirect_uri=request.redirect_uri,
            scope=list(request.scope),
            response_type=["code"],
        )
        try:
            response = provider.authorize(message, sign_in.subject)
        except LIBRARY_ERRORS as error:
            raise translate(error) from error
        return provider.authz_state.grant, response["code"]

    def preview(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn, now: int
    ) -> JsonObject:
        """Return all claims that *client* would receive; see the Engine port."""
        provider = self._provider.for_login(request, client, sign_in, now)
        names = requested_claims(client, request.scope, request.claims)
        claims: JsonObject = provider.userinfo.get_claims_for(None, sorted(names))
        return claims

    def token(
        self, form: Parameters, authorization: str | None, now: int
    ) -> JsonObject:
        """Answer the token endpoint (RFC 6749 §3.2, OIDC Core §3.1.3, §12).

        Raises:
            ProtocolError: with an error of RFC 6749 §5.2; StoreError.
        """
        if doubled := form.doubled & PARAMETERS:
            raise InvalidRequest(f"{min(doubled)} is given more than once")
        client = self._authenticate(form, authorization)
        request = _clean_request(form, client)
        provider = self._provider.for_token(client, request, now)
        try:
            response = provider.handle_token_request("")
        except LIBRARY_ERRORS as error:
            raise translate(error) from error
        is_refresh = request["grant_type"] == "refresh_token"
        issued = provider.authz_state.issued
        self._audit.record(
            Event.TOKEN_REFRESHED if is_refresh else Event.CODE_REDEEMED,
            client_id=client.client_id,
            **({} if issued.audit is None else {"reason": issued.audit.value}),
        )
        answer: JsonObject = response.to_dict()
        answer["scope"] = " ".join(issued.scope)
        return answer

    def userinfo(self, access_token: str, now: int) -> JsonObject:
        """Answer the userinfo endpoint (OIDC Core §5.3); only reads.

        Raises:
            InvalidToken, InsufficientScope, StoreError.
        """
        provider = self._provider.for_userinfo(access_token, now)
        if "openid" not in provider.authz_state.scope:
            raise InsufficientScope("the access token lacks the scope openid")
        try:
            response = provider.handle_userinfo_request(
                "", {"Authorization": f"Bearer {access_token}"}
            )
        except LIBRARY_ERRORS as error:
            raise translate(error) from error
        answer: JsonObject = response.to_dict()
        return answer

    def _authenticate(self, form: Parameters, authorization: str | None) -> Client:
        try:
            return authenticate(form, authorization, self._clients)
        except InvalidClient as error:
            claimed = form.get("client_id")
            self._audit.record(
                Event.CLIENT_REFUSED,
                client_id=claimed if claimed in self._clients else None,
                reason=error.detail or error.description,
            )
            raise


def _clean_request(form: Parameters, client: Client) -> dict[str, str | list[str]]:
    """Pick what the grant type needs; whatever else was sent stays outside.

    Raises:
        InvalidRequest, UnsupportedGrantType, UnauthorizedClient
    """
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise InvalidRequest("grant_type is missing")
    if grant_type not in GRANT_PARAMETERS:
        raise UnsupportedGrantType("this grant_type is not supported")
    if grant_type not in client.grant_types:
        raise UnauthorizedClient("this client may not use this grant_type")
    request: dict[str, str | list[str]] = {
        "grant_type": grant_type,
        "client_id": client.client_id,
    }
    for name in GRANT_PARAMETERS[grant_type]:
        if name not in form:
            raise InvalidRequest(f"{name} is missing")
        request[name] = form[name]
    if grant_type == "authorization_code" and "code_verifier" in form:
        request["code_verifier"] = form["code_verifier"]
    if grant_type == "refresh_token" and "scope" in form:
        request["scope"] = form["scope"].split()
    return request
