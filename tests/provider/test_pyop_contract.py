"""Every method of pyop that the engine overrides or calls is as it was when read.

When a test here fails after an upgrade: read what changed in pyop, decide whether the
override in bridge/provider/ still fits (docs/pyop.md says why each is there), then
write the golden file anew by `python -m tests.provider.pyop_contract`.
"""

import inspect
import json
from importlib.metadata import version

import pytest

from tests.provider.pyop_contract import (
    CALLED,
    GOLDEN,
    OVERRIDERS,
    UNREACHED,
    contract,
    overridden,
)

ADVICE = (
    "pyop changed here: read the change, see whether the override in bridge/provider/"
    " still fits (docs/pyop.md), then run `python -m tests.provider.pyop_contract`"
)


@pytest.mark.parametrize("name", sorted(contract()))
def test_method_of_pyop_is_the_one_that_was_read(name: str) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert contract()[name] == golden[name], f"{name}: {ADVICE}"


def test_golden_file_holds_nothing_else() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert set(golden) == set(contract()), ADVICE


@pytest.mark.parametrize("ours", OVERRIDERS, ids=lambda ours: ours.__name__)
def test_each_method_of_pyop_is_overridden_called_or_known_to_be_unreached(
    ours: type,
) -> None:
    theirs = ours.__mro__[1]
    methods = {
        name
        for name, member in vars(theirs).items()
        if inspect.isfunction(member) or isinstance(member, property)
    }

    known = {*overridden(ours), *CALLED[ours], *UNREACHED[ours]}

    assert methods == known & methods, f"{sorted(methods - known)} are new: {ADVICE}"
    assert known <= methods, f"{sorted(known - methods)} are gone: {ADVICE}"


def test_override_takes_what_the_method_of_pyop_takes() -> None:
    for ours in OVERRIDERS:
        for name in overridden(ours):
            if name == "__init__":
                continue
            mine = list(inspect.signature(vars(ours)[name]).parameters)
            theirs = list(inspect.signature(getattr(ours.__mro__[1], name)).parameters)
            assert mine == theirs, f"{ours.__name__}.{name}"


def test_version_of_pyop_is_the_one_that_was_read() -> None:
    assert version("pyop").startswith("3.5."), ADVICE
