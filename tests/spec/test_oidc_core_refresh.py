"""OpenID Connect Core 1.0 §11, §12: offline access and refresh tokens."""

import pytest

from tests.spec.support import claims_of, info_of, refresh
from tests.support.trial import CONFIGURATION, HEAD, HOUR_S, NOW, Trial, client
from tests.support.visitor import Visitor

OFFLINE = "openid profile offline_access"
WITHOUT = {"grant_types": ["authorization_code"]}
START: dict[str, object] = {"client_uri": "https://service.example/start"}
CLOSED = client("service", policy="closed") + (
    '\n[policies.closed]\ninstitutions = ["XX"]\n'
)


def test_11_offline_access_gives_a_refresh_token(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    assert "refresh_token" in tokens
    assert "offline_access" in str(tokens["scope"]).split()


def test_11_without_offline_access_there_is_none(browser: Visitor) -> None:
    assert "refresh_token" not in browser.tokens(scope="openid")


def test_11_other_condition_for_offline_access_is_the_registration(
    browser: Visitor,
) -> None:
    # §11 wants prompt=consent or "other conditions": here the operator's registration,
    # and where its consent mode is once or always, the page that asks.
    assert "refresh_token" in browser.tokens(scope=OFFLINE)


@pytest.mark.parametrize("client_id", ["once", "always"])
def test_11_consent_page_says_that_access_goes_on(
    browser: Visitor, client_id: str
) -> None:
    sentence = "again later, without you signing in"

    offline = browser.sign_in("jean", client_id, scope=OFFLINE)
    plain = browser.authorize(client_id, scope="openid profile")

    assert sentence in offline.text
    assert sentence not in plain.text


def test_11_consent_to_less_is_no_consent_to_offline_access(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once", scope="openid profile")
    browser.press(page, "allow", remember="yes")

    assert browser.authorize("once", scope="openid profile").query["code"]
    assert browser.authorize("once", scope=OFFLINE).status == 200


def test_11_prompt_consent_is_obeyed_with_offline_access(browser: Visitor) -> None:
    page = browser.sign_in(scope=OFFLINE, prompt="consent")

    code = browser.press(page, "allow").query["code"]

    assert "refresh_token" in browser.token(code).members


@pytest.mark.parametrize(
    "registered", [WITHOUT, {"scope": "openid profile"}], ids=["grant_types", "scope"]
)
def test_11_offline_access_is_ignored_where_the_client_may_not_have_it(
    trial: Trial, registered: dict[str, object]
) -> None:
    trial.configure(HEAD + client("service", consent="always", **registered))
    browser = Visitor(trial)

    page = browser.sign_in(scope=OFFLINE)
    tokens = browser.token(browser.press(page, "allow").query["code"]).members

    assert "without you signing in" not in page.text
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid profile"


def test_11_offline_access_outlives_the_session(trial: Trial, browser: Visitor) -> None:
    tokens = browser.tokens(scope=OFFLINE)
    trial.clock.advance(24 * HOUR_S)

    assert refresh(browser, tokens).status == 200


def test_11_online_refresh_token_ends_with_the_session(trial: Trial) -> None:
    trial.configure(HEAD + client("service", refresh_tokens=True))
    browser = Visitor(trial)
    tokens = browser.tokens(scope="openid")
    again = refresh(browser, tokens).members
    trial.clock.advance(8 * HOUR_S)

    assert refresh(browser, again).members["error"] == "invalid_grant"


def test_12_1_refresh_token_is_good_for_its_client_alone(browser: Visitor) -> None:
    tokens = browser.tokens(scope=OFFLINE)

    stranger = refresh(browser, tokens, "other").members

    assert stranger["error"] == "invalid_grant"
    assert refresh(browser, tokens).status == 200


def test_12_2_refreshed_id_token_keeps_iss_sub_aud_and_auth_time(
    trial: Trial, browser: Visitor
) -> None:
    tokens = browser.tokens(scope=OFFLINE)
    trial.clock.advance(60)

    again = refresh(browser, tokens).members

    former, latter = claims_of(browser, tokens), claims_of(browser, again)
    for name in ("iss", "sub", "aud", "azp", "auth_time"):
        assert latter[name] == former[name]
    assert latter["iat"] == NOW + 60
    assert "nonce" not in latter


def test_12_2_refreshed_answer_has_the_members_of_a_token_answer(
    browser: Visitor,
) -> None:
    tokens = browser.tokens(scope=OFFLINE)

    answer = refresh(browser, tokens)

    assert {"access_token", "token_type", "expires_in"} <= set(answer.members)
    assert answer.headers["Cache-Control"] == "no-store"
    assert info_of(browser, answer.members)["sub"]


def test_12_2_refreshed_tokens_tell_of_the_same_patron_after_another_signed_in(
    trial: Trial, browser: Visitor
) -> None:
    tokens = browser.tokens(scope=OFFLINE)
    sub = claims_of(browser, tokens)["sub"]
    browser.sign_in("anna", prompt="login")

    again = refresh(browser, tokens).members

    assert info_of(browser, again)["sub"] == sub


def test_12_3_error_is_that_of_the_token_endpoint(browser: Visitor) -> None:
    answer = refresh(browser, {"refresh_token": "unknown"})

    assert (answer.status, answer.members["error"]) == (400, "invalid_grant")


def test_12_patron_who_may_no_longer_is_refused_at_refresh(trial: Trial) -> None:
    browser = Visitor(trial)
    tokens = browser.tokens(scope=OFFLINE)
    trial.configure(CONFIGURATION.replace(client("service", **START), CLOSED))

    assert refresh(browser, tokens).members["error"] == "invalid_grant"
