"""Keys that change under a bridge at work: it takes them up and goes on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jwt import get_unverified_header

from bridge.core.patron import JsonObject
from bridge.signing.rotation import retire, rotate
from bridge.signing.secret_rotation import replace_secret, rotate_secret
from bridge.signing.signer import JwsSigner
from bridge.signing.verifier import JwsVerifier
from bridge.wiring import now
from tests.support.files import Files

HOUR_S = 3_600
CLAIMS: JsonObject = {"sub": "abc"}


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """Give files with one client."""
    files = Files(tmp_path)
    yield files
    files.bridge.close()


def published(files: Files) -> list[str]:
    body = files.bridge.services.web.jwks.body
    return [key["kid"] for key in json.loads(body)["keys"] if key["alg"] == "ES256"]


def test_next_key_is_published_under_a_new_etag_and_discovery_stays(
    files: Files,
) -> None:
    before = files.bridge.services.web
    (rotation,) = rotate(files.keys, ["ES256"], now(), HOUR_S)

    files.runtime.look()

    after = files.bridge.services.web
    assert published(files) == [rotation.active.kid, rotation.following.kid]
    assert after.jwks.etag != before.jwks.etag
    assert after.discovery == before.discovery


def test_next_key_signs_when_its_time_comes_without_another_look(
    files: Files,
) -> None:
    (rotation,) = rotate(files.keys, ["ES256"], now(), HOUR_S)
    files.runtime.look()
    ring = files.bridge.services.keys.ring
    signer, verifier = JwsSigner(ring), JwsVerifier(ring)
    signs_at = rotation.following.active_from

    tokens = [signer.sign(CLAIMS, "ES256", at) for at in (signs_at - 1, signs_at)]

    kids = [get_unverified_header(token)["kid"] for token in tokens]
    assert kids == [rotation.active.kid, rotation.following.kid]
    assert [verifier.verify_own(token) for token in tokens] == [CLAIMS, CLAIMS]


def test_key_that_was_retired_is_published_no_more(files: Files) -> None:
    (rotation,) = rotate(files.keys, ["ES256"], now(), 0)
    files.runtime.look()
    retire(files.keys, now() + HOUR_S, keep_s=0)

    files.runtime.look()

    assert published(files) == [rotation.following.kid]


def test_tokens_and_seals_of_the_old_keys_are_good_after_a_rotation(
    files: Files,
) -> None:
    before = files.bridge.services.keys
    sealed = before.sealer.seal(b"p", b"text", now())
    key_id = before.tagger.key_id(now())
    rotate_secret(files.keys.sealing, now(), HOUR_S)
    rotate_secret(files.keys.tokens, now(), HOUR_S)

    files.runtime.look()

    after = files.bridge.services.keys
    assert after is not before
    assert after.sealer.open(b"p", sealed) == b"text"
    assert after.tagger.tag(key_id, b"m") == before.tagger.tag(key_id, b"m")
    assert after.tagger.key_id(now() + 61) != key_id


def test_compromised_key_of_tokens_is_good_for_nothing_after_a_look(
    files: Files,
) -> None:
    key_id = files.bridge.services.keys.tagger.key_id(now())
    replace_secret(files.keys.tokens, now())

    files.runtime.look()

    assert files.bridge.services.keys.tagger.tag(key_id, b"m") is None
