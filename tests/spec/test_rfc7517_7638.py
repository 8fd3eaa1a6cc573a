"""RFC 7517 and RFC 7638: the published keys and their names (RFC 7518 §6)."""

import base64
import hashlib
import json

import pytest

from tests.support.tokens import verified
from tests.support.trial import Trial
from tests.support.visitor import Visitor

REQUIRED = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def keys(browser: Visitor) -> list[dict[str, str]]:
    """Read the published keys."""
    published: list[dict[str, str]] = json.loads(browser.get("/jwks").body)["keys"]
    assert published
    return published


def test_rfc7517_4_1_kty_is_there_with_its_required_members(
    keys: list[dict[str, str]],
) -> None:
    for key in keys:
        assert set(REQUIRED[key["kty"]]) <= set(key)


def test_rfc7517_4_2_use_is_sig(keys: list[dict[str, str]]) -> None:
    assert {key["use"] for key in keys} == {"sig"}


def test_rfc7517_4_3_key_ops_are_not_given_beside_use(
    keys: list[dict[str, str]],
) -> None:
    assert not any("key_ops" in key for key in keys)


def test_rfc7517_4_4_alg_is_that_of_the_tokens(
    browser: Visitor, keys: list[dict[str, str]]
) -> None:
    header = verified(browser, browser.tokens()["id_token"]).header

    [key] = [key for key in keys if key["kid"] == header["kid"]]

    assert key["alg"] == header["alg"]


def test_rfc7517_4_5_kids_differ(keys: list[dict[str, str]]) -> None:
    assert len({key["kid"] for key in keys}) == len(keys)


def test_rfc7517_5_set_is_a_json_object_that_holds_keys(browser: Visitor) -> None:
    answer = browser.get("/jwks")

    assert set(answer.members) == {"keys"}
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_rfc7517_9_2_private_members_are_never_published(
    keys: list[dict[str, str]],
) -> None:
    for key in keys:
        assert not PRIVATE & set(key)


def test_rfc7518_3_3_rsa_keys_have_2048_bits_or_more(
    keys: list[dict[str, str]],
) -> None:
    for key in keys:
        if key["kty"] == "RSA":
            modulus = base64.urlsafe_b64decode(key["n"] + "==")
            assert len(modulus) * 8 >= 2048
            assert modulus[0] != 0  # RFC 7518 §2: as few octets as can be


def test_rfc7638_3_kid_is_the_sha_256_thumbprint(keys: list[dict[str, str]]) -> None:
    for key in keys:
        members = {name: key[name] for name in REQUIRED[key["kty"]]}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).digest()
        thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert key["kid"] == thumbprint


def test_rfc7638_3_kid_is_the_same_for_every_reader(trial: Trial) -> None:
    assert Visitor(trial).get("/jwks").body == Visitor(trial).get("/jwks").body
