"""Rotation by `bridge keys`: what is printed, made, kept and deleted."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.signing.key_files import KeyFiles, load_secret_keys
from bridge.signing.keys import load_ring

CONFIGURATION = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "rero-oidc-bridge"
client_secret_file = "not-there-yet"
[keys]
algorithms = ["RS256", "ES256"]
[lives]
id_token_s = 600
refresh_idle_s = 100000
refresh_total_s = 200000
"""
DAY_S = 86_400


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "keys", *arguments])


def rows(config: Path, *arguments: str) -> list[dict[str, Any]]:
    result = run(config, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return list(json.loads(result.stdout))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.toml"
    path.write_text(CONFIGURATION)
    run(path, "new")
    return path


def test_rotate_tells_what_signs_from_when_and_what_is_kept_until_when(
    config: Path,
) -> None:
    result = run(config, "rotate")

    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["next", "RS256"],
        ["active", "RS256"],
        ["next", "ES256"],
        ["active", "ES256"],
    ]
    assert re.search(
        r"  kid [\w-]{43}  made now, published now,"
        r" signs from \d{4}-\d\d-\d\d \d\d:\d\d \S+ \(in 2 d\)$",
        lines[0],
    )
    assert re.search(
        r"  kid [\w-]{43}  signs until then, stays published until \d{4}-\d\d-\d\d"
        r" \(then: keys retire\)$",
        lines[1],
    )
    assert result.stderr == ""


def test_rotate_signs_in_48_hours_and_keeps_14_days_beyond_the_longest_token(
    config: Path,
) -> None:
    made, _ = rows(config, "rotate")

    ring = load_ring(config.parent / "keys")
    following = next(key for key in ring.keys if key.kid == made["next"])
    assert made["signs_from"] == following.created_at + 2 * DAY_S
    assert made["active_kept_until"] == made["signs_from"] + 600 + 14 * DAY_S
    assert made["alg"] == "RS256"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30min", 1_800), ("5h", 18_000), ("7d", 604_800)],
)
def test_rotate_takes_another_time(config: Path, text: str, seconds: int) -> None:
    rows(config, "rotate", "--signs-in", text)

    keys = load_ring(config.parent / "keys").of("ES256")
    assert keys[1].active_from - keys[1].created_at == seconds


@pytest.mark.parametrize("text", ["", "48", "-1h", "1 h", "5y", "401d", "later", "٣h"])
def test_time_that_is_none_is_refused_with_examples(config: Path, text: str) -> None:
    result = run(config, "rotate", "--signs-in", text)

    assert result.exit_code == 2
    assert "write now, 90s, 30min, 48h or 7d" in result.stderr
    assert len(load_ring(config.parent / "keys").keys) == 2


def test_rotate_warns_where_services_may_not_know_the_key_yet(config: Path) -> None:
    result = run(config, "rotate", "--signs-in", "now")

    assert result.exit_code == 0
    assert "Services that keep the keys they have fetched" in result.stderr


def test_rotate_one_algorithm_alone(config: Path) -> None:
    made = rows(config, "rotate", "--algorithm", "ES256")

    assert [row["alg"] for row in made] == ["ES256"]
    assert len(load_ring(config.parent / "keys").keys) == 3


def test_rotate_of_what_is_not_configured_is_refused(config: Path) -> None:
    result = run(config, "rotate", "--algorithm", "EdDSA")

    assert result.exit_code == 1
    assert result.stderr == (
        "bridge: EdDSA is not one of keys.algorithms: RS256, ES256\n"
    )


def test_rotate_twice_is_refused_in_one_line(config: Path) -> None:
    run(config, "rotate")

    result = run(config, "rotate")

    assert result.exit_code == 1
    assert re.fullmatch(
        r"bridge: RS256 has a next key already, \S{43}: nothing was made\n",
        result.stderr,
    )


def test_list_tells_the_times_of_each_key(config: Path) -> None:
    run(config, "rotate", "--algorithm", "RS256")
    run(config, "rotate-tokens")

    shown = run(config, "list").stdout
    listed = rows(config, "list")

    time = r"\d{4}-\d\d-\d\d \d\d:\d\d \S+"
    assert re.search(rf"sign +RS256 +active +\d+ s +since {time} ", shown)
    assert re.search(rf"sign +RS256 +next +\d+ s +from {time} ", shown)
    assert re.search(rf"tag +- +next +\d+ s +from {time} ", shown)
    signing = [row for row in listed if row["alg"] == "RS256"]
    assert signing[1]["active_from"] - signing[1]["created_at"] == 2 * DAY_S
    assert [row["retired_at"] for row in signing] == [None, None]


def with_a_retired_key(config: Path, days: int) -> str:
    """Let the key of ES256 have retired *days* ago; return its kid."""
    made = rows(config, "rotate", "--algorithm", "ES256", "--signs-in", "now")
    path = config.parent / "keys" / f"ES256-{made[0]['next']}.pem"
    at = made[0]["signs_from"] - days * DAY_S
    lines = [f"created_at: {at}", f"active_from: {at}"]
    old = config.parent / "keys" / f"ES256-{made[0]['active']}.pem"
    path.write_text("\n".join([*lines, *path.read_text().splitlines()[2:], ""]))
    lines = [f"created_at: {at - 9}", f"active_from: {at - 9}"]
    old.write_text("\n".join([*lines, *old.read_text().splitlines()[2:], ""]))
    return str(made[0]["active"])


def test_list_tells_since_when_a_key_is_retired_and_until_when_kept(
    config: Path,
) -> None:
    kid = with_a_retired_key(config, 3)

    shown = run(config, "list").stdout
    (row,) = [row for row in rows(config, "list") if row["key_id"] == kid]

    assert re.search(rf"retired +3 d +until .{{20,25}}, kept until .+ +{kid}", shown)
    assert row["kept_until"] - row["retired_at"] == 600 + 14 * DAY_S


def test_retire_keeps_what_may_be_in_use_and_says_until_when(config: Path) -> None:
    kid = with_a_retired_key(config, 3)

    result = run(config, "retire")

    assert re.fullmatch(
        rf"kept  ES256  kid {kid}  retired .{{20,25}}, kept until .{{20,25}}\n",
        result.stdout,
    )
    assert len(load_ring(config.parent / "keys").of("ES256")) == 2


@pytest.mark.parametrize(("days", "options"), [(15, ()), (3, ("--now",))])
def test_retire_deletes_what_is_over_or_all_where_told(
    config: Path, days: int, options: tuple[str, ...]
) -> None:
    kid = with_a_retired_key(config, days)

    result = run(config, "retire", *options)

    assert result.stdout.startswith(f"deleted  ES256  kid {kid}  retired ")
    assert len(load_ring(config.parent / "keys").of("ES256")) == 1


def test_retire_says_where_there_is_nothing_to_do(config: Path) -> None:
    assert run(config, "retire").stdout == "no signing key is retired\n"
    assert rows(config, "retire") == []


def test_retire_deletes_a_compromised_key_and_says_which_signs(config: Path) -> None:
    made = rows(config, "rotate", "--algorithm", "ES256")[0]

    result = run(config, "retire", "--kid", made["active"])

    assert (
        result.stdout == f"deleted  kid {made['active']}\nsigns    kid {made['next']}\n"
    )
    assert [key.kid for key in load_ring(config.parent / "keys").of("ES256")] == [
        made["next"]
    ]


def test_retire_keeps_the_only_key_that_can_sign(config: Path) -> None:
    (key,) = load_ring(config.parent / "keys").of("ES256")

    result = run(config, "retire", "--kid", key.kid)

    assert result.exit_code == 1
    assert "run `bridge keys rotate --algorithm ES256 --signs-in now` first" in (
        result.stderr
    )


@pytest.mark.parametrize(
    ("command", "name"), [("rotate-tokens", "tokens"), ("rotate-sealing", "sealing")]
)
def test_secret_key_is_rotated_and_the_old_one_kept(
    config: Path, command: str, name: str
) -> None:
    files = KeyFiles.within(config.parent / "keys")
    place = files.tokens if name == "tokens" else files.sealing
    (before,) = load_secret_keys(place)

    new, old = rows(config, command)

    keys = load_secret_keys(place)
    assert [key.key_id.hex() for key in keys] == [old["key_id"], new["key_id"]]
    assert keys[0] == before
    assert (new["state"], old["state"]) == ("new", "kept")
    assert new["at"] == keys[1].created_at + 60
    assert old["at"] == new["at"] + 200_000 + 3_600


@pytest.mark.parametrize("command", ["rotate-tokens", "rotate-sealing"])
def test_compromised_secret_key_is_dropped(config: Path, command: str) -> None:
    result = run(config, command, "--compromised")

    lines = [line.split()[0] for line in result.stdout.splitlines()]
    assert lines == ["new", "dropped"]


def test_no_command_shows_a_secret(config: Path) -> None:
    output = "".join(
        run(config, *arguments).output
        for arguments in (
            ("rotate",),
            ("rotate-tokens",),
            ("rotate-sealing",),
            ("retire",),
            ("list",),
        )
    )

    directory = config.parent / "keys"
    secrets = [
        line.split()[-1]
        for name in ("sealing.key", "tokens.key", "subjects.salt")
        for line in (directory / name).read_text().splitlines()
        if not line.startswith("#")
    ]
    assert len(secrets) == 5
    assert [secret for secret in secrets if secret in output] == []
