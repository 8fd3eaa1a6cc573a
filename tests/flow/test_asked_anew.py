"""A refresh rests on a fresh answer of RERO+, where its tokens are kept."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.flow.asked_anew import KEEPS, OFFLINE, AskedAnew, asked_anew
from tests.support.trial import HOUR_S

DAY_S = 24 * HOUR_S
TODAY = date(2027, 1, 15)
INFO = "/api/patrons/info"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AskedAnew]:
    """Give a bridge that keeps tokens."""
    with asked_anew(tmp_path) as opened:
        yield opened


def test_nothing_is_kept_and_nobody_is_asked_by_default(tmp_path: Path) -> None:
    with asked_anew(tmp_path, 'id = "rero"\n') as world:
        tokens = world.sign_in()
        world.rename("Johann")
        world.trial.clock.advance(2 * HOUR_S)

        refreshed = world.refresh(tokens)

        assert world.name_of(refreshed) == "Jean Simon"
        assert world.asked(INFO) == 1
        assert [write.upstream_tokens for write in world.trial.spy.logins] == [None]


def test_nobody_is_asked_any_more_once_tokens_are_no_longer_kept(
    world: AskedAnew,
) -> None:
    tokens = world.sign_in()
    text = (world.trial.folder / "bridge.toml").read_text().partition("\n[keys]")[0]
    world.trial.configure(text.replace("keep_tokens = true", "keep_tokens = false"))
    world.trial.clock.advance(2 * HOUR_S)

    world.refresh(tokens)

    assert world.asked(INFO) == 1


def test_refresh_brings_what_rero_says_now(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Johann Simon"
    assert (world.exchanges(), world.asked(INFO)) == (1, 2)


def test_live_token_is_used_without_an_exchange(tmp_path: Path) -> None:
    with asked_anew(tmp_path, KEEPS + "refresh_after_s = 600\n") as world:
        tokens = world.sign_in()
        world.rename("Johann")
        world.trial.clock.advance(HOUR_S // 2)

        refreshed = world.refresh(tokens)

        assert world.name_of(refreshed) == "Johann Simon"
        assert (world.exchanges(), world.asked(INFO)) == (0, 2)


def test_young_claims_are_not_asked_about(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.trial.clock.advance(HOUR_S - 1)
    tokens = world.refresh(tokens).members
    world.trial.clock.advance(1)
    tokens = world.refresh(tokens).members
    world.trial.clock.advance(HOUR_S - 1)

    world.refresh(tokens)

    assert world.asked(INFO) == 2


def test_card_that_ended_since_the_sign_in_ends_the_grant(world: AskedAnew) -> None:
    tokens = world.sign_in("app2")
    world.set_expiry(date(2027, 1, 14))
    world.trial.clock.advance(2 * HOUR_S)

    refused = world.refresh(tokens, "app2")

    assert refused.members["error"] == "invalid_grant"
    ended = world.trial.events("grant:ended")
    assert [line["reason"] for line in ended] == ["not_eligible"]


def test_card_that_was_prolonged_since_the_sign_in_goes_on(world: AskedAnew) -> None:
    world.set_expiry(TODAY)
    tokens = world.sign_in("app2")
    world.set_expiry(date(2028, 1, 15))
    world.trial.clock.advance(2 * HOUR_S)

    tokens = world.refresh(tokens, "app2").members
    world.trial.clock.advance(2 * DAY_S)
    answer = world.refresh(tokens, "app2")

    assert answer.status == 200


def test_claims_that_are_young_again_may_grow_old_again(world: AskedAnew) -> None:
    tokens = world.sign_in()  # claims_max_age_s is two days
    for _ in range(3):
        world.trial.clock.advance(DAY_S)
        answer = world.refresh(tokens)
        tokens = answer.members

    assert answer.status == 200


def test_refreshes_at_once_make_one_exchange(world: AskedAnew) -> None:
    grants = [world.sign_in() for _ in range(10)]
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)
    names: list[object] = []
    barrier = threading.Barrier(len(grants))

    def run(tokens: dict[str, object]) -> None:
        barrier.wait()
        names.append(world.name_of(world.refresh(tokens)))

    threads = [threading.Thread(target=run, args=(tokens,)) for tokens in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names == ["Johann Simon"] * len(grants)
    assert world.exchanges() == 1


def test_another_login_of_the_patron_brings_newer_tokens(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.sign_in(prompt="login")  # RERO+ ends the tokens of before
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Johann Simon"


def test_login_that_asked_for_less_takes_no_claim_away(world: AskedAnew) -> None:
    tokens = world.sign_in("app2")  # its policy needs cards
    world.sign_in("web", prompt="login")
    world.set_expiry(date(2027, 1, 14))
    world.trial.clock.advance(2 * HOUR_S)

    refreshed = world.refresh(tokens, "app2")

    assert refreshed.status == 200
    assert world.reasons == ["scopes"]


def test_refused_refresh_asks_nobody(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.refresh(tokens)
    world.trial.clock.advance(2 * HOUR_S)

    reused = world.refresh(tokens)

    assert reused.members["error"] == "invalid_grant"
    assert world.asked(INFO) == 1


def test_repeated_refresh_brings_the_same_successor(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.trial.clock.advance(2 * HOUR_S)

    answers = [world.refresh(tokens).members for _ in range(2)]

    assert answers[0]["refresh_token"] == answers[1]["refresh_token"]
    assert world.asked(INFO) == 2


def test_email_of_the_exchange_is_taken(world: AskedAnew) -> None:
    world.trial.configure(
        (world.trial.folder / "bridge.toml")
        .read_text()
        .partition("\n[keys]")[0]
        .replace('client_id = "desk"', 'client_id = "desk"\nemail = "upstream"')
        .replace(OFFLINE, OFFLINE + " email")
    )
    tokens = world.sign_in(scope=OFFLINE + " email")
    world.change(lambda jean: replace(jean, email="new@reader.example"))
    world.trial.clock.advance(2 * HOUR_S)

    access = world.refresh(tokens).members["access_token"]

    assert world.browser.userinfo(access).members["email"] == "new@reader.example"


def test_chosen_card_stays_the_one(world: AskedAnew) -> None:
    tokens = world.sign_in("cards", "anna", card="1")
    world.set_expiry(date(2029, 1, 15), "anna")
    world.trial.clock.advance(2 * HOUR_S)

    access = world.refresh(tokens, "cards").members["access_token"]

    assert len(world.trial.events("claims:renewed")) == 1
    assert world.browser.userinfo(access).members["rero_institutions"] == ["vs"]


def test_logout_takes_the_tokens_along(world: AskedAnew) -> None:
    tokens = world.sign_in("web")
    assert len(world.kept) == 1

    world.browser.get("/logout", {"id_token_hint": str(tokens["id_token"])})

    assert world.kept == []


def test_logout_leaves_them_to_a_grant_that_outlives_it(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.browser.get("/logout", {"id_token_hint": str(tokens["id_token"])})
    world.rename("Johann")
    world.trial.clock.advance(2 * HOUR_S)

    refreshed = world.refresh(tokens)

    assert world.name_of(refreshed) == "Johann Simon"


def test_tokens_are_sealed_and_never_logged(world: AskedAnew) -> None:
    tokens = world.sign_in()
    world.trial.clock.advance(2 * HOUR_S)
    world.refresh(tokens)

    [kept] = world.kept
    pair = world.stand_in.state._pairs["bridge", 3]
    for secret in (pair.access_token, pair.refresh_token):
        assert secret.encode() not in kept.sealed
        assert secret not in world.trial.lines.getvalue()
