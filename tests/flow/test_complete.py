"""GET /callback in steps: who may finish a login, and what it takes."""

import pytest

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.flow.outcomes import AnswerClient, Outcome
from tests.flow.support import page
from tests.store.conformance import at_once
from tests.support.flow_browser import FlowBrowser, code_of
from tests.support.trial import CONFIGURATION, HEAD, NOW, Trial, client


def test_login_ends_at_the_client_with_code_state_and_issuer(trial: Trial) -> None:
    outcome = FlowBrowser(trial).sign_in(state="a/b?c&d=%e")

    assert isinstance(outcome, AnswerClient)
    assert outcome.address.redirect_uri == "https://service.example/callback"
    assert set(outcome.parameters) == {"code", "state", "iss"}
    assert outcome.parameters["state"] == "a/b?c&d=%e"
    assert outcome.parameters["iss"] == "https://login.example"


def test_login_that_came_without_a_state_goes_back_without_one(trial: Trial) -> None:
    outcome = FlowBrowser(trial).sign_in(state=None)

    assert isinstance(outcome, AnswerClient)
    assert set(outcome.parameters) == {"code", "iss"}


def test_login_is_not_finished_in_another_browser(trial: Trial) -> None:
    state = FlowBrowser(trial).go()
    stranger = FlowBrowser(trial)
    stranger.begin()

    with page(PageReason.OTHER_BROWSER):
        stranger.complete(state)

    assert trial.spy.calls == []
    assert trial.upstream.calls == []


def test_login_is_not_finished_without_a_cookie(trial: Trial) -> None:
    state = FlowBrowser(trial).go()

    with page(PageReason.OTHER_BROWSER):
        FlowBrowser(trial).complete(state)


def test_error_of_a_foreign_callback_is_not_read(trial: Trial) -> None:
    state = FlowBrowser(trial).go()

    with page(PageReason.OTHER_BROWSER):
        FlowBrowser(trial).complete_with({"state": state, "error": "access_denied"})


@pytest.mark.parametrize("state", ["", "x", "A" * 22, "A" * 300, "\u00e9"])
def test_state_that_is_not_ours_is_a_page(trial: Trial, state: str) -> None:
    browser = FlowBrowser(trial)
    browser.begin()

    with page(PageReason.TICKET):
        browser.complete(state)


def test_login_is_over_after_the_life_of_its_ticket(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.clock.advance(900)

    with page(PageReason.TICKET) as caught:
        browser.complete(state)

    assert caught.value.restart is not None
    assert trial.upstream.calls == []


def test_login_may_be_finished_in_the_last_second(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.clock.advance(899)

    assert isinstance(browser.complete(state), AnswerClient)


def test_link_of_a_page_begins_the_same_request_again(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go(state="first-state", ui_locales="fr", max_age="900")
    trial.clock.advance(900)
    with page(PageReason.TICKET) as caught:
        browser.complete(state)

    link = trial.web.login.open_link(caught.value.restart or "")

    assert dict(link) == {
        "client_id": "service",
        "redirect_uri": "https://service.example/callback",
        "response_type": "code",
        "scope": "openid profile",
        "state": "first-state",
        "nonce": "the-nonce",
        "max_age": "900",
        "ui_locales": "fr",
    }


def test_used_ticket_goes_on_in_the_session_that_it_made(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    first = code_of(browser.complete(state))

    again = browser.complete(state, code="anna")

    assert code_of(again) != first
    assert len(trial.upstream.calls) == 1  # neither code nor error of the URL is read
    sessions = [write for write in trial.spy.logins if write.session is not None]
    assert len(sessions) == 1


def test_used_ticket_keeps_the_time_of_its_sign_in(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    browser.complete(state)
    trial.clock.advance(100)

    browser.complete(state)

    grant = trial.spy.logins[-1].grant
    assert grant is not None
    assert grant.auth_time == NOW


def test_used_ticket_is_a_page_once_its_session_is_gone(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    browser.complete(state)
    browser.cookies = type(browser.cookies)(binding=browser.cookies.binding)

    with page(PageReason.USED_TICKET) as caught:
        browser.complete(state)

    assert caught.value.restart is not None


def test_used_ticket_does_not_go_on_in_a_later_session(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    browser.complete(state)
    browser.sign_in(prompt="login")

    with page(PageReason.USED_TICKET):
        browser.complete(state)


def test_two_tabs_both_reach_the_client(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    one, two = browser.go(state="one"), browser.go("other", state="two")

    second = browser.complete(two)
    first = browser.complete(one)

    assert isinstance(first, AnswerClient)
    assert isinstance(second, AnswerClient)
    assert (first.parameters["state"], second.parameters["state"]) == ("one", "two")


def test_client_removed_while_away_is_a_page(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.configure(HEAD + client("other"))

    with page(PageReason.UNKNOWN_CLIENT):
        browser.complete(state)

    assert trial.spy.writes == []


def test_redirect_uri_removed_while_away_is_a_page(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    moved = client("service", redirect_uris=["https://service.example/new"])
    trial.configure(HEAD + moved)

    with page(PageReason.REDIRECT_URI):
        browser.complete(state)

    assert trial.upstream.calls == []


def test_error_is_not_sent_to_a_redirect_uri_removed_while_away(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    moved = client("service", redirect_uris=["https://service.example/new"])
    trial.configure(HEAD + moved)

    with page(PageReason.REDIRECT_URI):
        browser.complete_with({"state": state, "error": "access_denied"})


def test_login_goes_on_under_a_changed_configuration(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    trial.configure(CONFIGURATION + client("new"))

    assert isinstance(browser.complete(state), AnswerClient)


def test_ticket_that_ten_use_at_once_makes_one_session(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go()
    pairs = Parameters([("state", state), ("code", "jean")])

    def finish() -> Outcome | PageReason:
        try:
            return trial.web.login.complete(pairs, browser.cookies)
        except UnsafeRequest as error:
            return error.reason

    outcomes = at_once(finish, threads=10)

    finished = [outcome for outcome in outcomes if isinstance(outcome, AnswerClient)]
    assert len(finished) == 1
    assert outcomes.count(PageReason.USED_TICKET) == 9
