"""GrantState: pyop's AuthorizationState over one login or one grant.

pyop reads a code or token up to four times a call and walks over every patron to find
one; here each request has a state of its own that loads the grant once (findings 2, 3,
7, 12, 14, 22).
"""

from typing import TypeVar

from pyop.access_token import AccessToken
from pyop.authz_state import AuthorizationState
from pyop.message import AuthorizationRequest as PyopRequest

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import ClaimsRequest
from bridge.core.client import Client
from bridge.core.errors import InvalidGrant
from bridge.core.grant import Grant, Issued, granted_scope, issue
from bridge.core.handle import Kind
from bridge.core.patron import JsonObject, Patron
from bridge.flow.ports import SignIn
from bridge.provider.granting import LoginFacts, new_grant
from bridge.provider.handles import write_handle
from bridge.provider.own_grant import EngineParts, OwnGrant, load_live_access, load_own

_T = TypeVar("_T")


class GrantState(AuthorizationState):
    """The state of one request; pyop's methods that touch a store, overridden."""

    stateless = False  # finding 24: pyop's stateless mode is not offered

    def __init__(self, parts: EngineParts, now: int) -> None:
        # super().__init__ is not called: it makes dictionaries that never shrink.
        self._parts = parts
        self._now = now
        self._client: Client | None = None
        self._login: LoginFacts | None = None
        self._built: Grant | None = None
        self._own: OwnGrant | None = None
        self._issued: Issued | None = None
        self._scope: tuple[str, ...] | None = None

    # -- what the engine asks ----------------------------------------------------------

    def begin_login(
        self, request: AuthorizationRequest, client: Client, sign_in: SignIn
    ) -> None:
        """Take the facts of a login that pyop is about to answer."""
        self._client = client
        self._login = LoginFacts(request, sign_in)

    def begin_token(self, client: Client) -> None:
        """Take the client that authenticated at the token endpoint."""
        self._client = client

    def begin_userinfo(self, access_token: str) -> OwnGrant:
        """Load the grant of a live access token, or raise InvalidToken."""
        self._own = load_live_access(self._parts, access_token, self._now)
        return self._own

    @property
    def grant(self) -> Grant:
        """Return the grant that was built, or loaded, as it is after the last swap."""
        return self._loaded.grant if self._built is None else self._built

    @property
    def issued(self) -> Issued:
        """Return what the last transition gave."""
        return _present(self._issued)

    @property
    def is_login(self) -> bool:
        """Tell whether a login is answered, and not one of its grants."""
        return self._login is not None

    @property
    def patron(self) -> Patron:
        """Return the patron of the login, or of the grant."""
        if self._login is None:
            return self._loaded.snapshot.patron
        return self._login.patron

    @property
    def asked_claims(self) -> ClaimsRequest:
        """Return what the claims parameter of the login asked."""
        if self._login is None:
            return self._loaded.snapshot.claims
        return self._login.request.claims

    @property
    def sub(self) -> str:
        """Return the sub that the login was given."""
        return self._loaded.snapshot.sub

    @property
    def scope(self) -> tuple[str, ...]:
        """Return the scope that the handle of this request carries."""
        if self._scope is None:
            self._scope = granted_scope(self._loaded.grant, self._loaded.handle)
        return self._scope

    @property
    def _loaded(self) -> OwnGrant:
        return _present(self._own)

    # -- issuing: nothing is kept here, the flow stores the grant (finding 22) ---------

    def create_authorization_code(
        self,
        authorization_request: PyopRequest,
        subject_identifier: str,
        scope: list[str] | None = None,
        user_info: JsonObject | None = None,
        extra_id_token_claims: JsonObject | None = None,
    ) -> str:
        """Build the grant, unsaved, and return its code."""
        client, login = _present(self._client), _present(self._login)
        grant = new_grant(self._parts, client, login, subject_identifier, self._now)
        key_id = self._parts.tagger.key_id(self._now)
        self._built, code = issue(grant, self._parts.lives, key_id)
        return write_handle(self._parts.tagger, code)

    # -- authorization code (findings 2 and 3) -----------------------------------------

    def get_authorization_request_for_code(
        self, authorization_code: str
    ) -> PyopRequest:
        """Load the grant of an own code: tag, kind and client hold, else no write."""
        client = _present(self._client)
        self._own = load_own(
            self._parts, client, authorization_code, Kind.CODE, self._now
        )
        return self._request()

    def get_subject_identifier_for_code(self, authorization_code: str) -> str:
        """Return the sub that the login was given."""
        return self.sub

    def exchange_code_for_token(self, authorization_code: str) -> AccessToken:
        """Redeem the loaded code by one compare-and-swap (finding 2)."""
        return self._give(self._loaded.redeem())

    def create_refresh_token(self, access_token_value: str) -> str | None:
        """Return the refresh token that came with the swap, if the grant gets one."""
        handle = self.issued.refresh
        return None if handle is None else write_handle(self._parts.tagger, handle)

    # -- refresh token (findings 1 and 7) ----------------------------------------------

    def use_refresh_token(
        self, refresh_token: str, scope: list[str] | None = None
    ) -> tuple[AccessToken, str | None]:
        """Rotate an own refresh token by one compare-and-swap."""
        client = _present(self._client)
        self._own = load_own(
            self._parts, client, refresh_token, Kind.REFRESH, self._now
        )
        token = self._give(self._own.refresh(None if scope is None else tuple(scope)))
        return token, self.create_refresh_token(token.value)

    # -- access token (findings 14, 15, 17) --------------------------------------------

    def introspect_access_token(self, access_token_value: str) -> JsonObject:
        """Tell what the access token carries that `begin_userinfo` loaded."""
        return {"active": True, "scope": " ".join(self.scope), "sub": self.sub}

    def get_authorization_request_for_access_token(
        self, access_token_value: str
    ) -> PyopRequest:
        """Return the request of the loaded grant."""
        return self._request()

    # -- subjects: nothing is searched (findings 12 and 14) ----------------------------

    def get_user_id_for_subject_identifier(self, subject_identifier: str) -> str:
        """Return the internal subject of the loaded grant."""
        return self.grant.subject

    def _is_valid_subject_identifier(self, sub: str) -> bool:
        return self.sub == sub

    # ----------------------------------------------------------------------------------

    def _give(self, issued: Issued) -> AccessToken:
        self._issued = issued
        value = write_handle(self._parts.tagger, issued.access)
        return AccessToken(value, issued.access.end - self._now)

    def _request(self) -> PyopRequest:
        """Rebuild the clean request from which pyop takes client and nonce."""
        grant = self.grant
        request = PyopRequest(
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            scope=list(grant.scope),
            response_type=["code"],
        )
        if grant.nonce is not None:
            request["nonce"] = grant.nonce
        return request


def _present(value: _T | None) -> _T:
    """Return what an earlier step of the same request has set.

    Raises:
        InvalidGrant: pyop called its methods in another order than it does today.
    """
    if value is None:
        raise InvalidGrant("the grant is not valid", detail="nothing was loaded")
    return value
