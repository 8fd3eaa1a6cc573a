"""An answer of RERO+, in any shape and with any fault, becomes claims that are true."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from bridge.core.client import Client, EmailMode
from bridge.core.eligibility import Eligible, RefusalReason, Refused
from bridge.core.errors import UpstreamError
from bridge.core.patron import JsonObject, JsonValue
from bridge.explanation import (
    EXAMPLE_SUB,
    Case,
    Explanation,
    explain_login,
    read_answer,
    usual_scope,
)

TESTS: Final = Path(__file__).parent
GOLDEN: Final = TESTS / "golden" / "claims_by_shape.json"
TODAY: Final = date(2026, 11, 25)
CLIENT: Final = Client(
    "library",
    ("https://library.example/",),
    "library.example",
    email=EmailMode.UPSTREAM,
    claims=frozenset({"birthdate"}),
    id_token_claims=frozenset({"name", "email"}),
)
OFFERED: Final = (
    *("fullname", "birthdate", "institution"),
    *("patron_type", "expiration_date", "patron_types"),
)


def explained(
    answer: JsonValue,
    client: Client = CLIENT,
    offered: tuple[str, ...] = OFFERED,
) -> Explanation:
    patron = read_answer(answer, TODAY, takes_barcodes=True)
    scope = usual_scope(client)
    return explain_login(Case(client, patron, scope, EXAMPLE_SUB, TODAY, offered))


def decision_of(found: Explanation) -> str:
    decision = found.decision
    return decision.reason.value if isinstance(decision, Refused) else "allowed"


def test_claims_of_every_recorded_shape_are_the_golden_ones() -> None:
    made: dict[str, object] = {}
    for path in sorted((TESTS / "contract").glob("*.json")):
        found = explained(json.loads(path.read_text("utf-8")))
        made[path.stem] = {
            "decision": decision_of(found),
            "userinfo": found.userinfo,
            "id_token": found.id_token,
        }

    text = json.dumps(made, indent=1, sort_keys=True) + "\n"

    assert text == GOLDEN.read_text("utf-8")


def info(**members: JsonValue) -> JsonObject:
    return {
        "user_id": 3,
        "fullname": "Simon, Jean",
        "birthdate": "2000-01-01",
        "barcode": "2050124311",
        "patron_info": {"vs": {"patron_pid": "101"}},
        **members,
    }


def record(**members: JsonValue) -> JsonObject:
    return info(patron_info={"vs": {"patron_pid": "1", **members}})


NAME: Final = {"name", "given_name", "family_name"}


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (info(fullname=None), NAME),
        (info(fullname=""), NAME),
        (info(fullname=","), NAME),
        (info(fullname="Simon"), {"given_name"}),
        (info(fullname="a" * 10_000), NAME),
        (info(fullname="Si\x00mon, Jean"), NAME),
        (info(fullname=["Simon"]), NAME),
        *(
            (info(birthdate=value), {"birthdate"})
            for value in (
                *(None, "", "0000-00-00", "2000-02-30", "2999-01-01", 20000101),
                "2000-01-01T00:00:00",
            )
        ),
        (info(patron_info=None), {"rero_memberships", "rero_institutions"}),
        (info(patron_info={}), {"rero_memberships", "rero_institutions"}),
        (info(patron_info={}, patron_types=None), {"rero_memberships"}),
        (info(patron_info={"vs": None}), {"rero_memberships", "rero_institutions"}),
        (info(patron_info={}, patron_types=[None, 3]), {"rero_memberships"}),
        (info(patron_info={"vs": {"institution": "fr"}}), {"rero_memberships"}),
    ],
)
def test_what_is_odd_in_an_answer_is_no_claim(
    answer: JsonObject, missing: set[str]
) -> None:
    whole = {"birthdate", "rero_memberships", "rero_institutions", *NAME}

    found = explained(answer)

    assert missing.isdisjoint(found.userinfo)
    rest = whole - missing - {"rero_institutions"}
    assert rest <= set(found.userinfo)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("2030-03-30T00:00:00", "2030-03-30"),
        ("2030-03-30", "2030-03-30"),
        ("2030-03-29T23:30:00Z", "2030-03-30"),
        ("2030-03-30T00:00:00+02:00", "2030-03-29"),
        ("9999-12-31T00:00:00", "9999-12-31"),
        ("nonsense", None),
        ("2030-02-30", None),
        (None, None),
        ("", None),
        (20300330, None),
    ],
)
def test_an_end_is_a_day_in_zurich_or_not_told(
    end: JsonValue, told: str | None
) -> None:
    found = explained(record(expiration_date=end))

    records = found.userinfo["rero_memberships"]
    assert isinstance(records, list)
    assert isinstance(records[0], dict)
    assert records[0].get("expiration_date") == told


@pytest.mark.parametrize(
    "answer",
    [
        "not JSON",
        "[]",
        [],
        3,
        True,
        info(patron_info=[{"institution": "vs"}]),
        info(patron_info=3),
        info(patron_info={}, patron_types={"vs": {}}),
        info(user_id=0),
        info(user_id=-3),
        info(user_id=3.5),
        info(user_id=True),
        info(user_id="03"),
        info(user_id="+3"),
        info(user_id=[3]),
        {"info": info(), "token": {"user": {"id": "4"}}},
        {"info": info(), "token": {"user": ["3"]}},
    ],
)
def test_an_answer_that_nobody_can_trust_is_an_error_of_rero(answer: JsonValue) -> None:
    with pytest.raises(UpstreamError):
        read_answer(answer, TODAY, takes_barcodes=True)


def test_an_account_without_user_id_and_card_is_refused() -> None:
    found = explained({})

    assert found.decision == Refused(RefusalReason.NO_PATRON_RECORD)
    assert found.userinfo == found.id_token == {}


def test_a_thousand_records_are_told_and_one_more_is_an_error() -> None:
    records: JsonObject = {f"i{number}": {"patron_pid": "1"} for number in range(1_000)}

    found = explained(info(patron_info=records))

    memberships = found.userinfo["rero_memberships"]
    assert isinstance(memberships, list)
    assert len(memberships) == 1_000
    with pytest.raises(UpstreamError):
        explained(info(patron_info={**records, "one_more": {"patron_pid": "1"}}))


@pytest.mark.parametrize(
    ("mode", "address", "decision"),
    [
        (EmailMode.REQUIRED, "jean@mail.example", Eligible),
        (EmailMode.REQUIRED, None, Refused),
        (EmailMode.REQUIRED, "no address", Refused),
        (EmailMode.UPSTREAM, None, Eligible),
    ],
)
def test_who_has_no_address_is_refused_where_one_is_required(
    mode: EmailMode, address: str | None, decision: type
) -> None:
    answer: JsonObject = {"info": info(), "token": {"user": {"email": address}}}

    found = explained(answer, replace(CLIENT, email=mode))

    assert isinstance(found.decision, decision)
    if isinstance(found.decision, Refused):
        assert found.decision.reason is RefusalReason.NO_EMAIL
