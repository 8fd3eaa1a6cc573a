"""Discovery document and JWKS: true, and kept as bytes (OIDC Discovery §3, RFC 8414).

Only what a test exercises stands here. Where the absence of a member means "yes", it is
written out as false.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bridge.core.claims import CLAIMS
from bridge.core.client import (
    ASSERTION_ALGORITHMS,
    SCOPES,
    AuthMethod,
    Client,
    EmailMode,
    SubjectType,
)
from bridge.core.patron import JsonObject, JsonValue
from bridge.core.return_address import ResponseMode

MAX_AGE_S: Final = 300  # how long clients and proxies may keep a document
ENDPOINTS: Final[Mapping[str, str]] = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
    "jwks_uri": "/jwks",
    "end_session_endpoint": "/logout",
    "revocation_endpoint": "/revoke",
    "introspection_endpoint": "/introspect",
    "pushed_authorization_request_endpoint": "/par",
}
PROTOCOL_CLAIMS: Final = tuple(
    "iss aud azp exp iat auth_time nonce amr at_hash sid".split()
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that does not change while this configuration is in use."""

    body: bytes
    etag: str
    max_age_s: int
    content_type: str


def document(members: JsonObject) -> Document:
    """Write *members* as JSON, once."""
    body = json.dumps(members, indent=1).encode("ascii") + b"\n"
    return raw_document(body, "application/json", MAX_AGE_S)


def raw_document(body: bytes, content_type: str, max_age_s: int) -> Document:
    """Make a document of ready bytes; the ETag is their digest."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Document(body, etag, max_age_s, content_type)


def issuer_path(issuer: str) -> str:
    """Return the path that all our paths begin with; "" for most issuers."""
    return urlsplit(issuer).path.rstrip("/")


def provider_metadata(
    issuer: str,
    clients: Iterable[Client],
    algorithms: Iterable[str],
    languages: Iterable[str],
    amr: Iterable[str],
) -> JsonObject:
    """Return the provider metadata (OIDC Discovery §3)."""
    has_email = any(client.email is not EmailMode.OMIT for client in clients)
    hidden = set() if has_email else {"email", "email_verified"}
    hidden |= set() if [*amr] else {"amr"}
    signed: list[JsonValue] = [*algorithms]
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in ENDPOINTS.items()},
        "scopes_supported": [s for s in SCOPES if s != "email" or has_email],
        "response_types_supported": ["code"],
        "response_modes_supported": [mode.value for mode in ResponseMode],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": [kind.value for kind in SubjectType],
        "id_token_signing_alg_values_supported": signed,
        "userinfo_signing_alg_values_supported": signed,
        **_client_authentication(),
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            name for name in (*PROTOCOL_CLAIMS, *CLAIMS) if name not in hidden
        ],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "require_pushed_authorization_requests": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page"],
        "ui_locales_supported": [*languages],
    }


def _client_authentication() -> JsonObject:
    """Tell how clients authenticate (RFC 8414 §2); introspection takes no word."""
    metadata: JsonObject = {}
    for endpoint in ("token", "revocation", "introspection"):
        metadata[f"{endpoint}_endpoint_auth_methods_supported"] = [
            method.value
            for method in AuthMethod
            if method is not AuthMethod.NONE or endpoint != "introspection"
        ]
        metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = [
            *ASSERTION_ALGORITHMS
        ]
    return metadata


def discovery_paths(issuer: str) -> tuple[str, str]:
    """Return the paths of the document: OIDC Discovery §4.1 and RFC 8414 §3.1.

    The first follows the issuer's path, the second is put before it.
    """
    prefix = issuer_path(issuer)
    return (
        f"{prefix}/.well-known/openid-configuration",
        f"/.well-known/oauth-authorization-server{prefix}",
    )
