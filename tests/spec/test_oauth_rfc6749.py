"""RFC 6749: The OAuth 2.0 Authorization Framework."""

import base64
from urllib.parse import urlencode

import pytest

from tests.support.flow_browser import request_pairs
from tests.support.trial import SECRET, Trial
from tests.support.visitor import Visitor


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{client_id}:{secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def test_2_3_more_than_one_authentication_method_is_refused(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://service.example/callback",
        "client_id": "service",
        "client_secret": SECRET,
    }

    answer = browser.post("/token", form, basic("service", SECRET))

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


def test_3_1_2_4_unknown_redirect_uri_is_never_redirected_to(browser: Visitor) -> None:
    answer = browser.authorize(redirect_uri="https://evil.example/")

    assert answer.status == 400
    assert "Location" not in answer.headers


def test_3_2_token_endpoint_takes_post_alone(browser: Visitor) -> None:
    assert browser.get("/token").status == 405


def test_3_2_token_parameter_must_not_come_twice(browser: Visitor) -> None:
    answer = browser.post("/token", b"grant_type=a&grant_type=b")

    assert answer.members["error"] == "invalid_request"


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


def test_4_1_2_state_comes_back_exactly(browser: Visitor) -> None:
    state = '/admin/?a=b&c=%20d+e\u00e9"<>'

    assert browser.sign_in(state=state).query["state"] == state


def test_4_1_2_1_response_type_that_is_not_supported(browser: Visitor) -> None:
    answer = browser.authorize(response_type="token")

    assert answer.query["error"] == "unsupported_response_type"


def test_4_1_2_1_denied_request_is_access_denied(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert browser.press(page, "refuse").query["error"] == "access_denied"


def test_4_1_3_redirect_uri_is_identical_at_the_token_endpoint(
    browser: Visitor,
) -> None:
    code = browser.sign_in().query["code"]

    refused = browser.token(code, redirect_uri="https://service.example/callback?")
    taken = browser.token(code)

    assert refused.members["error"] == "invalid_grant"
    assert taken.status == 200


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"grant_type": None}, "invalid_request", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type", 400),
        ({"code": None}, "invalid_request", 400),
        ({"code": "x"}, "invalid_grant", 400),
        ({"redirect_uri": None}, "invalid_request", 400),
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "unknown"}, "invalid_client", 401),
        ({"client_secret": None}, "invalid_client", 401),
    ],
)
def test_5_2_token_error(
    browser: Visitor, changes: dict[str, str | None], error: str, status: int
) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, **changes)

    assert (answer.members["error"], answer.status) == (error, status)
    assert answer.headers["Cache-Control"] == "no-store"


def test_5_2_invalid_client_has_a_challenge(browser: Visitor) -> None:
    answer = browser.token("x", client_secret="wrong")

    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_6_refresh_token_is_bound_to_its_client(browser: Visitor) -> None:
    token = str(browser.tokens(scope="openid offline_access")["refresh_token"])
    form = {"grant_type": "refresh_token", "refresh_token": token}

    stranger = browser.token("", "other", code=None, redirect_uri=None, **form)
    owner = browser.token("", code=None, redirect_uri=None, **form)

    assert stranger.members["error"] == "invalid_grant"
    assert owner.status == 200


def test_6_scope_never_grows(browser: Visitor) -> None:
    token = str(browser.tokens(scope="openid offline_access")["refresh_token"])
    form = {"grant_type": "refresh_token", "refresh_token": token}

    wider = browser.token("", scope="openid profile", **form)
    narrower = browser.token("", scope="openid", **form)

    assert wider.members["error"] == "invalid_scope"
    assert narrower.members["scope"] == "openid"


def test_10_10_handles_cannot_be_guessed(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    for place in range(0, len(code), 7):
        other = "A" if code[place] != "A" else "B"
        guess = code[:place] + other + code[place + 1 :]
        assert browser.token(guess).members["error"] == "invalid_grant"
    assert browser.token(code).status == 200
