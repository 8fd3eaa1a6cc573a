"""Rotation of signing keys: what is made, what is deleted, and what is refused."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, ConfigurationError
from bridge.signing.key_files import KeyFiles
from bridge.signing.keys import KeyState, load_ring, make_key, write_key
from bridge.signing.making import make_missing
from bridge.signing.rotation import remove, retire, rotate

NOW = 1_764_000_000
HOUR_S = 3_600


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    """Give key files with an active key for ES256 and EdDSA."""
    files = KeyFiles.within(tmp_path, ["ES256", "EdDSA"])
    make_missing(files, NOW)
    return files


def states(files: KeyFiles, now: int, alg: str = "ES256") -> Mapping[str, KeyState]:
    ring = load_ring(files.directory)
    return {key.kid: ring.state(key, now) for key in ring.of(alg)}


def test_next_key_is_published_now_and_signs_later(files: KeyFiles) -> None:
    (rotation,) = rotate(files, ["ES256"], NOW + 10, HOUR_S)

    following, active = rotation.following.kid, rotation.active.kid
    signs_at = NOW + 10 + HOUR_S
    assert rotation.following.active_from == signs_at
    assert states(files, signs_at - 1) == {
        active: KeyState.ACTIVE,
        following: KeyState.NEXT,
    }
    assert states(files, signs_at) == {
        active: KeyState.RETIRED,
        following: KeyState.ACTIVE,
    }
    mode = (files.directory / rotation.following.file_name).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_each_algorithm_gets_a_next_key(files: KeyFiles) -> None:
    rotations = rotate(files, files.algorithms, NOW, HOUR_S)

    named = [rotation.following.algorithm.name for rotation in rotations]
    assert named == ["ES256", "EdDSA"]
    assert len(load_ring(files.directory).keys) == 4


@pytest.mark.parametrize("now", [NOW, NOW + 1])
def test_key_that_signs_now_does_so_even_within_the_second_of_the_first(
    files: KeyFiles, now: int
) -> None:
    (rotation,) = rotate(files, ["ES256"], now, 0)

    active = load_ring(files.directory).active("ES256", NOW + 1)
    assert active.kid == rotation.following.kid


def test_second_next_key_is_refused_and_nothing_made(files: KeyFiles) -> None:
    rotate(files, ["EdDSA"], NOW, HOUR_S)

    with pytest.raises(BridgeError, match="EdDSA has a next key already"):
        rotate(files, ["ES256", "EdDSA"], NOW + 1, HOUR_S)

    assert len(load_ring(files.directory).keys) == 3


def test_rotation_goes_on_when_the_next_key_signs(files: KeyFiles) -> None:
    rotate(files, ["ES256"], NOW, HOUR_S)

    rotate(files, ["ES256"], NOW + HOUR_S, HOUR_S)

    assert [*states(files, NOW + HOUR_S).values()] == [
        KeyState.RETIRED,
        KeyState.ACTIVE,
        KeyState.NEXT,
    ]


def test_algorithm_without_any_key_is_refused(files: KeyFiles) -> None:
    with pytest.raises(BridgeError, match="no key for RS256 yet: run `bridge keys new"):
        rotate(files, ["RS256"], NOW, HOUR_S)


def test_faulty_key_stops_the_rotation(files: KeyFiles) -> None:
    (files.directory / "ES256-x.pem").write_text("junk")

    with pytest.raises(ConfigurationError):
        rotate(files, ["ES256"], NOW, HOUR_S)


def test_directory_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")

    with pytest.raises(ConfigurationError, match="cannot be written"):
        rotate(KeyFiles.within(tmp_path / "keys"), ["ES256"], NOW, HOUR_S)


# -- retire ----------------------------------------------------------------------------


def test_retired_key_is_kept_until_its_tokens_are_over(files: KeyFiles) -> None:
    (rotation,) = rotate(files, ["ES256"], NOW, HOUR_S)
    retired_at = NOW + HOUR_S

    kept = retire(files, retired_at + 99, keep_s=100)
    still = states(files, retired_at)
    deleted = retire(files, retired_at + 100, keep_s=100)

    old = rotation.active.kid
    assert [(one.key.kid, one.is_deleted) for one in kept] == [(old, False)]
    assert [(one.retired_at, one.kept_until) for one in kept] == [
        (retired_at, retired_at + 100)
    ]
    assert old in still
    assert [(one.key.kid, one.is_deleted) for one in deleted] == [(old, True)]
    assert [*states(files, retired_at)] == [rotation.following.kid]


def test_active_and_next_keys_are_never_retired(files: KeyFiles) -> None:
    rotate(files, ["ES256"], NOW, HOUR_S)

    retirements = retire(files, NOW + HOUR_S - 1, keep_s=0)

    assert retirements == []
    assert len(load_ring(files.directory).keys) == 3


def test_key_retires_when_the_very_next_one_signs_not_a_later_one(
    files: KeyFiles,
) -> None:
    rotate(files, ["ES256"], NOW, 100)
    rotate(files, ["ES256"], NOW + 100, 100)

    retirements = retire(files, NOW + 250, keep_s=100)

    assert [(one.retired_at, one.is_deleted) for one in retirements] == [
        (NOW + 100, True),
        (NOW + 200, False),
    ]


# -- remove ----------------------------------------------------------------------------


def test_compromised_key_that_retired_goes_at_once(files: KeyFiles) -> None:
    (rotation,) = rotate(files, ["ES256"], NOW, 0)

    signing = remove(files, rotation.active.kid, NOW + 1)

    assert signing.kid == rotation.following.kid
    assert [*states(files, NOW + 1)] == [rotation.following.kid]


def test_compromised_key_that_signs_goes_where_a_next_one_is(files: KeyFiles) -> None:
    (rotation,) = rotate(files, ["ES256"], NOW, HOUR_S)

    signing = remove(files, rotation.active.kid, NOW + 1)

    assert signing.kid == rotation.following.kid
    active = load_ring(files.directory).active("ES256", NOW + 1)
    assert active.kid == rotation.following.kid


def test_removing_the_only_key_that_can_sign_is_refused(files: KeyFiles) -> None:
    (old,) = states(files, NOW)
    retired = make_key("ES256", NOW - HOUR_S, NOW - HOUR_S)
    (files.directory / retired.file_name).write_bytes(write_key(retired))

    with pytest.raises(BridgeError, match="--algorithm ES256 --signs-in now` first"):
        remove(files, old, NOW)

    assert [*states(files, NOW)] == [retired.kid, old]


def test_unknown_kid_is_refused(files: KeyFiles) -> None:
    with pytest.raises(BridgeError, match="no signing key has the kid x"):
        remove(files, "x", NOW)
