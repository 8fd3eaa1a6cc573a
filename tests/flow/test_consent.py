"""Consent: asked by the client's policy, remembered, and given once."""

from dataclasses import replace

import pytest

from bridge.core.errors import PageReason
from bridge.core.records import LoginWrite
from bridge.flow.outcomes import AnswerClient, AskConsent, GoUpstream
from bridge.flow.ticket import TicketKind
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, url_of
from tests.support.trial import HEAD, NOW, Trial, client


def asked(outcome: object) -> AskConsent:
    assert isinstance(outcome, AskConsent)
    return outcome


def test_client_with_consent_never_is_answered_straight_on(trial: Trial) -> None:
    assert isinstance(FlowBrowser(trial).sign_in(), AnswerClient)


def test_consent_page_says_what_the_client_would_receive(trial: Trial) -> None:
    question = asked(FlowBrowser(trial).sign_in("jean", "once", scope="openid profile"))

    assert question.patron_name == "Jean Simon"
    assert question.claims["name"] == "Jean Simon"
    assert "birthdate" not in question.claims
    assert "rero_memberships" not in question.claims


def test_consent_is_that_of_the_patron_who_was_asked(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = asked(browser.sign_in("jean", "once"))
    session = trial.spy.logins[-1].session
    assert session is not None
    another = replace(session, subject="another patron's")
    trial.store.put_login(LoginWrite(NOW, session=another))

    with page(PageReason.USED_TICKET):
        browser.approve(question)


def test_session_is_stored_before_consent_and_the_grant_after(trial: Trial) -> None:
    browser = FlowBrowser(trial)

    question = browser.sign_in("jean", "once")
    at_callback = trial.spy.logins[-1]
    browser.approve(question)
    at_consent = trial.spy.logins[-1]

    assert at_callback.session is not None
    assert at_callback.grant is None
    assert at_callback.ticket_id is not None
    assert at_consent.session is None
    assert at_consent.grant is not None
    assert at_consent.ticket_id is not None


def test_consent_once_is_asked_again_unless_remembered(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"))

    asked(browser.begin("once"))


def test_remembered_consent_is_not_asked_again(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)

    assert isinstance(browser.begin("once"), AnswerClient)
    assert isinstance(FlowBrowser(trial).sign_in("jean", "once"), AnswerClient)


def test_remembered_consent_is_one_patron_s_at_one_client(trial: Trial) -> None:
    trial.configure(
        HEAD + client("once", consent="once") + client("twice", consent="once")
    )
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)

    asked(browser.begin("twice"))
    asked(FlowBrowser(trial).sign_in("anna", "once"))


@pytest.mark.parametrize(
    "wider",
    [
        {"scope": "openid profile rero"},
        {"scope": "openid profile offline_access"},
        {"claims": '{"userinfo": {"birthdate": null}}'},
    ],
)
def test_wider_set_asks_again(trial: Trial, wider: dict[str, str]) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)

    asked(browser.sign_in("jean", "once", prompt="login", **wider))


def test_second_set_leaves_the_first_allowed(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    for scope in ("openid profile", "openid rero"):
        asked_for = browser.sign_in("jean", "once", scope=scope)
        browser.approve(asked_for, remember=True)

    outcome = browser.begin("once", scope="openid profile")

    assert isinstance(outcome, AnswerClient)


def test_narrower_set_does_not_ask(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.approve(browser.sign_in("jean", "once"), remember=True)

    assert isinstance(browser.begin("once", scope="openid"), AnswerClient)


def test_consent_always_is_never_remembered(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = asked(browser.sign_in("jean", "always"))
    browser.approve(question, remember=True)

    assert not question.may_remember
    assert trial.spy.logins[-1].consent is None
    asked(browser.begin("always"))


def test_prompt_consent_asks_where_nothing_else_would(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "service", prompt="consent")

    asked(question)
    assert isinstance(browser.approve(question), AnswerClient)


@pytest.mark.parametrize("client_id", ["once", "always"])
def test_silence_is_consent_required(trial: Trial, client_id: str) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    with error_at_client("consent_required"):
        browser.begin(client_id, prompt="none")


def test_consent_ticket_of_another_browser_is_refused(trial: Trial) -> None:
    question = asked(FlowBrowser(trial).sign_in("jean", "once"))
    stranger = FlowBrowser(trial)
    stranger.sign_in("anna")

    with page(PageReason.OTHER_BROWSER):
        stranger.approve(question)


def test_consent_ticket_of_another_session_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")
    binding = browser.cookies.binding
    browser.sign_in("anna", prompt="login")
    browser.cookies = replace(browser.cookies, binding=binding)

    with page(PageReason.USED_TICKET):
        browser.approve(question)


def test_consent_ticket_of_an_earlier_sign_in_is_refused(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")
    trial.clock.advance(5)
    browser.sign_in("jean", prompt="login")

    with page(PageReason.USED_TICKET):
        browser.approve(question)


def test_consent_ticket_is_over_after_a_quarter_of_an_hour(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")
    trial.clock.advance(900)

    with page(PageReason.TICKET):
        browser.approve(question)


def test_consent_ticket_is_no_login_ticket(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = asked(browser.sign_in("jean", "once"))

    with page(PageReason.TICKET):
        browser.complete(question.ticket)


def test_double_press_of_allow_goes_on(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")

    first = browser.approve(question, remember=True)
    second = browser.approve(question, remember=True)

    assert isinstance(first, AnswerClient)
    assert isinstance(second, AnswerClient)
    assert first.parameters["code"] != second.parameters["code"]


def test_refused_consent_is_access_denied_at_the_client(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = asked(browser.sign_in("jean", "once"))
    writes = len(trial.spy.writes)

    with error_at_client("access_denied") as caught:
        browser.refuse(TicketKind.CONSENT, question.ticket)

    assert caught.value.address.state == "the-state"
    assert len(trial.spy.writes) == writes


def test_client_removed_while_the_page_was_open_is_a_page(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")
    trial.configure(HEAD + client("service"))

    with page(PageReason.UNKNOWN_CLIENT):
        browser.approve(question)


def test_claims_added_while_the_page_was_open_are_asked_for(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = browser.sign_in("jean", "once")
    trial.configure(HEAD + client("once", consent="once", claims=["birthdate"]))

    again = asked(browser.approve(question))

    assert again.ticket != asked(question).ticket


def test_other_account_goes_through_the_sign_out_of_rero(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    question = asked(browser.sign_in("jean", "once"))

    outcome = browser.change_account(TicketKind.CONSENT, question.ticket)

    assert isinstance(outcome, GoUpstream)
    assert "/signout?" in url_of(outcome)
