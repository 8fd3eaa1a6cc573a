"""One card of several: chosen, remembered, taken unasked; Authlib is the service."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from bridge.demo.proof_page import Form, read_page
from tests.e2e.test_claims import World, open_world
from tests.e2e.visitor import Visitor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("bridge")) as world:
        yield world


def question(
    world: World, visitor: Visitor, name: str = "one-card", prompt: str = ""
) -> requests.Response:
    """Walk to the page of cards."""
    page = visitor.walk(f"{world.url}/login/{name}?prompt={prompt}")
    assert isinstance(page, requests.Response)
    assert 'type="radio"' in page.text, page.text
    return page


def card_form(page: requests.Response) -> Form:
    """Return the form with the cards; a page may have others beside it."""
    [form] = [one for one in read_page(page.text).forms if one.action == "/card"]
    return form


def choose(page: requests.Response, visitor: Visitor, number: int) -> requests.Response:
    """Press "Continue" with the card at *number*."""
    form = card_form(page)
    fields = [
        (entry.name, entry.value) for entry in form.fields if entry.name != "card"
    ]
    chosen = [*fields, ("card", str(number)), ("decision", "choose")]
    end = visitor.send(page, form, chosen)
    assert isinstance(end, requests.Response)
    return end


def cards(answers: dict[str, Any]) -> list[str]:
    """Return the institutions that a service was told of."""
    assert answers["userinfo"]["active"] is True
    told = [str(one["institution"]) for one in answers["userinfo"]["rero_memberships"]]
    assert told == answers["userinfo"]["rero_institutions"]
    return [institution.lower() for institution in told]


def test_patron_chooses_and_every_service_is_told_of_its_own_card(
    world: World,
) -> None:
    visitor = Visitor("anna")

    first = choose(question(world, visitor), visitor, 1).json()
    asked_in_silence = world.sign_in("one-current", visitor, "none")
    other = choose(question(world, visitor, "one-current"), visitor, 0).json()

    assert cards(first) == ["vs"]
    assert asked_in_silence == {"error": "interaction_required"}
    assert cards(other) == ["fr"]
    assert cards(world.sign_in("rules", visitor)) == ["fr", "vs"]
    assert first["id_token"]["sub"] == other["id_token"]["sub"]


def test_choice_is_remembered_until_the_account_is_to_be_chosen_again(
    world: World,
) -> None:
    visitor = Visitor("anna")
    choose(question(world, visitor), visitor, 0)

    again = world.sign_in("one-card", visitor)
    silent = world.sign_in("one-card", visitor, "none")
    page = question(world, visitor, prompt="select_account")
    [preselected] = [
        entry.value for entry in card_form(page).fields if entry.name == "card"
    ]

    assert cards(again) == cards(silent) == ["fr"]
    assert preselected == "0"
    assert cards(choose(page, visitor, 1).json()) == ["vs"]


def test_only_card_that_the_policy_takes_is_taken_unasked(world: World) -> None:
    answers = world.sign_in("one-current", Visitor("marie"))

    assert cards(answers) == ["nj"]


def test_consent_comes_after_the_card_and_shows_it_alone(world: World) -> None:
    visitor = Visitor("anna", remembers=False)

    page = question(world, visitor, "one-asking")
    consent = choose(page, visitor, 1)
    end = visitor.press(consent, "allow")

    assert isinstance(end, requests.Response)
    assert "<bdi>VS, vs-std" in consent.text
    assert "<bdi>FR" not in consent.text  # sealed text on the page may hold any letters
    assert cards(end.json()) == ["vs"]


def test_cancelled_choice_is_access_denied_at_the_service(world: World) -> None:
    visitor = Visitor("anna")

    end = visitor.press(question(world, visitor), "refuse")

    assert isinstance(end, requests.Response)
    assert end.json() == {"error": "access_denied"}


def test_form_cannot_name_a_card_that_the_page_did_not_offer(world: World) -> None:
    visitor = Visitor("anna")
    page = question(world, visitor)

    answer = choose(page, visitor, 2)

    assert answer.status_code == 400
    assert urljoin(page.url, "/card") == answer.url
