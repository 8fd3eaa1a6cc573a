"""RFC 9207: Authorization Server Issuer Identification."""

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


def test_3_support_is_advertised(browser: Visitor) -> None:
    members = browser.get("/.well-known/openid-configuration").members

    assert members["authorization_response_iss_parameter_supported"] is True
