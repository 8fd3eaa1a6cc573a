"""Signing out with a hint: which session it ends, and where it leads."""

from pathlib import Path

import pytest

from bridge.core.errors import PageReason
from bridge.flow.browser import CookieChanges
from bridge.flow.outcomes import AskSignOut, GoUpstream
from tests.flow.logouts import (
    BYE,
    CONFIGURATION,
    asked,
    hint_of,
    is_signed_in,
    left,
    shown,
)
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import HOUR_S, Trial
from tests.support.visitor import Visitor


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    return FlowBrowser(trial)


def test_good_hint_ends_the_session_and_leads_back(browser: FlowBrowser) -> None:
    hint = hint_of(browser)
    before = FlowBrowser(browser.trial)
    before.cookies = browser.cookies

    outcome = browser.log_out(
        id_token_hint=hint, post_logout_redirect_uri=BYE, state="abc"
    )

    assert left(outcome) == (BYE, "abc")
    assert not is_signed_in(before)
    assert isinstance(browser.begin(), GoUpstream)


def test_session_cookie_goes_and_the_binding_cookie_is_renewed(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    before = browser.cookies.binding

    outcome = browser.log_out(id_token_hint=hint)

    assert outcome.cookies.ends_session
    assert outcome.cookies.binding not in (None, before)


def test_hint_works_without_a_cookie_and_after_all_tokens_are_over(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    browser.trial.clock.advance(2 * HOUR_S)
    browser.trial.store.clean(browser.trial.clock())

    outcome = FlowBrowser(browser.trial).log_out(id_token_hint=hint)

    assert not shown(outcome).is_signed_in
    assert outcome.cookies == CookieChanges()
    assert not is_signed_in(browser)


def test_hint_ends_the_session_of_the_cookie_after_its_grant_was_revoked(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    grant = browser.trial.spy.logins[-1].grant
    assert grant is not None
    browser.trial.store.delete_grant(grant.grant_id)

    outcome = browser.log_out(id_token_hint=hint)

    assert not shown(outcome).is_signed_in


def test_hint_with_another_patron_at_the_browser_keeps_that_session(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    other = FlowBrowser(browser.trial)
    other.sign_in("anna")

    outcome = other.log_out(id_token_hint=hint)

    assert shown(outcome).is_signed_in
    assert not is_signed_in(browser)
    assert is_signed_in(other)


def test_hint_of_one_browser_keeps_the_same_patrons_other_session(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    other = FlowBrowser(browser.trial)
    other.sign_in("jean")

    other.log_out(id_token_hint=hint)

    assert not is_signed_in(browser)
    assert is_signed_in(other)


def test_hint_of_a_session_that_is_over_has_the_same_patron_asked(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    browser.log_out(id_token_hint=hint)
    browser.sign_in("jean")

    outcome = browser.log_out(id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert isinstance(outcome, AskSignOut)
    assert is_signed_in(browser)
    assert left(browser.sign_out(outcome)) == (BYE, None)
    assert not is_signed_in(browser)


def test_hint_of_a_session_that_is_over_leaves_another_patron_alone(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)
    browser.log_out(id_token_hint=hint)
    browser.sign_in("anna")

    outcome = browser.log_out(id_token_hint=hint)

    assert shown(outcome).is_signed_in
    assert is_signed_in(browser)


def test_hint_of_one_client_does_not_serve_for_another(browser: FlowBrowser) -> None:
    hint = hint_of(browser)

    with page(PageReason.BAD_REQUEST):
        browser.log_out(id_token_hint=hint, client_id="first")

    assert is_signed_in(browser)


def test_hint_of_one_client_does_not_open_the_address_of_another(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)

    outcome = browser.log_out(
        id_token_hint=hint, post_logout_redirect_uri="https://first.example/bye"
    )

    assert asked(outcome).is_refused


def test_client_id_beside_its_own_hint_is_taken(browser: FlowBrowser) -> None:
    hint = hint_of(browser)

    outcome = browser.log_out(
        id_token_hint=hint, client_id="service", post_logout_redirect_uri=BYE
    )

    assert left(outcome) == (BYE, None)


@pytest.mark.parametrize("client_id", [None, "service"])
def test_bad_hint_never_redirects_and_has_the_patron_asked(
    browser: FlowBrowser, client_id: str | None
) -> None:
    hint = hint_of(browser)[:-6] + "AAAAAA"
    named = {} if client_id is None else {"client_id": client_id}

    outcome = browser.log_out(id_token_hint=hint, post_logout_redirect_uri=BYE, **named)

    assert isinstance(outcome, AskSignOut)
    assert is_signed_in(browser)
    assert shown(browser.sign_out(outcome)).is_refused


def test_unknown_client_is_a_page(browser: FlowBrowser) -> None:
    with page(PageReason.UNKNOWN_CLIENT):
        browser.log_out(client_id="nobody", post_logout_redirect_uri=BYE)


@pytest.mark.parametrize(
    "name",
    "id_token_hint client_id post_logout_redirect_uri state ui_locales".split(),
)
def test_doubled_parameter_is_a_page(trial: Trial, name: str) -> None:
    browser = Visitor(trial)

    answer = browser.send("GET", "/logout", query=f"{name}=a&{name}=a".encode())

    assert answer.page is PageReason.BAD_REQUEST


def test_request_beyond_all_measure_is_a_page(browser: FlowBrowser) -> None:
    browser.sign_in()

    with page(PageReason.BAD_REQUEST):
        browser.log_out(state="x" * 5_001)


def test_longest_request_that_is_taken_can_be_confirmed(browser: FlowBrowser) -> None:
    browser.sign_in()
    state = "\x01" * 4_900
    question = browser.log_out(
        client_id="service", post_logout_redirect_uri=BYE, state=state
    )

    assert left(browser.sign_out(question)) == (BYE, state)


def test_patron_is_asked_where_the_address_is_not_registered(
    browser: FlowBrowser,
) -> None:
    hint = hint_of(browser)

    question = asked(
        browser.log_out(
            id_token_hint=hint, post_logout_redirect_uri=f"{BYE}/", state="x"
        )
    )
    was_signed_in = is_signed_in(browser)
    outcome = browser.sign_out(question)

    assert question.is_refused
    assert was_signed_in
    assert shown(outcome).is_refused
    assert not is_signed_in(browser)


def test_server_that_names_such_an_address_ends_the_session(
    browser: FlowBrowser, trial: Trial
) -> None:
    hint = hint_of(browser)

    outcome = FlowBrowser(trial).log_out(
        id_token_hint=hint, post_logout_redirect_uri=f"{BYE}/"
    )

    assert shown(outcome).is_refused
    assert not is_signed_in(browser)
