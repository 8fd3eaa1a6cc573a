"""Signing out of a session that was left alone, or is over: its row counts still."""

from pathlib import Path
from typing import Final

import pytest

from bridge.flow.outcomes import GoUpstream
from tests.flow.logouts import (
    BYE,
    CONFIGURATION,
    asked,
    hint_of,
    is_signed_in,
    left,
    notices,
    shown,
)
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import Trial

PAUSES: Final = [1_800, 28_800]  # left alone, or over: the row is there still


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


@pytest.mark.parametrize("pause_s", PAUSES)
def test_patron_is_asked_without_being_named(
    browser: FlowBrowser, pause_s: int
) -> None:
    browser.sign_in()
    browser.trial.clock.advance(pause_s)

    question = asked(browser.log_out())

    assert question.patron_name is None


@pytest.mark.parametrize("pause_s", PAUSES)
def test_sign_out_ends_it_and_tells_the_services(
    browser: FlowBrowser, pause_s: int
) -> None:
    browser.sign_in("jean", "first")
    browser.trial.clock.advance(pause_s)

    outcome = browser.sign_out(browser.log_out())

    assert not shown(outcome).is_signed_in
    assert outcome.cookies.ends_session
    assert browser.cookies.session_secret is None
    assert notices(browser.trial) == ["first"]


@pytest.mark.parametrize("pause_s", PAUSES)
def test_good_hint_ends_it_with_its_cookie(browser: FlowBrowser, pause_s: int) -> None:
    hint = hint_of(browser)
    browser.trial.clock.advance(pause_s)

    outcome = browser.log_out(id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert left(outcome) == (BYE, None)
    assert outcome.cookies.ends_session


def test_stay_keeps_it_and_does_not_wake_it(browser: FlowBrowser) -> None:
    browser.sign_in()
    before = browser.cookies.session_secret
    browser.trial.clock.advance(1_800)

    outcome = browser.stay(browser.log_out())

    assert shown(outcome).is_signed_in
    assert browser.cookies.session_secret == before
    assert isinstance(browser.begin(), GoUpstream)


def test_one_logout_reaches_services_of_before_and_after_a_pause(
    browser: FlowBrowser,
) -> None:
    hint_of(browser, "first")
    browser.trial.clock.advance(1_800)
    hint_of(browser, "second")

    browser.sign_out(browser.log_out())

    assert notices(browser.trial) == ["first", "second"]


def test_old_hint_ends_the_session_of_after_the_pause(browser: FlowBrowser) -> None:
    hint = hint_of(browser)
    browser.trial.clock.advance(1_800)
    browser.sign_in("jean")

    browser.log_out(id_token_hint=hint)

    assert not is_signed_in(browser)
    assert isinstance(browser.begin(), GoUpstream)


def test_hint_of_one_that_is_over_ends_it_and_has_the_same_patron_asked(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    hint_of(browser, "first")
    other = FlowBrowser(browser.trial)
    browser.trial.clock.advance(1_800)
    other.sign_in("jean", "second")

    question = other.log_out(id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert asked(question).patron_name == "Jean Simon"
    assert not is_signed_in(browser)
    assert is_signed_in(other)
    assert left(other.sign_out(question)) == (BYE, None)
    assert notices(browser.trial) == ["first", "second"]


def test_hint_of_one_that_is_over_leaves_another_patron_alone(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    other = FlowBrowser(browser.trial)
    browser.trial.clock.advance(1_800)
    other.sign_in("anna")

    outcome = other.log_out(id_token_hint=hint)

    assert shown(outcome).is_signed_in
    assert not is_signed_in(browser)
    assert is_signed_in(other)
