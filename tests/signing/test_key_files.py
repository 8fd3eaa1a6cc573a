"""The start: all keys are there, or every fault is told at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.signing.key_files import KeyFiles, load_keys
from bridge.signing.making import make_missing
from bridge.signing.signer import JwsSigner

NOW = 1_764_000_000


def made(directory: Path) -> KeyFiles:
    files = KeyFiles.within(directory, ["ES256"])
    make_missing(files, NOW)
    return files


def test_keys_that_were_made_sign_seal_and_tag(tmp_path: Path) -> None:
    keys = load_keys(made(tmp_path))

    token = JwsSigner(keys.ring).sign({"sub": "a"}, "ES256", NOW)
    sealed = keys.sealer.seal(b"ticket", b"plaintext", NOW)
    tag = keys.tagger.tag(keys.tagger.key_id(NOW), b"message")

    assert token.count(".") == 2
    assert keys.sealer.open(b"ticket", sealed) == b"plaintext"
    assert tag is not None
    assert len(keys.salt) == 32
    assert keys.warnings == ()


def test_all_that_is_missing_is_told_at_once_with_the_command(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path / "keys")

    with pytest.raises(ConfigurationError) as caught:
        load_keys(files)

    faults = caught.value.faults
    assert [(fault.key, fault.source) for fault in faults] == [
        ("keys.directory", str(tmp_path / "keys")),
        ("keys.directory", str(tmp_path / "keys")),
        ("sealing.key_file", str(tmp_path / "keys/sealing.key")),
        ("tokens.key_file", str(tmp_path / "keys/tokens.key")),
        ("subjects.salt_file", str(tmp_path / "keys/subjects.salt")),
    ]
    assert all("run `bridge keys new`" in fault.message for fault in faults)


def test_start_makes_nothing_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        load_keys(KeyFiles.within(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_missing_salt_says_that_its_loss_changes_every_subject(tmp_path: Path) -> None:
    files = made(tmp_path)
    files.salt_file.unlink()

    with pytest.raises(ConfigurationError) as caught:
        load_keys(files)

    (fault,) = caught.value.faults
    assert "Its loss changes every subject" in fault.message
    assert "from the backup" in fault.message


def test_algorithm_without_a_key_is_a_fault(tmp_path: Path) -> None:
    files = replace(made(tmp_path), algorithms=["RS256", "ES256"])

    with pytest.raises(ConfigurationError) as caught:
        load_keys(files)

    (fault,) = caught.value.faults
    assert "holds no key for RS256" in fault.message


def test_key_of_an_algorithm_no_longer_configured_stays_published(
    tmp_path: Path,
) -> None:
    files = replace(made(tmp_path), algorithms=[])

    keys = load_keys(files)

    assert keys.ring.algorithms == {"ES256"}


def test_one_file_for_two_uses_is_a_fault(tmp_path: Path) -> None:
    files = made(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        load_keys(replace(files, tokens_file=files.sealing_file))

    (fault,) = caught.value.faults
    assert fault.key == "tokens.key_file"
    assert "take two files" in fault.message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_file_open_to_others_is_a_warning(tmp_path: Path, mode: int) -> None:
    files = made(tmp_path)
    files.salt_file.chmod(mode)
    (pem,) = tmp_path.glob("*.pem")
    pem.chmod(mode)

    warnings = load_keys(files).warnings

    assert [warning.source for warning in warnings] == [
        str(pem),
        str(files.salt_file),
    ]
    assert f"mode {mode:04o}" in warnings[0].message


def test_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    files = made(tmp_path)
    files.tokens_file.unlink()
    files.tokens_file.mkdir()

    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_keys(files)


def test_salt_is_not_in_the_representation(tmp_path: Path) -> None:
    keys = load_keys(made(tmp_path))

    assert "salt" not in repr(keys)
