"""What `bridge` prints when a command fails."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stopped", "bridge: the store cannot answer"),
        ("refused", "bridge: [Errno 13] Permission denied: 'bridge.db'"),
    ],
)
def test_an_error_is_one_line_with_status_1(
    monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setitem(COMMANDS, name, (f"tests.cli.failing_command:{name}", ""))

    result = CliRunner().invoke(main, [name])

    assert result.exit_code == 1
    assert result.output.splitlines() == [words]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "has_trace"), [("--no-color", False), ("--debug", True)]
)
def test_a_bug_shows_its_traceback_with_debug_only(
    option: str, has_trace: bool
) -> None:
    code = (
        "from bridge.cli.main import COMMANDS, main;"
        " COMMANDS['bug'] = ('tests.cli.failing_command:bug', ''); main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, option, "bug"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert ("Traceback" in done.stderr) is has_trace
    assert ("PLANTED" in done.stderr) is has_trace
    assert "ZeroDivisionError" in done.stderr


def test_a_command_whose_module_is_missing_breaks_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(COMMANDS, "gone", ("bridge.cli.gone:gone", "Not there."))

    listed = CliRunner().invoke(main, ["--help"])
    called = CliRunner().invoke(main, ["gone"])

    assert listed.exit_code == 0
    assert "Not there." not in listed.output
    assert called.exit_code == 2
