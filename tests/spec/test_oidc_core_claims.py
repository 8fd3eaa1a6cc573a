"""OpenID Connect Core 1.0 §5: claims, scopes, userinfo, the claims parameter."""

import json
from dataclasses import replace

import pytest

from tests.spec.support import claims_of, info_of
from tests.support.trial import HEAD, Trial, client
from tests.support.upstream import JEAN
from tests.support.visitor import Visitor


def test_5_1_email_verified_is_a_boolean(browser: Visitor) -> None:
    claims = info_of(browser, browser.tokens("jean", "mail", scope="openid email"))

    assert claims["email_verified"] is False


def test_5_1_birthdate_is_an_iso_8601_day(browser: Visitor) -> None:
    tokens = browser.tokens(claims='{"userinfo": {"birthdate": null}}')

    assert info_of(browser, tokens)["birthdate"] == "2000-01-01"


def test_5_3_1_userinfo_takes_get_and_post(browser: Visitor) -> None:
    token = browser.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert browser.get("/userinfo", headers=headers).status == 200
    assert browser.post("/userinfo", headers=headers).status == 200
    assert browser.post("/userinfo", {"access_token": str(token)}).status == 200


def test_5_3_2_userinfo_has_the_sub_of_the_id_token(browser: Visitor) -> None:
    tokens = browser.tokens()

    assert claims_of(browser, tokens)["sub"] == info_of(browser, tokens)["sub"]


def test_5_3_2_userinfo_is_utf_8_json(trial: Trial, browser: Visitor) -> None:
    trial.upstream.answers["zoe"] = replace(JEAN, fullname="Favre, Zo\u00e9")

    answer = browser.userinfo(browser.tokens("zoe")["access_token"])

    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.body.decode("utf-8"))["name"] == "Zo\u00e9 Favre"


def test_5_3_2_claim_without_a_value_is_left_out_and_never_null(
    browser: Visitor,
) -> None:
    asked = '{"userinfo": {"birthdate": null, "email": null}}'
    tokens = browser.tokens("anna", claims=asked)

    claims = info_of(browser, tokens)

    assert "birthdate" not in claims
    assert None not in claims.values()


def test_5_3_3_error_is_that_of_rfc_6750(browser: Visitor) -> None:
    answer = browser.userinfo("unknown")

    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_5_4_scope_profile_gives_its_claims_at_userinfo_alone(browser: Visitor) -> None:
    plain = info_of(browser, browser.tokens(scope="openid"))
    tokens = browser.tokens(prompt="login")

    assert set(plain) == {"sub"}
    assert set(info_of(browser, tokens)) == {
        "sub",
        "name",
        "given_name",
        "family_name",
    }
    assert "name" not in claims_of(browser, tokens)


def test_5_4_scope_email_gives_its_claims(browser: Visitor) -> None:
    tokens = browser.tokens("jean", "mail", scope="openid email")

    assert info_of(browser, tokens)["email"] == "jean@reader.example"
    assert "email" not in claims_of(browser, tokens)


@pytest.mark.parametrize("scope", ["address", "phone", "profile email address phone"])
def test_5_4_scope_whose_claims_are_not_known_is_no_error(
    browser: Visitor, scope: str
) -> None:
    tokens = browser.tokens("jean", "mail", scope=f"openid {scope}")

    assert not {"address", "phone_number"} & set(info_of(browser, tokens))
    assert not {"address", "phone"} & set(str(tokens["scope"]).split())


def test_5_5_claims_parameter_names_single_claims_at_either_place(
    browser: Visitor,
) -> None:
    asked = '{"userinfo": {"birthdate": null}, "id_token": {"name": null}}'

    tokens = browser.tokens(scope="openid", claims=asked)

    claims = claims_of(browser, tokens)
    assert set(info_of(browser, tokens)) == {"sub", "birthdate"}
    assert claims["name"] == "Jean Simon"
    assert "birthdate" not in claims


def test_5_5_members_that_are_not_understood_are_ignored(browser: Visitor) -> None:
    asked = '{"verified_claims": {"x": 1}, "userinfo": {"unheard_of": null}}'

    tokens = browser.tokens(scope="openid", claims=asked)

    assert set(info_of(browser, tokens)) == {"sub"}


@pytest.mark.parametrize(
    "asked",
    ['{"id_token": null}', '{"userinfo": null, "id_token": {}}', "{}"],
)
def test_5_5_member_that_is_null_or_empty_asks_nothing(
    browser: Visitor, asked: str
) -> None:
    tokens = browser.tokens(scope="openid", claims=asked)

    assert set(info_of(browser, tokens)) == {"sub"}


@pytest.mark.parametrize("asked", ["junk", "[]", '{"userinfo": {"name": true}}'])
def test_5_5_parameter_of_another_form_is_refused(browser: Visitor, asked: str) -> None:
    assert browser.authorize(claims=asked).query["error"] == "invalid_request"


def test_5_5_claims_add_to_those_of_the_scopes(browser: Visitor) -> None:
    asked = '{"userinfo": {"rero_institutions": null}}'

    claims = info_of(browser, browser.tokens(scope="openid profile", claims=asked))

    assert {"name", "rero_institutions"} <= set(claims)


def test_5_5_claims_beyond_the_registration_are_left_out(trial: Trial) -> None:
    trial.configure(HEAD + client("service", scope="openid email"))
    browser = Visitor(trial)
    asked = '{"userinfo": {"name": {"essential": true}, "birthdate": null}}'

    tokens = browser.tokens(scope="openid", claims=asked)

    assert set(info_of(browser, tokens)) == {"sub"}


def test_5_5_1_essential_claim_is_given(browser: Visitor) -> None:
    asked = '{"userinfo": {"name": {"essential": true}}}'

    claims = info_of(browser, browser.tokens(scope="openid", claims=asked))

    assert claims["name"] == "Jean Simon"


def test_5_5_1_essential_claim_that_is_missing_is_no_error(browser: Visitor) -> None:
    asked = '{"userinfo": {"birthdate": {"essential": true}}}'

    tokens = browser.tokens("anna", scope="openid", claims=asked)

    assert "birthdate" not in info_of(browser, tokens)


def test_5_5_1_value_that_the_claim_does_not_have_is_no_error(browser: Visitor) -> None:
    asked = '{"userinfo": {"name": {"value": "Anna"}, "birthdate": {"values": [1]}}}'

    claims = info_of(browser, browser.tokens(scope="openid", claims=asked))

    assert claims["name"] == "Jean Simon"
    assert claims["birthdate"] == "2000-01-01"


@pytest.mark.parametrize("member", ["id_token", "userinfo"])
def test_5_5_1_requested_sub_of_another_patron_is_an_error(
    browser: Visitor, member: str
) -> None:
    asked = json.dumps({member: {"sub": {"value": "somebody-else"}}})

    answer = browser.sign_in(claims=asked)

    assert answer.query["error"] == "login_required"
    assert "code" not in answer.query


@pytest.mark.parametrize("form", ["value", "values"])
def test_5_5_1_requested_sub_of_the_patron_is_answered(
    browser: Visitor, form: str
) -> None:
    sub = claims_of(browser, browser.tokens())["sub"]
    request = {"value": sub} if form == "value" else {"values": ["other", sub]}
    asked = json.dumps({"id_token": {"sub": request}})

    code = browser.authorize(prompt="none", claims=asked).query["code"]

    assert claims_of(browser, browser.token(code).members)["sub"] == sub


@pytest.mark.parametrize(
    "request_",
    [
        {"essential": True, "value": "urn:gold"},
        {"essential": True, "values": ["urn:gold", "urn:silver"]},
    ],
)
def test_5_5_1_1_essential_acr_that_cannot_be_given_is_a_failed_attempt(
    browser: Visitor, request_: object
) -> None:
    asked = json.dumps({"id_token": {"acr": request_}})

    for prompt in (None, "none", "login"):
        answer = browser.authorize(claims=asked, prompt=prompt)
        assert answer.query["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize(
    "request_", [None, {"essential": True}, {"value": "urn:gold"}, {"values": ["1"]}]
)
def test_5_5_1_1_voluntary_acr_is_left_out(browser: Visitor, request_: object) -> None:
    asked = json.dumps({"id_token": {"acr": request_}})

    assert "acr" not in claims_of(browser, browser.tokens(claims=asked))


def test_5_6_claims_are_normal_ones(browser: Visitor) -> None:
    claims = info_of(browser, browser.tokens(scope="openid profile rero"))

    assert not {"_claim_names", "_claim_sources"} & set(claims)
