"""The rules of how the bridge is built, held against its source and planted faults."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests import architecture
from tests.architecture import Checker

ROOT: Final = Path(__file__).parents[1]
BRIDGE: Final = sorted((ROOT / "bridge").rglob("*.py"))
TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
STYLE: Final = [
    architecture.check_never_imported,
    architecture.check_length,
    architecture.check_functions,
    architecture.check_handlers,
    architecture.check_reasons,
]


def faults(checker: Checker, paths: list[Path]) -> list[str]:
    return [
        fault
        for path in paths
        for fault in checker(
            path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        )
    ]


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Return the names of all files that git keeps."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):  # an unpacked release: no git
        return [path.relative_to(ROOT).as_posix() for path in BRIDGE + TESTS]
    names = listed.stdout.decode("utf-8").split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def texts(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8")


def test_every_part_imports_only_what_it_may() -> None:
    assert faults(architecture.check_imports, BRIDGE) == []


def test_core_reads_no_clock_and_reaches_for_nothing() -> None:
    core = [path for path in BRIDGE if path.parent.name == "core"]

    assert len(core) > 10
    assert faults(architecture.check_pure, core) == []


def test_an_init_holds_one_docstring() -> None:
    inits = [path for path in BRIDGE if path.name == "__init__.py"]

    assert len(inits) > 10
    assert faults(architecture.check_init, inits) == []


@pytest.mark.parametrize("checker", STYLE, ids=lambda checker: checker.__name__)
def test_bridge_and_tests_keep_the_style(checker: Checker) -> None:
    assert faults(checker, BRIDGE + TESTS) == []


def test_no_tracked_file_names_a_registry_or_a_workplace(tracked: list[str]) -> None:
    found = [
        fault
        for name, text in texts(tracked)
        for fault in architecture.check_foreign_words(name, text)
    ]

    assert found == []


def test_no_key_salt_or_store_is_tracked(tracked: list[str]) -> None:
    assert [name for name in tracked if architecture.is_secret_file(name)] == []


# -- each rule fails where it should --------------------------------------------------

MANY_LINES: Final = "x = 1\n" * 301
LONG: Final = "def f():\n" + "    x = 1\n" * 60
LONG_WITH_WORDS: Final = (
    'def f():\n    """Say.\n\n    More.\n    """\n' + "    # why\n" * 9
)
NINE: Final = "def f(a, b, c, d, e, *, g, h, i, j): ...\n"
EIGHT: Final = "class C:\n    def f(self, a, b, c, d, e, g, h, i): ...\n"
CATCH: Final = "try:\n    f()\nexcept {}:\n    {}\n"
SILENCED: Final = "x = 1  # no" + "qa"  # in pieces, or it would silence this line
IGNORED: Final = "x = 1  # type: ig" + "nore"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bridge/core/a.py", "import time"),
        ("bridge/core/a.py", "import secrets"),
        ("bridge/core/a.py", "import logging"),
        ("bridge/core/a.py", "import os.path"),
        ("bridge/core/a.py", "from random import choice"),
        ("bridge/core/a.py", "from pathlib import Path"),
        ("bridge/core/a.py", "import flask"),
        ("bridge/core/a.py", "from bridge.flow.ports import Store"),
        ("bridge/core/a.py", "from bridge.flow import ports"),
        ("bridge/core/a.py", "def f():\n    import time"),
        ("bridge/core/a.py", "from . import grant"),
        ("bridge/core/a.py", "from .grant import Grant"),
        ("bridge/flow/a.py", "import flask"),
        ("bridge/flow/a.py", "import sqlite3"),
        ("bridge/flow/a.py", "import requests"),
        ("bridge/flow/a.py", "import pyop"),
        ("bridge/flow/a.py", "import time"),
        ("bridge/flow/a.py", "from bridge.store.memory import MemoryStore"),
        ("bridge/flow/a.py", "from bridge.provider.service import PyopEngine"),
        ("bridge/provider/a.py", "from bridge.flow.login import Login"),
        ("bridge/provider/a.py", "from bridge.flow import login"),
        ("bridge/provider/a.py", "import flask"),
        ("bridge/provider/a.py", "import jwt"),
        ("bridge/upstream/a.py", "from bridge.web.pages import Pages"),
        ("bridge/upstream/a.py", "from bridge.signing.signer import JwsSigner"),
        ("bridge/store/a.py", "import requests"),
        ("bridge/signing/a.py", "import bridge.store"),
        ("bridge/observe/a.py", "import bridge"),
        ("bridge/web/a.py", "from bridge.store.open import open_store"),
        ("bridge/web/a.py", "from bridge.upstream.rero import ReroUpstream"),
        ("bridge/web/a.py", "from jwkest.jws import JWS"),
        ("bridge/web/a.py", "from bridge.settings.model import Settings"),
        ("bridge/web/a.py", "from bridge.app import build"),
        ("bridge/web/a.py", "import pydantic"),
        ("bridge/demo/a.py", "from bridge.core.grant import Grant"),
        ("bridge/demo/a.py", "import jwt"),
        ("bridge/cli/a.py", "from bridge.web.routes import create_app"),
        ("bridge/cli/a.py", "from bridge.store.open import open_store"),
        ("bridge/cli/a.py", "import pydantic"),
        ("bridge/settings/a.py", "import bridge.app"),
        ("bridge/app.py", "from bridge.cli.main import main"),
        ("bridge/app.py", "from oic.oic import message"),
        ("bridge/runtime.py", "from bridge.web.routes import create_app"),
        ("bridge/wsgi.py", "from bridge.app import build"),
        ("bridge/new/a.py", ""),
        ("bridge/new.py", ""),
    ],
)
def test_a_forbidden_import_is_found(path: str, source: str) -> None:
    assert len(architecture.check_imports(path, source)) == 1


@pytest.mark.parametrize(
    ("checker", "path", "source"),
    [
        (architecture.check_never_imported, "tests/a.py", "import mako"),
        (architecture.check_never_imported, "tests/a.py", "from future import x"),
        (architecture.check_never_imported, "tests/a.py", "import Cryptodome.Hash"),
        (
            architecture.check_never_imported,
            "bridge/provider/a.py",
            "from oic.utils.http_util import Response",
        ),
        (
            architecture.check_never_imported,
            "bridge/provider/a.py",
            "from oic.oauth2 import base",
        ),
        (architecture.check_pure, "bridge/core/a.py", "x = datetime.now(UTC)"),
        (architecture.check_pure, "bridge/core/a.py", "x = date.today()"),
        (architecture.check_pure, "bridge/core/a.py", "x = time.time()"),
        (architecture.check_pure, "bridge/core/a.py", "x = open('a')"),
        (architecture.check_pure, "bridge/core/a.py", "x = __import__('time')"),
        (architecture.check_init, "bridge/core/__init__.py", ""),
        (architecture.check_init, "bridge/core/__init__.py", "import os"),
        (architecture.check_init, "bridge/core/__init__.py", '"""A."""\nx = 1'),
        (architecture.check_init, "bridge/core/__init__.py", '"""A."""\n"""B."""'),
        (
            architecture.check_init,
            "bridge/core/__init__.py",
            '"""A."""\n__version__ = "1"',
        ),
        (architecture.check_init, "bridge/__init__.py", '"""A."""\nx = 1'),
        (architecture.check_length, "tests/a.py", MANY_LINES),
        (architecture.check_functions, "tests/a.py", LONG),
        (architecture.check_functions, "tests/a.py", "class C:\n    async " + NINE),
        (architecture.check_functions, "tests/a.py", NINE),
        (architecture.check_handlers, "tests/a.py", CATCH.format("Exception", "pass")),
        (architecture.check_handlers, "tests/a.py", CATCH.format("Exception", "raise")),
        (
            architecture.check_handlers,
            "bridge/web/routes.py",
            CATCH.format("(OSError, Exception) as error", "pass"),
        ),
        (architecture.check_handlers, "tests/a.py", CATCH.format("", "pass")),
        (
            architecture.check_handlers,
            "tests/a.py",
            CATCH.format("BaseException", "pass"),
        ),
        (architecture.check_reasons, "tests/a.py", SILENCED),
        (architecture.check_reasons, "tests/a.py", SILENCED + ": S608"),
        (architecture.check_reasons, "tests/a.py", SILENCED + " - because"),
        (architecture.check_reasons, "tests/a.py", IGNORED),
        (architecture.check_reasons, "tests/a.py", IGNORED + "[misc]"),
        (architecture.check_reasons, "tests/a.py", IGNORED + "  # because"),
        (architecture.check_foreign_words, "a.md", "see /" + "work/main"),
        (architecture.check_foreign_words, "a.md", "see .." + "/shared/x.md"),
        (architecture.check_foreign_words, "a.md", "https://pypi" + ".org/simple"),
        (architecture.check_foreign_words, "a.json", "registry.npm" + "js.org"),
    ],
)
def test_a_planted_fault_is_found(checker: Checker, path: str, source: str) -> None:
    assert len(checker(path, source)) == 1


@pytest.mark.parametrize(
    ("checker", "path", "source"),
    [
        (architecture.check_imports, "bridge/core/a.py", "import bridge.core.grant"),
        (architecture.check_imports, "bridge/provider/a.py", "import pyop.provider"),
        (architecture.check_imports, "bridge/observe/a.py", "from bridge import core"),
        (architecture.check_init, "bridge/__init__.py", '"""A."""\n__version__ = "1"'),
        (architecture.check_functions, "a.py", LONG_WITH_WORDS + "    x = 1\n" * 59),
        (architecture.check_functions, "a.py", EIGHT),
        (architecture.check_handlers, "a.py", CATCH.format("BaseException", "raise")),
        (
            architecture.check_handlers,
            "bridge/web/answers.py",
            CATCH.format("Exception", "pass"),
        ),
        (architecture.check_reasons, "a.py", SILENCED + ": S608 - our own names"),
        (architecture.check_reasons, "a.py", IGNORED + "[misc]  # the fault"),
        (architecture.check_foreign_words, "a.md", "benchmarks/work/ holds them"),
    ],
)
def test_what_is_allowed_is_not_a_fault(
    checker: Checker, path: str, source: str
) -> None:
    assert checker(path, source) == []


@pytest.mark.parametrize(
    "name",
    ["keys/a.pem", "secrets/sealing.key", "subjects.salt", "bridge.db", "a.db-wal"],
)
def test_keys_salts_and_stores_are_known_by_their_names(name: str) -> None:
    assert architecture.is_secret_file(name)
    assert not architecture.is_secret_file("bridge/signing/keys.py")
