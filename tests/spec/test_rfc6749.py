"""RFC 6749: The OAuth 2.0 Authorization Framework."""

from urllib.parse import urlencode

import pytest

from bridge.core.errors import (
    ConfigurationError,
    UpstreamFault,
    UpstreamUnavailable,
)
from tests.spec.support import basic
from tests.support.flow_browser import request_pairs
from tests.support.trial import CONFIGURATION, SECRET, Trial
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Visitor


def test_2_3_more_than_one_authentication_method_is_refused(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://service.example/callback",
        "client_id": "service",
        "client_secret": SECRET,
    }

    answer = browser.post("/token", form, basic("service"))

    assert answer.members["error"] == "invalid_request"


def test_2_3_1_basic_is_supported_form_encoded(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://service.example/callback",
    }

    encoded = SECRET.replace("-", "%2D")
    answer = browser.post("/token", form, basic("service", encoded))

    assert answer.status == 200


def test_2_3_1_secret_is_not_taken_from_the_query(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    target = f"/token?client_id=service&client_secret={SECRET}"

    answer = browser.post(target, {"grant_type": "authorization_code", "code": code})

    assert answer.status == 400


def test_3_1_parameter_without_a_value_is_omitted(browser: Visitor) -> None:
    assert browser.sign_in(max_age="", prompt="", claims="").query["code"]


@pytest.mark.parametrize("name", ["state", "scope", "nonce", "response_type"])
def test_3_1_parameter_must_not_come_twice(browser: Visitor, name: str) -> None:
    query = urlencode([*request_pairs(), (name, "openid")]).encode()

    answer = browser.send("GET", "/authorize", query=query)

    assert answer.query["error"] == "invalid_request"


def test_3_1_unknown_parameter_is_ignored(browser: Visitor) -> None:
    code = browser.sign_in(unheard_of="x").query["code"]

    assert browser.token(code, unheard_of="x").status == 200


def test_3_1_2_registered_query_is_kept_in_the_answer(trial: Trial) -> None:
    uri = "https://service.example/callback?tenant=1"
    trial.configure(CONFIGURATION.replace("https://service.example/callback", uri))

    answer = Visitor(trial).sign_in(redirect_uri=uri)

    assert answer.location.startswith(f"{uri}&code=")


def test_3_1_2_4_unknown_redirect_uri_is_never_redirected_to(browser: Visitor) -> None:
    answer = browser.authorize(redirect_uri="https://evil.example/")

    assert answer.status == 400
    assert "Location" not in answer.headers


def test_3_2_token_endpoint_takes_post_alone(browser: Visitor) -> None:
    assert browser.get("/token").status == 405


def test_3_2_token_parameter_must_not_come_twice(browser: Visitor) -> None:
    answer = browser.post("/token", b"grant_type=a&grant_type=b")

    assert answer.members["error"] == "invalid_request"


def test_3_3_scope_that_differs_from_the_one_asked_is_told(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid unheard_of")

    assert tokens["scope"] == "openid"


@pytest.mark.parametrize("scope", ['openid "x"', "openid\tx", "openid \u00e9"])
def test_3_3_malformed_scope_is_invalid_scope(browser: Visitor, scope: str) -> None:
    assert browser.authorize(scope=scope).query["error"] == "invalid_scope"


def test_4_1_2_code_is_used_once_and_reuse_revokes(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    tokens = browser.token(code).members

    again = browser.token(code)

    assert again.members["error"] == "invalid_grant"
    assert browser.userinfo(tokens["access_token"]).status == 401


def test_4_1_2_code_expires(trial: Trial, browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    trial.clock.advance(60)

    assert browser.token(code).members["error"] == "invalid_grant"


def test_4_1_2_code_lives_for_ten_minutes_at_most(browser: Visitor) -> None:
    for lifetime_s in ("601", "86400"):
        text = CONFIGURATION + f"\n[lives]\ncode_s = {lifetime_s}\n"

        with pytest.raises(ConfigurationError):
            browser.trial.configure(text)


def test_4_1_2_state_comes_back_exactly(browser: Visitor) -> None:
    state = '/admin/?a=b&c=%20d+e\u00e9"<>'

    assert browser.sign_in(state=state).query["state"] == state


def test_4_1_2_1_response_type_that_is_not_supported(browser: Visitor) -> None:
    answer = browser.authorize(response_type="token")

    assert answer.query["error"] == "unsupported_response_type"


def test_4_1_2_1_denied_request_is_access_denied(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert browser.press(page, "refuse").query["error"] == "access_denied"


def test_4_1_2_1_rero_that_is_down_is_told_on_a_page(browser: Visitor) -> None:
    browser.trial.upstream.answers["jean"] = UpstreamUnavailable(UpstreamFault.DOWN)

    answer = browser.sign_in()

    assert (answer.status, answer.page) == (503, "upstream_down")


@pytest.mark.parametrize("who", ["error", "error_description"])
def test_4_1_2_1_errors_hold_allowed_characters_alone(
    browser: Visitor, who: str
) -> None:
    allowed = {chr(code) for code in range(0x20, 0x7F)} - {'"', "\\"}

    for changes in ({"max_age": "\u00e9\\"}, {"prompt": '"'}, {"claims": "\u00e9"}):
        assert set(browser.authorize(**changes).query[who]) <= allowed


def test_4_1_3_code_is_bound_to_its_client(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    assert browser.token(code, "other").members["error"] == "invalid_grant"
    assert browser.token(code).status == 200


def test_4_1_3_redirect_uri_is_identical_at_the_token_endpoint(
    browser: Visitor,
) -> None:
    code = browser.sign_in().query["code"]

    refused = browser.token(code, redirect_uri="https://service.example/callback?")
    taken = browser.token(code)

    assert refused.members["error"] == "invalid_grant"
    assert taken.status == 200


def test_10_6_code_goes_to_the_registered_address_alone(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, redirect_uri="https://evil.example/")

    assert answer.members["error"] == "invalid_grant"


def test_10_10_handles_cannot_be_guessed(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    for place in range(0, len(code), 7):
        other = "A" if code[place] != "A" else "B"
        guess = code[:place] + other + code[place + 1 :]
        assert browser.token(guess).members["error"] == "invalid_grant"
    assert browser.token(code).status == 200


def test_10_12_state_at_rero_guards_the_callback(browser: Visitor) -> None:
    sent = browser.authorize()

    assert sent.location.startswith(f"{UPSTREAM}/authorize?")
    assert browser.get("/callback", {"code": "jean"}).page == "ticket"
    assert browser.get("/callback", {"code": "jean", "state": "x"}).page == "ticket"


def test_10_15_no_parameter_makes_an_open_redirect(browser: Visitor) -> None:
    evil = "https://evil.example/"

    for changes in (
        {"redirect_uri": evil},
        {"redirect_uri": evil, "prompt": "none"},
        {"redirect_uri": evil, "response_mode": "form_post", "scope": "x"},
        {"redirect_uri": evil, "request_uri": evil},
    ):
        answer = browser.authorize(**changes)
        assert answer.status == 400
        assert '="https://evil.example' not in answer.text
