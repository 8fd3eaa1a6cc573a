"""What RERO+ was not asked for: no claim, and nothing that a refresh may rest on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import Fault
from bridge.demo.rero_server import serve_stand_in
from tests.flow.test_with_stand_in import World
from tests.spec.support import info_of, refresh
from tests.support.reader import CLIENT
from tests.support.trial import CONFIGURATION, Trial, client
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Visitor


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    stand_in = StandIn()
    stand_in.add_client(CLIENT)
    with serve_stand_in(stand_in) as running:
        trial = Trial(tmp_path, CONFIGURATION, with_rero=True)
        yield World(trial, stand_in, running.url)


def register(world: World, registration: str) -> None:
    """Configure the bridge with one more client, and a policy it may name."""
    text = CONFIGURATION.replace(UPSTREAM, world.url)
    world.trial.configure(f'{text}\n{registration}\n[policies.p]\nmembership="current"')


def tokens_of_luca(world: World, browser: Visitor, scope: str) -> dict[str, object]:
    """Let luca, whose card is over, sign in at a client that does not ask for it."""
    register(world, client("later"))
    answer = world.sign_in("later", "luca", scope=scope)
    return browser.token(answer.query["code"], "later").members


def test_refresh_needs_an_end_that_was_asked_for(world: World) -> None:
    browser = Visitor(world.trial)
    tokens = tokens_of_luca(world, browser, "openid offline_access")
    register(world, client("later", policy="p"))

    refused = refresh(browser, tokens, "later")

    assert refused.members["error"] == "invalid_grant"
    assert browser.userinfo(tokens["access_token"]).status == 401  # the grant is gone


def test_refresh_needs_an_address_where_the_client_cannot_do_without(
    world: World,
) -> None:
    browser = Visitor(world.trial)
    tokens = tokens_of_luca(world, browser, "openid email offline_access")
    register(world, client("later", email="required"))

    refused = refresh(browser, tokens, "later")

    assert refused.members["error"] == "invalid_grant"


def test_old_token_does_not_call_a_membership_active(world: World) -> None:
    browser = Visitor(world.trial)
    tokens = tokens_of_luca(world, browser, "openid")
    register(world, client("later", claims=["rero_memberships"]))

    members = info_of(browser, tokens)

    assert members["rero_memberships"] == [{"institution": "vs"}]


@pytest.mark.parametrize("end", ["31.12.2019", 1_577_836_800, "20200101", False])
def test_end_that_cannot_be_read_is_a_page_that_says_so(
    world: World, end: object
) -> None:
    register(world, client("strict", policy="p"))
    record = {"institution": "vs", "patron_pid": "1", "expiration_date": end}
    answer = {"user_id": 3, "barcode": "1", "patron_info": {"vs": record}}
    world.stand_in.faults.add(Fault("info", "json", value=answer))

    page = world.sign_in("strict", "jean")

    reasons = [line["reason"] for line in world.trial.events("login:refused")]
    assert reasons == ["membership_unknown"]
    assert "It is not known when your library membership ends" in page.text
