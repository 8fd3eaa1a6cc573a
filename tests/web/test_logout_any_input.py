"""Whatever a logout request holds, it leads to the registered address or nowhere."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.trial import HEAD, Trial, client
from tests.support.visitor import Visitor
from tests.web.logouts import BYE, is_signed_in
from tests.web.test_any_input import odd_pairs, raw_values, see_no_bug

LIMITS: Final = ("authorize_session", "callback_ticket", "callback_address")
NAMES: Final = (
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
)


@pytest.fixture(scope="module")
def open_trial() -> Trial:
    """Give one bridge to all examples."""
    with TemporaryDirectory() as folder:
        configuration = HEAD + client("service", post_logout_redirect_uris=[BYE])
        limits = dict.fromkeys(LIMITS, 1_000_000)
        return Trial(Path(folder), configuration, limits=limits)


def good(hint: str) -> dict[str, str]:
    return {
        "id_token_hint": hint,
        "client_id": "service",
        "post_logout_redirect_uri": quote(BYE, safe=""),
        "state": "abc",
        "ui_locales": "fr",
    }


@settings(max_examples=200)
@given(
    kept=st.lists(st.sampled_from(NAMES), unique=True),
    odd=st.lists(odd_pairs, max_size=4),
    presses=st.booleans(),
)
def test_logout_sends_nobody_astray(
    open_trial: Trial, kept: list[str], odd: list[str], presses: bool
) -> None:
    browser = Visitor(open_trial)
    hint = str(browser.tokens()["id_token"])
    pairs = [f"{name}={good(hint)[name]}" for name in kept]

    answer = browser.send(
        "GET", "/logout", query="&".join([*pairs, *odd]).encode("latin-1")
    )
    if presses and 'name="ticket"' in answer.text:
        answer = browser.press(answer, "sign_out")

    location = answer.headers.get("Location", BYE)
    assert answer.status in {200, 303, 400}
    assert location == BYE or location.startswith(f"{BYE}?state=")
    see_no_bug(open_trial)


@settings(max_examples=100)
@given(junk=raw_values, name=st.sampled_from(["id_token_hint", "client_id"]))
def test_session_is_ended_by_no_junk(open_trial: Trial, junk: str, name: str) -> None:
    browser = Visitor(open_trial)
    browser.sign_in()

    browser.send("GET", "/logout", query=f"{name}={junk}".encode("latin-1"))

    assert is_signed_in(browser)


@settings(max_examples=100)
@given(position=st.integers(0, 10_000), letter=st.sampled_from("AQgw-_.z"))
def test_hint_with_one_letter_changed_ends_nothing(
    open_trial: Trial, position: int, letter: str
) -> None:
    browser = Visitor(open_trial)
    hint = str(browser.tokens()["id_token"])
    at = position % len(hint)
    changed = hint[:at] + letter + hint[at + 1 :]

    browser.get("/logout", {"id_token_hint": changed})

    assert is_signed_in(browser) is (changed != hint)
