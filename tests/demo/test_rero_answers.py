"""The stand-in's patron information, byte for byte, in the shapes of each period."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_readers import PatronRecord, Reader
from bridge.demo.rero_state import SCOPES, Client, Settings, Shape

NOON = datetime(2028, 3, 30, 12, tzinfo=UTC).timestamp()  # two years before 2030-03-30
CALLBACK = "http://127.0.0.1:9/callback"


def make_standin(**settings: Any) -> StandIn:
    turn = count()
    standin = StandIn(
        Settings(**settings),
        clock=lambda: NOON,
        random_below=lambda bound: next(turn) % bound,
    )
    standin.add_client(Client("svc", "secret", (CALLBACK,)))
    return standin


def token(standin: StandIn, login: str, *scopes: str) -> str:
    client = standin.state.clients["svc"]
    user_id = standin.reader(login).user_id
    return standin.state.issue_token(client, user_id, scopes or SCOPES).access_token


def info(standin: StandIn, login: str, *scopes: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {token(standin, login, *scopes)}"}
    return standin.app.test_client().get("/api/patrons/info", headers=headers)


def members(standin: StandIn, login: str, *scopes: str) -> Any:
    return json.loads(info(standin, login, *scopes).text)


VS = (
    '{"expiration_date":"2030-03-30T00:00:00","institution":"vs","patron_pid":"101",'
    '"patron_type":"vs-std"}'
)
NO_TYPES = tuple(scope for scope in SCOPES if scope != "patron_types")
EXAMPLES = {
    "one library": (
        "jean",
        SCOPES,
        (
            '{"barcode":"2050124311","birthdate":"2000-01-01","fullname":"Simon, Jean",'
            f'"patron_info":{{"vs":{VS}}},"patron_types":[{VS}],"user_id":3}}\n'
        ),
    ),
    "several, without patron_types": (
        "marie",
        NO_TYPES,
        (
            '{"barcode":"10000201","birthdate":"1947-06-07","fullname":'
            '"De la Croix, n\\u00e9e M\\u00fcller, Marie-Th\\u00e9r\\u00e8se",'
            '"patron_info":{"fr":{"expiration_date":"2017-07-16T00:00:00",'
            '"institution":"fr","patron_pid":"203"},"nj":{"expiration_date":'
            '"2029-07-16T00:00:00","institution":"nj","patron_pid":"202",'
            '"patron_type":"nj-adu"}},"user_id":4}\n'
        ),
    ),
    "scope fullname only": (
        "jean",
        ("fullname",),
        (
            '{"barcode":"2050124311","fullname":"Simon, Jean",'
            '"patron_info":{"vs":{"patron_pid":"101"}},"user_id":3}\n'
        ),
    ),
    "patron_types without its members' scopes": (
        "jean",
        ("patron_types",),
        (
            '{"barcode":"2050124311","patron_info":{"vs":{"patron_pid":"101"}},'
            '"patron_types":[{"patron_pid":"101"}],"user_id":3}\n'
        ),
    ),
    "staff only": (
        "nora",
        SCOPES,
        '{"birthdate":"1990-02-28","fullname":"Role, Nora","user_id":5}\n',
    ),
    "self-made account without profile": ("bare", SCOPES, '{"user_id":6}\n'),
}


@pytest.mark.parametrize(
    ("login", "scopes", "body"), EXAMPLES.values(), ids=EXAMPLES.keys()
)
def test_current_answer_is_rero_s_byte_for_byte(
    login: str, scopes: tuple[str, ...], body: str
) -> None:
    response = info(make_standin(), login, *scopes)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.text == body


FORMER: dict[str, tuple[Shape, str, str]] = {
    "2024": (
        "2024",
        "jean",
        (
            '{"barcode":"2050124311","birthdate":"2000-01-01","fullname":"Simon, Jean",'
            '"patron_types":[{"expiration_date":"2030-03-30T00:00:00","institution":"vs",'
            '"patron_type":"vs-std"}]}\n'
        ),
    ),
    "2024 without record": (
        "2024",
        "zoe",
        '{"birthdate":"1998-03-14","fullname":"Favre, Zo\\u00e9"}\n',
    ),
    "2024 without anything": ("2024", "bare", "{}\n"),
    "2021": (
        "2021",
        "anna",
        (
            '{"barcode":"2050200110","birthdate":"1985-11-23",'
            '"fullname":"Keller, Anna",'
            '"patron_types":[{"expiration_date":"2029-03-30T00:00:00","institution":"vs",'
            '"patron_type":"vs-std"},{"expiration_date":"2031-03-30T00:00:00",'
            '"institution":"fr","patron_type":"fr-std"}]}\n'
        ),
    ),
    "help": (
        "help",
        "jean",
        (
            '{"barcode":"2050124311","birthdate":"2000-01-01","fullname":"Jean Simon",'
            '"patron_types":[{"expiration_date":"2030-03-30T15:00:00+02:00",'
            '"institution":"VS","patron_type":"vs-std"}]}\n'
        ),
    ),
    "help without anything": ("help", "bare", "{}\n"),
}


@pytest.mark.parametrize(("shape", "login", "body"), FORMER.values(), ids=FORMER.keys())
def test_former_shape_is_answered(shape: Shape, login: str, body: str) -> None:
    response = info(make_standin(shape=shape), login)

    assert (response.status_code, response.text) == (200, body)


@pytest.mark.parametrize("login", ["zoe", "marie"])
def test_2021_breaks_without_record_or_type_code(login: str) -> None:
    response = info(make_standin(shape="2021"), login)

    assert response.status_code == 500
    assert json.loads(response.text)["status"] == 500


def test_inner_scopes_have_no_effect_before_2024_12() -> None:
    answer = members(make_standin(shape="2024"), "jean", "patron_types")

    assert answer["patron_types"] == [
        {
            "expiration_date": "2030-03-30T00:00:00",
            "institution": "vs",
            "patron_type": "vs-std",
        }
    ]


@pytest.mark.parametrize(("shape", "code"), [("2024", "rbnj"), ("help", "NJ")])
def test_code_nj_was_called_rbnj(shape: str, code: str) -> None:
    answer = members(make_standin(shape=shape), "marie")

    assert answer["patron_types"][0]["institution"] == code


def test_unknown_birthdate_is_null_in_2024_and_absent_today() -> None:
    former = members(make_standin(shape="2024"), "ageless")
    current = members(make_standin(), "ageless")

    assert former["birthdate"] is None
    assert "birthdate" not in current


def test_zone_and_capitals_are_settings() -> None:
    answer = members(make_standin(tz_suffix="+02:00", capitals=True), "jean")

    entry = answer["patron_info"]["VS"]
    assert entry["institution"] == "VS"
    assert entry["expiration_date"] == "2030-03-30T00:00:00+02:00"


def test_records_change_their_order_only_when_shuffled() -> None:
    steady, shuffled = make_standin(), make_standin(shuffle=True)

    in_order = {members(steady, "marie")["barcode"] for _ in range(20)}
    by_chance = {members(shuffled, "marie")["barcode"] for _ in range(20)}

    assert in_order == {"10000201"}
    assert by_chance == {"10000201", "10000203"}


def test_later_record_of_one_organisation_wins_in_patron_info() -> None:
    standin = make_standin()
    records = (PatronRecord("1", "vs", ("a",)), PatronRecord("2", "vs", ("b",)))
    standin.add_reader(Reader(99, "double", records=records))

    answer = members(standin, "double")

    assert answer["patron_info"] == {"vs": {"institution": "vs", "patron_pid": "2"}}
    assert len(answer["patron_types"]) == 2


NAMES = {
    "mononym": "Madonna",
    "comma": "Blanc, Noir, Al",
    "nfd": "Mu\u0308ller-\u05db\u05d4\u05df, \u0645\u0631\u064a\u0645",
    "twin1": "Rochat, Luc",
    "twin2": "Rochat, Luc",
}


@pytest.mark.parametrize(("login", "fullname"), NAMES.items())
def test_odd_name_is_joined_by_a_comma(login: str, fullname: str) -> None:
    assert members(make_standin(), login)["fullname"] == fullname


def test_days_of_readers_count_from_today() -> None:
    standin = make_standin()

    today = members(standin, "today")["patron_info"]["vs"]["expiration_date"]
    luca = members(standin, "luca")["patron_info"]["vs"]["expiration_date"]
    child = members(standin, "child")["birthdate"]

    assert (today, luca) == ("2028-03-30T00:00:00", "2028-02-19T00:00:00")
    assert date.fromisoformat(child).year == 2019


def test_record_can_move_to_another_user() -> None:
    standin = make_standin()

    standin.move_records("jean", "zoe")

    assert "patron_info" not in members(standin, "jean")
    assert members(standin, "zoe")["patron_info"]["vs"]["patron_pid"] == "101"


def test_barcode_can_be_replaced_between_two_logins() -> None:
    standin = make_standin()

    standin.replace_barcode("jean", "2050999999")

    assert members(standin, "jean")["barcode"] == "2050999999"


def test_reader_can_be_replaced() -> None:
    standin = make_standin()

    standin.add_reader(replace(standin.reader("jean"), last_name="Duval"))

    assert members(standin, "jean")["fullname"] == "Duval, Jean"


def test_replaced_reader_is_no_longer_found_by_the_former_name() -> None:
    standin = make_standin()

    standin.add_reader(replace(standin.reader("jean"), username="jeannot"))

    assert standin.reader("jeannot").user_id == 3
    with pytest.raises(KeyError):
        standin.reader("jean")
