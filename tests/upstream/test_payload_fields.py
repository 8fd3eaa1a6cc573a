"""Single members of an info answer: taken as they are, or left out."""

import json
from datetime import date
from typing import Any

import pytest

from bridge.core.patron import Membership
from bridge.upstream.payload import (
    PatronAnswer,
    parse_patron_answer,
)

TODAY = date(2026, 11, 24)


def info(**members: Any) -> PatronAnswer:
    return parse_patron_answer(json.dumps(members).encode(), TODAY)


@pytest.mark.parametrize(
    ("fullname", "expected"),
    [
        ("Simon, Jean", "Simon, Jean"),
        ("Jean Simon", "Jean Simon"),
        ("Role", "Role"),
        ("a, b, c, d", "a, b, c, d"),
        ("e\u0301ve", "e\u0301ve"),
        ("כהן, נועה", "כהן, נועה"),
        ("Simon, ", "Simon"),
        (", Jean", "Jean"),
        (",", None),
        (" , ", None),
        ("", None),
        (None, None),
        ("x" * 301, None),
        ("x" * 10_000, None),
        ("a\x00b", None),
        ("a\nb", None),
        ("a\u202eb", None),
        ("a\ud800b", None),
        (["Simon"], None),
        (3, None),
    ],
)
def test_fullname_is_kept_as_it_is_or_left_out(
    fullname: object, expected: str | None
) -> None:
    assert info(fullname=fullname).fullname == expected


@pytest.mark.parametrize(
    ("birthdate", "expected"),
    [
        ("2000-01-01", date(2000, 1, 1)),
        ("2000-02-29", date(2000, 2, 29)),
        ("2026-11-24", TODAY),
        ("2026-11-25", None),
        ("2000-02-30", None),
        ("0000-00-00", None),
        ("", None),
        (None, None),
        ("2000-01-01T00:00:00", None),
        ("2000-01-01T00:00:00Z", None),
        ("20000101", None),
        ("2000-W01-1", None),
        ("２000-01-01", None),
        ("01.01.2000", None),
        (20000101, None),
        (["2000-01-01"], None),
    ],
)
def test_birthdate_is_a_real_day_that_has_been(
    birthdate: object, expected: date | None
) -> None:
    assert info(birthdate=birthdate).birthdate == expected


@pytest.mark.parametrize(
    ("barcode", "expected"),
    [
        ("2050124311", "2050124311"),
        ("A-1 $", "A-1 $"),
        ("x" * 255, "x" * 255),
        ("x" * 256, None),
        ("", None),
        ("  ", None),
        ("é", None),
        ("1\n", None),
        (None, None),
        (2050124311, None),
        (["2050124311"], None),
    ],
)
def test_barcode_is_a_printable_text(barcode: object, expected: str | None) -> None:
    assert info(barcode=barcode).barcode == expected


@pytest.mark.parametrize(
    ("expiration_date", "expected"),
    [
        ("2030-03-30", date(2030, 3, 30)),
        ("2030-03-30T00:00:00", date(2030, 3, 30)),
        ("2030-03-30T23:59:59.999999", date(2030, 3, 30)),
        ("2020-03-30T15:00:00+02:00", date(2020, 3, 30)),
        ("2030-01-01T00:00:00+01:00", date(2030, 1, 1)),
        ("2030-03-29T22:59:59Z", date(2030, 3, 29)),
        ("2030-03-29T23:00:00Z", date(2030, 3, 30)),
        ("2030-07-01T22:00:00Z", date(2030, 7, 2)),
        ("2030-07-02T00:00:00+14:00", date(2030, 7, 1)),
        ("9999-12-31T00:00:00", date(9999, 12, 31)),
        ("9999-12-31T23:59:59Z", date(9999, 12, 31)),
        ("0001-01-01T00:00:00+14:00", date(1, 1, 1)),
        ("2030-02-30T00:00:00", None),
        ("2030-02-30", None),
        ("2030-03-30T25:00:00", None),
        ("2030-03-30T00:00:00+99:00", None),
        ("2030-03-30T00:00:00 Europe/Zurich", None),
        ("never", None),
        ("", None),
        (None, None),
        (1_900_000_000, None),
        ({"day": "2030-03-30"}, None),
    ],
)
def test_expiry_is_a_day_in_zurich_or_unknown(
    expiration_date: object, expected: date | None
) -> None:
    record = {"institution": "vs", "expiration_date": expiration_date}
    has_no_end = expiration_date in (None, "")
    is_end_known = has_no_end or expected is not None

    assert info(patron_types=[record]).memberships == (
        Membership("vs", None, expected, is_end_known=is_end_known),
    )
