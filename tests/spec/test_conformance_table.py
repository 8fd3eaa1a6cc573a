"""docs/conformance.md: every test that it names is there, and no result is made up."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
TEXT: Final = (TESTS.parent / "docs" / "conformance.md").read_text(encoding="utf-8")
NAMED: Final = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)))
MODULE: Final = re.compile(r"^\| `(oidcc-[\w-]+)`(?: \*)? \| (.+) \|$", re.MULTILINE)
RESULTS: Final = {"not run", "PASSED", "REVIEW", "WARNING", "SKIPPED", "FAILED"}
SPECIFICATIONS: Final = re.compile(r"`(test_\w+\.py)`")


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_named_test_exists(file: str, name: str) -> None:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))

    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert name in functions


def test_every_module_of_the_five_plans_has_a_row() -> None:
    modules = [match.group(1) for match in MODULE.finditer(TEXT)]

    assert len(modules) == len(set(modules)) == 38 + 1 + 11 + 2


def test_every_row_names_a_test_and_a_result() -> None:
    for match in MODULE.finditer(TEXT):
        _, tests, *results = match.group(2).split(" | ")
        assert "::test_" in tests
        assert results
        assert {result.partition(" (")[0] for result in results} <= RESULTS


def test_every_module_of_the_specifications_is_listed() -> None:
    listed = set(SPECIFICATIONS.findall(TEXT))

    there = {path.name for path in (TESTS / "spec").glob("test_*.py")}

    assert listed == there - {Path(__file__).name}
