"""What RERO+ was not asked for is in no explanation, though the answer has it."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.claim_sources import without_unasked
from bridge.core.eligibility import Eligible, RefusalReason, Refused
from bridge.core.patron import Identity, IdentityKind, JsonObject, Patron
from bridge.core.policy import Policy
from tests.test_explanation import CLIENT, OFFERED, explained

RECORD: Final[JsonObject] = {
    "institution": "vs",
    "patron_type": "ad",
    "expiration_date": "2030-03-30T00:00:00",
}
INFO: Final[JsonObject] = {
    "user_id": 3,
    "fullname": "Simon, Jean",
    "birthdate": "2000-01-01",
    "barcode": "2050124311",
    "patron_info": {"vs": {**RECORD, "patron_pid": "101"}},
}
OLD: Final[JsonObject] = {"barcode": "2050124311", "patron_types": [RECORD]}
NAMES: Final = {"name", "given_name", "family_name"}


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"fullname"}, NAMES),
        ({"birthdate"}, {"birthdate"}),
        ({"patron_type"}, {"rero_patron_types"}),
        # patron_info has the institution as its key, whatever was asked.
        ({"institution", "patron_types"}, set()),
    ],
)
def test_a_claim_is_not_told_where_its_scope_is_not_offered(
    left_out: set[str], missing: set[str]
) -> None:
    whole = {*NAMES, "birthdate", "rero_memberships"}
    whole |= {"rero_institutions", "rero_patron_types"}
    offered = tuple(scope for scope in OFFERED if scope not in left_out)

    found = explained(INFO, offered=offered)

    assert set(found.userinfo) == whole - missing
    assert found.upstream_scopes == frozenset(offered) | {"user:email"}


def test_a_membership_holds_only_what_was_asked() -> None:
    found = explained(INFO, offered=("institution",))

    assert found.userinfo["rero_memberships"] == [{"institution": "vs"}]


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        (
            ("patron_types",),
            [{**RECORD, "expiration_date": "2030-03-30", "active": True}],
        ),
        (("patron_type",), [{"institution": "vs", "patron_type": "ad"}]),
        (("fullname",), [{"institution": "vs"}]),
    ],
)
def test_an_older_answer_gives_whole_records_by_their_old_scope(
    offered: tuple[str, ...], told: object
) -> None:
    found = explained({**OLD, "user_id": 3}, offered=offered)

    assert found.userinfo.get("rero_memberships") == told


def test_a_policy_is_not_decided_by_what_was_not_asked() -> None:
    adults = replace(CLIENT, policy=Policy(minimum_age=18))
    offered = tuple(scope for scope in OFFERED if scope != "birthdate")

    found = explained(INFO, adults, offered)

    assert isinstance(explained(INFO, adults).decision, Eligible)
    assert isinstance(found.decision, Refused)


@pytest.mark.parametrize("is_asked", [True, False])
def test_an_address_is_there_only_where_it_was_asked_for(*, is_asked: bool) -> None:
    identity = Identity(IdentityKind.USER, "3")
    patron = Patron(identity, email="jean@mail.example", email_verified=True)

    known = without_unasked(patron, {"user:email"} if is_asked else {"fullname"})

    assert known.identity == identity
    assert (known.email is not None, known.email_verified) == (is_asked, is_asked)


def test_a_barcode_asks_for_what_its_subject_is_made_of() -> None:
    nameless = replace(CLIENT, scopes=frozenset({"openid"}))

    with_card = explained(OLD, nameless)
    with_user_id = explained(INFO, nameless)

    assert with_card.upstream_scopes == {"birthdate", "institution", "patron_types"}
    assert with_user_id.upstream_scopes == {"birthdate"}


def test_an_account_of_nobody_is_refused_whatever_was_asked() -> None:
    found = explained({}, offered=("fullname",))

    assert found.decision == Refused(RefusalReason.NO_PATRON_RECORD)
