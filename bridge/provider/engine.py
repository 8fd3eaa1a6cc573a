"""The engine: pyop's Provider with every known fault overridden.

pyop never sees a raw request: what it is given was parsed, bounded and checked before.
It never signs, keeps no state, makes no HTTP call and logs nothing. docs/pyop.md lists
the findings that the numbers speak of.
"""

import copy
import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, Self
from weakref import WeakMethod

from oic.oic.message import AccessTokenResponse
from pyop.message import AuthorizationRequest as PyopRequest
from pyop.provider import Provider

from bridge.core import pkce
from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import id_token_names, patron_claims, userinfo_names
from bridge.core.client import Client
from bridge.core.errors import InvalidGrant, LoginRequired
from bridge.core.patron import JsonObject, JsonValue, Patron
from bridge.core.subject import patron_sub, sector_of
from bridge.flow.ports import Signer, SignIn
from bridge.provider.id_token import IdTokenSettings, id_token_claims, left_half_hash
from bridge.provider.own_grant import EngineParts
from bridge.provider.state import GrantState
from bridge.provider.userinfo import SnapshotUserinfo

SILENT: Final = logging.CRITICAL + 1
_PLACEHOLDER: Final = "https://bridge.invalid"
# pyop would give its own claims for these; here the client's mapping says what comes.
_STANDARD_SCOPES: Final = ("profile", "email", "address", "phone")


def silence_loggers() -> None:
    """Keep pyop, pyoidc and pyjwkest from logging: they print tokens (finding 23)."""
    for name in ("pyop", "oic", "jwkest"):
        logger = logging.getLogger(name)
        logger.setLevel(SILENT)
        logger.propagate = False


class BridgeProvider(Provider):
    """pyop's Provider; a shallow copy a request carries that request's state."""

    authz_state: GrantState
    client: Client
    clean_request: dict[str, str | list[str]]  # of the token endpoint

    def __init__(self, issuer: str, parts: EngineParts, signer: Signer) -> None:
        # pyop refuses an http issuer, which we take on loopback: it is set afterwards.
        super().__init__(
            None,  # no signing key: pyop never signs (finding 18)
            {
                "issuer": _PLACEHOLDER,
                "authorization_endpoint": f"{_PLACEHOLDER}/authorize",
                "token_endpoint": f"{_PLACEHOLDER}/token",
                "jwks_uri": f"{_PLACEHOLDER}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise", "public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid"],
            },
            None,
            {},
            None,
            extra_scopes={scope: [] for scope in _STANDARD_SCOPES},
        )
        self.configuration_information["issuer"] = issuer
        self.stateless = False  # finding 24: not offered
        self._parts = parts
        self._id_tokens = IdTokenSettings(issuer, parts.lives.id_token_s, parts.amr)
        self._signer = signer
        self._now = 0

    def for_login(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn, now: int
    ) -> Self:
        """Return a copy that answers one login: nothing is shared between requests."""
        engine = self._for_request(now)
        engine.client = client
        engine.authz_state.begin_login(request, client, sign_in)
        return engine

    def for_token(
        self, client: Client, request: dict[str, str | list[str]], now: int
    ) -> Self:
        """Return a copy that answers one request of an authenticated client."""
        engine = self._for_request(now)
        engine.client, engine.clean_request = client, request
        engine.authz_state.begin_token(client)
        return engine

    def for_userinfo(self, access_token: str, now: int) -> Self:
        """Return a copy that answers userinfo for a live access token.

        Raises:
            InvalidToken: it is anything else.
        """
        engine = self._for_request(now)
        own = engine.authz_state.begin_userinfo(access_token)
        engine.client = self._parts.clients[own.grant.client_id]
        return engine

    def _for_request(self, now: int) -> Self:
        engine = copy.copy(self)
        engine.authz_state = GrantState(self._parts, now)
        # Weakly: the two would hold each other, and the patron, until a collection.
        engine.userinfo = SnapshotUserinfo(WeakMethod(engine.claims))
        engine._now = now
        return engine

    def claims(self, names: Collection[str]) -> JsonObject:
        """Return those of *names* that are true of the patron today (finding 15)."""
        state = self.authz_state
        today = self._parts.day_of(self._now)
        return patron_claims(state.patron, self.client, self._sub(), today, names)

    def _sub(self) -> str:
        """Return the sub of the login, or the one that the grant keeps of its own."""
        state = self.authz_state
        return (
            self.subject_at(self.client, state.patron) if state.is_login else state.sub
        )

    # -- the request (findings 1, 5, 16: the caller authenticated the client) ----------

    def _verify_client_authentication(
        self, request_body: str, http_headers: Mapping[str, str] | None = None
    ) -> dict[str, str | list[str]]:
        """Hand pyop the request that was parsed and authenticated before."""
        return self.clean_request

    def _verify_code_exchange_req(
        self,
        token_request: Mapping[str, str],
        authentication_request: Mapping[str, str],
    ) -> None:
        """Compare redirect_uri and verifier, both ways; a failure writes nothing.

        Raises:
            InvalidGrant: one of them does not fit (findings 3 and 6).
        """
        grant = self.authz_state.grant
        if token_request["redirect_uri"] != grant.redirect_uri:
            raise InvalidGrant("redirect_uri differs from the authorization request")
        if not pkce.fits(token_request.get("code_verifier"), grant.code_challenge):
            raise InvalidGrant("code_verifier does not fit")

    # -- subjects (findings 10, 12, 13) ------------------------------------------------

    def _create_subject_identifier(
        self, user_id: str, client_id: str, redirect_uri: str
    ) -> str:
        """Compute the sub from the registered sector, never from the URI used."""
        return self.subject_at(self.client, self.authz_state.patron)

    def subject_at(self, client: Client, patron: Patron) -> str:
        """Return the sub of *patron* at *client*."""
        parts = self._parts
        return patron_sub(parts.salt, parts.upstream_id, patron, sector_of(client))

    def _check_subject_identifier_matches_requested(
        self, authentication_request: Mapping[str, JsonValue], sub: str
    ) -> None:
        """Obey a sub asked for by the claims parameter (OIDC Core §5.5.1).

        Raises:
            LoginRequired: somebody else signed in.
        """
        subjects = self.authz_state.asked_claims.subjects
        if subjects and sub not in subjects:
            raise LoginRequired("the patron is not the one that was asked for")

    # -- claims ------------------------------------------------------------------------

    def _get_requested_claims_in(
        self, authentication_request: Mapping[str, JsonValue], response_method: str
    ) -> dict[str, None]:
        """Return the claims that belong to one place; pyop knows no scopes of ours."""
        state = self.authz_state
        if response_method == "id_token":
            names = id_token_names(self.client, state.issued.scope, state.asked_claims)
        else:
            names = userinfo_names(self.client, state.scope, state.asked_claims)
        return dict.fromkeys(sorted(names))

    # -- tokens (findings 7, 9, 18) ----------------------------------------------------

    def _create_signed_id_token(
        self,
        client_id: str,
        sub: str,
        user_claims: JsonObject | None = None,
        nonce: str | None = None,
        authorization_code: str | None = None,
        access_token_value: str | None = None,
        extra_id_token_claims: JsonObject | None = None,
    ) -> str:
        """Build the claims set and have it signed by the Signer port."""
        alg = self.client.id_token_signed_response_alg
        state, now = self.authz_state, self._now
        settings = replace(self._id_tokens, lifetime_s=state.issued.id_token_s)
        claims = id_token_claims(settings, sub, state.grant, user_claims or {}, now)
        if nonce is not None:
            claims["nonce"] = nonce
        if access_token_value is not None:
            claims["at_hash"] = left_half_hash(access_token_value, alg)
        return self._signer.sign(claims, alg, self._now)

    def _do_token_refresh(
        self, request: Mapping[str, str | list[str]]
    ) -> AccessTokenResponse:
        """Rotate, and give a new ID token without a nonce (OIDC Core §12.2)."""
        state = self.authz_state
        scope = request.get("scope")
        access_token, refresh_token = state.use_refresh_token(
            str(request["refresh_token"]), scope if isinstance(scope, list) else None
        )
        response = AccessTokenResponse()
        self._add_access_token_to_response(response, access_token)
        if refresh_token is not None:
            response["refresh_token"] = refresh_token
        names = self._get_requested_claims_in({}, "id_token")
        response["id_token"] = self._create_signed_id_token(
            self.client.client_id,
            state.sub,
            self.userinfo.get_claims_for(None, names),
            access_token_value=access_token.value,
        )
        return response

    # -- never called ------------------------------------------------------------------

    def parse_authentication_request(
        self, request_body: str, http_headers: Mapping[str, str] | None = None
    ) -> PyopRequest:
        """Refuse: core/authorization.py parses and checks (findings 4, 5, 6, 8)."""
        raise TypeError("pyop does not parse authorization requests here")

    def handle_client_registration_request(
        self, request: str | None, http_headers: Mapping[str, str] | None = None
    ) -> None:
        """Refuse: pyop's registration is open to everybody (finding 21)."""
        raise TypeError("pyop does not register clients here")
