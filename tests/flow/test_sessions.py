"""The session of a browser: new at each sign-in, one patron's, over in time."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.errors import PageReason, UpstreamFault, UpstreamUnavailable
from bridge.core.records import LoginWrite
from bridge.core.session import Session
from bridge.flow.browser import digest
from bridge.flow.outcomes import AnswerClient, GoUpstream
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser, code_of
from tests.support.trial import CONFIGURATION, HEAD, NOW, Trial, client
from tests.support.visitor import Visitor


def session_of(browser: FlowBrowser) -> Session | None:
    secret = browser.cookies.session_secret
    return browser.trial.store.get_session(digest(secret or ""))


def known(browser: FlowBrowser) -> Session:
    session = session_of(browser)
    assert session is not None
    return session


def refresh(visitor: Visitor, tokens: dict[str, object]) -> dict[str, object]:
    """Use the refresh token of the client "service"."""
    changes = {
        "grant_type": "refresh_token",
        "refresh_token": str(tokens["refresh_token"]),
    }
    return visitor.token("", code=None, redirect_uri=None, **changes).members


def test_sign_in_makes_a_new_secret_and_the_old_cookie_is_dead(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    before = browser.cookies

    browser.sign_in(prompt="login")

    assert browser.cookies.session_secret != before.session_secret
    old = FlowBrowser(trial)
    old.cookies = before
    assert isinstance(old.begin(), GoUpstream)


def test_planted_session_cookie_is_not_taken_over(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    planted = "A" * 43
    browser.cookies = replace(browser.cookies, session_secret=planted)

    browser.sign_in()

    assert browser.cookies.session_secret != planted
    assert trial.store.get_session(digest(planted)) is None


def test_store_keeps_a_digest_of_the_secret_alone(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    session = known(browser)

    secret = browser.cookies.session_secret or ""
    assert session.secret_digest == digest(secret)
    assert secret.encode() not in repr(session).encode()


def test_patron_stands_sealed_in_the_row(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    session = known(browser)

    for text in (b"Simon", b"Jean", b"2050124311", b"2000-01-01"):
        assert text not in session.sealed


def test_sealed_patron_of_another_row_is_not_read(trial: Trial) -> None:
    victim, thief = FlowBrowser(trial), FlowBrowser(trial)
    victim.sign_in("anna")
    thief.sign_in("jean")
    stolen = replace(known(thief), sealed=known(victim).sealed)
    trial.store.put_login(LoginWrite(NOW, session=stolen))

    assert isinstance(thief.begin(), GoUpstream)


def test_same_patron_keeps_the_id_of_the_session(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    first = known(browser)
    trial.clock.advance(60)

    browser.sign_in(prompt="login")

    second = known(browser)
    assert second.session_id == first.session_id
    assert (first.auth_time, second.auth_time) == (NOW, NOW + 60)


def test_two_browsers_have_two_sessions(trial: Trial) -> None:
    one, two = FlowBrowser(trial), FlowBrowser(trial)

    one.sign_in()
    two.sign_in()

    assert known(one).session_id != known(two).session_id
    assert known(one).subject == known(two).subject


def test_sign_in_of_another_patron_ends_the_session_before(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    former = known(browser)
    grant = trial.spy.logins[-1].grant
    assert grant is not None

    browser.sign_in("anna", prompt="login")

    assert trial.store.get_session_by_id(former.session_id) is None
    assert trial.store.get_grant(grant.grant_id) is None
    assert known(browser).session_id != former.session_id


def test_sign_in_of_another_patron_renews_the_binding_cookie(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    pending = browser.go(prompt="login")
    former = browser.cookies.binding

    browser.sign_in("anna", prompt="login")

    assert browser.cookies.binding != former
    with page(PageReason.OTHER_BROWSER):
        browser.complete(pending)


def test_patron_left_alone_is_signed_out_by_another(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    former = known(browser)
    pending = browser.go(prompt="login")
    trial.clock.advance(1_800)  # idle: signed in no more

    browser.sign_in("anna")

    assert trial.store.get_session_by_id(former.session_id) is None
    with page(PageReason.OTHER_BROWSER):
        browser.complete(pending, "jean")


@pytest.mark.parametrize("pause_s", [1_800, 28_800])
def test_patron_who_comes_back_after_a_pause_has_the_same_session(
    trial: Trial, pause_s: int
) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    former, binding = known(browser), browser.cookies.binding
    trial.clock.advance(pause_s)  # left alone, or over: the row is there still

    browser.sign_in("jean")

    session = known(browser)
    assert session.session_id == former.session_id
    assert session.auth_time == NOW + pause_s
    assert list(trial.store.get_sessions_of(session.subject)) == [session]
    assert browser.cookies.binding == binding


@pytest.mark.parametrize("pause_s", [1_800, 28_800])  # left alone, or over
def test_refresh_tokens_of_a_session_live_again_with_it(
    tmp_path: Path, pause_s: int
) -> None:
    trial = Trial(tmp_path, HEAD + client("service", refresh_tokens=True))
    browser, visitor = FlowBrowser(trial), Visitor(trial)
    tokens = visitor.token(code_of(browser.sign_in())).members
    trial.clock.advance(pause_s)
    before = refresh(visitor, tokens)

    browser.sign_in()

    assert before["error"] == "invalid_grant"
    assert "access_token" in refresh(visitor, tokens)


def test_sign_in_of_the_same_patron_keeps_the_binding_cookie(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    former = browser.cookies.binding

    browser.sign_in("jean", prompt="login")

    assert browser.cookies.binding == former


def test_failed_sign_in_leaves_the_session_before(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    state = browser.go(prompt="login")
    trial.upstream.answers["anna"] = UpstreamUnavailable(UpstreamFault.DOWN)

    with page(PageReason.UPSTREAM_DOWN):
        browser.complete(state, "anna")

    assert isinstance(browser.begin(), AnswerClient)


def test_session_left_alone_is_over(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    trial.clock.advance(1_800)

    assert isinstance(browser.begin(), GoUpstream)


def test_session_in_use_lives_on_past_its_idle_time(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    for _ in range(4):
        trial.clock.advance(1_799)
        assert isinstance(browser.begin(), AnswerClient)


def test_session_ends_with_its_lifetime_however_it_is_used(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    while trial.clock() + 1_000 < NOW + 28_800:
        trial.clock.advance(1_000)
        browser.begin()

    trial.clock.now = NOW + 28_799
    assert isinstance(browser.begin(), AnswerClient)
    trial.clock.now = NOW + 28_800
    assert isinstance(browser.begin(), GoUpstream)


def test_session_is_touched_at_most_once_in_a_tenth_of_its_idle_time(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    trial.spy.writes.clear()

    for _ in range(36):  # 360 s: two tenths of 1800 s
        trial.clock.advance(10)
        browser.begin()

    assert trial.spy.writes.count("touch_session") == 2


def test_session_of_a_lost_sealing_key_means_sign_in_again(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    lost = replace(known(browser), sealed=b"\x01 sealed by a key that is gone")
    trial.store.put_login(LoginWrite(NOW, session=lost))

    assert isinstance(browser.begin(), GoUpstream)


def test_session_survives_a_reload_of_the_configuration(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    trial.configure(CONFIGURATION)

    assert isinstance(browser.begin(), AnswerClient)


def test_sign_in_counts_from_the_end_of_the_answer_of_rero(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.upstream.meanwhile = lambda: trial.clock.advance(7)

    browser.complete(state)

    assert known(browser).auth_time == NOW + 7


def test_oldest_session_of_a_patron_gives_way(trial: Trial) -> None:
    browsers = [FlowBrowser(trial, f"192.0.2.{n}") for n in range(21)]
    for browser in browsers:
        browser.sign_in()
        trial.clock.advance(1)

    assert session_of(browsers[0]) is None
    assert all(session_of(browser) is not None for browser in browsers[1:])
