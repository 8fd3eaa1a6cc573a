"""Logins against the stand-in RERO+: what only a whole upstream can show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bridge.core.errors import PageReason
from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import Fault
from bridge.demo.rero_server import serve_stand_in
from bridge.demo.rero_state import SCOPES, Shape
from tests.support.reader import CLIENT, ReroReader
from tests.support.trial import CONFIGURATION, Trial, client
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Answer, Visitor


@dataclass
class World:
    """A bridge in front of a stand-in."""

    trial: Trial
    stand_in: StandIn

    def sign_in(
        self, client_id: str = "service", who: str = "jean", **changes: str
    ) -> Answer:
        """Let a new browser go the whole way as *who*."""
        browser, reader = Visitor(self.trial), ReroReader(self.stand_in, who)
        answer = browser.authorize(client_id, **changes)
        while answer.headers.get("Location", "").startswith(self.url):
            answer = browser.get(reader.go(answer.location))
        return answer

    url: str = ""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a bridge and a stand-in at a real port."""
    stand_in = StandIn()
    stand_in.add_client(CLIENT)
    with serve_stand_in(stand_in) as running:
        configuration = CONFIGURATION.replace(UPSTREAM, running.url)
        trial = Trial(tmp_path, configuration, with_rero=True)
        yield World(trial, stand_in, running.url)


def test_login_ends_at_the_client(world: World) -> None:
    assert world.sign_in().query["code"]


def test_barcode_signs_in_only_until_a_user_id_was_seen(world: World) -> None:
    def shape(name: Shape) -> None:
        world.stand_in.settings = replace(world.stand_in.settings, shape=name)

    shape("help")  # no user id anywhere
    assert world.sign_in().query["code"]
    shape("current")
    assert world.sign_in().query["code"]
    writes = len(world.trial.spy.writes)

    shape("help")
    answer = world.sign_in()

    assert answer.page is PageReason.UPSTREAM_GARBLED
    assert len(world.trial.spy.writes) == writes


def test_email_scope_that_rero_does_not_offer_costs_no_login(world: World) -> None:
    world.stand_in.settings = replace(world.stand_in.settings, scopes=SCOPES)

    answer = world.sign_in("mail", scope="openid email profile")

    assert answer.query["code"]


@pytest.mark.parametrize(
    ("lines", "who", "reason"),
    [
        ("minimum_age = 9\nmaximum_age = 10", "child", None),
        ("minimum_age = 16", "child", "too_young"),
        ("maximum_age = 25", "jean", "too_old"),
        ("minimum_age = 16", "ageless", "birthdate_unknown"),
        ('patron_types = ["NJ-Adu"]\nmembership = "current"', "marie", None),
        ('patron_types = ["fr:nj-adu"]', "marie", "patron_type"),
        ('membership = "current"', "marie", None),
        ('membership = "current"\nmemberships = "all"', "marie", "membership_expired"),
        ("", "nora", "no_patron_record"),
    ],
)
def test_policy_decides_by_what_rero_really_answers(
    world: World, lines: str, who: str, reason: str | None
) -> None:
    policy = f"[policies.p]\n{lines}\n{client('strict', policy='p')}"
    world.trial.configure(f"{CONFIGURATION.replace(UPSTREAM, world.url)}\n{policy}")

    answer = world.sign_in("strict", who)

    refused = world.trial.events("login:refused")
    assert [line["reason"] for line in refused] == ([] if reason is None else [reason])
    assert answer.status == (303 if reason is None else 403)


def test_patron_who_rejects_is_access_denied_at_the_client(world: World) -> None:
    world.stand_in.faults.add(Fault("authorize", "refuse", error="access_denied"))

    assert world.sign_in().query["error"] == "access_denied"


def test_broken_token_answer_is_a_page_and_the_next_try_succeeds(world: World) -> None:
    world.stand_in.faults.add(Fault("token", "status", status=500))

    assert world.sign_in().page in {
        PageReason.UPSTREAM_DOWN,
        PageReason.UPSTREAM_GARBLED,
    }
    assert world.trial.spy.writes == []
    assert world.sign_in().query["code"]
