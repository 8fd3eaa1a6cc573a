"""The page that asks whether to sign out, and the one that tells what is signed out."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from bridge.core.errors import PageReason
from tests.support.trial import Trial
from tests.support.visitor import Visitor
from tests.web.logouts import (
    BYE,
    CONFIGURATION,
    STATES,
    is_signed_in,
    log_out,
)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    return Visitor(trial)


def test_page_that_asks_names_the_patron_and_has_two_buttons(browser: Visitor) -> None:
    browser.sign_in()

    page = log_out(browser)

    assert page.status == 200
    assert "You are signed in here as" in page.text
    assert "Jean Simon" in page.text
    assert page.form_action == "/logout/confirm"
    assert page.text.partition("<footer")[0].count("<button") == 2
    assert page.headers["Cache-Control"] == "no-store"


def test_page_speaks_the_language_that_was_asked_for(browser: Visitor) -> None:
    browser.sign_in()

    page = log_out(browser, ui_locales="xx it de")

    assert '<html lang="it">' in page.text
    assert '<html lang="it">' in browser.press(page, "sign_out").text


def test_sign_out_tells_what_is_over_and_what_is_not(browser: Visitor) -> None:
    browser.sign_in()

    page = browser.press(log_out(browser), "sign_out")

    assert page.status == 200
    assert "You are signed out here." in page.text
    assert "You may still be signed in at RERO+." in page.text
    assert 'href="https://rero.example/signout/"' in page.text
    assert not is_signed_in(browser)


def test_signed_out_page_leads_back_to_the_service_as_registered(
    browser: Visitor,
) -> None:
    page = log_out(browser, client_id="service")

    assert 'href="https://service.example/start"' in page.text


def test_stay_keeps_the_session_and_says_so(browser: Visitor) -> None:
    browser.sign_in()

    page = browser.press(log_out(browser), "stay")

    assert "An account is still signed in here." in page.text
    assert "https://rero.example/signout/" not in page.text
    assert is_signed_in(browser)


def test_button_leads_to_the_address_with_the_state(browser: Visitor) -> None:
    browser.sign_in()
    page = log_out(
        browser, client_id="service", post_logout_redirect_uri=BYE, state=STATES[2]
    )

    answer = browser.press(page, "sign_out")

    assert answer.status == 303
    assert answer.query == {"state": STATES[2]}


@pytest.mark.parametrize("delivered", [0, 1])
def test_services_that_confirmed_are_told_apart_from_those_that_did_not(
    browser: Visitor, trial: Trial, delivered: int
) -> None:
    browser.sign_in("jean", "told")
    trial.told.delivered = delivered

    page = browser.press(log_out(browser), "sign_out")

    said = "signed out" if delivered else "not confirmed yet"
    assert f"Told &amp; &lt;sons&gt;</bdi>: {said}" in page.text


@pytest.mark.parametrize("decision", ["", "yes", "allow"])
def test_no_button_is_a_page_and_ends_nothing(browser: Visitor, decision: str) -> None:
    browser.sign_in()

    answer = browser.press(log_out(browser), decision)

    assert answer.page is PageReason.BAD_REQUEST
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_form_from_another_site_ends_nothing(
    browser: Visitor, headers: dict[str, str]
) -> None:
    browser.sign_in()
    page = log_out(browser)

    form = {"ticket": page.ticket, "decision": "sign_out"}
    answer = browser.post(page.form_action, form, headers)

    assert answer.page is PageReason.OTHER_BROWSER
    assert is_signed_in(browser)


def test_doubled_field_of_the_form_ends_nothing(browser: Visitor) -> None:
    browser.sign_in()
    page = log_out(browser)

    body = urlencode({"ticket": page.ticket, "decision": "sign_out"}).encode()
    answer = browser.post(page.form_action, body + b"&decision=stay")

    assert answer.page is PageReason.BAD_REQUEST
    assert is_signed_in(browser)


@pytest.mark.parametrize("ticket", ["", "x", "A" * 5_000])
def test_damaged_ticket_ends_nothing_and_asks_again(
    browser: Visitor, ticket: str
) -> None:
    browser.sign_in()

    page = browser.post("/logout/confirm", {"ticket": ticket, "decision": "sign_out"})

    assert page.form_action == "/logout/confirm"
    assert is_signed_in(browser)


@pytest.mark.parametrize("client_id", ["service", "app"])
def test_policy_of_the_page_lets_its_form_lead_to_the_client(
    browser: Visitor, client_id: str
) -> None:
    browser.sign_in()
    uris = {"service": BYE, "app": "ch.example.bye:/bye"}

    page = log_out(
        browser, client_id=client_id, post_logout_redirect_uri=uris[client_id]
    )

    schemes = {"service": "https:", "app": "https: ch.example.app: ch.example.bye:"}
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {schemes[client_id]}")
    assert "script-src" not in policy
