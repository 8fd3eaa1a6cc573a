"""RFC 9700: Best Current Practice for OAuth 2.0 Security."""

import pytest

from tests.spec.support import refresh
from tests.support.flow_browser import request_pairs
from tests.support.tokens import verified
from tests.support.trial import ISSUER, Trial
from tests.support.visitor import Visitor


def test_2_1_redirect_uris_are_compared_as_strings(browser: Visitor) -> None:
    for other in ("https://service.example/callback?x=1", "https://service.example/"):
        assert browser.authorize(redirect_uri=other).status == 400


def test_2_1_1_public_clients_must_use_pkce(browser: Visitor) -> None:
    assert browser.authorize("app").query["error"] == "invalid_request"


def test_2_1_1_pkce_downgrade_is_detected(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, code_verifier="a" * 43)

    assert answer.members["error"] == "invalid_grant"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token"])
def test_2_1_2_implicit_grant_is_not_there(
    browser: Visitor, response_type: str
) -> None:
    answer = browser.authorize(response_type=response_type)

    assert answer.query["error"] == "unsupported_response_type"
    assert "#" not in answer.location


def test_2_4_password_grant_is_not_there(browser: Visitor) -> None:
    answer = browser.token("x", grant_type="password", username="a", password="b")

    assert answer.members["error"] == "unsupported_grant_type"


def test_4_2_4_nothing_is_told_by_referrer(browser: Visitor) -> None:
    for answer in (browser.sign_in(), browser.get("/callback")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_4_3_2_tokens_never_stand_in_addresses(browser: Visitor) -> None:
    tokens = browser.tokens()

    answer = browser.get("/userinfo", {"access_token": str(tokens["access_token"])})

    assert answer.status == 401


def test_4_7_login_is_finished_where_it_was_begun(trial: Trial) -> None:
    begun = Visitor(trial).authorize()

    answer = Visitor(trial).come_back(begun)

    assert (answer.status, answer.page) == (400, "other_browser")


def test_4_12_redirects_after_a_post_are_303(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert browser.press(page, "allow").status == 303


def test_4_14_2_refresh_tokens_rotate_and_reuse_ends_the_grant(
    trial: Trial, browser: Visitor
) -> None:
    first = browser.tokens(scope="openid offline_access")

    def refresh(token: object) -> dict[str, object]:
        return browser.token(
            "", grant_type="refresh_token", refresh_token=str(token)
        ).members

    second = refresh(first["refresh_token"])
    trial.clock.advance(31)  # past the leeway
    reused = refresh(first["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert reused["error"] == "invalid_grant"
    assert refresh(second["refresh_token"])["error"] == "invalid_grant"
    assert browser.userinfo(second["access_token"]).status == 401


def test_4_16_pages_are_not_framed(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


def test_2_1_1_code_is_bound_to_its_challenge_by_s256_alone(browser: Visitor) -> None:
    plain = {"code_challenge": "a" * 43, "code_challenge_method": "plain"}

    assert browser.authorize(**plain).query["error"] == "invalid_request"


def test_2_2_2_refresh_tokens_of_public_clients_rotate(browser: Visitor) -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    scope = "openid offline_access"
    code = browser.sign_in("jean", "app", scope=scope, **pkce).query["code"]
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    form = {"client_secret": None, "code_verifier": verifier}
    tokens = browser.token(code, "app", **form).members

    again = refresh(browser, tokens, "app", client_secret=None).members

    assert again["refresh_token"] != tokens["refresh_token"]


def test_2_5_client_keys_are_offered(browser: Visitor) -> None:
    metadata = browser.get("/.well-known/openid-configuration").members

    assert "private_key_jwt" in str(metadata["token_endpoint_auth_methods_supported"])


def test_4_1_3_redirect_uris_have_no_wildcards(browser: Visitor) -> None:
    for uri in ("https://x.service.example/callback", "https://service.example/c*"):
        assert browser.authorize(redirect_uri=uri).status == 400


def test_4_2_4_code_is_dead_after_its_use(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    tokens = browser.token(code).members

    browser.token(code)

    assert browser.userinfo(tokens["access_token"]).status == 401


def test_4_4_2_issuer_tells_servers_apart(browser: Visitor) -> None:
    assert browser.sign_in().query["iss"] == ISSUER
    assert browser.authorize(prompt="none", max_age="0").query["iss"] == ISSUER


def test_4_5_3_code_is_bound_to_client_and_transaction(browser: Visitor) -> None:
    code = browser.sign_in(nonce="of-this-transaction").query["code"]

    assert browser.token(code, "other").members["error"] == "invalid_grant"
    id_token = browser.token(code).members["id_token"]
    assert verified(browser, id_token).claims["nonce"] == "of-this-transaction"


def test_4_15_client_is_never_a_patron(browser: Visitor) -> None:
    # A client that chose its client_id could pose as a subject.
    answer = browser.token("x", grant_type="client_credentials")

    assert answer.members["error"] == "unsupported_grant_type"


def test_4_11_without_a_good_client_nobody_is_redirected(browser: Visitor) -> None:
    for changes in ({"client_id": "unknown"}, {"redirect_uri": "https://e.example/"}):
        answer = browser.authorize(**changes)
        assert answer.status == 400
        assert "Location" not in answer.headers


def test_4_12_post_with_credentials_is_never_redirected_by_307(
    browser: Visitor,
) -> None:
    answers = [
        browser.post("/authorize", dict(request_pairs())),
        browser.sign_in(),
        browser.authorize(prompt="login"),
    ]

    assert {answer.status for answer in answers} == {303}
