"""Client: a relying party as it is registered, and what it may ask."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimMapping
from bridge.core.patron import JsonObject
from bridge.core.policy import Policy

SCOPES: Final = ("openid", "profile", "email", "rero", "offline_access")


class AuthMethod(StrEnum):
    """How a client shows who it is at the token endpoint (OIDC Core §9)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


ASSERTION_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")  # private_key_jwt


class SubjectType(StrEnum):
    """OIDC Core §8."""

    PAIRWISE = "pairwise"
    PUBLIC = "public"


class ConsentMode(StrEnum):
    """When the patron is asked whether the client may have the claims."""

    NEVER = "never"
    ONCE = "once"
    ALWAYS = "always"


class EmailMode(StrEnum):
    """Where a client's `email` claim comes from."""

    OMIT = "omit"
    UPSTREAM = "upstream"
    REQUIRED = "required"  # as UPSTREAM, and who has no address is refused
    PLACEHOLDER = "placeholder"


class CardMode(StrEnum):
    """How many of a patron's memberships a client is told of."""

    ALL = "all"
    ONE = "one"  # where there are several, the patron chooses


@dataclass(frozen=True, slots=True)
class Client:
    """One registered client; its fields carry the names of RFC 7591 where it has them.

    Every address is a string as it was registered: never normalised, compared byte for
    byte. `secret_digests` are SHA-256 digests; two of them while a secret is changed.
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    sector: str  # the pairwise subjects hang on it (OIDC Core §8.1)
    name: dict[str, str] = field(default_factory=dict)  # language -> name
    secret_digests: tuple[bytes, ...] = ()
    client_secret_expires_at: int = 0  # from then on the secrets are none; 0: never
    token_endpoint_auth_methods: frozenset[AuthMethod] = frozenset({AuthMethod.BASIC})
    token_endpoint_auth_signing_alg: str = "RS256"  # of private_key_jwt
    jwks: tuple[JsonObject, ...] = ()  # its public keys (RFC 7517), or:
    jwks_uri: str | None = None  # where they are fetched
    scopes: frozenset[str] = frozenset(SCOPES)  # what it may ask
    grant_types: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    require_pkce: bool = False
    require_pushed_authorization_requests: bool = False  # RFC 9126 §6
    id_token_signed_response_alg: str = "RS256"
    userinfo_signed_response_alg: str | None = None  # None: plain JSON
    subject_type: SubjectType = SubjectType.PAIRWISE
    policy: Policy = field(default_factory=Policy)
    consent: ConsentMode = ConsentMode.ONCE
    card: CardMode = CardMode.ALL
    email: EmailMode = EmailMode.OMIT
    email_placeholder_domain: str | None = None
    passes_email_verified: bool = False  # as RERO+ says it; else always false
    mapping: ClaimMapping = DEFAULT_MAPPING
    claims: frozenset[str] = frozenset()  # given beyond the scopes, such as birthdate
    id_token_claims: frozenset[str] = frozenset()  # of userinfo's, copied there
    refresh_tokens: bool = False  # also without offline_access, ending with the session
    refresh_leeway_s: int = 30
    claims_max_age_s: int = 30 * 86_400  # offline_access: then a new sign-in
    default_max_age: int | None = None  # seconds
    require_auth_time: bool = False
    backchannel_logout_uri: str | None = None
    backchannel_logout_to_initiator: bool = False  # told also where it began the logout
    post_logout_redirect_uris: tuple[str, ...] = ()
    client_uri: str | None = None

    @property
    def is_public(self) -> bool:
        """Tell whether the client can keep no secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_methods == frozenset({AuthMethod.NONE})

    def display_name(self, language: str) -> str:
        """Return the name to show in *language*, or the next best there is."""
        if language in self.name:
            return self.name[language]
        return next(iter(self.name.values()), self.client_id)
