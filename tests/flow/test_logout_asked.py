"""Signing out without a good hint: the patron is asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.flow.outcomes import AnswerClient, AskSignOut, GoUpstream, SignedOut
from tests.flow.logouts import (
    BYE,
    CONFIGURATION,
    is_signed_in,
    left,
    shown,
)
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


def test_without_a_hint_the_patron_is_asked_by_name(browser: FlowBrowser) -> None:
    browser.sign_in()

    outcome = browser.log_out(ui_locales="de-CH fr !!")

    assert isinstance(outcome, AskSignOut)
    assert outcome.patron_name == "Jean Simon"
    assert outcome.ui_locales == ("de-CH", "fr")
    assert is_signed_in(browser)


def test_sign_out_ends_the_session(browser: FlowBrowser) -> None:
    browser.sign_in()

    outcome = browser.sign_out(browser.log_out(ui_locales="de"))

    assert shown(outcome) == SignedOut(
        None,
        (),
        (),
        "https://rero.example/signout/",
        is_signed_in=False,
        is_refused=False,
        ui_locales=("de",),
        cookies=outcome.cookies,
    )
    assert isinstance(browser.begin(), GoUpstream)


def test_client_that_is_named_leads_back_after_the_question(
    browser: FlowBrowser,
) -> None:
    browser.sign_in()
    state = ' "<\r\n\u00e9&=%20'

    asked = browser.log_out(
        client_id="service", post_logout_redirect_uri=BYE, state=state
    )

    assert left(browser.sign_out(asked)) == (BYE, state)


def test_stay_keeps_the_session(browser: FlowBrowser) -> None:
    browser.sign_in()

    outcome = browser.stay(browser.log_out())

    assert shown(outcome).is_signed_in
    assert isinstance(browser.begin(), AnswerClient)


def test_stay_leads_back_to_the_client_that_was_named(browser: FlowBrowser) -> None:
    browser.sign_in()

    asked = browser.log_out(client_id="service", post_logout_redirect_uri=BYE)

    assert left(browser.stay(asked)) == (BYE, None)
    assert is_signed_in(browser)


def test_who_is_not_signed_in_is_not_asked(browser: FlowBrowser) -> None:
    assert not shown(browser.log_out()).is_signed_in


def test_sign_out_pressed_twice_is_answered_twice(browser: FlowBrowser) -> None:
    browser.sign_in()
    asked = browser.log_out(client_id="service", post_logout_redirect_uri=BYE)
    second = FlowBrowser(browser.trial)
    second.cookies = browser.cookies
    browser.sign_out(asked)

    outcome = second.sign_out(asked)

    assert left(outcome) == (BYE, None)


def test_sign_out_after_the_back_button_says_that_it_is_done(
    browser: FlowBrowser,
) -> None:
    browser.sign_in()
    asked = browser.log_out()
    browser.sign_out(asked)

    outcome = browser.sign_out(asked)

    assert not shown(outcome).is_signed_in


def test_form_of_an_old_page_does_not_end_a_new_session(browser: FlowBrowser) -> None:
    browser.sign_in("jean")
    asked = browser.log_out()
    binding = browser.cookies.binding
    browser.sign_in("anna", prompt="login")
    browser.cookies = replace(browser.cookies, binding=binding)

    outcome = browser.sign_out(asked)

    assert shown(outcome).is_signed_in
    assert is_signed_in(browser)


@pytest.mark.parametrize("button", ["sign_out", "stay"])
def test_form_in_another_browser_ends_nothing_and_asks_there(
    browser: FlowBrowser, button: str
) -> None:
    browser.sign_in("jean")
    asked = browser.log_out(client_id="service", post_logout_redirect_uri=BYE)
    other = FlowBrowser(browser.trial)
    other.sign_in("anna")

    outcome = other.sign_out(asked) if button == "sign_out" else other.stay(asked)

    assert isinstance(outcome, AskSignOut)
    assert (outcome.client, outcome.patron_name) == (None, "Anna Keller")
    assert is_signed_in(browser)
    assert is_signed_in(other)


def test_form_that_is_over_asks_again(browser: FlowBrowser) -> None:
    browser.sign_in()
    asked = browser.log_out()
    browser.trial.clock.advance(16 * 60)

    again = browser.sign_out(asked)

    assert isinstance(again, AskSignOut)
    assert is_signed_in(browser)
    assert not shown(browser.sign_out(again)).is_signed_in


def test_address_is_matched_anew_when_the_button_is_pressed(
    browser: FlowBrowser,
) -> None:
    browser.sign_in()
    asked = browser.log_out(client_id="service", post_logout_redirect_uri=BYE)
    browser.trial.configure(CONFIGURATION.replace(BYE, f"{BYE}/elsewhere"))

    outcome = browser.sign_out(asked)

    assert not shown(outcome).is_signed_in
