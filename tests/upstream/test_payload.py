"""Bodies and memberships of RERO+'s answers, every shape that may come."""

import json
from datetime import date
from typing import Any

import pytest

from bridge.core.errors import UpstreamError, UpstreamFault, UpstreamGarbled
from bridge.core.patron import Membership
from bridge.upstream.payload import (
    MAX_RECORDS,
    PatronAnswer,
    parse_patron_answer,
    parse_token_answer,
)

TODAY = date(2026, 11, 24)


def info(**members: Any) -> PatronAnswer:
    return parse_patron_answer(json.dumps(members).encode(), TODAY)


def garbled(body: bytes) -> UpstreamFault:
    with pytest.raises(UpstreamGarbled) as caught:
        parse_patron_answer(body, TODAY)
    return caught.value.fault


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"3", b"true", b"NaN"])
def test_body_that_is_no_object_is_garbled(body: bytes) -> None:
    assert garbled(body) is UpstreamFault.SHAPE
    with pytest.raises(UpstreamGarbled):
        parse_token_answer(body)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[" * 100_000, b'{"user_id": ' + b"9" * 5_000 + b"}"]
)
def test_body_that_is_no_json_is_no_crash(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        parse_patron_answer(body, TODAY)

    assert caught.value.fault is UpstreamFault.NOT_JSON
    assert caught.value.__context__ is None


def test_empty_object_is_a_patron_of_whom_nothing_is_known() -> None:
    assert info() == PatronAnswer(None, None, None, None, ())


def test_unknown_members_are_ignored_at_every_level() -> None:
    record = {"institution": "vs", "patron_pid": "1", "blocked": {"since": []}}

    answer = info(user_id=3, sub="x", iss=1, patron_info={"vs": record}, aud=[None])

    assert answer == PatronAnswer(
        "3", None, None, None, (Membership("vs", patron_pid="1"),)
    )


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_null_absent_and_empty_are_alike(nothing: object) -> None:
    assert info(patron_info=nothing, patron_types=nothing).memberships == ()


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_patron_types_serve_where_patron_info_is_empty(nothing: object) -> None:
    answer = info(patron_info=nothing, patron_types=[{"institution": "vs"}])

    assert answer.memberships == (Membership("vs"),)


def test_patron_info_comes_before_patron_types() -> None:
    answer = info(patron_info={"vs": {}}, patron_types=[{"institution": "fr"}])

    assert answer.memberships == (Membership("vs"),)


@pytest.mark.parametrize(
    "members",
    [
        {"patron_info": [{"institution": "vs"}]},
        {"patron_info": "vs"},
        {"patron_info": 1},
        {"patron_info": True},
        {"patron_types": {"vs": {}}},
        {"patron_types": "vs"},
        {"patron_types": 1},
    ],
)
def test_container_of_the_wrong_kind_is_garbled(members: dict[str, object]) -> None:
    assert garbled(json.dumps(members).encode()) is UpstreamFault.SHAPE


def test_odd_records_are_left_out() -> None:
    answer = info(patron_types=[None, "vs", [], 3, {}, {"institution": "nj"}])

    assert answer.memberships == (Membership("nj"),)


def test_odd_members_of_a_record_are_left_out() -> None:
    record = {"institution": 3, "patron_type": ["x"], "patron_pid": "a\nb"}

    answer = info(patron_info={"vs": record | {"expiration_date": False}})

    assert answer.memberships == (Membership("vs", is_end_known=False),)


@pytest.mark.parametrize(
    ("key", "institution", "expected"),
    [
        ("vs", "vs", "vs"),
        ("vs", "VS", "VS"),
        ("nj", "rbnj", "rbnj"),
        ("vs", None, "vs"),
        ("", "vs", "vs"),
        ("vs", "fr", None),
    ],
)
def test_key_and_institution_must_agree(
    key: str, institution: str | None, expected: str | None
) -> None:
    answer = info(patron_info={key: {"institution": institution, "patron_pid": "1"}})

    assert [m.institution for m in answer.memberships] == [expected] * bool(expected)


def test_records_come_in_one_order_however_rero_shuffles_them() -> None:
    records: list[dict[str, str]] = [
        {"institution": "vs", "patron_pid": "2"},
        {"institution": "VS", "patron_pid": "1"},
        {"patron_pid": "9"},
        {"institution": "fr", "patron_type": "b"},
        {"institution": "fr", "patron_type": "a"},
        {"institution": "fr", "patron_type": "a"},
    ]

    forwards = info(patron_types=records).memberships
    backwards = info(patron_types=records[::-1]).memberships

    assert forwards == backwards
    assert forwards == (
        Membership("fr", "a"),
        Membership("fr", "b"),
        Membership("VS", patron_pid="1"),
        Membership("vs", patron_pid="2"),
        Membership(None, patron_pid="9"),
    )


def test_thousand_records_are_read_and_more_are_garbled() -> None:
    records = {f"i{number}": {"patron_pid": "1"} for number in range(MAX_RECORDS)}

    answer = info(patron_info=records)

    assert len(answer.memberships) == MAX_RECORDS
    records["one-more"] = {}
    body = json.dumps({"patron_info": records}).encode()
    assert garbled(body) is UpstreamFault.SHAPE
