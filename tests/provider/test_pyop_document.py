"""docs/pyop.md has a row for each finding and names tests that are there."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "pyop.md"
ROW = re.compile(r"^\| (\d+) \| .+ \| .+ \| (.+) \| (.+) \|$", re.MULTILINE)
FILE = re.compile(r"`(\w+(?:/\w+)?)\.(\w+)")


def rows() -> dict[int, str]:
    """Return the row of each finding."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return {int(match[1]): match[0] for match in ROW.finditer(text)}


def names_in_modules() -> set[str]:
    return {
        node.name
        for path in HERE.glob("test_pyop_findings_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_pyop_")
    }


def test_each_finding_has_one_row() -> None:
    numbers = [int(m[1]) for m in ROW.finditer(DOCUMENT.read_text(encoding="utf-8"))]

    assert numbers == list(range(1, 25))


@pytest.mark.parametrize("number", range(1, 25))
def test_row_names_tests_of_its_own_number_that_are_there(number: int) -> None:
    named = set(re.findall(r"`(test_pyop_\w+)`", rows()[number]))

    assert named, number
    assert all(name.startswith(f"test_pyop_{number:02}_") for name in named)
    assert named - names_in_modules() == set()


@pytest.mark.parametrize("number", range(1, 25))
def test_row_says_that_the_finding_is_closed(number: int) -> None:
    state = rows()[number].split(" | ")[2]

    assert state.startswith("closed")


def test_every_test_of_a_finding_has_a_number_of_the_table() -> None:
    numbers = {int(name.split("_")[2]) for name in names_in_modules()}

    assert numbers == set(rows())


@pytest.mark.parametrize("number", range(1, 25))
def test_row_names_functions_that_are_there(number: int) -> None:
    place = rows()[number].split(" | ")[3]
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (HERE.parents[1] / "bridge").rglob("*.py")
    )

    for _, name in FILE.findall(place):
        assert name == "py" or re.search(rf"\b{name}\b", sources), name
