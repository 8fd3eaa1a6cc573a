"""`bridge version`."""

import json
import platform

from click.testing import CliRunner

from bridge import __version__
from bridge.cli.main import main


def test_versions_are_shown_one_a_line() -> None:
    result = CliRunner().invoke(main, ["version"])

    shown = dict(line.rsplit(None, 1) for line in result.output.splitlines())
    assert result.exit_code == 0
    assert shown["bridge"] == __version__
    assert shown["python"] == platform.python_version()
    assert shown["pyop"].startswith("3.5.")
    assert int(shown["store schema"]) >= 1


def test_versions_come_as_json() -> None:
    result = CliRunner().invoke(main, ["version", "--json"])

    versions = json.loads(result.output)
    assert sorted(versions) == ["bridge", "pyop", "python", "store_schema"]
    assert versions["bridge"] == __version__


def test_version_needs_no_configuration() -> None:
    environ = {"BRIDGE_CONFIG": "/there/is/none.toml"}

    result = CliRunner().invoke(main, ["version"], env=environ)

    assert result.exit_code == 0
