"""What the parts of the bridge may import and how long they may be, as checkers.

Each checker takes a path and a source and tells the faults that it finds, so that it
can be held against the bridge and against planted faults alike (test_architecture.py).
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

MAX_FILE_LINES: Final = 300
MAX_FUNCTION_LINES: Final = 60  # of code: no docstring, comment or blank line
MAX_PARAMETERS: Final = 8

Checker = Callable[[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one part may import: modules of the bridge (with all below), libraries."""

    modules: frozenset[str]
    libraries: frozenset[str] = frozenset()
    standard: frozenset[str] = frozenset(sys.stdlib_module_names)


def _allow(modules: str, libraries: str = "", never: str = "") -> Allowed:
    names = frozenset(f"bridge.{name}" for name in modules.split())
    standard = frozenset(sys.stdlib_module_names) - frozenset(never.split())
    return Allowed(names, frozenset(libraries.split()), standard)


# core: no I/O, no clock, no chance, so what it may import is said, not what it may not.
PURE: Final = frozenset(
    "abc base64 collections contextlib dataclasses datetime enum functools hashlib hmac"
    " itertools json math operator re string struct types typing unicodedata".split()
)
_CORE: Final = Allowed(frozenset({"bridge.core"}), standard=PURE)
_NO_SQL: Final = "sqlite3"
_COMPOSITION: Final = (
    "app appearance wiring wiring_upstream deliveries explanation readiness runtime"
    " __version__"
    " core flow provider upstream outgoing signing store observe web settings"
)
# The part is the folder, or the file where it lies beside the folders.
PARTS: Final = {
    "core": _CORE,
    "flow": _allow(
        "core flow", never="sqlite3 http socket ssl subprocess time random secrets"
    ),
    "provider": _allow(
        "core flow.ports flow.stores provider", "pyop oic jwkest", _NO_SQL
    ),
    "upstream": _allow(
        "core flow.days flow.ports upstream __version__", "requests httptools", _NO_SQL
    ),
    "outgoing": _allow(
        "core flow.ports flow.stores outgoing __version__", "requests", _NO_SQL
    ),
    "signing": _allow("core flow.ports signing", "cryptography jwt", _NO_SQL),
    "store": _allow("core flow.ports flow.stores store"),
    "observe": _allow(
        "core flow.ports observe __version__", "prometheus_client", _NO_SQL
    ),
    "web": _allow(
        "core flow provider web", "flask werkzeug jinja2 markupsafe", _NO_SQL
    ),
    "demo": _allow("demo", "flask werkzeug requests joserfc", _NO_SQL),
    "settings": _allow("core settings", "pydantic pydantic_core", _NO_SQL),
    "cli": _allow(
        "settings app runtime wiring deliveries explanation core signing demo cli"
        " desk flow.subjects flow.subject_links flow.subject_imports __version__",
        "click flask granian requests",
        _NO_SQL,
    ),
    "app.py": _allow(_COMPOSITION, "flask", _NO_SQL),
    "appearance.py": _allow(_COMPOSITION, "", _NO_SQL),
    "wiring.py": _allow(_COMPOSITION, "flask", _NO_SQL),
    "wiring_upstream.py": _allow(_COMPOSITION, "", _NO_SQL),
    "desk.py": _allow(_COMPOSITION, "", _NO_SQL),
    "explanation.py": _allow(
        "core flow.days settings upstream.payload web.pages", "", _NO_SQL
    ),
    "deliveries.py": _allow(_COMPOSITION, "", _NO_SQL),
    "readiness.py": _allow("app wiring settings.addresses core", "", _NO_SQL),
    "runtime.py": _allow(
        "app readiness wiring settings web.management core flow.ports flow.stores"
        " __version__",
        "",
        _NO_SQL,
    ),
    "wsgi.py": _allow("runtime", "", _NO_SQL),
    "__main__.py": _allow("cli", "", _NO_SQL),
    "__init__.py": _allow(""),
}
# What pyop brings along and the bridge runs without.
NEVER_ANYWHERE: Final = (
    *("mako", "future", "past", "Cryptodome", "Crypto"),
    *("oic.utils", "oic.oauth2.base", "oic.oauth2.consumer", "oic.oauth2.provider"),
    *("oic.oic.consumer", "oic.oic.provider", "oic.extension"),
)
_CLOCKS: Final = frozenset(
    {"now", "today", "utcnow", "time", "time_ns", "monotonic", "fromtimestamp"}
)
_DOORS: Final = frozenset({"open", "print", "input", "exec", "eval", "__import__"})
_SILENCER: Final = re.compile(r"#\s*(?:(?:ruff|flake8):\s*)?noqa|#\s*type:\s*ignore")
_REASONED: Final = re.compile(
    r"#\s*(?:ruff:\s*)?noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*\s+(?:-+|#)\s*\w"
    r"|#\s*type:\s*ignore\[[a-z, -]+\]\s+#\s*\w"
)


def imported_modules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Find every import, wherever it stands: its line and the whole dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _is_within(name: str, modules: Iterator[str] | frozenset[str]) -> bool:
    return any(name == module or name.startswith(module + ".") for module in modules)


def check_imports(path: str, source: str) -> list[str]:
    """Hold the imports of *path* (of bridge/) against the table of its part."""
    allowed = PARTS.get(path.split("/")[1])
    if allowed is None:
        return [f"{path}: no rule says what this part may import"]
    faults = []
    for line, name in imported_modules(ast.parse(source)):
        root = name.split(".")[0]
        if root == "bridge":
            is_allowed = _is_within(name, allowed.modules)
        else:
            is_allowed = root in allowed.standard | allowed.libraries | {"_typeshed"}
        if not is_allowed:
            faults.append(f"{path}:{line}: may not import {name}")
    return faults


def check_never_imported(path: str, source: str) -> list[str]:
    """Find what nobody imports; pyop's own faults are shown in tests/provider."""
    if path.startswith("tests/provider/"):
        return []
    return [
        f"{path}:{line}: nobody imports {name}"
        for line, name in imported_modules(ast.parse(source))
        if _is_within(name, frozenset(NEVER_ANYWHERE))
    ]


def check_pure(path: str, source: str) -> list[str]:
    """Find calls in core that read a clock or reach the world without an import."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in _CLOCKS:
            faults.append(f"{path}:{node.lineno}: reads a clock: {called.attr}()")
        if isinstance(called, ast.Name) and called.id in _DOORS:
            faults.append(f"{path}:{node.lineno}: reaches out: {called.id}()")
    return faults


def check_init(path: str, source: str) -> list[str]:
    """Demand that an __init__.py holds one docstring (the topmost: __version__ too)."""
    tree = ast.parse(source)
    rest = tree.body[1:]
    if path == "bridge/__init__.py":
        rest = [node for node in rest if not _is_version(node)]
    is_good = ast.get_docstring(tree) is not None and not rest
    return [] if is_good else [f"{path}: holds more or less than one docstring"]


def _is_version(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [
        target.id for target in node.targets if isinstance(target, ast.Name)
    ] == ["__version__"]


def check_length(path: str, source: str) -> list[str]:
    """Hold the file against its ceiling."""
    lines = len(source.splitlines())
    return [f"{path}: {lines} lines"] if lines > MAX_FILE_LINES else []


def check_functions(path: str, source: str) -> list[str]:
    """Hold every function against the ceilings of code lines and parameters."""
    lines = source.splitlines()
    faults = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = _code_lines(node, lines)
        if length > MAX_FUNCTION_LINES:
            faults.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
        names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        count = len([name for name in names if name.arg not in {"self", "cls"}])
        if count > MAX_PARAMETERS:
            faults.append(f"{path}:{node.lineno}: {node.name} has {count} parameters")
    return faults


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    body = lines[node.lineno - 1 : node.end_lineno]
    code = [line for line in body if line.strip() and not line.strip().startswith("#")]
    if ast.get_docstring(node) is None:
        return len(code)
    said = lines[node.body[0].lineno - 1 : node.body[0].end_lineno]
    return len(code) - len([line for line in said if line.strip()])


def check_handlers(path: str, source: str) -> list[str]:
    """Let web/answers.py alone catch everything; cleaning up and raising on is free."""
    if path == "bridge/web/answers.py":
        return []
    faults = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = {child.id for child in _names(node.type)}
        catches_all = node.type is None or "BaseException" in kinds
        last = node.body[-1]
        raises_on = isinstance(last, ast.Raise) and last.exc is None
        if "Exception" in kinds or (catches_all and not raises_on):
            faults.append(f"{path}:{node.lineno}: catches everything")
    return faults


def _names(kind: ast.expr | None) -> list[ast.Name]:
    nodes = [] if kind is None else ast.walk(kind)
    return [node for node in nodes if isinstance(node, ast.Name)]


def check_reasons(path: str, source: str) -> list[str]:
    """Demand a code and a reason beside every silenced check, on the same line."""
    return [
        f"{path}:{number}: silenced without a code and a reason on the line"
        for number, line in enumerate(source.splitlines(), 1)
        if _SILENCER.search(line) and not _REASONED.search(line)
    ]


# Written in pieces, or this file would be the first to name them.
_FOREIGN: Final = re.compile(
    r"(?<!\w)/" + r"work/"
    r"|\.\./" + r"shared\b"
    r"|\bpypi" + r"\.org\b"
    r"|\bpython" + r"hosted\.org\b"
    r"|\bnpm" + r"js\.(?:org|com)\b"
    r"|\bcrates" + r"\.io\b"
    r"|\bproxy\.go" + r"lang\.org\b"
)  # fmt: skip


def check_foreign_words(path: str, source: str) -> list[str]:
    """Find places that are nobody's business: package registries, this workplace."""
    return [
        f"{path}:{number}: names {match.group()}"
        for number, line in enumerate(source.splitlines(), 1)
        for match in _FOREIGN.finditer(line)
    ]


_SECRET_FILE: Final = re.compile(
    r"\.(?:pem|key|salt|p12|pfx|jks|db|sqlite3?)(?:-wal|-shm|-journal)?$|(?:^|/)\.env$"
)


def is_secret_file(path: str) -> bool:
    """Tell whether *path* is named like a key, a salt or a store."""
    return _SECRET_FILE.search(path) is not None
