"""GET /authorize in steps: nothing is stored, and RERO+ is asked for what is needed."""

from pathlib import Path

import pytest

from bridge.core.errors import PageReason
from bridge.core.records import LoginWrite
from bridge.flow.outcomes import AnswerClient, GoUpstream
from tests.flow.support import error_at_client, page
from tests.support.flow_browser import FlowBrowser, query_of, url_of
from tests.support.trial import SpyStore, Trial


def test_nothing_is_stored_for_a_browser_that_has_not_signed_in(trial: Trial) -> None:
    for _ in range(5):
        FlowBrowser(trial).begin()

    assert trial.spy.writes == []


def test_state_at_rero_is_never_that_of_the_client(trial: Trial) -> None:
    states = {FlowBrowser(trial).go(state="the-client-s-own") for _ in range(3)}

    assert len(states) == 3
    assert not any("client-s-own" in state for state in states)


def test_browser_keeps_its_binding_cookie_in_a_second_tab(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.begin()
    first = browser.cookies.binding

    outcome = browser.begin()

    assert outcome.cookies.binding is None
    assert browser.cookies.binding == first


def test_binding_cookie_that_is_not_of_ours_by_its_form_is_replaced(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    browser.cookies = type(browser.cookies)(binding="no binding of ours")

    outcome = browser.begin()

    assert outcome.cookies.binding is not None


@pytest.mark.parametrize("client_id", ["unknown", "", "SERVICE", "service "])
def test_unknown_client_is_a_page(trial: Trial, client_id: str) -> None:
    with page(PageReason.UNKNOWN_CLIENT):
        FlowBrowser(trial).begin("service", client_id=client_id)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://service.example/callback/",
        "https://service.example/callback?",
        "https://service.example/callback#",
        "https://SERVICE.example/callback",
        "https://service.example:443/callback",
        "https://service.example/%63allback",
        "https://service.example/x/../callback",
        "https://service.example@evil.example/callback",
        "https://other.example/callback",
        "//service.example/callback",
        " https://service.example/callback",
        "https://service.example/callback\n",
    ],
)
def test_redirect_uri_that_differs_by_a_byte_is_a_page(
    trial: Trial, redirect_uri: str | None
) -> None:
    with page(PageReason.REDIRECT_URI):
        FlowBrowser(trial).begin(redirect_uri=redirect_uri)


def test_rero_is_asked_for_the_scopes_that_the_claims_need_and_no_more(
    trial: Trial,
) -> None:
    def scopes(**changes: str) -> set[str]:
        outcome = FlowBrowser(trial).begin(**changes)
        return set(query_of(url_of(outcome))["scope"].split())

    identity = {"institution", "patron_types"}  # while a barcode may identify
    assert scopes(scope="openid") == identity
    assert scopes(scope="openid profile") == identity | {"fullname"}
    assert "birthdate" in scopes(claims='{"userinfo": {"birthdate": null}}')
    assert "birthdate" not in scopes(scope="openid profile rero")


def test_email_is_asked_of_rero_only_where_the_client_takes_it_from_there(
    trial: Trial,
) -> None:
    def scope(client_id: str) -> str:
        outcome = FlowBrowser(trial).begin(client_id, scope="openid email")
        return query_of(url_of(outcome))["scope"]

    assert "user:email" in scope("mail")
    assert "user:email" not in scope("service")


def test_session_answers_without_rero(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    outcome = browser.begin("other")

    assert isinstance(outcome, AnswerClient)


def test_client_that_needs_more_of_rero_finds_no_good_session(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in(scope="openid")

    outcome = browser.begin(scope="openid profile")

    assert isinstance(outcome, GoUpstream)


def test_sign_in_for_one_service_takes_nothing_from_another(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in(scope="openid profile")
    browser.sign_in("jean", "other", scope="openid rero")

    outcome = browser.begin(scope="openid profile", prompt="none")

    assert isinstance(outcome, AnswerClient)


def test_address_is_not_asked_for_again_for_who_may_not_get_it(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("jean", "mail", scope="openid email")

    outcome = browser.begin(scope="openid profile")

    asked = query_of(url_of(outcome))["scope"].split()
    assert "fullname" in asked
    assert "user:email" not in asked


def test_client_that_needs_more_gets_interaction_required_in_silence(
    trial: Trial,
) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in(scope="openid")

    with error_at_client("interaction_required"):
        browser.begin(scope="openid profile", prompt="none")


def test_silence_without_a_session_is_login_required(trial: Trial) -> None:
    with error_at_client("login_required"):
        FlowBrowser(trial).begin(prompt="none")


def test_silence_with_a_session_gives_a_code(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    assert isinstance(browser.begin(prompt="none"), AnswerClient)


def test_plain_sign_in_does_not_sign_out_at_rero(trial: Trial) -> None:
    assert "/authorize?" in url_of(FlowBrowser(trial).begin())


def test_max_age_without_a_session_forces_a_real_sign_in(trial: Trial) -> None:
    # The session at RERO+ may be a month old: auth_time would not be true.
    assert "/signout?" in url_of(FlowBrowser(trial).begin(max_age="3600"))


def test_session_older_than_max_age_is_not_good(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    trial.clock.advance(61)

    outcome = browser.begin(max_age="60")

    assert "/signout?" in url_of(outcome)


def test_session_as_old_as_max_age_is_good(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    trial.clock.advance(60)

    assert isinstance(browser.begin(max_age="60"), AnswerClient)


def test_max_age_of_zero_is_never_silent(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()

    with error_at_client("login_required"):
        browser.begin(max_age="0", prompt="none")


class EndingStore(SpyStore):
    """A store whose sessions end just before a step is written."""

    is_ending = False

    def put_login(self, write: LoginWrite) -> bool:
        """Refuse a grant of a session that was kept."""
        return not self.is_ending and super().put_login(write)


def test_session_that_ends_meanwhile_is_login_required_in_silence(
    tmp_path: Path,
) -> None:
    store = EndingStore()
    browser = FlowBrowser(Trial(tmp_path, store=store))
    browser.sign_in()
    store.is_ending = True

    with error_at_client("login_required"):
        browser.begin(prompt="none")
