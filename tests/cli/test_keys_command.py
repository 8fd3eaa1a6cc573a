"""`bridge keys new` and `bridge keys list`, on a configuration of five lines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.cli.times import age_text
from bridge.core.records import LoginWrite, UpstreamRecord
from bridge.signing.key_files import KeyFiles, load_keys
from bridge.store.open import open_store

CONFIGURATION = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "rero-oidc-bridge"
client_secret_file = "not-there-yet"
[keys]
algorithms = ["RS256", "ES256"]
"""


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "keys", *arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.toml"
    path.write_text(CONFIGURATION)
    return path


def test_new_makes_all_keys_before_other_secrets_are_there(config: Path) -> None:
    result = run(config, "new")

    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["made", "RS256"],
        ["made", "ES256"],
        ["made", "sealing"],
        ["made", "tokens"],
        ["made", "salt"],
    ]
    assert "Back these files up" in result.stderr
    assert len(load_keys(KeyFiles.within(config.parent / "keys")).ring.keys) == 2


def test_new_keeps_what_is_there(config: Path) -> None:
    run(config, "new")

    result = run(config, "new")

    assert {line.split()[0] for line in result.stdout.splitlines()} == {"kept"}
    assert result.stderr == ""


def test_new_takes_each_place_from_the_configuration(
    config: Path, tmp_path: Path
) -> None:
    config.write_text(
        CONFIGURATION
        + 'directory = "a"\n[sealing]\nkey_file = "b/seal"\n'
        + '[tokens]\nkey_file = "c/tokens"\n[subjects]\nsalt_file = "d/salt"\n'
    )

    run(config, "new")

    files = KeyFiles(
        tmp_path / "a",
        ["RS256", "ES256"],
        tmp_path / "b/seal",
        tmp_path / "c/tokens",
        tmp_path / "d/salt",
    )
    assert load_keys(files).warnings == ()


def test_new_takes_places_from_the_environment_too(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_KEYS__DIRECTORY", str(tmp_path / "elsewhere"))

    run(config, "new")

    assert load_keys(KeyFiles.within(tmp_path / "elsewhere")).warnings == ()


def test_new_takes_registrations_as_rfc_7591_writes_them(config: Path) -> None:
    (config.parent / "clients.json").write_text(
        '[{"client_id": "a", "redirect_uris": ["https://a.example.ch/"],'
        ' "client_name#fr": "A", "client_secret_file": "not-there-either"}]'
    )
    config.write_text('clients_file = "clients.json"\n' + CONFIGURATION)

    result = run(config, "new")

    assert (result.exit_code, result.stderr.count("fault")) == (0, 0)


def test_clients_file_that_cannot_be_read_makes_nothing(config: Path) -> None:
    config.write_text('clients_file = "clients.json"\n' + CONFIGURATION)

    result = run(config, "new")

    assert result.exit_code == 2
    assert [path.name for path in config.parent.iterdir()] == ["bridge.toml"]


def test_new_salt_beside_older_keys_is_a_loud_warning(config: Path) -> None:
    run(config, "new")
    (config.parent / "keys/subjects.salt").unlink()

    result = run(config, "new")

    assert "WARNING: the salt of the subjects was missing" in result.stderr
    assert "every patron loses the accounts" in result.stderr


def test_new_makes_no_salt_where_the_store_has_patrons(config: Path) -> None:
    run(config, "new")
    salt = config.parent / "keys/subjects.salt"
    salt.unlink()
    (config.parent / "keys/tokens.key").unlink()
    store = open_store(f"sqlite:///{config.parent}/bridge.db")
    store.put_login(LoginWrite(1, upstream=UpstreamRecord("rero", "https://x", True)))
    store.close()

    result = run(config, "new")

    assert result.exit_code == 2
    assert "subjects.salt_file" in result.stderr
    assert "Put the salt back from the backup" in result.stderr
    assert not salt.exists()
    assert not (config.parent / "keys/tokens.key").exists()


def test_new_makes_a_salt_where_the_store_has_nobody(config: Path) -> None:
    open_store(f"sqlite:///{config.parent}/bridge.db").close()

    assert run(config, "new").exit_code == 0


def test_new_makes_other_keys_where_the_salt_is_there(config: Path) -> None:
    run(config, "new")
    (config.parent / "keys/tokens.key").unlink()
    store = open_store(f"sqlite:///{config.parent}/bridge.db")
    store.put_login(LoginWrite(1, upstream=UpstreamRecord("rero", "https://x", True)))
    store.close()

    result = run(config, "new")

    assert ["made", "tokens"] in [row.split()[:2] for row in result.stdout.splitlines()]


def test_new_makes_nothing_where_nobody_can_read_the_store(config: Path) -> None:
    (config.parent / "bridge.db").write_bytes(b"no database" * 100)

    result = run(config, "new")

    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)
    assert not (config.parent / "keys").exists()


def test_new_tells_programs_what_it_made(config: Path) -> None:
    result = run(config, "new", "--json")

    rows = json.loads(result.stdout)
    assert [(row["what"], row["is_new"]) for row in rows] == [
        ("RS256", True),
        ("ES256", True),
        ("sealing", True),
        ("tokens", True),
        ("salt", True),
    ]
    assert rows[4]["file"] == str(config.parent / "keys/subjects.salt")


def test_faulty_configuration_makes_nothing(config: Path) -> None:
    config.write_text(CONFIGURATION + 'directry = "a"\n')

    result = run(config, "new")

    assert result.exit_code == 2
    assert "keys.directry" in result.stderr
    assert [path.name for path in config.parent.iterdir()] == ["bridge.toml"]


def test_list_shows_use_state_age_and_key_id(config: Path) -> None:
    run(config, "new")

    result = run(config, "list")

    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["USE", "ALG", "STATE", "AGE", "MAKES", "KEY", "ID", "FILE"]
    assert [row[:3] for row in rows[1:]] == [
        ["sign", "RS256", "active"],
        ["sign", "ES256", "active"],
        ["seal", "-", "active"],
        ["tag", "-", "active"],
        ["salt", "-", "active"],
    ]
    assert rows[1][-1].endswith(f"RS256-{rows[1][-2]}.pem")


def test_list_shows_what_is_missing(config: Path) -> None:
    result = run(config, "list", "--json")

    rows = json.loads(result.stdout)
    assert [row["state"] for row in rows] == ["missing"] * 5
    assert {row["key_id"] for row in rows} == {None}


def test_list_warns_of_files_open_to_others(config: Path) -> None:
    run(config, "new")
    (config.parent / "keys/subjects.salt").chmod(0o644)

    result = run(config, "list")

    assert "mode 0644" in result.stderr


def test_faulty_key_file_is_told_with_its_line(config: Path) -> None:
    run(config, "new")
    with (config.parent / "keys/tokens.key").open("a") as file:
        file.write("junk\n")

    results = [run(config, command) for command in ("new", "list")]

    assert [result.exit_code for result in results] == [2, 2]
    assert ["line 3" in result.stderr for result in results] == [True, True]


def test_list_shows_no_secret(config: Path) -> None:
    run(config, "new")
    directory = config.parent / "keys"
    secrets = [
        (directory / "sealing.key").read_text().split()[-1],
        (directory / "tokens.key").read_text().split()[-1],
        (directory / "subjects.salt").read_text().split()[-1],
    ]

    output = run(config, "list").output + run(config, "list", "--json").output

    assert [secret for secret in secrets if secret in output] == []


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (864_000, "10 d"),
    ],
)
def test_age_is_told_in_its_largest_whole_unit(age_s: int, text: str) -> None:
    assert age_text(age_s) == text
