"""RERO+ is down, slow, or takes its tokens no more: a refresh goes on without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.demo.rero_faults import Fault
from tests.flow.asked_anew import KEEPS, AskedAnew, asked_anew
from tests.support.trial import HOUR_S

DAY_S = 24 * HOUR_S


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AskedAnew]:
    """Give a bridge that keeps tokens."""
    with asked_anew(tmp_path) as opened:
        yield opened


def test_without_rero_claims_grow_no_older_than_they_may(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.stand_in.faults.add(Fault("token", "status", times=None, status=503))
    world.trial.clock.advance(DAY_S)
    answer = world.refresh(tokens)
    world.trial.clock.advance(DAY_S)

    too_old = world.refresh(answer.members)

    assert answer.status == 200
    assert too_old.members["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("token", "status", status=503), "down"),
        (Fault("token", "drop"), "down"),
        (Fault("token", "garbled", body=b"<p>"), "not_json"),
        (Fault("token", "json", value=[]), "shape"),
        (Fault("token", "status", status=401, answer_form="json"), "registration"),
        (Fault("info", "status", times=2, status=500), "down"),
        (Fault("info", "json", value={"user_id": 77}), "identity_differs"),
        (Fault("info", "json", value={"user_id": True}), "shape"),
    ],
)
def test_rero_in_trouble_costs_no_refresh(
    world: AskedAnew, fault: Fault, reason: str
) -> None:
    tokens = world.sign_in()
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)
    world.stand_in.faults.add(fault)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Jean Simon"
    assert world.reasons == [reason]
    assert len(world.kept) == 1


def test_rero_that_was_down_is_asked_again_later(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)
    world.stand_in.faults.add(Fault("token", "status", status=503))
    tokens = world.refresh(tokens).members
    tokens = world.refresh(tokens).members  # it is left alone meanwhile
    assert world.exchanges() == 1
    world.trial.clock.advance(30)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Johann Simon"


def test_new_tokens_are_kept_though_the_patron_cannot_be_fetched(
    world: AskedAnew,
) -> None:
    tokens = world.sign_in()
    world.trial.clock.advance(2 * HOUR_S)
    world.stand_in.faults.add(Fault("info", "status", times=2, status=500))
    tokens = world.refresh(tokens).members
    world.rename("Johann")
    world.trial.clock.advance(30)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Johann Simon"
    assert world.exchanges() == 1


def test_hung_rero_holds_a_refresh_no_longer_than_the_deadline(tmp_path: Path) -> None:
    with asked_anew(tmp_path, KEEPS + "deadline_s = 0.5\n") as world:
        tokens = world.sign_in()
        world.trial.clock.advance(2 * HOUR_S)
        world.stand_in.faults.add(Fault("token", "delay", delay_s=30))

        refreshed = world.refresh(tokens)

        assert refreshed.status == 200
        assert world.reasons == ["deadline"]


def test_tokens_that_rero_ended_are_deleted(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.stand_in.state.revoke(3)
    world.trial.clock.advance(2 * HOUR_S)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Jean Simon"
    assert world.reasons == ["code_over"]
    assert world.kept == []


def test_live_token_that_rero_refuses_is_deleted(tmp_path: Path) -> None:
    with asked_anew(tmp_path, KEEPS + "refresh_after_s = 600\n") as world:
        tokens = world.sign_in()
        world.stand_in.state.revoke(3)
        world.trial.clock.advance(900)

        refreshed = world.refresh(tokens)

        assert world.name_of(refreshed) == "Jean Simon"
        assert world.reasons == ["token_killed"]
        assert world.kept == []
