"""OpenID Connect Core 1.0 §3.1.2, §6: the authorization request and its answer."""

import pytest

from tests.spec.support import form_fields, posted, pushed
from tests.support.flow_browser import request_pairs
from tests.support.trial import ISSUER, Trial
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Visitor

CALLBACK = "https://service.example/callback"


def test_3_1_2_1_get_is_taken(browser: Visitor) -> None:
    assert browser.come_back(browser.authorize()).query["code"]


def test_3_1_2_1_post_is_taken_with_a_form(browser: Visitor) -> None:
    assert browser.come_back(posted(browser)).query["code"]


def test_3_1_2_1_redirect_uri_matches_exactly(browser: Visitor) -> None:
    for other in (f"{CALLBACK}/", f"{CALLBACK}?x=1", CALLBACK.upper()):
        answer = browser.authorize(redirect_uri=other)

        assert answer.status == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize("name", ["redirect_uri", "client_id"])
def test_3_1_2_1_without_a_place_to_answer_a_page_is_shown(
    browser: Visitor, name: str
) -> None:
    answer = browser.authorize(**{name: None})

    assert answer.status == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("name", ["response_type", "scope"])
def test_3_1_2_1_required_parameter_that_is_missing_is_said(
    browser: Visitor, name: str
) -> None:
    error = browser.authorize(**{name: None}).query["error"]

    assert error in {"invalid_request", "invalid_scope"}


def test_3_1_2_1_state_comes_back_in_success_and_error(browser: Visitor) -> None:
    assert browser.authorize(prompt="none", state="a b").query["state"] == "a b"
    assert browser.sign_in(state="a b").query["state"] == "a b"


def test_3_1_2_1_without_a_state_none_comes_back(browser: Visitor) -> None:
    assert "state" not in browser.authorize(prompt="none", state=None).query
    assert "state" not in browser.sign_in(state=None).query


def test_3_1_2_1_order_of_parameters_and_scopes_does_not_matter(
    browser: Visitor,
) -> None:
    pairs = dict(reversed(request_pairs(changes={"scope": "profile openid"})))

    assert browser.come_back(browser.get("/authorize", pairs)).query["code"]


def test_3_1_2_1_unknown_parameters_are_ignored(browser: Visitor) -> None:
    assert browser.sign_in(unheard_of="value", resource="https://x").query["code"]


def test_3_1_2_1_unknown_scope_values_are_ignored(browser: Visitor) -> None:
    assert browser.sign_in(scope="openid unheard_of").query["code"]


def test_3_1_2_2_scope_holds_openid(browser: Visitor) -> None:
    assert browser.authorize(scope="profile").query["error"] == "invalid_scope"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code id_token", "x"])
def test_3_1_2_2_response_type_is_checked(browser: Visitor, response_type: str) -> None:
    answer = browser.authorize(response_type=response_type)

    assert answer.query["error"] == "unsupported_response_type"


def test_3_1_2_3_patron_who_is_not_signed_in_is_sent_to_sign_in(
    browser: Visitor,
) -> None:
    assert browser.authorize().location.startswith(f"{UPSTREAM}/authorize?")


def test_3_1_2_3_state_at_rero_is_bound_to_the_browser(trial: Trial) -> None:
    sent = Visitor(trial).authorize()

    stranger = Visitor(trial).come_back(sent)

    assert (stranger.status, stranger.page) == (400, "other_browser")


def test_3_1_2_4_consent_comes_before_the_code(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert page.status == 200
    assert browser.press(page, "allow").query["code"]


def test_3_1_2_5_answer_is_in_the_query_by_default(browser: Visitor) -> None:
    answer = browser.sign_in()

    assert answer.location.startswith(f"{CALLBACK}?")
    assert set(answer.query) == {"code", "state", "iss"}


ERRORS = [
    ({"prompt": "none"}, "login_required"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://service.example/r"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"id_token_hint": "junk"}, "invalid_request"),
    (
        {"claims": '{"id_token": {"acr": {"essential": true, "value": "x"}}}'},
        "unmet_authentication_requirements",
    ),
]


@pytest.mark.parametrize(("changes", "error"), ERRORS)
def test_3_1_2_6_error_goes_to_the_redirect_uri_in_the_query(
    browser: Visitor, changes: dict[str, str], error: str
) -> None:
    answer = browser.authorize(**changes)

    assert answer.location.startswith(f"{CALLBACK}?")
    assert set(answer.query) == {"error", "error_description", "state", "iss"}
    assert answer.query["error"] == error


@pytest.mark.parametrize(("changes", "error"), ERRORS)
def test_3_1_2_6_error_goes_there_in_the_response_mode_asked_for(
    browser: Visitor, changes: dict[str, str], error: str
) -> None:
    page = browser.authorize(response_mode="form_post", **changes)

    fields = form_fields(page)
    assert page.form_action == CALLBACK
    assert set(fields) == {"error", "error_description", "state", "iss"}
    assert (fields["error"], fields["state"]) == (error, "the-state")
    assert fields["iss"] == ISSUER


def test_3_1_2_6_error_of_a_post_goes_there_too(browser: Visitor) -> None:
    answer = posted(browser, prompt="none")

    assert answer.query["error"] == "login_required"
    assert answer.query["state"] == "the-state"


def test_3_1_2_6_error_of_a_pushed_request_goes_there_too(browser: Visitor) -> None:
    answer = pushed(browser, prompt="none", response_mode="form_post")

    assert form_fields(answer)["error"] == "login_required"
    assert form_fields(answer)["iss"] == ISSUER


def test_3_1_2_6_refusal_of_the_patron_is_access_denied(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once", response_mode="form_post")

    fields = form_fields(browser.press(page, "refuse"))

    assert (fields["error"], fields["state"]) == ("access_denied", "the-state")


def test_3_1_2_6_mode_that_is_not_supported_is_said_in_the_query(
    browser: Visitor,
) -> None:
    answer = browser.authorize(response_mode="fragment")

    assert answer.query["error"] == "invalid_request"
    assert answer.query["iss"] == ISSUER


@pytest.mark.parametrize("parameter", ["request", "request_uri"])
def test_6_request_objects_are_refused_before_they_are_read(
    browser: Visitor, parameter: str
) -> None:
    # A request object with a redirect_uri of its own must not be followed.
    claims = "eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ"
    value = f"eyJhbGciOiJub25lIn0.{claims}."

    answer = browser.authorize(**{parameter: value})

    assert answer.location.startswith(f"{CALLBACK}?")
    assert answer.query["error"] == f"{parameter}_not_supported"


@pytest.mark.parametrize("parameter", ["request", "request_uri"])
def test_6_request_objects_are_no_way_round_the_redirect_uri(
    browser: Visitor, parameter: str
) -> None:
    answer = browser.authorize(redirect_uri=None, **{parameter: "e30.e30."})

    assert answer.status == 400
    assert "Location" not in answer.headers


def test_7_2_1_registration_in_the_request_is_refused(browser: Visitor) -> None:
    answer = browser.authorize(registration='{"redirect_uris": ["https://x.example"]}')

    assert answer.query["error"] == "registration_not_supported"
