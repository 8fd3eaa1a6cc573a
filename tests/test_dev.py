"""`./dev`: what it does before any Python is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]


def dev(
    *arguments: str, root: Path = ROOT, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(root / "dev"), *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of the files that `./dev` reads, without a .venv."""
    for name in ("dev", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def stand_in_for_python(folder: Path, script: str) -> str:
    """Write a program that is asked in place of Python."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_script_is_sound_posix_shell() -> None:
    done = subprocess.run(["sh", "-n", ROOT / "dev"], check=False)

    assert done.returncode == 0


def test_help_names_every_command() -> None:
    done = dev("help")

    assert done.returncode == 0
    for command in ("setup", "demo", "test", "lint", "lock", "bench"):
        assert f"\n  {command} " in done.stdout


def test_unknown_command_is_refused_with_the_help() -> None:
    done = dev("tset")

    assert done.returncode == 2
    assert "usage: ./dev COMMAND" in done.stderr


def test_old_python_is_refused_with_what_to_do(copy: Path) -> None:
    old = stand_in_for_python(copy, "exit 1")

    done = dev("demo", root=copy, PYTHON=old)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_missing_venv_package_is_told_by_name(copy: Path) -> None:
    without = stand_in_for_python(copy, "case $1 in -c) exit 0 ;; *) exit 1 ;; esac")

    done = dev("demo", root=copy, PYTHON=without)

    assert done.returncode == 1
    assert "install python3-venv" in done.stderr


def test_demo_needs_no_more_than_a_whole_setup(copy: Path) -> None:
    programs = copy / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "bridge").write_text("#!/bin/sh\necho bridge $*\n", encoding="utf-8")
    (programs / "bridge").chmod(0o755)
    stamp = (
        "touch .venv/.installed-requirements-dev.lock-"
        "$(cat requirements-dev.lock pyproject.toml | cksum | tr ' ' -)"
    )
    subprocess.run(["sh", "-c", stamp], cwd=copy, check=True)

    done = dev("demo", "--check", root=copy, PYTHON="/there/is/none")

    assert done.stdout == "bridge demo --check\n"


def test_setup_that_was_broken_off_is_begun_again(copy: Path) -> None:
    broken = copy / ".venv" / "bin"
    broken.mkdir(parents=True)
    (broken / "python").symlink_to(sys.executable)
    (broken / "pytest").touch()  # one of the last that are installed, but not the last
    telling = stand_in_for_python(
        copy, 'case $1 in -c) ;; *) echo "asked: $*"; exit 1 ;; esac'
    )

    done = dev("demo", root=copy, PYTHON=telling)

    assert "asked: -m venv .venv" in done.stdout
