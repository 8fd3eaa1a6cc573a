"""Whole sign-ins against RERO+'s recorded answers, every period of them."""

import json
from datetime import date
from pathlib import Path

import pytest

from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.flow.ports import Event
from tests.upstream.support import Bridge, Rero, json_answer

ANSWERS = Path(__file__).parents[1] / "contract"

JEAN = Identity(IdentityKind.USER, "3")
MARIE = Identity(IdentityKind.USER, "4")
NAME_OF_MARIE = "De la Croix, née Müller, Marie-Thérèse"
IN_VS = Membership("vs", "vs-std", date(2030, 3, 30), "101")

EXPECTED = {
    "current_one_library": Patron(
        JEAN, "Simon, Jean", date(2000, 1, 1), "2050124311", memberships=(IN_VS,)
    ),
    "current_several_libraries": Patron(
        MARIE,
        NAME_OF_MARIE,
        date(1947, 6, 7),
        "10000201",
        memberships=(
            Membership("fr", None, date(2017, 7, 16), "203"),
            Membership("nj", "nj-adu", date(2029, 7, 16), "202"),
        ),
    ),
    "current_name_only": Patron(
        JEAN,
        "Simon, Jean",
        barcode="2050124311",
        memberships=(Membership("vs", patron_pid="101"),),
    ),
    "current_no_patron_record": Patron(
        Identity(IdentityKind.USER, "5"), "Role, Nora", date(1990, 2, 28)
    ),
    "current_bare_account": Patron(Identity(IdentityKind.USER, "6")),
    "current_email": Patron(
        JEAN,
        "Simon, Jean",
        barcode="2050124311",
        email="jean.simon@mail.example",
        email_verified=True,
        memberships=(Membership("vs", patron_pid="101"),),
    ),
    "2024_several_libraries": Patron(
        MARIE,
        NAME_OF_MARIE,
        date(1947, 6, 7),
        "10000201",
        memberships=(
            Membership("fr", None, date(2017, 7, 16)),
            Membership("rbnj", "nj-adu", date(2029, 7, 16)),
        ),
    ),
    "2024_no_patron_record": Patron(Identity(IdentityKind.USER, "6")),
    "2023_birthdate_null": Patron(
        JEAN,
        "Simon, Jean",
        barcode="2050124311",
        memberships=(Membership("vs", "vs-std", date(2030, 3, 30)),),
    ),
    "2021_one_library": Patron(
        JEAN,
        "Simon, Jean",
        date(2000, 1, 1),
        "2050124311",
        memberships=(Membership("vs", "vs-std", date(2030, 3, 30)),),
    ),
    "help_page": Patron(
        Identity(IdentityKind.BARCODE, "fr:2050124311"),
        "Jean Simon",
        date(2000, 1, 1),
        "2050124311",
        memberships=(
            Membership("FR", "fr-std", date(2017, 7, 16)),
            Membership("VS", "vs-std", date(2020, 3, 30)),
        ),
    ),
}


def test_every_recorded_answer_has_an_expected_patron() -> None:
    recorded = {path.stem for path in ANSWERS.glob("*.json")}

    assert recorded == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_recorded_answer_becomes_the_patron(
    name: str, rero: Rero, bridge: Bridge
) -> None:
    recorded = json.loads((ANSWERS / f"{name}.json").read_text("utf-8"))
    rero.token = [json_answer(recorded["token"])]
    rero.info = [json_answer(recorded["info"])]

    login = bridge.sign_in()

    assert login.patron == EXPECTED[name]
    assert login.scopes == frozenset(recorded["token"]["scope"].split())


def test_help_page_login_is_recorded_as_one_by_barcode(
    rero: Rero, bridge: Bridge
) -> None:
    recorded = json.loads((ANSWERS / "help_page.json").read_text("utf-8"))
    rero.token = [json_answer(recorded["token"])]
    rero.info = [json_answer(recorded["info"])]

    bridge.sign_in()

    assert (Event.IDENTITY_BARCODE, {}) in bridge.audit.events
