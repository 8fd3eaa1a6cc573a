"""After a logout: which services are told, and what is dead."""

from pathlib import Path

import pytest

from tests.flow.logouts import (
    BYE,
    CONFIGURATION,
    hint_of,
    notices,
    shown,
)
from tests.support.flow_browser import FlowBrowser, code_of
from tests.support.trial import SECRET, Trial
from tests.support.visitor import Visitor


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


def test_services_are_told_and_the_page_waits_two_seconds(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint_of(browser, "first")
    hint_of(browser, "second")
    trial.told.delivered = 1

    outcome = shown(browser.sign_out(browser.log_out()))

    assert [one.client_id for one in outcome.told] == ["first"]
    assert [one.client_id for one in outcome.untold] == ["second"]
    assert trial.told.waits == [(2, 2.0)]
    assert trial.told.wakes == 1


def test_nobody_waits_where_the_browser_is_sent_away(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(browser)
    hint_of(browser, "first")

    browser.log_out(id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert trial.told.waits == []
    assert notices(trial) == ["first"]


def test_service_that_began_is_not_told_after_a_question_either(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(browser, "first")
    hint_of(browser, "second")

    question = browser.log_out(
        id_token_hint=hint, post_logout_redirect_uri="https://first.example/other"
    )
    browser.sign_out(question)

    assert notices(trial) == ["second"]


def test_service_that_began_is_not_told(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(browser, "first")
    hint_of(browser, "second")

    browser.log_out(id_token_hint=hint)

    assert notices(trial) == ["second"]


def test_service_that_began_is_told_where_its_registration_says_so(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(browser, "echo")

    browser.log_out(id_token_hint=hint)

    assert notices(trial) == ["echo"]


def test_service_that_a_link_names_without_its_hint_is_told(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint_of(browser, "first")

    browser.sign_out(browser.log_out(client_id="first"))

    assert notices(trial) == ["first"]


def test_service_without_back_channel_is_neither_waited_for_nor_shown(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    hint_of(browser, "service")
    hint_of(browser, "silent")

    outcome = shown(browser.sign_out(browser.log_out()))

    assert (outcome.told, outcome.untold) == ((), ())
    assert trial.told.waits == [(0, 2.0)]


def test_log_says_who_ended_the_session_and_how_many_are_told(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(browser)
    hint_of(browser, "second")

    browser.log_out(id_token_hint=hint)

    (line,) = trial.events("session:ended")
    assert (line["client_id"], line["told"]) == ("service", 1)


def test_tokens_of_the_session_are_dead_afterwards(trial: Trial) -> None:
    visitor, browser = Visitor(trial), FlowBrowser(trial)
    tokens = visitor.token(code_of(browser.sign_in())).members

    browser.log_out(id_token_hint=str(tokens["id_token"]))

    assert visitor.userinfo(tokens["access_token"]).status == 401


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
def test_code_of_the_session_is_dead_afterwards(trial: Trial, scope: str) -> None:
    browser = FlowBrowser(trial)
    hint, code = hint_of(browser), code_of(browser.begin(scope=scope))

    browser.log_out(id_token_hint=hint)

    answer = Visitor(trial).token(code, client_secret=SECRET)
    assert answer.members["error"] == "invalid_grant"
