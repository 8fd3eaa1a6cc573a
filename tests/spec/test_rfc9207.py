"""RFC 9207: Authorization Server Issuer Identification."""

from tests.spec.support import form_fields, posted, pushed
from tests.support.tokens import verified
from tests.support.trial import ISSUER
from tests.support.visitor import Visitor


def test_2_iss_stands_in_every_answer_and_equals_the_metadata(
    browser: Visitor,
) -> None:
    issuer = browser.get("/.well-known/openid-configuration").members["issuer"]

    assert browser.sign_in().query["iss"] == issuer == ISSUER


def test_2_iss_stands_in_error_answers_too(browser: Visitor) -> None:
    refused = browser.press(browser.sign_in("jean", "once"), "refuse")

    assert browser.authorize(prompt="none", scope="x").query["iss"] == ISSUER
    assert refused.query["iss"] == ISSUER


def test_2_iss_stands_in_answers_by_form_post(browser: Visitor) -> None:
    error = browser.authorize(prompt="none", response_mode="form_post")
    success = browser.sign_in(response_mode="form_post")

    assert form_fields(error)["iss"] == form_fields(success)["iss"] == ISSUER


def test_2_iss_stands_in_answers_to_posted_and_pushed_requests(
    browser: Visitor,
) -> None:
    assert posted(browser, prompt="none").query["iss"] == ISSUER
    assert pushed(browser, prompt="none").query["iss"] == ISSUER


def test_2_iss_is_the_one_of_the_id_token(browser: Visitor) -> None:
    answer = browser.sign_in()

    tokens = browser.token(answer.query["code"]).members

    assert verified(browser, tokens["id_token"]).claims["iss"] == answer.query["iss"]


def test_3_support_is_advertised(browser: Visitor) -> None:
    members = browser.get("/.well-known/openid-configuration").members

    assert members["authorization_response_iss_parameter_supported"] is True
