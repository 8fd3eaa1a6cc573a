"""A patron's record: read as it was written, and nothing else is read."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.patron import (
    Identity,
    IdentityKind,
    JsonObject,
    JsonValue,
    Membership,
    Patron,
    patron_from_record,
    patron_to_record,
)

optional = st.none() | st.text(max_size=20)
days = st.none() | st.dates()
patrons = st.builds(
    Patron,
    identity=st.builds(Identity, st.sampled_from(IdentityKind), st.text(min_size=1)),
    fullname=optional,
    birthdate=days,
    barcode=optional,
    email=optional,
    email_verified=st.booleans(),
    memberships=st.lists(
        st.builds(Membership, optional, optional, days, optional, st.booleans()),
        max_size=3,
    ).map(tuple),
    imported_subs=st.lists(
        st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=2
    ).map(tuple),
)
NOBODY = Patron(Identity(IdentityKind.USER, "6"))


@given(patrons)
def test_a_patron_comes_back_as_it_went(patron: Patron) -> None:
    text = json.dumps(patron_to_record(patron))

    assert patron_from_record(json.loads(text)) == patron


def test_what_is_unknown_takes_no_place_in_the_record() -> None:
    record = patron_to_record(NOBODY)

    assert record == {"kind": "user", "id": "6", "memberships": []}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "staff"},
        {"kind": None},
        {"id": 6},
        {"memberships": {}},
        {"memberships": ["vs"]},
        {"memberships": [["vs", None, None]]},
        {"memberships": [["vs", None, "never", None]]},
        {"fullname": 1},
        {"birthdate": "2000-02-30"},
        {"barcode": []},
        {"subs": {}},
        {"subs": ["vs"]},
        {"subs": [["vs"]]},
        {"subs": [["vs", 1]]},
    ],
)
def test_a_record_that_is_not_ours_is_refused(change: dict[str, JsonValue]) -> None:
    record: JsonObject = {**patron_to_record(NOBODY), **change}

    with pytest.raises(ValueError, match=r"."):
        patron_from_record(record)


def test_a_library_knows_an_account_by_barcode_or_membership() -> None:
    assert not NOBODY.has_patron_record
    assert replace(NOBODY, barcode="1").has_patron_record
    assert replace(NOBODY, memberships=(Membership(None),)).has_patron_record
    assert not replace(NOBODY, birthdate=date(2000, 1, 1)).has_patron_record
