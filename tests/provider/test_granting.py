"""A new grant: how long its refresh tokens may live, and what its row says."""

from dataclasses import replace

import pytest

from bridge.core.client import Client
from bridge.core.grant import Grant
from bridge.core.lives import Lives
from bridge.provider.granting import LoginFacts, new_grant
from bridge.signing.keys import KeyRing
from tests.provider.world import (
    CALLBACK,
    NOW,
    VERIFIER,
    make_client,
    make_request,
    make_world,
)

DAY_S = 86_400
CODE_ONLY = frozenset({"authorization_code"})


def grant_of(
    ring: KeyRing, client: Client, scope: str = "openid", lives: Lives | None = None
) -> Grant:
    """Build the grant of a login 20 s after its sign-in."""
    world = make_world(ring, client, lives=lives)
    login = LoginFacts(make_request(scope=scope), world.sign_in())
    return new_grant(world.parts, client, login, "the-sub", NOW)


def test_refresh_without_offline_access_is_bounded_by_the_session_alone(
    ring: KeyRing,
) -> None:
    # The session is asked at each refresh: a sign-in may have prolonged it.
    grant = grant_of(ring, make_client(refresh_tokens=True))

    assert grant.refresh_limit == NOW + 90 * DAY_S


def test_refresh_without_offline_access_is_for_clients_that_registered_it(
    ring: KeyRing,
) -> None:
    grant = grant_of(ring, make_client(refresh_tokens=False))

    assert grant.refresh_limit == 0


def test_offline_access_forces_a_new_sign_in_once_the_claims_are_old(
    ring: KeyRing,
) -> None:
    client = make_client(refresh_tokens=False, claims_max_age_s=3 * DAY_S)

    grant = grant_of(ring, client, "openid offline_access")

    assert grant.refresh_limit == NOW - 20 + 3 * DAY_S


def test_no_refresh_token_outlives_the_total_life(ring: KeyRing) -> None:
    lives = Lives(refresh_total_s=3600)
    client = make_client(refresh_tokens=True)

    offline = grant_of(ring, client, "openid offline_access", lives)
    online = grant_of(ring, client, "openid", lives)

    assert offline.refresh_limit == NOW + 3600
    assert online.refresh_limit == NOW + 3600


def test_offline_access_is_dropped_where_the_client_may_not_refresh(
    ring: KeyRing,
) -> None:
    client = make_client(grant_types=CODE_ONLY, refresh_tokens=True)

    grant = grant_of(ring, client, "openid offline_access profile")

    assert grant.scope == ("openid", "profile")
    assert grant.refresh_limit == 0


@pytest.mark.parametrize(
    "client",
    [
        make_client(backchannel_logout_uri="https://library.example/logout"),
        make_client(post_logout_redirect_uris=("https://library.example/bye",)),
    ],
)
def test_grant_of_a_client_that_takes_part_in_logouts_says_so(
    ring: KeyRing, client: Client
) -> None:
    grant = grant_of(ring, client)

    assert grant.logout_until == NOW - 20 + 8 * 3600


def test_grant_of_a_client_that_takes_no_part_in_logouts_says_so(ring: KeyRing) -> None:
    assert grant_of(ring, make_client()).logout_until == 0


def test_row_carries_what_the_request_said(ring: KeyRing) -> None:
    client = make_client()
    world = make_world(ring, client)
    request = make_request(nonce="n", code_challenge=VERIFIER)
    sign_in = world.sign_in()

    grant, _ = world.engine.authorize(request, client, sign_in, NOW)

    assert (grant.redirect_uri, grant.nonce) == (CALLBACK, "n")
    assert grant.code_challenge == VERIFIER
    assert grant.subject == world.subject()
    assert grant.session_id == sign_in.session.session_id
    assert grant.sid != sign_in.session.session_id
    assert (grant.generation, grant.version) == (0, 1)


def test_two_grants_have_two_ids(ring: KeyRing) -> None:
    world = make_world(ring)
    login = LoginFacts(make_request(), world.sign_in())

    first, second = (
        new_grant(world.parts, world.client(), login, "the-sub", NOW) for _ in range(2)
    )

    assert first.grant_id != second.grant_id
    assert replace(first, grant_id=b"", sealed=b"") == replace(
        second, grant_id=b"", sealed=b""
    )
