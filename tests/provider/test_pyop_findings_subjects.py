"""Findings 12, 13, 14 and 15: subjects and the patron's data (docs/pyop.md)."""

import json
from dataclasses import replace

from bridge.core.client import SubjectType
from bridge.core.patron import Identity, IdentityKind
from bridge.signing.keys import KeyRing
from bridge.store.memory import MemoryStore
from tests.provider.tokens import claims_of
from tests.provider.world import JEAN, World, make_client, make_request, make_world

SINGLE_ROW_CALLS = {"get_grant", "swap_grant", "get_session_by_id"}


class CountingStore(MemoryStore):
    """Counts what it is asked; refuses what is not on one row once `is_strict`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.is_strict = False

    def __getattribute__(self, name: str) -> object:
        value: object = super().__getattribute__(name)
        if callable(value) and not name.startswith("_"):
            if self.is_strict and name not in SINGLE_ROW_CALLS:
                raise AssertionError(f"the engine asks the store for {name}")
            self.calls.append(name)
        return value


def test_pyop_12_login_at_a_public_client_leaves_pairwise_subjects_alone(
    ring: KeyRing,
) -> None:
    public = make_client("museum", subject_type=SubjectType.PUBLIC)
    world = make_world(ring, make_client("library"), public)
    _, code = world.log_in(make_request("library"))
    tokens = world.redeem(code)
    before = world.userinfo(tokens["access_token"])

    _, other_code = world.log_in(make_request("museum"))
    world.redeem(other_code, "museum")

    assert world.userinfo(tokens["access_token"]) == before


def test_pyop_13_two_hosts_of_one_client_have_one_subject(ring: KeyRing) -> None:
    uris = ("https://a.example/callback", "https://b.example:8443/callback")
    world = make_world(ring, make_client(redirect_uris=uris))

    subjects = set()
    for uri in uris:
        _, code = world.log_in(make_request(redirect_uri=uri))
        tokens = world.redeem(code, redirect_uri=uri)
        subjects.add(claims_of(tokens["id_token"])["sub"])

    assert len(subjects) == 1


def test_pyop_13_sector_and_user_do_not_run_together(ring: KeyRing) -> None:
    one = make_client("one", sector="ab.ch")
    other = make_client("other", sector="1ab.ch")  # "11" and "ab.ch", as "1" and this
    world = make_world(ring, one, other)
    first = replace(JEAN, identity=Identity(IdentityKind.USER, "11"))
    second = replace(JEAN, identity=Identity(IdentityKind.USER, "1"))

    _, code = world.log_in(make_request("one"), first)
    _, other_code = world.log_in(make_request("other"), second)

    assert (
        claims_of(world.redeem(code, "one")["id_token"])["sub"]
        != claims_of(world.redeem(other_code, "other")["id_token"])["sub"]
    )


def whole_flow(patrons: int, ring: KeyRing) -> list[str]:
    """Let *patrons* log in, then one more; return what his flow asks the store."""
    store = CountingStore()
    world = make_world(ring, store=store)
    for number in range(patrons):
        identity = Identity(IdentityKind.USER, str(10_000 + number))
        world.log_in(make_request(), replace(JEAN, identity=identity))
    _, code = world.log_in(make_request())
    store.calls.clear()
    store.is_strict = True
    tokens = world.redeem(code)
    world.userinfo(tokens["access_token"])
    world.refresh(tokens["refresh_token"])
    return store.calls


def test_pyop_14_flow_asks_for_as_many_rows_whoever_has_logged_in_before(
    ring: KeyRing,
) -> None:
    alone = whole_flow(0, ring)
    among_many = whole_flow(50, ring)

    assert among_many == alone


def test_pyop_14_engine_keeps_nothing_of_a_patron(world: World) -> None:
    before = {name: id(value) for name, value in vars(world.provider).items()}

    _, code = world.log_in(make_request())
    world.userinfo(world.redeem(code)["access_token"])

    after = {name: id(value) for name, value in vars(world.provider).items()}
    assert after == before
    assert world.provider.clients == {}
    assert world.provider.userinfo is None
    assert world.provider.authz_state is None


def test_pyop_15_later_login_does_not_change_what_an_older_token_tells(
    ring: KeyRing,
) -> None:
    world = make_world(ring, make_client("library"), make_client("museum"))
    _, code = world.log_in(make_request("library"))
    tokens = world.redeem(code)

    _, later = world.log_in(
        make_request("museum"), replace(JEAN, fullname="Duprêt-Zen, Jean")
    )

    older = world.userinfo(tokens["access_token"])
    newer = world.userinfo(world.redeem(later, "museum")["access_token"])
    assert json.dumps(older["name"]) == json.dumps("Jean Duprêt")
    assert newer["name"] == "Jean Duprêt-Zen"
