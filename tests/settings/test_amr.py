"""upstream.amr: how patrons sign in, in words that every client can read (RFC 8176)."""

import json

import pytest

from tests.settings.configurations import LEAST, FaultsOf, Load


def least_with(amr: object) -> str:
    return f"{LEAST}amr = {json.dumps(amr)}\n"


def test_patrons_sign_in_by_password_unless_it_is_said_otherwise(load: Load) -> None:
    assert load().settings.upstream.amr == ("pwd",)


@pytest.mark.parametrize("amr", [[], ["otp"], ["mfa", "pwd", "x_own1"]])
def test_words_are_taken_as_they_are(load: Load, amr: list[str]) -> None:
    assert load(least=least_with(amr)).settings.upstream.amr == tuple(amr)


@pytest.mark.parametrize(
    ("amr", "key"),
    [
        ("pwd", "upstream.amr"),
        (["p wd"], "upstream.amr[0]"),
        (["pwd", ""], "upstream.amr[1]"),
        (["pwd?"], "upstream.amr[0]"),
        (["x" * 33], "upstream.amr[0]"),
        ([1], "upstream.amr[0]"),
        (["pwd", "pwd"], "upstream.amr"),
        ([f"x{number}" for number in range(11)], "upstream.amr"),
    ],
)
def test_anything_else_is_a_fault(faults_of: FaultsOf, amr: object, key: str) -> None:
    faults = faults_of(least=least_with(amr))

    assert [fault.key for fault in faults] == [key]
    assert "pydantic" not in faults[0].message
