"""Registrations that cannot work are faults."""

import json

import pytest

from bridge.settings.load import load_settings
from tests.settings.configurations import LEAST, FaultsOf, Write
from tests.settings.test_clients import DIGEST, IN_JSON, registration

NOW = 1_769_860_800  # noon of 2026-01-31 at Greenwich


@pytest.mark.parametrize(
    ("members", "key", "words"),
    [
        ({"token_endpoint_auth_method": "none"}, "client_secret_sha256", "public"),
        ({"client_secret_sha256": []}, "client_secret_sha256", "is missing"),
        ({"client_secret_sha256": "xyz"}, "client_secret_sha256[0]", "64 hex"),
        (
            {"client_secret_sha256": [DIGEST] * 2},
            "client_secret_sha256",
            "entry 2 is the same as entry 1",
        ),
        ({"client_secret_sha256": [DIGEST] * 3}, "client_secret_sha256", "too many"),
        (
            {"client_secret_sha256": [DIGEST, "0" * 64], "client_secret": "x"},
            "client_secret_sha256",
            "at most two",
        ),
        ({"client_secret": ""}, "client_secret", "must not be empty"),
        (
            {"token_endpoint_auth_method": "client_secret_jwt"},
            "token_endpoint_auth_method",
            "not supported; write private_key_jwt",
        ),
        (
            {"token_endpoint_auth_method": "basic"},
            "token_endpoint_auth_method",
            "must be one of",
        ),
        ({"response_types": ["code", "token"]}, "response_types[1]", '"code"'),
        ({"response_types": []}, "response_types", "at least one"),
        ({"grant_types": ["implicit"]}, "grant_types[0]", "authorization_code"),
        ({"grant_types": ["refresh_token"]}, "grant_types", "authorization_code"),
        (
            {"grant_types": ["authorization_code"], "refresh_tokens": True},
            "refresh_tokens",
            "refresh_token",
        ),
        ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg", ""),
        (
            {"userinfo_signed_response_alg": "HS256"},
            "userinfo_signed_response_alg",
            "keys.algorithms",
        ),
        (
            {"id_token_encrypted_response_alg": "RSA-OAEP"},
            "id_token_encrypted_response_alg",
            "not supported",
        ),
        ({"email": "placeholder"}, "email_placeholder_domain", "a domain"),
        ({"email_placeholder_domain": "[::1]"}, "email_placeholder_domain", "form"),
        ({"email_placeholder_domain": "example"}, "email_placeholder_domain", "form"),
        ({"policy": "x"}, "policy", "no such policy"),
        ({"claims": ["shoe_size"]}, "claims[0]", "birthdate"),
        ({"scope": "profile"}, "scope", "openid"),
        (
            {"redirect_uris": ["https://a.example/"] * 2},
            "redirect_uris",
            "entry 2 is the same as entry 1",
        ),
        (
            {"client_secret_expires_at": 1_769_860_800_000},
            "client_secret_expires_at",
            "must be at most 253402300799",
        ),
        ({"redirect_uris": []}, "redirect_uris", "at least one"),
        (
            {"redirect_uris": ["https://a.example/", "https://b.example/"]},
            "sector",
            'write sector = "a.example"',
        ),
        ({"redirect_uris": ["app.x:/cb"], "sector": "x"}, "redirect_uris[0]", "native"),
        ({"sector": ""}, "sector", "form"),
        ({"client_ids": "x"}, "client_ids", "Did you mean client_id?"),
        ({"backchannel_logout_uri": "http://a.example/"}, "backchannel_logout_uri", ""),
        ({"client_id": "a b"}, "client_id", "form"),
        ({"name": "x"}, "name", "must be a table"),
    ],
)
def test_a_registration_that_cannot_work_is_a_fault(
    faults_of: FaultsOf, write: Write, members: dict[str, object], key: str, words: str
) -> None:
    write("clients.json", json.dumps([registration(**members)]))

    faults = faults_of(IN_JSON)

    assert [f.key for f in faults] == [f"clients[0].{key}"]
    assert words in faults[0].message


@pytest.mark.parametrize("expires_at", [1, NOW - 1, NOW])
def test_a_secret_that_has_expired_is_warned_of(write: Write, expires_at: int) -> None:
    write(
        "clients.json", json.dumps([registration(client_secret_expires_at=expires_at)])
    )
    main = write("bridge.toml", IN_JSON + LEAST)

    loaded = load_settings(main, {}, now=NOW)

    day = "1970-01-01" if expires_at == 1 else "2026-01-31"
    warnings = {warning.key: warning.message for warning in loaded.warnings}
    assert warnings["clients[0].client_secret_expires_at"] == (
        f"the secret of client a expired on {day} and is refused: give it a new one, "
        "or 0 here for a secret without an end"
    )


@pytest.mark.parametrize("expires_at", [0, NOW + 1])
def test_a_secret_that_has_not_expired_is_taken(write: Write, expires_at: int) -> None:
    write(
        "clients.json", json.dumps([registration(client_secret_expires_at=expires_at)])
    )
    main = write("bridge.toml", IN_JSON + LEAST)

    loaded = load_settings(main, {}, now=NOW)

    assert loaded.settings.clients[0].client_secret_expires_at == expires_at
