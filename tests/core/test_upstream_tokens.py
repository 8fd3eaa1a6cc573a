"""RERO+'s tokens: written for their column, read again, and over in time."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.upstream_tokens import (
    UpstreamTokens,
    tokens_from_record,
    tokens_to_record,
)

NOW: Final = 1_800_000_000
scopes = st.frozensets(st.text(max_size=9), max_size=4)
texts = st.none() | st.text()


@given(
    st.builds(
        UpstreamTokens,
        access_token=st.text(),
        access_ends_at=st.integers(),
        refresh_token=texts,
        scopes=scopes,
        held=scopes,
        user_id=texts,
        email=texts,
        email_verified=st.booleans(),
    )
)
def test_tokens_come_back_as_they_were(tokens: UpstreamTokens) -> None:
    assert tokens_from_record(tokens_to_record(tokens)) == tokens


@pytest.mark.parametrize(("left_s", "expected"), [(61, False), (60, True), (-1, True)])
def test_tokens_are_renewed_a_minute_before_their_end(
    left_s: int, expected: bool
) -> None:
    tokens = UpstreamTokens("a", NOW + left_s, "r", frozenset())

    assert tokens.must_be_renewed(NOW) is expected


def test_record_of_another_kind_is_an_error() -> None:
    record = tokens_to_record(UpstreamTokens("a", NOW, "r", frozenset()))

    with pytest.raises(ValueError, match="access token"):
        tokens_from_record({**record, "access": None})
