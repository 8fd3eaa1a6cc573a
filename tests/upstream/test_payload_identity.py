"""Which values are an identity, and which are none."""

import json
from datetime import date
from typing import Any

import pytest

from bridge.core.errors import UpstreamFault, UpstreamGarbled
from bridge.core.patron import Membership
from bridge.upstream import identity
from bridge.upstream.payload import (
    PatronAnswer,
    TokenAnswer,
    parse_patron_answer,
    parse_token_answer,
)

TODAY = date(2026, 11, 24)


def info(**members: Any) -> PatronAnswer:
    return parse_patron_answer(json.dumps(members).encode(), TODAY)


def token(**members: Any) -> TokenAnswer:
    answer = {"access_token": "t0ken", "token_type": "Bearer"} | members
    return parse_token_answer(json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        ("3", "3"),
        (10**100, "1" + "0" * 100),
        ("a1b2-c3", "a1b2-c3"),
        ("0a", "0a"),
        ("x" * 255, "x" * 255),
        (None, None),
        ("", None),
        ({}, None),
        ([], None),
    ],
)
def test_user_id_is_an_integer_or_a_text(value: object, expected: str | None) -> None:
    assert info(user_id=value).user_id == expected
    assert token(user={"id": value}).user_id == expected


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, True, False, 3.0, 1.5, 10**255, [3], {"id": 3}),
        *("0", "03", "+3", "-3", " 3", "3 ", "é", "a\nb", "x" * 256),
    ],
)
def test_user_id_that_is_odd_is_no_login(value: object) -> None:
    with pytest.raises(UpstreamGarbled) as in_info:
        info(user_id=value, barcode="2050124311")
    with pytest.raises(UpstreamGarbled) as in_token:
        token(user={"id": value})

    assert in_info.value.fault is in_token.value.fault is UpstreamFault.SHAPE


@pytest.mark.parametrize(
    ("barcode", "institutions", "expected"),
    [
        ("2050124311", ["vs"], "vs:2050124311"),
        ("2050124311", ["VS", "FR", None], "fr:2050124311"),
        ("2050124311", [], "2050124311"),
        ("2050124311", ["a:b"], "2050124311"),
        ("2050124311", ["é"], "2050124311"),
        ("0050", ["vs"], "vs:0050"),
        ("vs:205", [], None),
        ("x" * 255, ["vs"], None),
        (None, ["vs"], None),
    ],
)
def test_barcode_stands_behind_the_lowest_institution(
    barcode: str | None, institutions: list[str | None], expected: str | None
) -> None:
    memberships = [Membership(code) for code in institutions]

    made = identity.barcode_identity(barcode, memberships)

    assert (made and made.value) == expected
