"""Discovery document and JWKS: true, and kept as bytes (OIDC Discovery §3, RFC 8414).

Only what a test exercises stands here. Where the absence of a member means "yes", it is
written out as false.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bridge.core.claims import CLAIMS
from bridge.core.client import SCOPES, AuthMethod, Client, EmailMode, SubjectType
from bridge.core.patron import JsonObject

MAX_AGE_S: Final = 300  # how long clients and proxies may keep a document


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
) -> JsonObject:
    """Return the provider metadata (OIDC Discovery §3)."""
    has_email = any(client.email is not EmailMode.OMIT for client in clients)
    hidden = set() if has_email else {"email", "email_verified"}
    protocol_claims = ["iss", "aud", "azp", "exp", "iat", "auth_time", "nonce"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": [s for s in SCOPES if s != "email" or has_email],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": [kind.value for kind in SubjectType],
        "id_token_signing_alg_values_supported": [*algorithms],
        "token_endpoint_auth_methods_supported": [m.value for m in AuthMethod],
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *protocol_claims,
            "at_hash",
            "sid",
            *(name for name in CLAIMS if name not in hidden),
        ],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": [*languages],
    }


def discovery_paths(issuer: str) -> tuple[str, str]:
    """Return the paths of the document: OIDC Discovery §4.1 and RFC 8414 §3.1.

    The first follows the issuer's path, the second is put before it.
    """
    prefix = issuer_path(issuer)
    return (
        f"{prefix}/.well-known/openid-configuration",
        f"/.well-known/oauth-authorization-server{prefix}",
    )
