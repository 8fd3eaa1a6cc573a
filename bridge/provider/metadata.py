"""Discovery document and JWKS: true, and kept as bytes (OIDC Discovery §3, RFC 8414).

Only what a test exercises stands here. Where the absence of a member means "yes", it is
written out as false.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bridge.core.claim_mapping import DEFAULT_MAPPING, PROTOCOL_SCOPES
from bridge.core.claim_sources import EMAIL_SOURCES
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
    scopes, claims = _offered([*clients])
    protocol = [name for name in PROTOCOL_CLAIMS if name != "amr" or [*amr]]
    signed: list[JsonValue] = [*algorithms]
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in ENDPOINTS.items()},
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": [mode.value for mode in ResponseMode],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": [kind.value for kind in SubjectType],
        "id_token_signing_alg_values_supported": signed,
        "userinfo_signing_alg_values_supported": signed,
        **_client_authentication(),
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": [*protocol, *claims],
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


def _offered(clients: Sequence[Client]) -> tuple[list[JsonValue], list[JsonValue]]:
    """Return the scopes and claims that a client can have, or any, without clients."""
    mappings = [client.mapping for client in clients] or [DEFAULT_MAPPING]
    hidden: set[str] = set()
    if all(client.email is EmailMode.OMIT for client in clients):
        hidden = {n for mapping in mappings for n in mapping.made_from(EMAIL_SOURCES)}
    named = {scope for client in clients for scope in client.scopes}
    own = sorted(
        scope for mapping in mappings for scope in mapping.scopes & named - {*SCOPES}
    )
    giving = {
        scope
        for mapping in mappings
        for rule in mapping.rules
        if rule.name not in hidden
        for scope in rule.scopes
    }
    scopes = (s for s in (*SCOPES, *own) if s in giving or s in PROTOCOL_SCOPES)
    claims = (n for m in mappings for n in m.names if n not in hidden)
    return [*dict.fromkeys(scopes)], [*dict.fromkeys(claims)]


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
