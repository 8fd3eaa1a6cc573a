"""RFC 7523 and RFC 7521: private_key_jwt (OIDC Core §9)."""

import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign

from tests.support.signer import KEYS, STRANGER, assertion, signer
from tests.support.trial import CONFIGURATION, ISSUER, NOW, Trial
from tests.support.visitor import Answer, Visitor


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    """Give a browser at a bridge that knows a client that signs."""
    trial.configure(CONFIGURATION + signer())
    return Visitor(trial)


def redeem(browser: Visitor, fields: dict[str, str], **more: str) -> Answer:
    """Redeem a fresh code of the client that signs."""
    form = {
        "grant_type": "authorization_code",
        "code": browser.sign_in("jean", "signer").query["code"],
        "redirect_uri": "https://signer.example/callback",
    }
    return browser.post("/token", {**form, **fields, **more})


def is_refused(browser: Visitor, fields: dict[str, str]) -> bool:
    answer = redeem(browser, fields)
    return (answer.status, answer.members.get("error")) == (401, "invalid_client")


def test_2_2_client_authenticates_by_an_assertion(browser: Visitor) -> None:
    answer = redeem(browser, assertion("1"))

    assert (answer.status, "id_token" in answer.members) == (200, True)


def test_2_2_assertion_type_is_that_of_a_jwt(browser: Visitor) -> None:
    fields = assertion("1")
    saml = fields["client_assertion_type"].replace("jwt-bearer", "saml2-bearer")

    assert is_refused(browser, {**fields, "client_assertion_type": saml})
    assert is_refused(browser, {"client_assertion": fields["client_assertion"]})


def test_3_1_iss_is_the_client(browser: Visitor) -> None:
    assert is_refused(browser, assertion("1", {"iss": None}))
    assert is_refused(browser, assertion("2", {"iss": "service"}))


def test_3_2_sub_is_the_client(browser: Visitor) -> None:
    assert is_refused(browser, assertion("1", {"sub": None}))
    assert is_refused(browser, assertion("2", {"sub": "service"}))


@pytest.mark.parametrize("aud", [ISSUER, f"{ISSUER}/token", [f"{ISSUER}/token"]])
def test_3_3_aud_names_the_bridge(browser: Visitor, aud: object) -> None:
    assert redeem(browser, assertion("1", {"aud": aud})).status == 200


@pytest.mark.parametrize(
    "aud", [None, "https://other.example", f"{ISSUER}/", f"{ISSUER}/revoke", []]
)
def test_3_3_aud_that_is_not_the_bridge_is_refused(
    browser: Visitor, aud: object
) -> None:
    assert is_refused(browser, assertion("1", {"aud": aud}))


def test_3_4_exp_limits_the_time(browser: Visitor) -> None:
    assert is_refused(browser, assertion("1", {"exp": None}))
    assert is_refused(browser, assertion("2", {"exp": NOW - 60}))
    assert is_refused(browser, assertion("3", {"exp": NOW + 86_400}))


def test_3_5_nbf_is_obeyed(browser: Visitor) -> None:
    assert is_refused(browser, assertion("1", {"nbf": NOW + 61}))
    assert redeem(browser, assertion("2", {"nbf": NOW - 1})).status == 200


def test_3_7_jti_is_good_once(browser: Visitor) -> None:
    fields = assertion("1")

    assert redeem(browser, fields).status == 200
    assert is_refused(browser, fields)
    assert is_refused(browser, assertion("2", {"jti": None}))


def test_3_8_other_claims_are_ignored(browser: Visitor) -> None:
    assert redeem(browser, assertion("1", {"scope": "openid"})).status == 200


def test_3_9_assertion_must_be_signed_by_the_client(browser: Visitor) -> None:
    assert is_refused(browser, assertion("1", key=STRANGER))


def test_3_10_signature_that_does_not_hold_is_refused(browser: Visitor) -> None:
    fields = assertion("1")
    token = fields["client_assertion"]
    broken = f"{token[:-4]}{'AAAA' if token[-4:] != 'AAAA' else 'BBBB'}"

    assert is_refused(browser, {**fields, "client_assertion": broken})
    assert redeem(browser, fields).status == 200  # it was not used up


def test_rfc7521_4_2_client_id_is_that_of_the_assertion(browser: Visitor) -> None:
    other = redeem(browser, assertion("1"), client_id="service")

    assert (other.status, other.members["error"]) == (400, "invalid_request")
    assert redeem(browser, assertion("1"), client_id="signer").status == 200


def test_rfc6749_2_3_one_method_a_request(browser: Visitor) -> None:
    answer = redeem(browser, assertion("1"), client_secret="x")

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_oidc_core_9_registered_method_is_the_only_one(browser: Visitor) -> None:
    fields = {"client_id": "signer", "client_secret": "x"}

    assert is_refused(browser, fields)
    assert is_refused(browser, {"client_id": "signer"})


@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect", "/par"])
def test_rfc9126_2_assertion_for_the_endpoint_called_is_taken(
    browser: Visitor, path: str
) -> None:
    fields = assertion("1", {"aud": f"{ISSUER}{path}"})

    answer = browser.post(path, {**fields, "token": "x", "grant_type": "x"})

    assert answer.status != 401


def test_assertion_that_authlib_makes_is_taken(browser: Visitor) -> None:
    sent = {"issued_at": NOW, "alg": "ES256"}
    urls = "signer", f"{ISSUER}/token"
    hour = private_key_jwt_sign(KEYS["ES256"], *urls, **sent)  # what it makes unasked

    answer = redeem(browser, {**assertion("1"), "client_assertion": hour})

    assert answer.status == 200
