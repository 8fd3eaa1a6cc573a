"""A patron whom the policy refuses: a page first, and nothing stored."""

from bridge.core.eligibility import RefusalReason
from bridge.core.errors import PageReason, UpstreamFault, UpstreamRefused
from bridge.flow.outcomes import AnswerClient, ShowRefusal
from bridge.flow.ticket import TicketKind
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, state_of, url_of
from tests.support.trial import HEAD, Trial, client


def refused(outcome: object) -> ShowRefusal:
    assert isinstance(outcome, ShowRefusal)
    return outcome


def test_expired_patron_is_shown_why(trial: Trial) -> None:
    page_of_luca = refused(FlowBrowser(trial).sign_in("luca", "members"))

    assert page_of_luca.refused.reason is RefusalReason.MEMBERSHIP_EXPIRED
    assert page_of_luca.refused.institution == "vs"


def test_patron_of_another_institution_is_shown_why(trial: Trial) -> None:
    page_of_anna = refused(FlowBrowser(trial).sign_in("anna", "members"))

    assert page_of_anna.refused.reason is RefusalReason.INSTITUTION


def test_expired_patron_is_let_in_without_a_policy(trial: Trial) -> None:
    assert isinstance(FlowBrowser(trial).sign_in("luca"), AnswerClient)


def test_account_that_no_library_knows_is_refused_without_a_policy(
    trial: Trial,
) -> None:
    page_of_zoe = refused(FlowBrowser(trial).sign_in("zoe"))

    assert page_of_zoe.refused.reason is RefusalReason.NO_PATRON_RECORD


def test_reader_in_whom_nothing_can_be_recognised_is_told_of_the_card(
    trial: Trial,
) -> None:
    trial.upstream.answers["nora"] = UpstreamRefused(UpstreamFault.NO_CARD)

    page_of_nora = refused(FlowBrowser(trial).sign_in("nora"))

    assert page_of_nora.refused.reason is RefusalReason.NO_PATRON_RECORD
    assert trial.spy.writes == []
    assert trial.events("upstream:failed") == []
    assert trial.events("login:refused")[0]["reason"] == "no_patron_record"


def test_refusal_stores_nothing_and_leaves_the_ticket_valid(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    state = browser.go("members")

    browser.complete(state, "luca")

    assert trial.spy.writes == []
    assert browser.cookies.session_secret is None
    assert isinstance(browser.complete(state, "jean"), AnswerClient)


def test_button_of_the_refusal_is_access_denied_at_the_client(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    refusal = refused(browser.sign_in("luca", "members"))

    with error_at_client("access_denied") as caught:
        browser.refuse(TicketKind.REFUSAL, refusal.ticket)

    assert caught.value.address.redirect_uri == "https://members.example/callback"


def test_other_account_after_a_refusal_may_be_let_in(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    refusal = refused(browser.sign_in("luca", "members"))

    outcome = browser.change_account(TicketKind.REFUSAL, refusal.ticket)

    assert "/signout?" in url_of(outcome)
    assert isinstance(browser.complete(state_of(outcome), "jean"), AnswerClient)


def test_refusal_ticket_is_no_consent(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    refusal = refused(browser.sign_in("luca", "members"))
    decisions = trial.web.decisions

    with page(PageReason.TICKET):
        decisions.approve(refusal.ticket, browser.cookies, remember=False)


def test_refusal_in_silence_is_access_denied(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("anna", scope="openid rero")

    with error_at_client("access_denied"):
        browser.begin("members", prompt="none", scope="openid")


def test_policy_decides_at_every_issue(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("luca", scope="openid rero")
    strict = client("service", policy="valais")

    trial.configure(HEAD + strict)

    refused(browser.begin(scope="openid"))


def test_policy_decides_after_consent_too(trial: Trial) -> None:
    trial.configure(HEAD + client("once", consent="once"))
    browser = FlowBrowser(trial)
    question = browser.sign_in("luca", "once")
    trial.configure(HEAD + client("once", consent="once", policy="valais"))

    refused(browser.approve(question))
