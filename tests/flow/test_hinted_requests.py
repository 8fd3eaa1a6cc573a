"""id_token_hint at /authorize: answered for the patron it names, and nobody else."""

import json

import pytest

from bridge.core.errors import PageReason, UpstreamFault, UpstreamUnavailable
from bridge.core.patron import Patron
from bridge.core.return_address import Parameters
from bridge.flow.outcomes import AnswerClient, AskConsent
from bridge.flow.ticket import TicketKind
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, code_of, state_of, url_of
from tests.support.trial import SECRET, Trial


def hint_of(
    trial: Trial,
    who: str,
    client_id: str = "service",
    browser: FlowBrowser | None = None,
) -> str:
    """Sign *who* in at *client_id*, in *browser* or elsewhere: the ID token."""
    visitor = browser or FlowBrowser(trial, "192.0.2.99")
    form = {
        "grant_type": "authorization_code",
        "code": code_of(visitor.sign_in(who, client_id)),
        "redirect_uri": f"https://{client_id}.example/callback",
        "client_id": client_id,
        "client_secret": SECRET,
    }
    answer = trial.web.engine.token(Parameters(form.items()), None, trial.clock())
    return str(answer["id_token"])


def asked_sub(trial: Trial, who: str, client_id: str, *others: str) -> str:
    """Write a claims parameter that asks for *who* by the sub at *client_id*."""
    patron = trial.upstream.answers[who]
    assert isinstance(patron, Patron)
    sub = trial.web.engine.subject_of(trial.web.clients[client_id], patron)
    return json.dumps({"id_token": {"sub": {"values": [sub, *others]}}})


def signed_in(trial: Trial, who: str = "jean") -> FlowBrowser:
    browser = FlowBrowser(trial)
    browser.sign_in(who)
    return browser


@pytest.mark.parametrize("prompt", [None, "none"])
def test_hint_of_the_patron_signed_in_goes_straight_on(
    trial: Trial, prompt: str | None
) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(trial, "jean", browser=browser)

    outcome = browser.begin(prompt=prompt, id_token_hint=hint)

    assert isinstance(outcome, AnswerClient)


def test_hint_of_another_patron_is_login_required_in_silence(trial: Trial) -> None:
    hint = hint_of(trial, "anna")

    with error_at_client("login_required"):
        signed_in(trial, "jean").begin(prompt="none", id_token_hint=hint)


def test_hint_of_another_patron_means_sign_in_again(trial: Trial) -> None:
    hint = hint_of(trial, "anna")

    outcome = signed_in(trial, "jean").begin(id_token_hint=hint)

    assert "/signout?" in url_of(outcome)


def test_patron_of_the_hint_is_answered_at_the_callback(trial: Trial) -> None:
    hint = hint_of(trial, "anna")
    browser = signed_in(trial, "jean")
    state = browser.go(id_token_hint=hint)

    outcome = browser.complete(state, "anna")

    assert isinstance(outcome, AnswerClient)


def test_another_patron_at_the_callback_is_login_required_and_no_session(
    trial: Trial,
) -> None:
    hint = hint_of(trial, "anna")
    browser = FlowBrowser(trial)
    state = browser.go(id_token_hint=hint)
    trial.spy.writes.clear()

    with error_at_client("login_required"):
        browser.complete(state, "jean")

    assert trial.spy.writes == []
    assert browser.cookies.session_secret is None


def test_another_patron_at_the_callback_leaves_the_session_before(
    trial: Trial,
) -> None:
    hint = hint_of(trial, "anna")
    browser = signed_in(trial, "jean")
    state = browser.go(id_token_hint=hint)

    with error_at_client("login_required"):
        browser.complete(state, "zoe")

    assert isinstance(browser.begin(), AnswerClient)


def test_ticket_that_a_wrong_patron_brought_is_good_for_the_right_one(
    trial: Trial,
) -> None:
    hint = hint_of(trial, "anna")
    browser = FlowBrowser(trial)
    state = browser.go(id_token_hint=hint)
    with error_at_client("login_required"):
        browser.complete(state, "jean")

    assert isinstance(browser.complete(state, "anna"), AnswerClient)


def test_hint_that_has_expired_is_good(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(trial, "jean", browser=browser)
    trial.clock.advance(1_000)

    outcome = browser.begin(prompt="none", id_token_hint=hint)

    assert isinstance(outcome, AnswerClient)


def test_hint_for_another_client_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(trial, "jean", "other", browser)

    with error_at_client("invalid_request"):
        browser.begin(id_token_hint=hint)


def test_hint_that_was_changed_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    header, claims, signature = hint_of(trial, "jean", browser=browser).split(".")
    alg_none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}

    for text in (
        "junk",
        f"{header}.{claims}.",
        f"{alg_none}.{claims}.",
        f"{alg_none}.{claims}.{signature}",
        f"{header}.{claims[:-1]}.{signature}",
        f"{header}.{claims}.{signature} ",
    ):
        with error_at_client("invalid_request"):
            browser.begin(prompt="none", id_token_hint=text)


def test_hint_and_claims_that_ask_for_two_patrons_are_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(trial, "jean", browser=browser)

    with error_at_client("invalid_request"):
        browser.begin(
            id_token_hint=hint, claims=asked_sub(trial, "anna", "service", "other")
        )


def test_hint_and_claims_that_ask_for_one_patron_go_on(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    hint = hint_of(trial, "jean", browser=browser)
    claims = asked_sub(trial, "jean", "service", "another")

    outcome = browser.begin(prompt="none", id_token_hint=hint, claims=claims)

    assert isinstance(outcome, AnswerClient)


def test_link_that_begins_again_keeps_the_patron_of_the_hint(trial: Trial) -> None:
    hint = hint_of(trial, "anna")
    browser = FlowBrowser(trial)
    state = browser.go(id_token_hint=hint)
    trial.upstream.answers["down"] = UpstreamUnavailable(UpstreamFault.DOWN)
    with page(PageReason.UPSTREAM_DOWN) as caught:
        browser.complete(state, "down")

    link = trial.web.login.open_link(caught.value.restart or "")
    again = browser.begin_with(link.items())

    with error_at_client("login_required"):
        browser.complete(state_of(again), "jean")


def test_patron_who_is_asked_for_is_asked_for_consent(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("once", claims=asked_sub(trial, "anna", "once"))

    asked = browser.complete(state, "anna")

    assert isinstance(browser.approve(asked), AnswerClient)


def test_hint_after_consent_was_remembered_is_silent(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)
    claims = asked_sub(trial, "jean", "once")

    outcome = browser.begin("once", prompt="none", claims=claims)

    assert isinstance(outcome, AnswerClient)


def test_another_patron_than_asked_for_sees_no_consent_page(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("once", claims=asked_sub(trial, "anna", "once"))

    with error_at_client("login_required"):
        browser.complete(state, "jean")


def test_another_account_from_the_consent_page_must_be_the_one_asked_for(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    asked = browser.sign_in("anna", "once", claims=asked_sub(trial, "anna", "once"))
    assert isinstance(asked, AskConsent)

    sent = browser.change_account(TicketKind.CONSENT, asked.ticket)

    with error_at_client("login_required"):
        browser.complete(state_of(sent), "jean")
