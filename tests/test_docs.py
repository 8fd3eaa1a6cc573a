"""The commands of the README and the settings of image and unit, as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.support import HOST, Place, Process, free_port
from tests.test_repository import ROOT, tracked

STEPS: Final = re.compile(r"^   ```\n(.+?)^   ```\n", re.MULTILINE | re.DOTALL)
VARIABLE: Final = re.compile(r"(BRIDGE_(?:STORE|KEYS)__\w+)=(\S+)")
SECRET: Final = {"BRIDGE_UPSTREAM__CLIENT_SECRET": "any"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A fresh copy of what the repository tracks."""
    folder = tmp_path / "copy"
    for file in tracked():
        target = folder / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "", free_port(), free_port(), "")


def script(copy: Path, folder: Path) -> str:
    """Return the steps of the README, with *folder* as the root of the machine.

    The libraries are those of the tests: only the package itself is installed, where
    a venv would be.
    """
    (steps,) = STEPS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    own = [line for line in steps.splitlines() if not is_of_libraries(line)]
    text = "\n".join(["set -eu", f"cd {copy}", *own])
    for path in ("/etc/bridge", "/var/lib/bridge", "/opt/bridge"):
        text = text.replace(path, f"{folder}{path}")
    pip = f"{sys.executable} -m pip install --quiet --target {folder}/opt/bridge"
    return text.replace(f"{folder}/opt/bridge/bin/pip install", pip)


def is_of_libraries(line: str) -> bool:
    return " -m venv " in line or "-r requirements.lock" in line


@pytest.mark.slow
def test_steps_of_the_readme_lead_to_a_bridge_that_is_ready(
    copy: Path, place: Place
) -> None:
    environ = {
        "PYTHONPATH": str(place.folder / "opt" / "bridge"),
        "BRIDGE_SERVER__LISTEN": f"{HOST}:{place.port}",
        "BRIDGE_SERVER__MANAGEMENT_LISTEN": f"{HOST}:{place.management_port}",
    }

    with Process(place, ["sh", "-c", script(copy, place.folder)], environ) as bridge:
        bridge.await_ready()

    written = place.folder / "var" / "lib" / "bridge"
    assert (written / "bridge.db").is_file()
    assert (written / "keys" / "subjects.salt").is_file()
    assert not (place.folder / "etc" / "keys").exists()


@pytest.mark.parametrize("name", ["Dockerfile", "examples/bridge.service"])
def test_image_and_unit_keep_keys_and_store_where_they_may_write(
    copy: Path, tmp_path: Path, name: str
) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    variables = {
        key: value.replace("/var/lib", str(tmp_path))
        for key, value in VARIABLE.findall(text)
    }
    config = ["--config", str(copy / "config" / "bridge.toml")]

    for command in (["keys", "new"], ["config", "check"]):
        subprocess.run(
            [sys.executable, "-m", "bridge", *config, *command],
            env={**os.environ, **variables, **SECRET},
            check=True,
        )

    assert (tmp_path / "bridge" / "keys" / "subjects.salt").is_file()
    assert variables["BRIDGE_STORE__URL"] == f"sqlite:///{tmp_path}/bridge/bridge.db"


def test_readme_and_guide_install_alike() -> None:
    (steps,) = STEPS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    guide = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")

    commands = [line.partition("  #")[0].strip() for line in steps.splitlines()]
    assert [line for line in commands if f"\n{line}\n" not in guide] == []
