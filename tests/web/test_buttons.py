"""POST /consent and POST /refusal: the buttons of our own pages."""

import pytest

from tests.support.trial import ISSUER, Trial
from tests.support.visitor import FORM, Visitor


def test_allow_ends_at_the_client_with_a_code(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("jean", "once")

    answer = browser.press(page, "allow")

    assert answer.status == 303
    assert answer.location.startswith("https://once.example/callback?")
    assert set(answer.query) == {"code", "state", "iss"}


def test_remembered_consent_shows_no_page_again(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.press(browser.sign_in("jean", "once"), "allow", remember="yes")

    assert browser.authorize("once").status == 303


@pytest.mark.parametrize(("who", "client_id"), [("jean", "once"), ("luca", "members")])
def test_refuse_ends_at_the_client_with_access_denied(
    trial: Trial, who: str, client_id: str
) -> None:
    browser = Visitor(trial)
    page = browser.sign_in(who, client_id)

    query = browser.press(page, "refuse").query

    assert query["error"] == "access_denied"
    assert query["state"] == "the-state"
    assert query["iss"] == ISSUER


@pytest.mark.parametrize(("who", "client_id"), [("jean", "once"), ("luca", "members")])
def test_other_account_goes_through_the_sign_out_of_rero(
    trial: Trial, who: str, client_id: str
) -> None:
    browser = Visitor(trial)

    answer = browser.press(browser.sign_in(who, client_id), "other")

    assert answer.location.startswith("https://rero.example/signout?")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": f"{ISSUER}.evil.example"},
        {"Origin": "http://login.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": ISSUER, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_form_that_another_site_sent_is_refused(
    trial: Trial, headers: dict[str, str]
) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("jean", "once")
    form = {"ticket": page.ticket, "decision": "allow"}

    answer = browser.post("/consent", form, headers)

    assert (answer.status, answer.page) == (400, "other_browser")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": ISSUER},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_form_that_a_browser_sends_from_our_page_is_taken(
    trial: Trial, headers: dict[str, str]
) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("jean", "once")

    answer = browser.post(
        "/consent", {"ticket": page.ticket, "decision": "allow"}, headers
    )

    assert answer.status == 303


@pytest.mark.parametrize("path", ["/consent", "/refusal"])
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "allow"},
        {"decision": "what"},
        {"ticket": "x", "decision": "refuse"},
        {"ticket": "A" * 300, "decision": "other"},
    ],
)
def test_odd_form_is_a_page(trial: Trial, path: str, form: dict[str, str]) -> None:
    answer = Visitor(trial).post(path, form)

    assert answer.status == 400
    assert answer.page is not None


@pytest.mark.parametrize("body", [b"decision=allow&decision=refuse", b"%FF", b"{}"])
@pytest.mark.parametrize("path", ["/consent", "/refusal"])
def test_doubled_or_garbled_field_is_a_page(
    trial: Trial, path: str, body: bytes
) -> None:
    assert Visitor(trial).post(path, body).page == "bad_request"


def test_form_of_another_type_is_a_page(trial: Trial) -> None:
    answer = Visitor(trial).post("/consent", b"a=b", content_type="text/plain")

    assert FORM not in answer.text
    assert answer.page == "bad_request"


def test_allow_cannot_be_pressed_on_a_refusal(trial: Trial) -> None:
    browser = Visitor(trial)
    page = browser.sign_in("luca", "members")

    for path in ("/refusal", "/consent"):
        form = {"ticket": page.ticket, "decision": "allow"}
        answer = browser.post(path, form)
        assert answer.status == 400
