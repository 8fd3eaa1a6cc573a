"""`bridge config` and how the command prints what is wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import COMMANDS, main
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "bridge.toml"
WITH_SECRET = {"BRIDGE_UPSTREAM__CLIENT_SECRET": "PLANTED"}
FAULTY = """
issuer = "https://login.example.ch"

[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_idd = "x"
client_secret = "PLANTED"
deadline_s = "abc"
"""
COLUMNS = """\
{path}: 3 faults
  upstream.client_id   is missing; write client_id = "rero-oidc-bridge"  line 4
  upstream.client_idd  unknown key. Did you mean client_id?              line 7
  upstream.deadline_s  must be a number of seconds, such as 10           line 9
environment: 1 fault
  BRIDGE_ISUER  unknown variable. Did you mean BRIDGE_ISSUER?
"""


def bridge(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=env or {})


def check_over(keys: Path) -> Result:
    """Check the example over the keys in the folder *keys*."""
    env = {**WITH_SECRET, "BRIDGE_KEYS__DIRECTORY": str(keys)}
    return bridge("--config", str(EXAMPLE), "config", "check", env=env)


def test_the_example_passes_as_its_first_lines_say(tmp_path: Path) -> None:
    result = check_over(tmp_path)

    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        f"configuration {EXAMPLE}",
        "ok: 4 clients, 1 policy, issuer https://login.example.ch",
        "keys: there are none yet; `bridge keys new` makes them",
    ]


def test_check_says_nothing_of_good_keys(tmp_path: Path) -> None:
    make_missing(KeyFiles.within(tmp_path), 0)

    result = check_over(tmp_path)

    assert result.stderr == ""
    assert "keys" not in result.stdout


@pytest.mark.parametrize(
    ("name", "key", "advice"),
    [
        ("RS256-*.pem", "keys.directory", "holds no key for RS256"),
        ("ES256-*.pem", "keys.directory", "run `bridge keys new`"),
        ("sealing.key", "sealing.key_file", "run `bridge keys new`"),
        ("tokens.key", "tokens.key_file", "run `bridge keys new`"),
        ("subjects.salt", "subjects.salt_file", "Put it back from the backup"),
    ],
)
def test_check_warns_of_a_key_that_is_missing_among_others(
    tmp_path: Path, name: str, key: str, advice: str
) -> None:
    make_missing(KeyFiles.within(tmp_path), 0)
    next(tmp_path.glob(name)).unlink()

    result = check_over(tmp_path)

    assert result.exit_code == 0
    assert "warning" in result.stderr
    assert f"  {key}  " in result.stderr
    assert advice in result.stderr


@pytest.mark.parametrize(
    "name", ["RS256-x.pem", "sealing.key", "tokens.key", "subjects.salt"]
)
def test_check_warns_of_a_key_that_is_junk(tmp_path: Path, name: str) -> None:
    make_missing(KeyFiles.within(tmp_path), 0)
    (tmp_path / name).write_text("PLANTED", encoding="utf-8")

    result = check_over(tmp_path)

    assert result.exit_code == 0
    assert f"{tmp_path / name}: warning" in result.stderr
    assert "PLANTED" not in result.output


def test_check_says_why_keys_cannot_be_looked_for(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("", encoding="utf-8")

    result = check_over(tmp_path / "keys")

    assert result.exit_code == 0
    assert "cannot be read: Not a directory" in result.stderr
    assert "none yet" not in result.stdout


def test_check_warns_of_a_key_that_others_may_read(tmp_path: Path) -> None:
    make_missing(KeyFiles.within(tmp_path), 0)
    (tmp_path / "subjects.salt").chmod(0o644)

    result = check_over(tmp_path)

    assert result.exit_code == 0
    assert "chmod 600" in result.stderr


def test_the_example_names_a_secret_that_is_not_committed() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")

    ignored = (EXAMPLE.parent / ".gitignore").read_text(encoding="utf-8").split()

    assert 'client_secret_file = "secrets/upstream"' in text
    assert "/secrets/" in ignored
    assert "BRIDGE_UPSTREAM__CLIENT_SECRET=any bridge --config" in text


def test_faults_are_printed_in_columns_with_status_2(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(FAULTY)

    result = bridge("--config", str(path), "config", "check", env={"BRIDGE_ISUER": "x"})

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == COLUMNS.format(path=path)


def test_nothing_that_is_printed_holds_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(FAULTY)
    good = ("--config", str(EXAMPLE), "config")

    results = [
        bridge("--config", str(path), "config", "check"),
        bridge(*good, "check", env=WITH_SECRET),
        bridge(*good, "show", env=WITH_SECRET),
        bridge(*good, "show", "--all", env=WITH_SECRET),
        bridge(*good, "show", "--all", "--json", env=WITH_SECRET),
    ]

    assert [r.exit_code for r in results] == [2, 0, 0, 0, 0]
    assert not any("PLANTED" in result.output for result in results)
    assert re.search(
        r"upstream\.client_secret +=  \*\*\* +\(BRIDGE_", results[2].output
    )


def test_show_prints_defaults_only_when_asked() -> None:
    good = ("--config", str(EXAMPLE), "config", "show")

    brief = bridge(*good, env=WITH_SECRET).stdout
    whole = bridge(*good, "--all", env=WITH_SECRET).stdout

    assert "server.threads" not in brief
    assert re.search(r"server\.threads +=  32 +\(default\)", whole)
    assert f"({EXAMPLE}:12)" in brief


def test_show_prints_json_for_programs() -> None:
    result = bridge(
        "--config", str(EXAMPLE), "config", "show", "--json", env=WITH_SECRET
    )

    assert json.loads(result.stdout)["session.idle_s"] == {
        "value": "1800",
        "source": f"{EXAMPLE}:40",
    }


def test_schema_is_a_json_schema() -> None:
    schema = json.loads(bridge("config", "schema").stdout)

    assert schema["properties"]["issuer"]["type"] == "string"
    assert schema["additionalProperties"] is False


def test_warnings_do_not_stop_the_check(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(FAULTY.replace("client_idd", "client_id").replace('"abc"', "1"))

    result = bridge("--config", str(path), "config", "check")

    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == f"{path}: warning"
    assert "upstream.client_secret" in result.stderr


def test_a_fault_with_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = bridge("--debug", "--config", str(tmp_path / "no"), "config", "check")

    assert type(result.exception).__name__ == "ConfigurationError"


def test_a_missing_file_is_one_line_without_traceback(tmp_path: Path) -> None:
    result = bridge("--config", str(tmp_path / "no"), "config", "check")

    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "there is no file" in result.stderr


def test_what_could_steer_a_terminal_is_printed_escaped(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text('"\\u001b[2J" = 1\n' + FAULTY)

    result = bridge("--config", str(path), "config", "check")

    assert "\x1b" not in result.stderr
    assert "\\x1b[2J" in result.stderr


def test_an_unknown_command_is_answered_with_a_guess() -> None:
    result = bridge("confg")

    assert result.exit_code == 2
    assert "Did you mean config?" in result.stderr


def test_help_lists_the_commands_that_are_there() -> None:
    result = bridge("--help")

    assert result.exit_code == 0
    assert COMMANDS["config"][1] in result.stdout


@pytest.mark.slow
def test_help_imports_no_command() -> None:
    code = (
        "import sys; from bridge.cli.main import main;"
        " main(['--help'], standalone_mode=False);"
        " sys.exit('pydantic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)

    assert done.returncode == 0
