"""OpenID Connect Core 1.0, incorporating errata set 2."""

import base64
import hashlib

import pytest

from tests.support.flow_browser import request_pairs
from tests.support.tokens import verified
from tests.support.trial import HEAD, ISSUER, NOW, Trial, client
from tests.support.visitor import Visitor


def test_2_id_token_has_the_required_claims(browser: Visitor) -> None:
    claims = verified(browser, browser.tokens()["id_token"]).claims

    assert claims["iss"] == ISSUER
    assert claims["aud"] == "service"
    assert claims["azp"] == "service"
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 300)
    assert len(str(claims["sub"])) <= 255
    assert str(claims["sub"]).isascii()


def test_2_auth_time_is_there_when_max_age_was_asked(browser: Visitor) -> None:
    tokens = browser.tokens(max_age="100")

    assert verified(browser, tokens["id_token"]).claims["auth_time"] == NOW


def test_2_id_token_is_signed_and_never_alg_none(browser: Visitor) -> None:
    assert verified(browser, browser.tokens()["id_token"]).header["alg"] == "RS256"


@pytest.mark.parametrize("endpoint", ["authorize", "post"])
def test_3_1_2_1_get_and_post_are_taken(browser: Visitor, endpoint: str) -> None:
    sent = browser.authorize()
    if endpoint == "post":
        sent = browser.get(browser.post("/authorize", dict(request_pairs())).location)

    assert browser.come_back(sent).query["code"]


def test_3_1_2_1_redirect_uri_matches_exactly(browser: Visitor) -> None:
    answer = browser.authorize(redirect_uri="https://service.example/callback/")

    assert answer.status == 400


def test_3_1_2_1_nonce_is_passed_unmodified(browser: Visitor) -> None:
    nonce = "n-0S6_WzA2Mj + / \u00e9"

    tokens = browser.tokens(nonce=nonce)

    assert verified(browser, tokens["id_token"]).claims["nonce"] == nonce


def test_3_1_2_1_prompt_none_shows_no_page(browser: Visitor) -> None:
    assert browser.authorize(prompt="none").query["error"] == "login_required"
    browser.sign_in()
    assert browser.authorize(prompt="none").query["code"]


def test_3_1_2_1_prompt_none_with_another_value_is_an_error(browser: Visitor) -> None:
    answer = browser.authorize(prompt="none consent")

    assert answer.query["error"] == "invalid_request"


def test_3_1_2_1_prompt_login_signs_in_again(browser: Visitor) -> None:
    browser.sign_in()

    assert "/signout?" in browser.authorize(prompt="login").location


def test_3_1_2_1_prompt_consent_asks(browser: Visitor) -> None:
    assert browser.sign_in(prompt="consent").status == 200


def test_3_1_2_1_prompt_select_account_signs_in_again(browser: Visitor) -> None:
    browser.sign_in()

    assert "/signout?" in browser.authorize(prompt="select_account").location


def test_3_1_2_1_max_age_is_obeyed(trial: Trial, browser: Visitor) -> None:
    browser.sign_in()
    trial.clock.advance(11)

    assert "/signout?" in browser.authorize(max_age="10").location


def test_3_1_2_1_unknown_parameters_are_ignored(browser: Visitor) -> None:
    assert browser.sign_in(unheard_of="value").query["code"]


def test_3_1_2_1_unknown_scope_values_are_ignored(browser: Visitor) -> None:
    assert browser.sign_in(scope="openid unheard_of").query["code"]


def test_3_1_2_2_scope_holds_openid(browser: Visitor) -> None:
    assert browser.authorize(scope="profile").query["error"] == "invalid_scope"


def test_3_1_2_6_error_carries_the_state(browser: Visitor) -> None:
    assert browser.authorize(prompt="none", state="s").query["state"] == "s"


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_3_1_2_6_what_is_not_supported_is_said(
    browser: Visitor, parameter: str, error: str
) -> None:
    assert browser.authorize(**{parameter: "x"}).query["error"] == error


def test_3_1_3_2_code_is_bound_to_client_and_redirect_uri(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    other = browser.token(code, "other").members
    moved = browser.token(code, redirect_uri="https://service.example/x").members

    assert (other["error"], moved["error"]) == ("invalid_grant", "invalid_grant")


def test_3_1_3_3_token_answer_has_the_required_members(browser: Visitor) -> None:
    answer = browser.token(browser.sign_in().query["code"])

    assert answer.members["token_type"] == "Bearer"
    assert "id_token" in answer.members
    assert answer.headers["Cache-Control"] == "no-store"


def test_3_1_3_6_at_hash_is_the_left_half(browser: Visitor) -> None:
    tokens = browser.tokens()

    digest = hashlib.sha256(str(tokens["access_token"]).encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert verified(browser, tokens["id_token"]).claims["at_hash"] == expected


def test_5_3_1_userinfo_takes_get_and_post(browser: Visitor) -> None:
    token = browser.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert browser.get("/userinfo", headers=headers).status == 200
    assert browser.post("/userinfo", headers=headers).status == 200


def test_5_3_2_userinfo_has_the_sub_of_the_id_token(browser: Visitor) -> None:
    tokens = browser.tokens()

    sub = browser.userinfo(tokens["access_token"]).members["sub"]

    assert verified(browser, tokens["id_token"]).claims["sub"] == sub


def test_5_3_2_userinfo_is_utf_8_json(browser: Visitor) -> None:
    answer = browser.userinfo(browser.tokens()["access_token"])

    assert answer.headers["Content-Type"] == "application/json"


def test_5_4_scope_profile_gives_its_claims_at_userinfo(browser: Visitor) -> None:
    plain = browser.userinfo(browser.tokens(scope="openid")["access_token"])
    profile = browser.userinfo(browser.tokens(prompt="login")["access_token"])

    assert set(plain.members) == {"sub"}
    assert set(profile.members) == {"sub", "name", "given_name", "family_name"}


def test_5_4_scope_email_gives_its_claims(browser: Visitor) -> None:
    tokens = browser.tokens("jean", "mail", scope="openid email")

    claims = browser.userinfo(tokens["access_token"]).members

    assert claims["email"] == "jean@reader.example"
    assert claims["email_verified"] is False


def test_5_5_claims_parameter_names_single_claims_at_either_place(
    browser: Visitor,
) -> None:
    asked = '{"userinfo": {"birthdate": null}, "id_token": {"name": null}}'

    tokens = browser.tokens(scope="openid", claims=asked)

    userinfo = browser.userinfo(tokens["access_token"]).members
    claims = verified(browser, tokens["id_token"]).claims
    assert set(userinfo) == {"sub", "birthdate"}
    assert claims["name"] == "Jean Simon"
    assert "birthdate" not in claims


def test_5_5_1_essential_claim_that_is_missing_is_no_error(browser: Visitor) -> None:
    asked = '{"userinfo": {"birthdate": {"essential": true}}}'

    tokens = browser.tokens("anna", scope="openid", claims=asked)

    assert "birthdate" not in browser.userinfo(tokens["access_token"]).members


def test_5_5_1_requested_sub_of_another_patron_is_an_error(browser: Visitor) -> None:
    asked = '{"id_token": {"sub": {"value": "somebody-else"}}}'

    answer = browser.sign_in(claims=asked)

    assert answer.query["error"] == "login_required"


def test_8_1_pairwise_subjects_differ_by_sector(browser: Visitor) -> None:
    one = browser.userinfo(browser.tokens()["access_token"]).members["sub"]
    two = browser.userinfo(browser.tokens("jean", "other")["access_token"])

    assert one != two.members["sub"]


def test_8_1_pairwise_subject_is_the_same_within_a_sector(trial: Trial) -> None:
    same = {"sector": "group.example", "subject_type": "pairwise"}
    trial.configure(HEAD + client("service", **same) + client("other", **same))
    browser = Visitor(trial)

    one = browser.userinfo(browser.tokens()["access_token"]).members["sub"]
    two = browser.userinfo(browser.tokens("jean", "other")["access_token"])

    assert one == two.members["sub"]


def test_8_public_subject_is_the_same_for_all_clients(trial: Trial) -> None:
    public = {"subject_type": "public"}
    trial.configure(HEAD + client("service", **public) + client("other", **public))
    browser = Visitor(trial)

    one = browser.userinfo(browser.tokens()["access_token"]).members["sub"]
    two = browser.userinfo(browser.tokens("jean", "other")["access_token"])

    assert one == two.members["sub"]


def test_8_subject_is_never_that_of_another_patron(browser: Visitor) -> None:
    one = browser.userinfo(browser.tokens("jean")["access_token"]).members["sub"]
    two = browser.userinfo(browser.tokens("anna", prompt="login")["access_token"])

    assert one != two.members["sub"]


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_10_1_id_token_is_signed_by_the_registered_algorithm(
    trial: Trial, alg: str
) -> None:
    trial.configure(HEAD + client("service", id_token_signed_response_alg=alg))
    browser = Visitor(trial)

    header = verified(browser, browser.tokens()["id_token"]).header

    assert header["alg"] == alg
    assert header["kid"]


def test_11_offline_access_gives_a_refresh_token(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    assert "refresh_token" in tokens
    assert "refresh_token" not in browser.tokens(scope="openid")


def test_12_2_refreshed_id_token_keeps_iss_sub_aud_and_auth_time(
    trial: Trial, browser: Visitor
) -> None:
    tokens = browser.tokens(scope="openid offline_access")
    trial.clock.advance(60)

    again = browser.token(
        "",
        grant_type="refresh_token",
        code=None,
        redirect_uri=None,
        refresh_token=str(tokens["refresh_token"]),
    ).members

    former = verified(browser, tokens["id_token"]).claims
    latter = verified(browser, again["id_token"]).claims
    for name in ("iss", "sub", "aud", "azp", "auth_time"):
        assert latter[name] == former[name]
    assert latter["iat"] == NOW + 60
    assert "nonce" not in latter


def test_15_1_prompt_display_and_locales_are_no_errors(browser: Visitor) -> None:
    answer = browser.sign_in(display="popup", ui_locales="fr xx", acr_values="1 2")

    assert answer.query["code"]
