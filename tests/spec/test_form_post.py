"""OAuth 2.0 Form Post Response Mode 1.0, and Multiple Response Types 1.0."""

from html import escape

from tests.spec.support import form_fields
from tests.support.visitor import Visitor


def test_2_parameters_are_hidden_fields_of_a_form_posted_to_the_client(
    browser: Visitor,
) -> None:
    page = browser.sign_in(response_mode="form_post")

    assert page.form_action == "https://service.example/callback"
    assert form_fields(page).keys() == {"code", "state", "iss"}
    assert page.text.count("<form") == 1


def test_2_errors_come_in_the_same_way(browser: Visitor) -> None:
    page = browser.authorize(prompt="none", response_mode="form_post")

    assert form_fields(page)["error"] == "login_required"
    assert form_fields(page)["state"] == "the-state"


def test_2_form_is_submitted_by_itself(browser: Visitor) -> None:
    page = browser.sign_in(response_mode="form_post")

    assert "<script>document.forms[0].submit()</script>" in page.text


def test_2_address_of_the_client_carries_no_parameter(browser: Visitor) -> None:
    page = browser.sign_in(response_mode="form_post")

    code = form_fields(page)["code"]
    assert "Location" not in page.headers
    assert f"?code={code}" not in page.text


def test_4_values_are_escaped(browser: Visitor) -> None:
    state = "\"><script>alert('1')</script>"

    page = browser.sign_in(response_mode="form_post", state=state)

    assert form_fields(page)["state"] == state
    assert state not in page.text
    assert escape("<script>alert(") in page.text


def test_4_page_is_not_cached(browser: Visitor) -> None:
    page = browser.sign_in(response_mode="form_post")

    assert page.headers["Cache-Control"] == "no-store"


def test_multiple_2_1_query_is_the_default_for_code(browser: Visitor) -> None:
    assert browser.sign_in().location.startswith("https://service.example/callback?")
    assert browser.authorize(response_mode="query").query["code"]


def test_multiple_2_1_mode_is_advertised(browser: Visitor) -> None:
    members = browser.get("/.well-known/openid-configuration").members

    assert members["response_modes_supported"] == ["query", "form_post"]
