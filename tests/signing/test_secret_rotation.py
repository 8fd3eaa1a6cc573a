"""Rotation of the sealing and tokens keys: nothing that lives is lost."""

import stat
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.signing import writing
from bridge.signing.key_files import KeyFiles, load_keys, load_secret_keys
from bridge.signing.making import make_missing
from bridge.signing.secret_rotation import replace_secret, rotate_secret

NOW = 1_764_000_000
DAY_S = 86_400


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    """Give key files as a new bridge has them."""
    files = KeyFiles.within(tmp_path, ["ES256"])
    make_missing(files, NOW)
    return files


def test_new_key_opens_at_once_and_seals_after_a_minute(files: KeyFiles) -> None:
    old = load_keys(files)
    rotate_secret(files.sealing, NOW + 100, DAY_S)
    new = load_keys(files)

    early = new.sealer.seal(b"p", b"text", NOW + 159)
    late = new.sealer.seal(b"p", b"text", NOW + 160)

    assert old.sealer.open(b"p", early) == b"text"
    assert old.sealer.open(b"p", late) is None
    assert new.sealer.open(b"p", late) == b"text"


def test_what_the_old_key_made_is_good_after_the_rotation(files: KeyFiles) -> None:
    old = load_keys(files)
    sealed = old.sealer.seal(b"p", b"text", NOW)
    key_id = old.tagger.key_id(NOW)
    for place in (files.sealing, files.tokens):
        rotate_secret(place, NOW + 100, DAY_S)

    new = load_keys(files)

    assert new.sealer.open(b"p", sealed) == b"text"
    assert new.tagger.tag(key_id, b"m") == old.tagger.tag(key_id, b"m")
    assert new.tagger.key_id(NOW + 159) == key_id
    assert new.tagger.key_id(NOW + 160) != key_id


def test_old_key_is_dropped_when_nothing_of_it_lives(files: KeyFiles) -> None:
    (first,) = load_secret_keys(files.tokens)
    rotate_secret(files.tokens, NOW + 100, DAY_S)  # takes over at NOW + 160

    kept = rotate_secret(files.tokens, NOW + 159 + DAY_S, DAY_S)
    dropped = rotate_secret(files.tokens, NOW + 160 + DAY_S, DAY_S)

    assert (kept.keys[0], kept.dropped) == (first, ())
    assert dropped.dropped == (first,)
    assert load_secret_keys(files.tokens) == dropped.keys
    assert len(dropped.keys) == 3


def test_newest_key_is_kept_however_old_it_is(files: KeyFiles) -> None:
    (first,) = load_secret_keys(files.tokens)

    rotation = rotate_secret(files.tokens, NOW + 1_000 * DAY_S, DAY_S)

    assert rotation.keys == (first, rotation.new)


def test_compromised_key_makes_and_verifies_nothing_any_more(files: KeyFiles) -> None:
    old = load_keys(files).tagger
    rotation = replace_secret(files.tokens, NOW + 100)

    new = load_keys(files).tagger

    assert new.tag(old.key_id(NOW), b"m") is None
    assert new.key_id(NOW + 100) == rotation.new.key_id
    assert [key.key_id for key in rotation.dropped] == [old.key_id(NOW)]


def test_clock_gone_back_still_leaves_a_good_file(files: KeyFiles) -> None:
    rotate_secret(files.tokens, NOW - DAY_S, DAY_S)

    assert len(load_secret_keys(files.tokens)) == 2


def test_key_id_that_comes_twice_is_drawn_again(files: KeyFiles) -> None:
    (first,) = load_secret_keys(files.tokens)
    draws = iter([first.key_id, b"\0\0\0\1", b"s" * 32])

    rotation = rotate_secret(files.tokens, NOW, DAY_S, lambda _: next(draws))

    assert rotation.new.key_id == b"\0\0\0\1"


def test_mode_and_link_of_the_file_stay(files: KeyFiles, tmp_path: Path) -> None:
    real = tmp_path / "mounted" / "tokens"
    real.parent.mkdir()
    files.tokens_file.rename(real)
    real.chmod(0o640)
    files.tokens_file.symlink_to(real)

    rotate_secret(files.tokens, NOW, DAY_S)

    assert files.tokens_file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(load_secret_keys(files.tokens)) == 2


def test_nothing_hidden_is_left_and_no_half_file_where_it_fails(
    files: KeyFiles, tmp_path: Path
) -> None:
    before = files.tokens_file.read_bytes()
    real = tmp_path / "gone" / "tokens"

    with pytest.raises(FileNotFoundError):
        writing.replace(real, b"x")
    rotate_secret(files.sealing, NOW, DAY_S)

    assert files.tokens_file.read_bytes() == before
    assert [*tmp_path.glob(".*")] == []


@pytest.mark.parametrize("content", [None, "junk"])
def test_missing_or_faulty_file_is_not_written_over(
    files: KeyFiles, content: str | None
) -> None:
    files.tokens_file.unlink()
    if content is not None:
        files.tokens_file.write_text(content)

    with pytest.raises(ConfigurationError):
        rotate_secret(files.tokens, NOW, DAY_S)

    assert files.tokens_file.exists() == (content is not None)
