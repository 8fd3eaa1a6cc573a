"""Arbitrary JSON and bytes: a patron or an upstream error, never a crash."""

import contextlib
import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UpstreamError
from bridge.core.patron import patron_from_record, patron_to_record
from bridge.upstream import identity
from bridge.upstream.payload import (
    PatronAnswer,
    TokenAnswer,
    parse_patron_answer,
    parse_token_answer,
    patron,
)

TODAY = date(2026, 11, 24)


def token(**members: Any) -> TokenAnswer:
    answer = {"access_token": "t0ken", "token_type": "Bearer"} | members
    return parse_token_answer(json.dumps(answer).encode())


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
