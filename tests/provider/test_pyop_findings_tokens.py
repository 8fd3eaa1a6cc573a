"""Findings 1, 2, 3, 7 and 22: codes and tokens (docs/pyop.md)."""

import base64
import threading
from pathlib import Path

import pytest

from bridge.core.errors import InvalidGrant, InvalidToken
from bridge.core.grant import Grant
from bridge.core.patron import JsonObject
from bridge.flow.ports import Event
from bridge.signing.keys import KeyRing
from bridge.store.sqlite import SqliteStore, open_sqlite_store
from tests.provider.world import NOW, World, make_client, make_request, make_world
from tests.store.conformance import at_once

DAY_S = 86_400


def test_pyop_01_refresh_token_is_bound_to_its_client(ring: KeyRing) -> None:
    world = make_world(ring, make_client("library"), make_client("museum"))
    _, code = world.log_in(make_request("library"))
    refresh_token = world.redeem(code)["refresh_token"]

    with pytest.raises(InvalidGrant):
        world.refresh(refresh_token, "museum")

    assert "access_token" in world.refresh(refresh_token, "library")


def let_all_read_first(
    store: SqliteStore, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold each thread after its first read until all have read the same row."""
    all_have_read = threading.Barrier(threads)
    seen = threading.local()
    get_grant = store.get_grant

    def read_and_wait(grant_id: bytes) -> Grant | None:
        grant = get_grant(grant_id)
        if not hasattr(seen, "has_read"):
            seen.has_read = True
            all_have_read.wait(timeout=60)
        return grant

    monkeypatch.setattr(store, "get_grant", read_and_wait)


def test_pyop_02_code_is_redeemed_once_by_twenty_threads(
    ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_sqlite_store(tmp_path / "bridge.db")
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    let_all_read_first(store, 20, monkeypatch)

    def redeem() -> JsonObject | None:
        try:
            return world.redeem(code)
        except InvalidGrant:
            return None

    answers = [answer for answer in at_once(redeem, threads=20) if answer]

    monkeypatch.undo()
    assert len(answers) == 1
    with pytest.raises(InvalidToken):  # the other uses were reuse: all is ended
        world.userinfo(answers[0]["access_token"])
    with pytest.raises(InvalidGrant):
        world.refresh(answers[0]["refresh_token"])
    store.close()


def test_pyop_03_code_reuse_ends_the_tokens_that_came_of_it(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)
    assert world.userinfo(tokens["access_token"])

    with pytest.raises(InvalidGrant):
        world.redeem(code)

    assert world.audit.reasons(Event.GRANT_ENDED) == ["code_reuse"]
    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"])
    with pytest.raises(InvalidGrant):
        world.refresh(tokens["refresh_token"])


def test_pyop_03_code_that_a_stranger_shows_stays_usable(ring: KeyRing) -> None:
    world = make_world(ring, make_client("library"), make_client("museum"))
    _, code = world.log_in(make_request("library"))

    with pytest.raises(InvalidGrant):
        world.redeem(code, "museum")
    with pytest.raises(InvalidGrant):
        world.redeem(code, redirect_uri="https://museum.example/callback")

    assert "access_token" in world.redeem(code, "library")


def test_pyop_07_refresh_token_is_new_at_each_use(world: World) -> None:
    _, code = world.log_in(make_request())
    first = world.redeem(code)["refresh_token"]

    second = world.refresh(first, now=NOW + 100)["refresh_token"]
    third = world.refresh(second, now=NOW + 200)["refresh_token"]

    assert len({first, second, third}) == 3


def test_pyop_07_reuse_of_a_refresh_token_ends_the_grant(world: World) -> None:
    _, code = world.log_in(make_request())
    first = world.redeem(code)["refresh_token"]
    second = world.refresh(first, now=NOW + 100)

    with pytest.raises(InvalidGrant):
        world.refresh(first, now=NOW + 1000)

    assert world.audit.reasons(Event.GRANT_ENDED) == ["refresh_reuse"]
    with pytest.raises(InvalidGrant):
        world.refresh(second["refresh_token"], now=NOW + 1001)


def test_pyop_07_refresh_gives_a_new_id_token(world: World) -> None:
    _, code = world.log_in(make_request())
    first = world.redeem(code)

    second = world.refresh(first["refresh_token"], now=NOW + 100)

    assert second["id_token"] != first["id_token"]


def test_pyop_07_refresh_works_when_the_first_access_token_is_long_over(
    world: World,
) -> None:
    _, code = world.log_in(make_request(scope="openid offline_access"))
    refresh_token = world.redeem(code)["refresh_token"]
    world.store.clean(NOW + DAY_S)

    tokens = world.refresh(refresh_token, now=NOW + DAY_S)

    assert world.userinfo(tokens["access_token"], now=NOW + DAY_S)


def test_pyop_07_rotation_is_known_to_the_next_process(
    ring: KeyRing, tmp_path: Path
) -> None:
    store = open_sqlite_store(tmp_path / "bridge.db")
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request())
    first = world.redeem(code)["refresh_token"]
    second = world.refresh(first, now=NOW + 100)["refresh_token"]
    store.close()

    reopened = open_sqlite_store(tmp_path / "bridge.db")
    later = make_world(ring, store=reopened)
    assert "access_token" in later.refresh(second, now=NOW + 200)
    with pytest.raises(InvalidGrant):
        later.refresh(first, now=NOW + 300)
    reopened.close()


def test_pyop_22_file_of_the_store_holds_no_code_and_no_token(
    ring: KeyRing, tmp_path: Path
) -> None:
    store = open_sqlite_store(tmp_path / "bridge.db")
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request(nonce="the nonce"))
    tokens = world.redeem(code)
    handles = [code, tokens["access_token"], tokens["refresh_token"]]

    content = b"".join(path.read_bytes() for path in tmp_path.glob("bridge.db*"))
    store.close()

    assert b"the nonce" in content  # the grant is there, in one of the files
    tags = [str(handle).encode()[-24:] for handle in handles]
    tags += [base64.urlsafe_b64decode(tag) for tag in tags]
    assert [tag for tag in tags if tag in content] == []


def test_pyop_22_what_is_over_leaves_the_store(world: World) -> None:
    grant, code = world.log_in(make_request())
    world.redeem(code)
    assert world.store.get_grant(grant.grant_id) is not None

    world.store.clean(NOW + 100 * DAY_S)

    assert world.store.get_grant(grant.grant_id) is None


def test_pyop_22_handles_are_closed_by_144_bits(world: World) -> None:
    _, code = world.log_in(make_request())

    forged = code[:-1] + ("A" if code[-1] != "A" else "B")

    with pytest.raises(InvalidGrant):
        world.redeem(forged)
    assert len(world.parts.tagger.tag(b"tags", b"message") or b"") * 8 == 144
