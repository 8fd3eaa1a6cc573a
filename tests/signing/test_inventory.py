"""The list of keys: their states and ages, never their secrets."""

from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.signing.inventory import Keeping, inventory
from bridge.signing.key_files import KeyFiles
from bridge.signing.keys import make_key, write_key
from bridge.signing.making import make_missing

NOW = 1_764_000_000
KEEPING = Keeping(sign_s=1_000, seal_s=2_000, tag_s=3_000)
LINE = "{} {} " + "A" * 43 + "=\n"


def test_missing_keys_are_listed_as_missing(tmp_path: Path) -> None:
    entries = inventory(KeyFiles.within(tmp_path), KEEPING, NOW)

    assert [(entry.use, entry.alg, entry.state) for entry in entries] == [
        ("sign", "RS256", "missing"),
        ("sign", "ES256", "missing"),
        ("seal", "", "missing"),
        ("tag", "", "missing"),
        ("salt", "", "missing"),
    ]


def test_keys_that_were_made_are_active(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    made = make_missing(files, NOW)

    entries = inventory(files, KEEPING, NOW)

    assert [(entry.use, entry.state, entry.created_at) for entry in entries] == [
        ("sign", "active", NOW),
        ("seal", "active", NOW),
        ("tag", "active", NOW),
        ("salt", "active", None),
    ]
    assert [entry.path for entry in entries] == [file.path for file in made]
    assert f"ES256-{entries[0].key_id}.pem" == entries[0].path.name
    assert len(entries[3].key_id) == 8


def test_next_and_retired_keys_are_told_apart(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path, ["ES256"])
    make_missing(files, NOW)
    following = make_key("ES256", NOW, active_from=NOW + 100)
    (tmp_path / following.file_name).write_bytes(write_key(following))
    lines = [LINE.format(f"{n:08x}", NOW + 100 * n) for n in range(3)]
    files.sealing_file.write_text("".join(lines))

    entries = inventory(files, KEEPING, NOW + 160)

    assert [
        (entry.state, entry.active_from, entry.retired_at, entry.kept_until)
        for entry in entries
        if entry.use in {"sign", "seal"}
    ] == [
        ("retired", NOW, NOW + 100, NOW + 1_100),
        ("active", NOW + 100, None, None),
        ("retired", NOW, NOW + 160, NOW + 2_160),
        ("active", NOW + 160, None, None),
        ("next", NOW + 260, None, None),
    ]


def test_every_faulty_file_is_told_at_once(tmp_path: Path) -> None:
    files = KeyFiles.within(tmp_path)
    files.sealing_file.write_text("x")
    files.salt_file.write_text("x")

    with pytest.raises(ConfigurationError) as caught:
        inventory(files, KEEPING, NOW)

    keys = [fault.key for fault in caught.value.faults]
    assert keys == ["sealing.key_file", "subjects.salt_file"]
