"""prompt and max_age: a second sign-in is real, goes through RERO+, and shows."""

from pathlib import Path
from typing import Final

import pytest

from bridge.core.session import Session
from bridge.flow.browser import digest
from bridge.flow.outcomes import AnswerClient, AskConsent
from bridge.flow.ticket import TicketKind
from tests.flow.support import error_at_client
from tests.support.flow_browser import FlowBrowser, state_of, url_of
from tests.support.trial import HEAD, NOW, Trial, client

CLIENTS: Final = HEAD + "\n".join(
    [
        client("service"),
        client("once", consent="once"),
        client("hourly", default_max_age=3_600),
        client("strict", require_auth_time=True),
        client("more", scope="openid profile email rero", email="upstream"),
    ]
)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a bridge whose clients want fresh sign-ins."""
    return Trial(tmp_path, CLIENTS)


def signed_in(trial: Trial) -> FlowBrowser:
    browser = FlowBrowser(trial)
    browser.sign_in()
    return browser


def auth_time(trial: Trial) -> int:
    """Return when the patron of the last grant signed in."""
    grant = trial.spy.logins[-1].grant
    assert grant is not None
    return grant.auth_time


@pytest.mark.parametrize(
    "prompt",
    [
        "login",
        "select_account",
        "login select_account",
        "login consent",
        "consent select_account",
    ],
)
def test_forced_sign_in_is_real_with_a_session_and_without(
    trial: Trial, prompt: str
) -> None:
    for browser in (signed_in(trial), FlowBrowser(trial)):
        assert "/signout?" in url_of(browser.begin(prompt=prompt))


def test_time_of_sign_in_is_later_after_a_forced_one(trial: Trial) -> None:
    browser = signed_in(trial)
    assert auth_time(trial) == NOW
    trial.clock.advance(60)

    browser.sign_in(prompt="login")

    assert auth_time(trial) == NOW + 60


def session_of(browser: FlowBrowser) -> Session:
    """Return the row of the browser's cookie."""
    secret = browser.cookies.session_secret or ""
    session = browser.trial.store.get_session(digest(secret))
    assert session is not None
    return session


def test_detour_for_a_scope_more_keeps_time_and_end_of_the_session(
    trial: Trial,
) -> None:
    browser = signed_in(trial)
    before = session_of(browser)
    trial.clock.advance(60)

    sent = browser.begin("more", scope="openid rero")
    browser.complete(state_of(sent))

    session = session_of(browser)
    assert "/signout?" not in url_of(sent)
    assert auth_time(trial) == NOW
    assert (session.auth_time, session.ends_at) == (NOW, before.ends_at)
    assert (session.seen_at, session.secret_digest == before.secret_digest) == (
        NOW + 60,
        False,
    )
    assert set(session.upstream_scopes) > set(before.upstream_scopes)


def test_detour_for_a_scope_more_does_not_help_against_max_age(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(61)
    browser.complete(browser.go("more", scope="openid rero"))

    assert "/signout?" in url_of(browser.begin(max_age="60"))


def test_sign_in_that_nobody_forced_keeps_the_time_of_another_window(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    first, second = browser.go(), browser.go()
    browser.complete(first)
    trial.clock.advance(60)

    browser.complete(second)

    assert auth_time(trial) == NOW


def test_forced_sign_in_counts_although_a_scope_of_it_was_refused(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(60)
    state = browser.go("more", prompt="login", scope="openid rero email")
    sent = browser.complete_with({"state": state, "error": "invalid_scope"})

    browser.complete(state_of(sent))

    assert auth_time(trial) == NOW + 60


def test_detour_of_a_session_left_alone_is_a_sign_in(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(1_800)

    browser.complete(browser.go("more", scope="openid rero"))

    assert auth_time(trial) == NOW + 1_800


def test_time_of_sign_in_stays_while_the_session_answers(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(60)

    browser.begin()

    assert auth_time(trial) == NOW


def test_time_of_sign_in_is_later_after_max_age_was_exceeded(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(61)

    browser.sign_in(max_age="60")

    assert auth_time(trial) == NOW + 61


def test_max_age_of_zero_signs_in_again_and_then_is_content(trial: Trial) -> None:
    browser = signed_in(trial)
    state = browser.go(max_age="0")
    trial.clock.advance(5)

    outcome = browser.complete(state)

    assert isinstance(outcome, AnswerClient)
    assert auth_time(trial) == NOW + 5


def test_client_s_default_max_age_is_obeyed(trial: Trial) -> None:
    browser = signed_in(trial)
    assert isinstance(browser.begin("hourly"), AnswerClient)
    while trial.clock.now <= NOW + 3_600:
        trial.clock.advance(601)
        browser.begin()  # the session is in use

    outcome = browser.begin("hourly")

    assert "/signout?" in url_of(outcome)


def test_max_age_of_the_request_goes_before_the_client_s_own(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(11)

    assert "/signout?" in url_of(browser.begin("hourly", max_age="10"))


@pytest.mark.parametrize("client_id", ["hourly", "strict"])
def test_client_that_counts_on_auth_time_gets_a_real_sign_in(
    trial: Trial, client_id: str
) -> None:
    # No session of ours: the one at RERO+ may be a month old.
    assert "/signout?" in url_of(FlowBrowser(trial).begin(client_id))


def test_client_that_counts_on_auth_time_is_content_with_our_session(
    trial: Trial,
) -> None:
    assert isinstance(signed_in(trial).begin("strict"), AnswerClient)


def test_session_too_old_for_the_client_is_login_required_in_silence(
    trial: Trial,
) -> None:
    browser = signed_in(trial)
    trial.clock.advance(11)

    with error_at_client("login_required"):
        browser.begin(prompt="none", max_age="10")


def test_sign_in_and_consent_are_both_done(trial: Trial) -> None:
    browser = signed_in(trial)
    trial.clock.advance(60)

    asked = browser.sign_in(prompt="login consent")

    assert isinstance(asked, AskConsent)
    assert isinstance(browser.approve(asked), AnswerClient)
    assert auth_time(trial) == NOW + 60


def test_consent_alone_asks_in_the_session_that_there_is(trial: Trial) -> None:
    asked = signed_in(trial).begin(prompt="consent")

    assert isinstance(asked, AskConsent)


def test_consent_given_before_is_asked_again(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)
    assert isinstance(browser.begin("once"), AnswerClient)

    assert isinstance(browser.begin("once", prompt="consent"), AskConsent)


def test_another_account_is_a_forced_sign_in(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    asked = browser.sign_in("jean", "once")
    assert isinstance(asked, AskConsent)

    sent = browser.change_account(TicketKind.CONSENT, asked.ticket)

    assert "/signout?" in url_of(sent)
    assert isinstance(browser.complete(state_of(sent), "anna"), AskConsent)


def test_finished_sign_in_that_is_loaded_again_keeps_its_time(trial: Trial) -> None:
    browser = signed_in(trial)
    state = browser.go(prompt="login")
    browser.complete(state)
    trial.clock.advance(60)

    outcome = browser.complete(state)

    assert isinstance(outcome, AnswerClient)
    assert auth_time(trial) == NOW


@pytest.mark.parametrize("asks", [{"prompt": "login"}, {"max_age": "0"}])
def test_setting_leaves_out_the_way_through_the_sign_out(
    tmp_path: Path, asks: dict[str, str]
) -> None:
    switched = "[upstream]\nsign_in_again_via_signout = false"
    configuration = CLIENTS.replace("[upstream]", switched)
    with_way = FlowBrowser(Trial(tmp_path, CLIENTS, with_rero=True)).begin(**asks)

    without = FlowBrowser(Trial(tmp_path, configuration, with_rero=True)).begin(**asks)

    assert url_of(with_way).startswith("https://rero.example/signout/?next=")
    assert url_of(without).startswith("https://rero.example/oauth/authorize?")
