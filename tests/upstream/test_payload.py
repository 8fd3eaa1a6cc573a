"""RERO+'s JSON against the table of what may be in it, and against anything at all."""

import contextlib
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UpstreamError, UpstreamFault, UpstreamGarbled
from bridge.core.patron import Membership, patron_from_record, patron_to_record
from bridge.upstream import identity
from bridge.upstream.payload import (
    MAX_RECORDS,
    PatronAnswer,
    TokenAnswer,
    parse_patron_answer,
    parse_token_answer,
    patron,
)

TODAY = date(2026, 11, 24)


def info(**members: Any) -> PatronAnswer:
    return parse_patron_answer(json.dumps(members).encode(), TODAY)


def token(**members: Any) -> TokenAnswer:
    answer = {"access_token": "t0ken", "token_type": "Bearer"} | members
    return parse_token_answer(json.dumps(answer).encode())


def garbled(body: bytes) -> UpstreamFault:
    with pytest.raises(UpstreamGarbled) as caught:
        parse_patron_answer(body, TODAY)
    return caught.value.fault


# -- bodies ---------------------------------------------------------------------------


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


# -- token answer ---------------------------------------------------------------------


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", None])
def test_bearer_token_is_taken_in_any_case(token_type: str | None) -> None:
    assert token(token_type=token_type).access_token == "t0ken"


@pytest.mark.parametrize("token_type", ["mac", "", 1, ["Bearer"]])
def test_other_token_types_are_garbled(token_type: object) -> None:
    with pytest.raises(UpstreamGarbled):
        token(token_type=token_type)


@pytest.mark.parametrize(
    "access_token",
    [None, "", 1, True, [], {}, "t\r\nX: y", "jetön", "a b", "x" * 5_000],
)
def test_access_token_that_fits_no_header_is_garbled(access_token: object) -> None:
    with pytest.raises(UpstreamGarbled) as caught:
        token(access_token=access_token)

    assert caught.value.fault is UpstreamFault.SHAPE


@pytest.mark.parametrize("expires_in", [None, "3600", 0, -1, [], 3600])
def test_lifetime_of_the_upstream_token_does_not_matter(expires_in: object) -> None:
    assert token(expires_in=expires_in).access_token == "t0ken"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("fullname user:email", {"fullname", "user:email"}),
        ("", set()),
        (None, set()),
        (["fullname"], set()),
        ("a\x00b", set()),
        ("x" * 3_000, set()),
    ],
)
def test_scopes_are_those_that_the_answer_names(
    scope: object, expected: set[str]
) -> None:
    assert token(scope=scope).scopes == expected


@pytest.mark.parametrize("user", [None, {}, [], "", {"id": None}, {"id": ""}])
def test_token_answer_may_name_nobody(user: object) -> None:
    assert token(user=user).user_id is None


@pytest.mark.parametrize("user", [[1], "3", 3, True])
def test_user_that_is_no_object_is_garbled(user: object) -> None:
    with pytest.raises(UpstreamGarbled):
        token(user=user)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jean@mail.example", "jean@mail.example"),
        ("JEAN@Mail.Example", "JEAN@Mail.Example"),
        (
            "a" * 64 + "@" + "b" * 180 + ".example",
            "a" * 64 + "@" + "b" * 180 + ".example",
        ),
        (None, None),
        ("", None),
        ("jean", None),
        ("a@b@c", None),
        ("@b", None),
        ("a@", None),
        ("a b@c", None),
        ("a@b\n", None),
        ("a@b,c", None),
        ("Jean <a@b>", None),
        ("a@" + "b" * 253, None),
        (["a@b"], None),
        (3, None),
    ],
)
def test_email_is_one_plausible_address_or_none(
    email: object, expected: str | None
) -> None:
    assert token(user={"id": "3", "email": email}).email == expected


@pytest.mark.parametrize(
    ("email", "verified", "expected"),
    [
        ("a@b.example", True, True),
        ("a@b.example", False, False),
        ("a@b.example", "true", False),
        ("a@b.example", 1, False),
        (None, True, False),
        ("odd", True, False),
    ],
)
def test_only_a_true_beside_an_address_says_verified(
    email: object, verified: object, expected: bool
) -> None:
    answer = token(user={"id": "3", "email": email, "email_verified": verified})

    assert answer.email_verified is expected


# -- identity -------------------------------------------------------------------------


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


# -- single members -------------------------------------------------------------------


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

    assert info(patron_types=[record]).memberships == (
        Membership("vs", None, expected),
    )


# -- memberships ----------------------------------------------------------------------


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

    assert answer.memberships == (Membership("vs"),)


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


# -- anything at all ------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["2030-03-30T00:00:00", "2000-01-01", "vs", "a@b.example"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "institution", "patron_type", "expiration_date"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
INFO_MEMBERS = (
    "user_id",
    "barcode",
    "fullname",
    "birthdate",
    "patron_info",
    "patron_types",
)
TOKEN_MEMBERS = ("access_token", "token_type", "scope", "user", "expires_in")


def objects(members: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(members) | st.text(max_size=5), ANYTHING)


@given(objects(INFO_MEMBERS))
def test_any_info_answer_is_a_patron_or_an_upstream_error(
    answer: dict[str, Any],
) -> None:
    try:
        parsed = parse_patron_answer(json.dumps(answer).encode(), TODAY)
    except UpstreamError:
        return

    known = identity.user_identity(parsed.user_id, "1" if not parsed.user_id else None)
    assert known is not None
    made = patron(known, token(), parsed)
    assert patron_from_record(patron_to_record(made)) == made
    json.dumps(patron_to_record(made), ensure_ascii=False).encode("utf-8")
    assert_made_of_something(parsed, answer)


def assert_made_of_something(parsed: PatronAnswer, answer: dict[str, Any]) -> None:
    """Find every value of *parsed* in *answer*: no claim comes out of nothing."""
    for value, member in (
        (parsed.user_id, "user_id"),
        (parsed.barcode, "barcode"),
        (parsed.fullname, "fullname"),
        (parsed.birthdate, "birthdate"),
    ):
        assert value is None or str(value) in str(answer[member])
    count = len(answer.get("patron_info") or answer.get("patron_types") or ())
    assert len(parsed.memberships) <= count


@given(objects(TOKEN_MEMBERS))
def test_any_token_answer_is_read_or_an_upstream_error(answer: dict[str, Any]) -> None:
    try:
        parsed = parse_token_answer(json.dumps(answer).encode())
    except UpstreamError:
        return

    assert parsed.access_token == answer["access_token"]
    assert parsed.access_token.isascii()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_an_upstream_error(body: bytes) -> None:
    for parse in (parse_token_answer, lambda raw: parse_patron_answer(raw, TODAY)):
        with contextlib.suppress(UpstreamError):
            parse(body)
