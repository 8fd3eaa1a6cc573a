"""Making keys: what is missing is made once, what is there is never written over."""

import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.signing.key_files import KeyFiles, load_keys
from bridge.signing.making import make_missing

NOW = 1_764_000_000


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_everything_is_made_at_its_configured_place(tmp_path: Path) -> None:
    files = KeyFiles(
        tmp_path / "keys",
        ["RS256", "ES256"],
        tmp_path / "a/seal",
        tmp_path / "b/tokens",
        tmp_path / "c/salt",
    )

    made = make_missing(files, NOW)

    assert [(file.what, file.is_new) for file in made] == [
        ("RS256", True),
        ("ES256", True),
        ("sealing", True),
        ("tokens", True),
        ("salt", True),
    ]
    assert all(file.path.is_file() for file in made)
    assert {key.created_at for key in load_keys(files).ring.keys} == {NOW}


def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path / "deep/keys", ["ES256"])

    made = make_missing(files, NOW)

    modes = {stat.S_IMODE(file.path.stat().st_mode) for file in made}
    assert modes == {0o600}
    assert stat.S_IMODE(files.directory.stat().st_mode) == 0o700


def test_second_call_overwrites_nothing(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    first = make_missing(files, NOW)
    before = contents(tmp_path)

    second = make_missing(files, NOW + 1000)

    assert contents(tmp_path) == before
    assert second == [replace(file, is_new=False) for file in first]


def test_second_call_writes_nothing_so_places_may_be_read_only(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    make_missing(files, NOW)
    written_at = tmp_path.stat().st_mtime_ns

    make_missing(files, NOW)

    assert tmp_path.stat().st_mtime_ns == written_at


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    make_missing(files, NOW)
    before = contents(tmp_path)
    files.tokens_file.unlink()

    made = make_missing(files, NOW + 1)

    assert [file.what for file in made if file.is_new] == ["tokens"]
    after = contents(tmp_path)
    assert after.pop("tokens.key") != before.pop("tokens.key")
    assert after == before


def test_nothing_but_the_keys_is_left_behind(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])

    made = make_missing(files, NOW)

    assert sorted(tmp_path.iterdir()) == sorted(file.path for file in made)


def test_two_at_once_make_one_set(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path / "keys", ["ES256"])
    start = threading.Barrier(8)

    def race(_: int) -> int:
        start.wait()
        return sum(file.is_new for file in make_missing(files, NOW))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(race, range(8)))

    assert sorted(made) == [0] * 7 + [4]
    assert len(list(files.directory.iterdir())) == 4
    assert load_keys(files).ring.algorithms == {"ES256"}


def test_file_that_another_node_makes_meanwhile_is_kept(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    foreign = "0000000a 1764000000 " + "A" * 43 + "=\n"

    def meanwhile(size: int) -> bytes:
        files.sealing_file.write_text(foreign)
        return b"r" * size

    made = make_missing(files, NOW, random=meanwhile)

    assert ("sealing", False) in [(file.what, file.is_new) for file in made]
    assert files.sealing_file.read_text() == foreign


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda files: files.sealing_file.write_text("x"), "sealing.key_file"),
        (lambda files: files.tokens_file.write_text("x"), "tokens.key_file"),
        (lambda files: files.salt_file.write_text("x"), "subjects.salt_file"),
        (
            lambda files: (files.directory / "ES256-x.pem").write_text("x"),
            "keys.directory",
        ),
    ],
)
def test_faulty_file_stops_it_before_anything_is_made(
    tmp_path: Path, spoil: Callable[[KeyFiles], int], key: str
) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    spoil(files)
    before = contents(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        make_missing(files, NOW)

    assert [fault.key for fault in caught.value.faults] == [key]
    assert contents(tmp_path) == before


def test_place_that_cannot_be_written_is_a_fault_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    files = KeyFiles.within(tmp_path / "file/keys", ["ES256"])

    with pytest.raises(ConfigurationError) as caught:
        make_missing(files, NOW)

    (fault,) = caught.value.faults
    assert fault.source == str(tmp_path / "file/keys")
    assert "cannot be written: Not a directory" in fault.message


def test_unknown_algorithm_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="HS256 is not one of RS256, PS256"):
        make_missing(KeyFiles.within(tmp_path, ["HS256"]), NOW)
