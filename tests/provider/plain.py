"""pyop as it comes, without the bridge: its faults are shown beside their mends."""

from typing import Any, Final
from urllib.parse import urlencode

from Cryptodome.PublicKey import RSA
from cryptography.hazmat.primitives import serialization
from jwkest.jwk import RSAKey
from pyop.authz_state import AuthorizationState
from pyop.message import AuthorizationRequest
from pyop.provider import Provider
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo

from bridge.signing.keys import KeyRing

PLAIN_ISSUER: Final = "https://pyop.example"
REDIRECT: Final = "https://rp.example/callback"

# pyop carries no types: what it gives is Any here and in the tests of this file.
Plain = Any


def plain_provider(ring: KeyRing, **clients: dict[str, object]) -> Plain:
    """Build pyop's own provider; the clients have the secret `secret`."""
    key = ring.keys[0].private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    metadata = {
        client_id: {
            "client_secret": "secret",
            "redirect_uris": [REDIRECT],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_post",
            **members,
        }
        for client_id, members in clients.items()
    }
    return Provider(
        RSAKey(key=RSA.import_key(key), alg="RS256"),
        {
            "issuer": PLAIN_ISSUER,
            "authorization_endpoint": f"{PLAIN_ISSUER}/authorize",
            "token_endpoint": f"{PLAIN_ISSUER}/token",
            "jwks_uri": f"{PLAIN_ISSUER}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise", "public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        },
        AuthorizationState(
            HashBasedSubjectIdentifierFactory("salt"), refresh_token_lifetime=3600
        ),
        metadata,
        Userinfo({"jean": {"name": "Jean"}}),
    )


def plain_code(provider: Plain, client_id: str, **more: str) -> str:
    """Let jean log in at *client_id*."""
    request = AuthorizationRequest(
        client_id=client_id,
        redirect_uri=more.pop("redirect_uri", REDIRECT),
        scope=["openid"],
        response_type=["code"],
        **more,
    )
    code: str = provider.authorize(request, "jean")["code"]
    return code


def plain_tokens(provider: Plain, code: str, client_id: str, **more: str) -> Plain:
    """Redeem *code*."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": client_id,
        "client_secret": "secret",
    }
    return provider.handle_token_request(urlencode({**form, **more}))
