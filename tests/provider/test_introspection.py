"""Introspection: active only where the token would pass just now; it never writes."""

from dataclasses import replace
from datetime import date

import pytest

from bridge.core.client import AuthMethod
from bridge.core.errors import InvalidClient
from bridge.core.grant import Grant
from bridge.core.patron import JsonObject, Membership
from bridge.core.policy import Policy
from bridge.core.records import LoginWrite
from bridge.core.return_address import Parameters
from bridge.core.session import Session
from bridge.provider.service import PyopEngine
from bridge.signing.keys import KeyRing
from bridge.store.memory import MemoryStore
from tests.provider.world import (
    ISSUER,
    JEAN,
    NOW,
    SECRET,
    World,
    make_client,
    make_request,
    make_world,
)

OFFLINE = "openid profile offline_access"
INACTIVE = {"active": False}


class ReadingStore(MemoryStore):
    """Counts what would change the grants."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def swap_grant(self, grant: Grant) -> bool:
        self.writes += 1
        return super().swap_grant(grant)

    def delete_grant(self, grant_id: bytes) -> int:
        self.writes += 1
        return super().delete_grant(grant_id)

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        self.writes += 1
        return super().touch_session(session_id, seen_at)


def introspect(
    engine: PyopEngine, token: object, client_id: str = "library", now: int = NOW + 3
) -> JsonObject:
    form = {"token": str(token), "client_id": client_id, "client_secret": SECRET}
    return engine.introspect(Parameters(form.items()), None, now)


def test_live_access_token_tells_what_it_is(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code, now=NOW + 1)

    answer = introspect(world.engine, tokens["access_token"])

    assert answer == {
        "active": True,
        "scope": "openid profile",
        "client_id": "library",
        "sub": world.userinfo(tokens["access_token"])["sub"],
        "aud": "library",
        "iss": ISSUER,
        "exp": NOW + 1 + world.parts.lives.access_token_s,
        "iat": NOW + 1,
        "token_type": "Bearer",
    }


def test_live_refresh_token_tells_what_it_is(world: World) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"], now=NOW + 9, scope="openid")
    row = world.store.get_grant(grant.grant_id)
    assert row is not None

    answer = introspect(world.engine, second["refresh_token"], now=NOW + 10)

    assert "token_type" not in answer
    assert answer["active"] is True
    assert answer["scope"] == OFFLINE  # narrowed was that one access token alone
    assert (answer["iat"], answer["exp"]) == (NOW + 9, row.refresh_end)


def test_narrowed_access_token_tells_its_own_scope(world: World) -> None:
    _, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"], scope="openid")

    assert introspect(world.engine, second["access_token"])["scope"] == "openid"


def test_token_is_over_from_the_second_of_its_end(world: World) -> None:
    _, code = world.log_in(make_request())
    token = world.redeem(code, now=NOW)["access_token"]
    end = NOW + world.parts.lives.access_token_s

    assert introspect(world.engine, token, now=end - 1)["active"] is True
    assert introspect(world.engine, token, now=end) == INACTIVE


def test_used_refresh_token_is_inactive_also_inside_the_leeway(world: World) -> None:
    _, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)
    world.refresh(first["refresh_token"])

    assert introspect(world.engine, first["refresh_token"]) == INACTIVE


def test_foreign_unknown_and_other_tokens_look_alike(ring: KeyRing) -> None:
    world = make_world(ring, make_client(), make_client("museum"))
    _, code = world.log_in(make_request())
    open_code = world.log_in(make_request())[1]
    tokens = world.redeem(code)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert introspect(world.engine, token, "museum") == INACTIVE
    for token in (open_code, tokens["id_token"], "junk", "é"):
        assert introspect(world.engine, token) == INACTIVE


def test_refresh_token_of_a_patron_who_may_no_longer_is_inactive(
    ring: KeyRing,
) -> None:
    world = make_world(ring, make_client())
    _, code = world.log_in(make_request(scope=OFFLINE))
    tokens = world.redeem(code)
    strict = make_client(policy=Policy(institutions=frozenset({"fr"})))
    later = make_world(ring, strict, store=world.store)

    assert introspect(later.engine, tokens["refresh_token"]) == INACTIVE
    assert introspect(later.engine, tokens["access_token"])["active"] is True


def test_access_token_that_ends_with_the_membership_is_as_old_as_it_is(
    ring: KeyRing,
) -> None:
    midnight = 1_800_054_000  # of 16 January 2027 in Zurich
    card = Membership("vs", None, date(2027, 1, 15))
    world = make_world(ring, make_client(policy=Policy(requires_membership=True)))
    patron = replace(JEAN, memberships=(card,))
    _, code = world.log_in(make_request(scope=OFFLINE), patron)
    refresh_token = world.redeem(code)["refresh_token"]
    tokens = world.refresh(refresh_token, now=midnight - 30)

    answer = introspect(world.engine, tokens["access_token"], now=midnight - 20)

    assert (answer["iat"], answer["exp"]) == (midnight - 30, midnight)


def test_refresh_token_of_a_client_that_may_no_longer_refresh_is_inactive(
    ring: KeyRing,
) -> None:
    world = make_world(ring, make_client())
    _, code = world.log_in(make_request(scope=OFFLINE))
    tokens = world.redeem(code)
    strict = make_client(grant_types=frozenset({"authorization_code"}))
    later = make_world(ring, strict, store=world.store)

    assert introspect(later.engine, tokens["refresh_token"]) == INACTIVE


def test_refresh_token_whose_session_has_run_out_is_inactive(world: World) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)
    session = world.store.get_session_by_id(str(grant.session_id))
    assert isinstance(session, Session)
    over = replace(session, seen_at=NOW - 86_400)
    assert world.store.put_login(LoginWrite(NOW, session=over))

    assert introspect(world.engine, tokens["refresh_token"]) == INACTIVE


def test_token_whose_row_cannot_be_opened_is_inactive(
    ring: KeyRing, world: World
) -> None:
    grant, code = world.log_in(make_request(scope=OFFLINE))
    tokens = world.redeem(code)
    row = world.store.get_grant(grant.grant_id)
    assert row is not None
    world.store.delete_grant(grant.grant_id)
    world.store.put_login(LoginWrite(NOW, grant=replace(row, sealed=b"lost")))

    assert introspect(world.engine, tokens["access_token"]) == INACTIVE
    assert introspect(world.engine, tokens["refresh_token"]) == INACTIVE


def test_introspection_never_writes(ring: KeyRing) -> None:
    store = ReadingStore()
    world = make_world(ring, make_client(), store=store)
    _, code = world.log_in(make_request(scope=OFFLINE))
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"])
    before = store.writes

    for tokens in (first, second):
        for kind in ("access_token", "refresh_token", "id_token"):
            introspect(world.engine, tokens[kind], now=NOW + 9_000)
            introspect(world.engine, tokens[kind])

    assert store.writes == before


def test_word_of_a_public_client_is_not_enough(ring: KeyRing) -> None:
    public = frozenset({AuthMethod.NONE})
    app = make_client("app", secret_digests=(), token_endpoint_auth_methods=public)
    world = make_world(ring, app)
    form = {"token": "x", "client_id": "app"}

    with pytest.raises(InvalidClient):
        world.engine.introspect(Parameters(form.items()), None, NOW)
