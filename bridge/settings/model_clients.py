"""Clients and policies as they are written; `clients.py` makes core values of them.

Members carry the names of RFC 7591 and of OpenID Connect Dynamic Client Registration
where those have one; the rest is our own.
"""

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StringConstraints, field_validator

from bridge.core.client import AuthMethod
from bridge.settings.fields import PageAddress, RedirectUri, Section, Text, WebUri, Word
from bridge.settings.model_claims import ClaimRuleSettings, LanguageTag
from bridge.settings.secret import Secret

SigningAlgorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
GrantType = Literal["authorization_code", "refresh_token"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.:\[\]-]{1,253}$")]
DomainName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)
]
_OTHER_METHODS: Final = frozenset(
    "client_secret_jwt tls_client_auth self_signed_tls_client_auth".split()
)
_METHODS: Final = tuple(method.value for method in AuthMethod)

# Members of registrations that change nothing here: taken and left aside.
IGNORED_MEMBERS: Final = frozenset(
    "client_id_issued_at registration_access_token"
    " registration_client_uri contacts logo_uri policy_uri tos_uri"
    " software_id software_version software_statement initiate_login_uri"
    " default_acr_values request_uris frontchannel_logout_uri"
    " frontchannel_logout_session_required backchannel_logout_session_required".split()
)
# Members that promise what the bridge does not do: a client that has one would fail.
UNSUPPORTED_MEMBERS: Final = frozenset(
    "id_token_encrypted_response_alg id_token_encrypted_response_enc"
    " userinfo_encrypted_response_alg"
    " userinfo_encrypted_response_enc request_object_signing_alg"
    " request_object_encryption_alg request_object_encryption_enc"
    " require_signed_request_object"
    " dpop_bound_access_tokens tls_client_certificate_bound_access_tokens"
    " authorization_signed_response_alg introspection_signed_response_alg".split()
)


class ClientDefaults(Section):
    """What holds for every client that does not say otherwise."""

    token_endpoint_auth_method: str | None = Field(
        default=None,
        description="client_secret_basic, client_secret_post, private_key_jwt, or none "
        "for a public client; without it the first two.",
        examples=["client_secret_basic"],
    )
    token_endpoint_auth_signing_alg: SigningAlgorithm = Field(
        default="RS256",
        description="The one algorithm that it signs with (private_key_jwt).",
    )
    require_pushed_authorization_requests: bool = Field(
        default=False,
        description="Whether it must push its requests to /par first (RFC 9126).",
    )
    scope: str = Field(
        default="openid profile email rero offline_access",
        description="Scopes the client may ask for, with spaces between them.",
    )
    grant_types: tuple[GrantType, ...] = Field(
        default=("authorization_code", "refresh_token"),
        description="Without refresh_token the client gets no refresh tokens.",
    )
    response_types: tuple[Literal["code"], ...] = Field(
        default=("code",), min_length=1, description="Only code."
    )
    id_token_signed_response_alg: str = Field(
        default="RS256",
        description="Algorithm of its ID tokens; one of keys.algorithms.",
    )
    userinfo_signed_response_alg: str | None = Field(
        default=None,
        description="Algorithm of its userinfo as a signed JWT; one of "
        "keys.algorithms. Without it, plain JSON.",
        examples=["RS256"],
    )
    subject_type: Literal["pairwise", "public"] = Field(
        default="pairwise",
        description="Whether each sector knows a patron by another subject.",
    )
    default_max_age: int | None = Field(
        default=None, ge=0, description="Oldest sign-in the client takes, in seconds."
    )
    require_auth_time: bool = Field(
        default=False,
        description="Whether its ID tokens always tell the time of the sign-in.",
    )
    require_pkce: bool = Field(
        default=False,
        description="Whether it must use PKCE; public clients always must.",
    )
    policy: str | None = Field(
        default=None,
        description="Name of the table under policies that says who may use it.",
        examples=["valais"],
    )
    consent: Literal["never", "once", "always"] = Field(
        default="once",
        description="When the patron is asked whether it may have the claims.",
    )
    card: Literal["all", "one"] = Field(
        default="all",
        description="How many memberships it is told of; one: a patron who has several "
        "chooses.",
    )
    email: Literal["omit", "upstream", "required", "placeholder"] = Field(
        default="omit",
        description="Where its claim email comes from; required: from RERO+, and a "
        "patron without an address is refused.",
    )
    email_verified: Literal["never", "upstream"] = Field(
        default="never",
        description="Whether email_verified says what RERO+ does (upstream), or false.",
    )
    email_placeholder_domain: DomainName | None = Field(
        default=None,
        description="Domain of yours for made-up addresses, sub@domain.",
        examples=["example.ch"],
    )
    claims: tuple[str, ...] = Field(
        default=(),
        description="Claims it gets beyond its scopes, such as birthdate.",
        examples=[["birthdate"]],
    )
    id_token_claims: tuple[str, ...] = Field(
        default=(),
        description="Claims of userinfo that its ID tokens hold, too.",
        examples=[["name", "email"]],
    )
    refresh_tokens: bool = Field(
        default=False,
        description="Whether it gets refresh tokens without offline_access; they end "
        "with the session.",
    )
    refresh_leeway_s: int | None = Field(
        default=None,
        ge=0,
        le=300,
        description="Its own lives.refresh_leeway_s, in seconds.",
    )
    claims_max_age_s: int = Field(
        default=30 * 86_400,
        ge=60,
        le=400 * 86_400,
        description="Oldest claims it gets by offline_access, in seconds; then the "
        "patron signs in again.",
    )

    @field_validator("token_endpoint_auth_method")
    @classmethod
    def _is_known_method(cls, method: str | None) -> str | None:
        if method in _OTHER_METHODS:
            raise ValueError(
                "is not supported; write private_key_jwt, or client_secret_basic"
            )
        if method not in (None, *_METHODS):
            raise ValueError(f"must be one of {', '.join(_METHODS)}")
        return method


class ClientSettings(ClientDefaults):
    """One client: an RFC 7591 registration, and what is our own."""

    client_id: Word = Field(
        description="Its identifier; in one place only.", examples=["keycloak-vs"]
    )
    name: dict[LanguageTag, Text] = Field(
        default_factory=dict,
        description="Its name in each language; also as client_name, client_name#fr.",
        examples=[{"fr": "Médiathèque Valais"}],
    )
    client_secret: Secret | None = Field(
        default=None, description="Its secret; better: one of the next two."
    )
    client_secret_file: Path | None = Field(
        default=None, description="File that holds its secret."
    )
    client_secret_sha256: tuple[Digest, ...] = Field(
        default=(),
        max_length=2,
        description="SHA-256 of its secret in hexadecimal; a list of two while the "
        "secret changes.",
    )
    client_secret_expires_at: int = Field(
        default=0,
        ge=0,
        le=253_402_300_799,  # the year 9999; a time in milliseconds is beyond it
        description="When its secret expires; 0: never.",
    )
    jwks_uri: WebUri | None = Field(
        default=None, description="Where its public keys are fetched (private_key_jwt)."
    )
    jwks: dict[str, JsonValue] | None = Field(
        default=None,
        description="Its public keys themselves, a JWK set (RFC 7517), for a client "
        "without jwks_uri.",
    )
    redirect_uris: tuple[RedirectUri, ...] = Field(
        min_length=1,
        description="Where logins go back to, compared byte for byte.",
        examples=[["https://sso.example.ch/callback"]],
    )
    post_logout_redirect_uris: tuple[RedirectUri, ...] = Field(
        default=(), description="Where logouts go back to."
    )
    application_type: Literal["web", "native"] = Field(
        default="web", description="native may use schemes of its own in redirect_uris."
    )
    sector: HostName | None = Field(
        default=None,
        description="What its pairwise subjects hang on, write it once; default: the "
        "one host of redirect_uris.",
        examples=["sso.example.ch"],
    )
    sector_identifier_uri: WebUri | None = Field(
        default=None, description="OIDC Core 8.1: its host is the sector."
    )
    client_uri: PageAddress | None = Field(
        default=None, description="Its own start page, linked on error pages."
    )
    backchannel_logout_uri: WebUri | None = Field(
        default=None, description="Where it is told of logouts."
    )
    backchannel_logout_to_initiator: bool = Field(
        default=False,
        description="Whether it is told also of a logout that it began itself.",
    )
    claim_rules: dict[str, ClaimRuleSettings] = Field(
        default_factory=dict,
        description="Its own claims, each a table as under claims.",
    )
    recipe: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,64}$")] | None = (
        Field(default=None, description="Kind of service, such as keycloak or moodle.")
    )

    @field_validator("client_secret_sha256", mode="before")
    @classmethod
    def _one_is_a_list(cls, digests: object) -> object:
        # After this step pydantic sees a Python value, of which it takes tuples only.
        if isinstance(digests, str):
            return (digests,)
        return tuple(digests) if isinstance(digests, list) else digests


KNOWN_MEMBERS: Final = (
    frozenset(ClientSettings.model_fields)
    | IGNORED_MEMBERS
    | UNSUPPORTED_MEMBERS
    | {"client_name"}
)
LOCALISED_MEMBER: Final = re.compile(
    r"(client_name|client_uri|logo_uri|policy_uri|tos_uri)#([A-Za-z0-9-]{2,35})"
)
