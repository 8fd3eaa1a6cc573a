"""The checks on an ID token, one by one."""

import base64
import json

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from bridge.demo.relying_party_checks import (
    CLOCK_SKEW_S,
    CheckFailed,
    Expected,
    VerifiedToken,
    check_userinfo_sub,
    hash_of_access_token,
    verify_id_token,
)

NOW = 1_800_000_000
EXPECTED = Expected(
    issuer="https://op.example",
    client_id="demo",
    nonce="nonce-1",
    access_token="access-1",
    algorithms=frozenset({"RS256", "ES256"}),
    now=NOW,
)
EC_KEY = ECKey.generate_key("P-256", {"kid": "ec"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = KeySet([EC_KEY, RSA_KEY])

Json = dict[str, object]


def claims(**changes: object) -> Json:
    true: Json = {
        "iss": "https://op.example",
        "sub": "patron1",
        "aud": "demo",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": "nonce-1",
        "at_hash": hash_of_access_token("access-1", "ES256"),
    }
    return {name: v for name, v in {**true, **changes}.items() if v is not None}


def signed(content: Json) -> str:
    return jwt.encode({"alg": "ES256", "kid": "ec"}, content, EC_KEY)


def segment(content: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("alg", "key"), [("RS256", RSA_KEY), ("ES256", EC_KEY)], ids=["RS256", "ES256"]
)
def test_true_token_passes_all_checks(alg: str, key: RSAKey | ECKey) -> None:
    token = jwt.encode({"alg": alg, "kid": key.kid}, claims(), key)

    verified = verify_id_token(token, KEYS, EXPECTED)

    assert verified.claims["sub"] == "patron1"
    assert [check.name for check in verified.checks][:3] == ["alg", "kid", "signature"]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["demo"]},
        {"azp": "demo"},
        {"exp": NOW - CLOCK_SKEW_S + 1},
        {"iat": NOW + CLOCK_SKEW_S},
    ],
)
def test_token_within_the_rules_passes(changes: Json) -> None:
    token = signed(claims(**changes))

    verified = verify_id_token(token, KEYS, EXPECTED)

    assert verified.claims["sub"] == "patron1"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": "https://op.example/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "é"}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"aud": "other"}, "aud"),
        ({"aud": ["demo", "other"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "other"}, "azp"),
        ({"exp": NOW - CLOCK_SKEW_S}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": str(NOW + 300)}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"iat": NOW + CLOCK_SKEW_S + 1}, "iat"),
        ({"iat": None}, "iat"),
        ({"iat": True}, "iat"),
        ({"nbf": NOW + CLOCK_SKEW_S + 1}, "nbf"),
        ({"nonce": "nonce-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"at_hash": hash_of_access_token("access-2", "ES256")}, "at_hash"),
        ({"at_hash": None}, "at_hash"),
    ],
)
def test_claim_that_does_not_hold_is_refused(changes: Json, check: str) -> None:
    token = signed(claims(**changes))

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, EXPECTED)

    assert caught.value.check == check


def test_token_without_signature_is_refused_even_where_none_is_listed() -> None:
    token = f"{segment({'alg': 'none', 'kid': 'ec'})}.{segment(claims())}."
    lax = Expected(
        "https://op.example", "demo", "nonce-1", "a", frozenset({"none"}), NOW
    )

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, lax)

    assert caught.value.check == "alg"


def test_hmac_is_refused_even_where_it_is_listed() -> None:
    key = OctKey.import_key("a secret of thirty-two bytes....", {"kid": "oct"})
    token = jwt.encode({"alg": "HS256", "kid": "oct"}, claims(), key)
    lax = Expected(
        "https://op.example", "demo", "nonce-1", "a", frozenset({"HS256"}), NOW
    )

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KeySet([key]), lax)

    assert caught.value.check == "alg"


def test_algorithm_the_provider_does_not_list_is_refused() -> None:
    token = jwt.encode({"alg": "RS384", "kid": "rsa"}, claims(), RSA_KEY, ["RS384"])

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, EXPECTED)

    assert caught.value.check == "alg"


def test_changed_claims_break_the_signature() -> None:
    header, _, signature = signed(claims()).split(".")
    token = f"{header}.{segment(claims(sub='patron2'))}.{signature}"

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, EXPECTED)

    assert caught.value.check == "signature"


def test_key_of_another_kind_than_the_algorithm_is_refused() -> None:
    header = segment({"alg": "RS256", "kid": "ec"})
    _, payload, signature = signed(claims()).split(".")

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(f"{header}.{payload}.{signature}", KEYS, EXPECTED)

    assert caught.value.check == "signature"


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit"])
def test_header_that_brings_its_own_key_is_refused(member: str) -> None:
    _, payload, signature = signed(claims()).split(".")
    header = segment({"alg": "ES256", "kid": "ec", member: "x"})

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(f"{header}.{payload}.{signature}", KEYS, EXPECTED)

    assert caught.value.check in {"kid", "alg"}


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "é.é.é", "....", "e30.e30.e30"])
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, EXPECTED)

    assert caught.value.check == "alg"


@pytest.mark.parametrize("payload", ["[]", "null", "no JSON"])
def test_payload_that_is_no_object_is_refused(payload: str) -> None:
    token = jws.serialize_compact({"alg": "ES256", "kid": "ec"}, payload, EC_KEY)

    with pytest.raises(CheckFailed) as caught:
        verify_id_token(token, KEYS, EXPECTED)

    assert caught.value.check == "signature"


def test_at_hash_is_that_of_the_specification() -> None:
    # OIDC Core, appendix A.3: this access token with an RS256 signature.
    access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"

    at_hash = hash_of_access_token(access_token, "RS256")

    assert at_hash == "77QmUPtjPfzWtF2AnpK9RQ"


def test_userinfo_of_another_patron_is_refused() -> None:
    token = VerifiedToken({}, {"sub": "patron1"}, ())

    with pytest.raises(CheckFailed) as caught:
        check_userinfo_sub({"sub": "patron2"}, token)

    assert caught.value.check == "userinfo sub"
