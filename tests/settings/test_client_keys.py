"""Clients that authenticate by private_key_jwt: their registrations and keys."""

import base64
import json
from collections.abc import Mapping

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from bridge.core.client import ASSERTION_ALGORITHMS, AuthMethod
from bridge.core.patron import JsonObject
from bridge.settings.clients import build_clients
from tests.settings.configurations import LEAST, FaultsOf, Load, Write
from tests.settings.test_clients import DIGEST, IN_JSON, registration

RSA = RSAKey.generate_key(2048)
SMALL_N = base64.urlsafe_b64encode(b"\x80" + bytes(127)).rstrip(b"=").decode()
P256 = ECKey.generate_key("P-256")
P384 = ECKey.generate_key("P-384")
ED25519 = OKPKey.generate_key("Ed25519")
FITTING: Mapping[str, RSAKey | ECKey | OKPKey] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": P256,
    "EdDSA": ED25519,
}
JWKS_URI = "https://a.example.ch/jwks"


def jwk(
    key: RSAKey | ECKey | OKPKey, *, private: bool = False, **changes: object
) -> JsonObject:
    """Write a key as a JWK; None leaves a member out."""
    members = {**json.loads(json.dumps(key.as_dict(private=private))), **changes}
    return {name: value for name, value in members.items() if value is not None}


def signing(*keys: JsonObject, **members: object) -> dict[str, object]:
    """Return the registration of a client that signs."""
    whole = registration(
        token_endpoint_auth_method="private_key_jwt",
        **({"jwks": {"keys": [*keys]}} if keys else {}),
        **members,
    )
    del whole["client_secret_sha256"]
    return whole


@pytest.mark.parametrize("alg", ASSERTION_ALGORITHMS)
def test_key_that_fits_the_algorithm_is_taken(
    load: Load, write: Write, alg: str
) -> None:
    fitting = FITTING[alg]
    members = signing(
        jwk(fitting, kid="1", use="sig"), token_endpoint_auth_signing_alg=alg
    )
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.token_endpoint_auth_methods == {AuthMethod.PRIVATE_KEY_JWT}
    assert client.token_endpoint_auth_signing_alg == alg
    assert client.jwks == (jwk(fitting, kid="1", use="sig"),)
    assert client.jwks_uri is None
    assert client.secret_digests == ()


def test_address_of_the_keys_is_taken(load: Load, write: Write) -> None:
    write("clients.json", json.dumps([signing(jwks_uri=JWKS_URI)]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert (client.jwks, client.jwks_uri) == ((), JWKS_URI)


def test_keys_may_stand_in_toml(load: Load) -> None:
    table = (
        '[[clients]]\nclient_id = "t"\nredirect_uris = ["https://t.example/"]\n'
        'token_endpoint_auth_method = "private_key_jwt"\n'
        'token_endpoint_auth_signing_alg = "ES256"\n'
        "[[clients.jwks.keys]]\n"
    ) + "".join(f'{name} = "{value}"\n' for name, value in jwk(P256).items())

    client = build_clients(load(least=LEAST + table).settings)["t"]

    assert client.jwks == (jwk(P256),)


def test_keys_for_something_else_may_stand_beside(load: Load, write: Write) -> None:
    members = signing(jwk(RSA), jwk(RSA, use="enc"), jwk(P384), {"kty": "new"})
    write("clients.json", json.dumps([members]))

    assert len(build_clients(load(IN_JSON).settings)["a"].jwks) == 4


def test_what_else_a_client_may_say_of_itself_is_taken(
    load: Load, write: Write
) -> None:
    members = registration(
        userinfo_signed_response_alg="ES256", require_pushed_authorization_requests=True
    )
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.userinfo_signed_response_alg == "ES256"
    assert client.require_pushed_authorization_requests


@pytest.mark.parametrize("defaults", ["", '"ES256"'])
def test_userinfo_signed_by_none_is_plain_json(
    load: Load, write: Write, defaults: str
) -> None:
    members = registration(userinfo_signed_response_alg="none")
    write("clients.json", json.dumps([members]))
    table = "[client_defaults]\nuserinfo_signed_response_alg = "
    least = LEAST + (table + defaults if defaults else "")

    client = build_clients(load(IN_JSON, least=least).settings)["a"]

    assert client.userinfo_signed_response_alg is None


@pytest.mark.parametrize(
    ("members", "key", "words"),
    [
        (signing(), "jwks_uri", "is missing"),
        (signing(jwk(RSA), jwks_uri=JWKS_URI), "jwks", "beside jwks_uri"),
        (signing(jwks={}), "jwks.keys", "is missing"),
        (signing(jwks={"keys": {}}), "jwks.keys", "is missing"),
        (signing(jwks={"keys": []}), "jwks.keys", "holds no key"),
        (signing(jwks=[jwk(RSA)]), "jwks", "must be a table"),
        (signing(jwk(P256)), "jwks.keys", 'RS256: kty = "RSA"'),
        (signing(jwk(RSA, use="enc")), "jwks.keys", "holds no key"),
        (signing(jwk(RSA, alg="PS256")), "jwks.keys", "holds no key"),
        (
            signing(jwk(P384), token_endpoint_auth_signing_alg="ES256"),
            "jwks.keys",
            'crv = "P-256"',
        ),
        (signing(jwk(RSA, n=SMALL_N)), "jwks.keys[0]", "has 1024 bits"),
        (signing(jwk(RSA), jwk(RSA, n=None)), "jwks.keys[1]", "n is missing"),
        (signing(jwk(RSA, e="*")), "jwks.keys[0]", "e is missing or not base64url"),
        (signing(jwk(RSA, n=7)), "jwks.keys[0]", "n is missing"),
        (signing(jwk(RSA, private=True)), "jwks.keys[0]", "private"),
        (signing(jwk(RSA), {"kty": "oct", "k": "c2VjcmV0"}), "jwks.keys[1]", "secret"),
        (
            registration(jwks={"keys": [jwk(P256, private=True)]}),
            "jwks.keys[0]",
            "private",
        ),
        (signing(jwks_uri="http://a.example.ch/jwks"), "jwks_uri", "https"),
        (
            signing(jwk(RSA), token_endpoint_auth_signing_alg="HS256"),
            "token_endpoint_auth_signing_alg",
            "EdDSA",
        ),
        (
            signing(jwk(RSA)) | {"client_secret_sha256": DIGEST},
            "client_secret_sha256",
            "private_key_jwt",
        ),
    ],
)
def test_registration_of_a_signer_that_cannot_work_is_a_fault(
    faults_of: FaultsOf, write: Write, members: dict[str, object], key: str, words: str
) -> None:
    write("clients.json", json.dumps([members]))

    faults = faults_of(IN_JSON)

    assert [f.key for f in faults] == [f"clients[0].{key}"]
    assert words in faults[0].message


def test_public_client_cannot_have_to_push(faults_of: FaultsOf, write: Write) -> None:
    members = registration(
        token_endpoint_auth_method="none", require_pushed_authorization_requests=True
    )
    del members["client_secret_sha256"]
    write("clients.json", json.dumps([members]))

    faults = faults_of(IN_JSON)

    assert [f.key for f in faults] == [
        "clients[0].require_pushed_authorization_requests"
    ]


def test_fault_never_shows_the_private_key(faults_of: FaultsOf, write: Write) -> None:
    private = jwk(P256, private=True)
    write("clients.json", json.dumps([signing(private)]))

    faults = faults_of(IN_JSON)

    assert str(private["d"]) not in str(faults)
