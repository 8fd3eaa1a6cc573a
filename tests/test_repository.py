"""What the repository holds, and what it must never hold."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bridge import __version__

ROOT: Final = Path(__file__).parents[1]
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")
PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
PRIVATE: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{20}")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    # A file that is deleted, but not yet committed, is still listed.
    return [
        ROOT / name for name in listed.stdout.split("\0") if (ROOT / name).is_file()
    ]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(lock: str) -> dict[str, list[str]]:
    """Return the versions of each package; some differ by the version of Python."""
    versions: dict[str, list[str]] = {}
    for name, version in PINNED.findall((ROOT / lock).read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


@pytest.mark.parametrize(
    "name",
    [
        *("pyproject.toml", "bridge", "config", "keys", "tests", "Dockerfile"),
        *("README.md", "CHANGELOG.md", "LICENSE", "dev", ".ci/run", "docs"),
    ],
)
def test_top_level_holds_what_a_newcomer_looks_for(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_private_key_is_tracked() -> None:
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace") for path in tracked()
    }

    assert [path for path, text in texts.items() if PRIVATE.search(text)] == []


def test_folder_of_the_keys_is_empty_but_for_its_readme() -> None:
    names = {path.name for path in tracked() if path.parent == ROOT / "keys"}

    assert names == {"README.md", ".gitignore"}


def test_no_store_and_no_secret_file_is_tracked() -> None:
    endings = {".db", ".pem", ".key", ".salt", ".db-wal"}

    assert [path for path in tracked() if path.suffix in endings] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_every_dependency_is_locked_within_its_range() -> None:
    table = project()["project"]
    required = [*table["dependencies"], *table["optional-dependencies"]["demo"]]
    versions = pinned("requirements.lock")

    for requirement in map(Requirement, required):
        found = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in found)


def test_every_tool_is_locked_within_its_range() -> None:
    groups = project()["dependency-groups"]
    required = [
        *groups["build"],
        *[entry for entry in groups["dev"] if isinstance(entry, str)],
    ]
    versions = pinned("requirements-dev.lock")

    for requirement in map(Requirement, required):
        found = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in found)


def test_tools_are_tried_with_the_versions_that_are_shipped() -> None:
    shipped, tried = pinned("requirements.lock"), pinned("requirements-dev.lock")

    assert {name: tried.get(name) for name in shipped} == shipped


def test_changelog_tells_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(rf"^## \[?{re.escape(__version__)}\b", changelog, re.MULTILINE)


def test_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert project()["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text[:200]
    assert "Version 2.0, January 2004" in text[:400]


def test_scripts_can_be_run() -> None:
    for name in ("dev", ".ci/run", "benchmarks/bench"):
        assert (ROOT / name).stat().st_mode & 0o111


def test_image_takes_only_what_its_dockerfile_copies() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word
        for line in dockerfile.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    allowed = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    assert allowed == copied
