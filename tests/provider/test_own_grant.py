"""The grant of a request under races, lost rows and ended sessions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bridge.core.errors import InvalidGrant, InvalidScope, InvalidToken, StoreError
from bridge.core.grant import Grant
from bridge.core.patron import Membership
from bridge.core.policy import Policy
from bridge.core.records import LoginWrite
from bridge.flow.ports import Event
from bridge.signing.keys import KeyRing
from bridge.store.memory import MemoryStore
from tests.provider.tokens import claims_of
from tests.provider.world import (
    JEAN,
    NOW,
    World,
    make_client,
    make_request,
    make_world,
)

OFFLINE = "openid offline_access"
HOUR_S = 3600


class RacingStore(MemoryStore):
    """Lets others be first at the next swaps, as `interfere` says."""

    def __init__(self) -> None:
        super().__init__()
        self.interfere: list[Callable[[Grant], None]] = []
        self.swaps = 0

    def swap_grant(self, grant: Grant) -> bool:
        self.swaps += 1
        if self.interfere:
            self.interfere.pop(0)(grant)
        return super().swap_grant(grant)

    def bump(self, grant: Grant) -> None:
        """Change the row in a way that takes nothing from this request."""
        present = self.get_grant(grant.grant_id)
        assert present is not None
        assert super().swap_grant(replace(present, version=present.version + 1))

    def take_away(self, grant: Grant) -> None:
        assert self.delete_grant(grant.grant_id) == 1


@pytest.fixture
def store() -> RacingStore:
    return RacingStore()


@pytest.mark.parametrize("lost", [1, 2])
def test_swap_that_was_lost_is_tried_again(
    ring: KeyRing, store: RacingStore, lost: int
) -> None:
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    store.interfere = [store.bump] * lost

    assert "access_token" in world.redeem(code)

    assert store.swaps == lost + 1


def test_swap_that_is_lost_three_times_is_a_store_error(
    ring: KeyRing, store: RacingStore
) -> None:
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    store.interfere = [store.bump] * 3

    with pytest.raises(StoreError):
        world.redeem(code)

    assert "access_token" in world.redeem(code)  # nothing was burnt


def test_row_that_vanishes_meanwhile_is_an_invalid_grant(
    ring: KeyRing, store: RacingStore
) -> None:
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    store.interfere = [store.take_away]

    with pytest.raises(InvalidGrant):
        world.redeem(code)


def test_loser_of_a_race_for_one_code_ends_the_grant(
    ring: KeyRing, store: RacingStore
) -> None:
    world = make_world(ring, store=store)
    grant, code = world.log_in(make_request())

    def be_first(_: Grant) -> None:
        world.redeem(code)

    store.interfere = [be_first]

    with pytest.raises(InvalidGrant):
        world.redeem(code)

    assert store.get_grant(grant.grant_id) is None
    assert world.audit.reasons(Event.GRANT_ENDED) == ["code_reuse"]


def test_expired_code_is_refused_without_a_write(world: World) -> None:
    grant, code = world.log_in(make_request())

    with pytest.raises(InvalidGrant):
        world.redeem(code, now=NOW + 60)

    assert world.store.get_grant(grant.grant_id) == grant


@pytest.mark.parametrize("how", ["idle", "over"])
def test_session_that_is_over_ends_refresh_without_offline_access(
    world: World, how: str
) -> None:
    grant, code = world.log_in(make_request())
    refresh_token = world.redeem(code)["refresh_token"]
    now = {"idle": NOW + 1_800, "over": NOW + 9 * HOUR_S}[how]
    before = world.store.get_grant(grant.grant_id)

    with pytest.raises(InvalidGrant):
        world.refresh(refresh_token, now=now)

    assert world.store.get_grant(grant.grant_id) == before


def test_reuse_ends_the_grant_after_its_session_too(world: World) -> None:
    grant, code = world.log_in(make_request())
    first = world.redeem(code)["refresh_token"]
    second = world.refresh(first)["refresh_token"]
    world.refresh(second)

    with pytest.raises(InvalidGrant):
        world.refresh(first, now=NOW + 1_800 + 60)

    assert world.store.get_grant(grant.grant_id) is None


def test_session_that_is_over_leaves_offline_access_alone(world: World) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    refresh_token = world.redeem(code)["refresh_token"]
    world.store.end_session(str(grant.session_id), NOW + 2)

    tokens = world.refresh(refresh_token, now=NOW + 24 * HOUR_S)

    assert "refresh_token" in tokens


def test_repeated_refresh_within_the_leeway_writes_nothing(
    ring: KeyRing, store: RacingStore
) -> None:
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    first = world.redeem(code)["refresh_token"]
    once = world.refresh(first, now=NOW + 10)
    swaps = store.swaps

    again = world.refresh(first, now=NOW + 40)

    assert again["refresh_token"] == once["refresh_token"]
    assert store.swaps == swaps
    assert world.audit.reasons(Event.TOKEN_REFRESHED).count("refresh_leeway") == 1


def test_wider_scope_is_an_invalid_scope_and_changes_nothing(world: World) -> None:
    grant, code = world.log_in(make_request(scope="openid"))
    refresh_token = world.redeem(code)["refresh_token"]
    before = world.store.get_grant(grant.grant_id)

    with pytest.raises(InvalidScope):
        world.refresh(refresh_token, scope="openid profile")

    assert world.store.get_grant(grant.grant_id) == before


def test_patron_who_is_no_longer_eligible_loses_the_grant(world: World) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    refresh_token = world.redeem(code)["refresh_token"]
    elsewhere = Policy(institutions=frozenset({"ge"}))

    later = make_world(world.ring, make_client(policy=elsewhere), store=world.store)
    with pytest.raises(InvalidGrant):
        later.refresh(refresh_token)

    assert world.store.get_grant(grant.grant_id) is None
    assert later.audit.reasons(Event.GRANT_ENDED) == ["not_eligible"]


def test_tokens_end_with_the_last_day_of_the_membership_in_zurich(
    ring: KeyRing,
) -> None:
    policy = Policy(requires_membership=True)
    world = make_world(ring, make_client(policy=policy))
    patron = replace(JEAN, memberships=(Membership("vs", None, date(2027, 1, 15)),))
    midnight = 1_800_054_000  # of 16 January 2027 in Zurich, an hour before that of UTC
    grant, code = world.log_in(make_request(scope=OFFLINE), patron)
    now = midnight - 30

    tokens = world.refresh(world.redeem(code)["refresh_token"], now=now)

    claims = claims_of(tokens["id_token"])
    assert (tokens["expires_in"], claims["exp"]) == (30, midnight)
    row = world.store.get_grant(grant.grant_id)
    assert row is not None
    assert row.refresh_end == midnight
    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"], now=midnight)
    with pytest.raises(InvalidGrant):
        world.refresh(tokens["refresh_token"], now=midnight)


def test_code_of_a_patron_who_may_no_longer_takes_the_grant_along(
    ring: KeyRing,
) -> None:
    world = make_world(ring, make_client(policy=Policy(maximum_age=26)))
    patron = replace(JEAN, birthdate=date(2000, 1, 15))  # 27 years old on NOW's day
    grant, code = world.log_in(make_request(), patron)

    with pytest.raises(InvalidGrant):
        world.redeem(code)

    assert world.store.get_grant(grant.grant_id) is None


def test_subject_that_is_denied_since_loses_the_grant(world: World) -> None:
    _, code = world.log_in(make_request(scope=OFFLINE))
    tokens = world.redeem(code)
    sub = str(claims_of(tokens["id_token"])["sub"])
    denying = make_client(policy=Policy(deny=frozenset({sub})))

    later = make_world(world.ring, denying, store=world.store)
    with pytest.raises(InvalidGrant):
        later.refresh(tokens["refresh_token"])

    assert later.audit.reasons(Event.GRANT_ENDED) == ["not_eligible"]


def test_access_token_of_a_client_that_is_gone_is_refused(world: World) -> None:
    _, code = world.log_in(make_request())
    access_token = world.redeem(code)["access_token"]

    later = make_world(world.ring, make_client("museum"), store=world.store)

    with pytest.raises(InvalidToken):
        later.userinfo(access_token)


def test_code_is_no_refresh_token_and_no_access_token(world: World) -> None:
    _, code = world.log_in(make_request())

    with pytest.raises(InvalidGrant):
        world.refresh(code)
    with pytest.raises(InvalidToken):
        world.userinfo(code)
    assert "access_token" in world.redeem(code)


def test_newer_refresh_token_than_the_row_is_refused_and_noted(world: World) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)["refresh_token"]
    restored = world.store.get_grant(grant.grant_id)
    assert restored is not None
    second = world.refresh(first)["refresh_token"]
    world.store.delete_grant(grant.grant_id)
    put_back(world, restored)

    with pytest.raises(InvalidGrant):
        world.refresh(second, now=NOW + 100)

    assert world.store.get_grant(grant.grant_id) == restored
    assert world.audit.reasons(Event.TOKEN_REFUSED) == ["refresh_ahead"]


def put_back(world: World, grant: Grant) -> None:
    """Restore a row, as a backup would."""
    assert world.store.put_login(LoginWrite(NOW, grant=grant))
