"""In which mode the client is answered, errors included."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.client import Client
from bridge.core.return_address import Parameters, ResponseMode, return_address

CLIENTS = {"a": Client("a", ("https://a.example/cb",), "a.example")}
FIXED = [("client_id", "a"), ("redirect_uri", "https://a.example/cb")]


def mode_of(*pairs: tuple[str, str]) -> ResponseMode:
    return return_address(Parameters([*FIXED, *pairs]), CLIENTS).response_mode


def request_object(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return f"eyJhbGciOiJub25lIn0.{payload.decode()}."


@pytest.mark.parametrize("mode", list(ResponseMode))
def test_client_is_answered_in_the_mode_it_asks(mode: ResponseMode) -> None:
    assert mode_of(("response_mode", mode.value)) is mode


@pytest.mark.parametrize(
    "pairs",
    [
        (),
        (("response_mode", ""),),
        (("response_mode", "fragment"),),
        (("response_mode", "FORM_POST"),),
        (("response_mode", "form_post"), ("response_mode", "form_post")),
    ],
)
def test_other_modes_are_told_in_the_query(pairs: tuple[tuple[str, str], ...]) -> None:
    assert mode_of(*pairs) is ResponseMode.QUERY


def test_request_object_is_refused_in_the_mode_that_it_asks() -> None:
    request = request_object({"response_mode": "form_post"})

    assert mode_of(("request", request)) is ResponseMode.FORM_POST


def test_mode_beside_a_request_object_goes_before_its_own() -> None:
    request = request_object({"response_mode": "form_post"})

    assert mode_of(("request", request), ("response_mode", "query")) == "query"


@pytest.mark.parametrize("claims", [[], {}, {"response_mode": ["form_post"]}, None])
def test_odd_request_object_asks_for_no_mode(claims: object) -> None:
    assert mode_of(("request", request_object(claims))) is ResponseMode.QUERY


@given(st.text())
def test_no_request_object_breaks_the_reading(text: str) -> None:
    mode_of(("request", text))
