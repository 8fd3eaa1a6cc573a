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
from bridge.core.patron import JsonObject, Patron
from bridge.core.return_address import Parameters
from bridge.flow.ports import Event, Signer, SignIn
from bridge.provider.client_auth import ClientAuthentication, Credentials
from bridge.provider.engine import BridgeProvider
from bridge.provider.introspection import introspect
from bridge.provider.own_grant import EngineParts
from bridge.provider.revocation import revoke

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
    "grant_type code redirect_uri code_verifier refresh_token scope"
    " token token_type_hint".split()
)


def translate(error: Exception) -> ProtocolError:
    """Return our error for one of pyop's or pyoidc's; its text stays inside."""
    code = getattr(error, "oauth_error", None)
    kind = ERRORS.get(str(code), InvalidRequest)
    return kind("the request cannot be answered", detail=type(error).__name__)


class PyopEngine:
    """The Engine port, and what programs ask: tokens, and what they are worth."""

    def __init__(
        self,
        issuer: str,
        provider: BridgeProvider,
        parts: EngineParts,
        signer: Signer,
        authentication: ClientAuthentication,
    ) -> None:
        self._issuer = issuer
        self._provider = provider
        self._parts = parts
        self._signer = signer
        self._authentication = authentication

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

    def subject_of(self, client: Client, patron: Patron) -> str:
        """Return the subject identifier of *patron* at *client*."""
        return self._provider.subject_at(client, patron)

    def token(
        self, form: Parameters, authorization: str | None, now: int
    ) -> JsonObject:
        """Answer the token endpoint (RFC 6749 §3.2, OIDC Core §3.1.3, §12).

        Raises:
            ProtocolError: with an error of RFC 6749 §5.2; StoreError.
        """
        _check_doubled(form)
        sent = self._sent(form, authorization, "/token")
        client = self._authentication.authenticate(sent, now)
        request = _clean_request(form, client)
        provider = self._provider.for_token(client, request, now)
        try:
            response = provider.handle_token_request("")
        except LIBRARY_ERRORS as error:
            raise translate(error) from error
        is_refresh = request["grant_type"] == "refresh_token"
        issued = provider.authz_state.issued
        self._parts.audit.record(
            Event.TOKEN_REFRESHED if is_refresh else Event.CODE_REDEEMED,
            client_id=client.client_id,
            **({} if issued.audit is None else {"reason": issued.audit.value}),
        )
        answer: JsonObject = response.to_dict()
        answer["scope"] = " ".join(issued.scope)
        return answer

    def userinfo(self, access_token: str, now: int) -> JsonObject | str:
        """Answer the userinfo endpoint (OIDC Core §5.3); only reads.

        The answer is a signed JWT where the client's registration says so (§5.3.2).

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
        alg = provider.client.userinfo_signed_response_alg
        if alg is None:
            return answer
        named = {**answer, "iss": self._issuer, "aud": provider.client.client_id}
        return self._signer.sign(named, alg, now)

    def revoke(self, form: Parameters, authorization: str | None, now: int) -> None:
        """Answer the revocation endpoint (RFC 7009 §2); the hint helps nothing here.

        Raises:
            InvalidClient, InvalidRequest, StoreError.
        """
        _check_doubled(form)
        sent = self._sent(form, authorization, "/revoke")
        client = self._authentication.authenticate(sent, now)
        revoke(self._parts, client, _token(form), now)

    def introspect(
        self, form: Parameters, authorization: str | None, now: int
    ) -> JsonObject:
        """Answer the introspection endpoint (RFC 7662 §2); only reads.

        Raises:
            InvalidClient, InvalidRequest, StoreError.
        """
        _check_doubled(form)
        sent = self._sent(form, authorization, "/introspect")
        client = self._authentication.authenticate_confidential(sent, now)
        return introspect(self._parts, self._issuer, client, _token(form), now)

    def pushing_client(
        self, form: Parameters, authorization: str | None, now: int
    ) -> Client:
        """Return the client that may push a request (RFC 9126 §2).

        What is pushed is stored, so a client that cannot prove itself is refused.

        Raises:
            InvalidClient, InvalidRequest, StoreError.
        """
        sent = self._sent(form, authorization, "/par")
        return self._authentication.authenticate_confidential(sent, now)

    def _sent(
        self, form: Parameters, authorization: str | None, path: str
    ) -> Credentials:
        return Credentials(form, authorization, f"{self._issuer}{path}")


def _check_doubled(form: Parameters) -> None:
    """Refuse known parameters given more than once (RFC 6749 §3.2)."""
    if doubled := form.doubled & PARAMETERS:
        raise InvalidRequest(f"{min(doubled)} is given more than once")


def _token(form: Parameters) -> str:
    """Return the token that a request is about (RFC 7009 §2.1, RFC 7662 §2.1)."""
    if "token" not in form:
        raise InvalidRequest("token is missing")
    return form["token"]


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
