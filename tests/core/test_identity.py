"""Identities as the operator and RERO+ write them: one text for one patron."""

import pytest

from bridge.core.identity import barcode, read_identity, user
from bridge.core.patron import Identity, IdentityKind


@pytest.mark.parametrize("value", ["1", "4711", "a-uuid", "u 1", "x" * 255])
def test_user_ids_are_taken_as_they_are(value: str) -> None:
    assert user(value) == Identity(IdentityKind.USER, value)


@pytest.mark.parametrize(
    "value",
    ["", "0", "03", "+3", "-3", " 3", "3 ", "x" * 256, "zo\u00e9", "a\tb", "\u0663"],
)
def test_what_could_be_written_in_two_ways_is_no_user_id(value: str) -> None:
    assert user(value) is None


@pytest.mark.parametrize(
    ("code", "institution", "value"),
    [
        ("2050124311", None, "2050124311"),
        ("2050124311", "vs", "vs:2050124311"),
        ("0011", "vs.sion", "vs.sion:0011"),
        ("x" * 252, "vs", "vs:" + "x" * 252),
    ],
)
def test_a_barcode_stands_behind_its_institution(
    code: str, institution: str | None, value: str
) -> None:
    assert barcode(code, institution) == Identity(IdentityKind.BARCODE, value)


@pytest.mark.parametrize(
    ("code", "institution"),
    [
        ("", None),
        ("a:b", None),
        ("a:b", "vs"),
        ("1", ""),
        ("1", "VS"),
        ("1", "v s"),
        ("1", "a" * 101),
        ("x" * 253, "vs"),
    ],
)
def test_what_could_look_like_another_barcode_is_none(
    code: str, institution: str | None
) -> None:
    assert barcode(code, institution) is None


@pytest.mark.parametrize(
    ("kind", "value", "identity"),
    [
        ("user", "11", Identity(IdentityKind.USER, "11")),
        ("barcode", "205", Identity(IdentityKind.BARCODE, "205")),
        ("barcode", "VS:205", Identity(IdentityKind.BARCODE, "vs:205")),
        ("barcode", ":205", None),
        ("barcode", "a:b:205", None),
        ("user", "011", None),
        ("User", "11", None),
        ("", "11", None),
    ],
)
def test_identities_are_read_from_a_file(
    kind: str, value: str, identity: Identity | None
) -> None:
    assert read_identity(kind, value) == identity
