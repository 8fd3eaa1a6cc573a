"""Revocation by the table of grants: own tokens only, races, and nothing else."""

import pytest

from bridge.core.client import AuthMethod
from bridge.core.errors import InvalidClient, InvalidGrant, InvalidToken, StoreError
from bridge.core.grant import Grant
from bridge.core.return_address import Parameters
from bridge.flow.ports import Event
from bridge.signing.keys import KeyRing
from tests.provider.test_own_grant import RacingStore
from tests.provider.world import (
    CALLBACK,
    NOW,
    SECRET,
    World,
    make_client,
    make_request,
    make_world,
)

OFFLINE = "openid offline_access"


@pytest.fixture
def store() -> RacingStore:
    return RacingStore()


@pytest.fixture
def world(ring: KeyRing, store: RacingStore) -> World:
    return make_world(ring, make_client(), make_client("museum"), store=store)


def revoke(
    world: World, token: object, client_id: str = "library", **more: str
) -> None:
    form = {"token": str(token), "client_id": client_id, "client_secret": SECRET}
    world.engine.revoke(Parameters({**form, **more}.items()), None, NOW + 3)


def row(world: World, grant: Grant) -> Grant | None:
    return world.store.get_grant(grant.grant_id)


def test_revoked_access_token_ends_with_its_siblings(world: World) -> None:
    _, code = world.log_in(make_request())
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"])

    revoke(world, first["access_token"])

    for tokens in (first, second):
        with pytest.raises(InvalidToken):
            world.userinfo(tokens["access_token"])


def test_grant_lives_on_after_its_access_tokens(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    revoke(world, tokens["access_token"])

    fresh = world.refresh(tokens["refresh_token"])
    assert world.userinfo(fresh["access_token"])["sub"]


@pytest.mark.parametrize("is_old", [False, True])
def test_any_refresh_token_of_the_grant_ends_it(world: World, is_old: bool) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"])

    revoke(world, (first if is_old else second)["refresh_token"])

    assert row(world, grant) is None
    with pytest.raises(InvalidGrant):
        world.refresh(second["refresh_token"])
    with pytest.raises(InvalidToken):
        world.userinfo(second["access_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_token_of_another_client_stays_and_nothing_is_told(
    world: World, store: RacingStore, kind: str
) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)
    before, swaps = row(world, grant), store.swaps

    revoke(world, tokens[kind], "museum")

    assert row(world, grant) == before
    assert store.swaps == swaps
    assert Event.TOKEN_REVOKED not in dict(world.audit.events)


@pytest.mark.parametrize("token", ["junk", "é", "A" * 72, "a.b.c"])
def test_what_is_no_token_is_taken_in_silence(world: World, token: str) -> None:
    revoke(world, token)

    assert world.audit.events == []


def test_code_is_no_token_to_revoke(world: World) -> None:
    _, code = world.log_in(make_request())

    revoke(world, code)

    assert "access_token" in world.redeem(code)


def test_token_whose_grant_is_gone_is_taken_in_silence(world: World) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)
    world.store.delete_grant(grant.grant_id)

    revoke(world, tokens["access_token"])
    revoke(world, tokens["refresh_token"])

    assert row(world, grant) is None


@pytest.mark.parametrize("lost", [1, 2])
def test_swap_that_was_lost_is_tried_again(
    world: World, store: RacingStore, lost: int
) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)
    store.interfere = [store.bump] * lost

    revoke(world, tokens["access_token"])

    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"])


def test_swap_that_is_lost_three_times_is_a_store_error(
    world: World, store: RacingStore
) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)
    store.interfere = [store.bump] * 3

    with pytest.raises(StoreError):
        revoke(world, tokens["access_token"])

    assert world.userinfo(tokens["access_token"])["sub"]  # still alive, as was said


def test_row_that_vanishes_meanwhile_is_revoked_enough(
    world: World, store: RacingStore
) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)
    store.interfere = [store.take_away]

    revoke(world, tokens["access_token"])

    assert row(world, grant) is None


def test_public_client_revokes_its_own(ring: KeyRing) -> None:
    public = frozenset({AuthMethod.NONE})
    app = make_client("app", secret_digests=(), token_endpoint_auth_methods=public)
    world = make_world(ring, app)
    _, code = world.log_in(make_request("app"))
    tokens = world.token(
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        client_id="app",
    )

    sent = {"token": str(tokens["access_token"]), "client_id": "app"}
    world.engine.revoke(Parameters(sent.items()), None, NOW + 3)

    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"])


def test_stranger_revokes_nothing(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    with pytest.raises(InvalidClient):
        revoke(world, tokens["access_token"], client_secret="wrong")

    assert world.userinfo(tokens["access_token"])["sub"]


def test_log_is_told_what_ended_and_not_by_which_token(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    revoke(world, tokens["refresh_token"])

    assert world.audit.events[-1] == (
        Event.TOKEN_REVOKED,
        {"client_id": "library", "outcome": "grant"},
    )
