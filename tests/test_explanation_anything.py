"""Arbitrary answers of RERO+: no crash, and no claim out of nothing."""

import contextlib
import json
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.claim_functions import Function, Step, Table
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.errors import UpstreamError
from bridge.core.patron import JsonValue
from bridge.explanation import EXAMPLE_SUB
from tests.test_explanation import CLIENT, OFFERED, explained

TABLE: Final = Table("t", {"vs": "Wallis"}, "anderswo")
EVERY_SOURCE: Final = replace(
    CLIENT,
    mapping=DEFAULT_MAPPING.changed(
        (f"x_{source}", ClaimRule(f"x_{source}", source, ("rero",)))
        for source in set(Source) - {Source.CONSTANT}
    ).changed(
        [
            (
                "x_home",
                ClaimRule(
                    "x_home",
                    Source.INSTITUTIONS,
                    ("rero",),
                    (Step(Function.TABLE, table=TABLE), Step(Function.FIRST)),
                ),
            ),
            (
                "x_types",
                ClaimRule(
                    "x_types",
                    Source.PATRON_TYPES,
                    ("rero",),
                    (Step(Function.DISTINCT), Step(Function.JOIN, separator="|")),
                ),
            ),
            (
                "x_of_age",
                ClaimRule(
                    "x_of_age",
                    Source.BIRTHDATE,
                    ("rero",),
                    (Step(Function.AGE_AT_LEAST, years=18),),
                ),
            ),
        ]
    ),
)

LEAVES: Final = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.text(string.ascii_lowercase + ", @.", max_size=12)
    | st.sampled_from(
        ["2030-03-30T00:00:00", "2030-03-29T23:30:00Z", "2000-02-29", "vs", "a@b.ch"]
    )
)
ANYTHING: Final = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["institution", "patron_type", "expiration_date", "patron_pid", "vs"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
NAMES: Final = st.text(string.ascii_letters + ", é", min_size=1, max_size=12)
RECORD: Final = st.fixed_dictionaries(
    {
        "institution": NAMES | LEAVES,
        "patron_type": NAMES | LEAVES,
        "patron_pid": NAMES | LEAVES,
        "expiration_date": st.datetimes().map(datetime.isoformat) | LEAVES,
    }
)
INFO: Final = st.fixed_dictionaries(
    {
        "user_id": st.integers(1, 9),
        "barcode": NAMES | ANYTHING,
        "fullname": NAMES | ANYTHING,
        "birthdate": st.dates().map(date.isoformat) | ANYTHING,
        "patron_info": st.dictionaries(NAMES, RECORD, max_size=3) | st.none(),
        "patron_types": st.lists(RECORD, min_size=1, max_size=3),
        "other": ANYTHING,
    }
)
USER: Final = st.fixed_dictionaries(
    {},
    optional={
        "email": st.emails() | ANYTHING,
        "email_verified": st.booleans() | ANYTHING,
    },
)


def texts_of(value: JsonValue) -> Iterator[str]:
    """Walk over every text of a claim's value; names of members are ours."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def keys_of(answer: JsonValue) -> Iterator[str]:
    """Walk over the keys of patron_info: they are institutions."""
    records = answer.get("patron_info") if isinstance(answer, dict) else None
    yield from records if isinstance(records, dict) else ()


def is_from(text: str, source: str) -> bool:
    """Tell whether *text* is put together of pieces of *source*, or is a day of it.

    A name turned round is three pieces; a day may be the next one in another zone.
    """
    words = text.replace("|", " ").split()
    if all(word in source for word in words):
        return True
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    near = (day, date.fromordinal(day.toordinal() - 1))
    return any(found.isoformat() in source for found in near)


@settings(max_examples=200)
@given(INFO, USER)
def test_no_claim_comes_out_of_nothing(answer: Any, user: dict[str, Any]) -> None:
    whole = {"info": answer, "token": {"user": user}}
    source = " ".join([*texts_of([answer, user]), *keys_of(answer)])
    source += " Wallis anderswo " + EXAMPLE_SUB

    found = explained(whole, EVERY_SOURCE)

    for claims in (found.userinfo, found.id_token):
        assert None not in claims.values()
        json.dumps(claims, allow_nan=False).encode("ascii")
        assert all(is_from(text, source) for text in texts_of([*claims.values()]))
    assert "" not in texts_of([*found.userinfo.values()])
    assert set(found.id_token) <= set(found.userinfo)
    assert set(found.upstream_scopes) <= {*OFFERED, "user:email"}


@given(ANYTHING, ANYTHING)
def test_any_answer_is_explained_or_an_error_of_rero(info: Any, token: Any) -> None:
    with contextlib.suppress(UpstreamError):
        explained({"info": info, "token": token}, EVERY_SOURCE)
