"""OpenID Connect Core 1.0 §9: how clients authenticate."""

import itertools

import pytest

from tests.spec.support import basic
from tests.support.signer import assertion, signer
from tests.support.trial import HEAD, SECRET, Trial, client
from tests.support.visitor import Answer, Visitor

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PKCE = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
BY_POST = {"client_id": "service", "client_secret": SECRET}
METHODS = ("client_secret_basic", "client_secret_post", "none")


def redeem(browser: Visitor, method: str, client_id: str = "service") -> Answer:
    """Redeem a fresh code by *method*."""
    form = {
        "grant_type": "authorization_code",
        "code": browser.sign_in("jean", client_id, **PKCE).query["code"],
        "redirect_uri": f"https://{client_id}.example/callback",
        "code_verifier": VERIFIER,
    }
    if method == "client_secret_basic":
        return browser.post("/token", form, basic(client_id))
    if method == "client_secret_post":
        return browser.post("/token", {**form, **BY_POST})
    if method == "private_key_jwt":
        return browser.post("/token", {**form, **assertion("1")})
    return browser.post("/token", {**form, "client_id": client_id})


@pytest.mark.parametrize("method", METHODS)
def test_9_registered_method_is_taken(trial: Trial, method: str) -> None:
    trial.configure(HEAD + client("service", token_endpoint_auth_method=method))

    assert redeem(Visitor(trial), method).status == 200


def test_9_private_key_jwt_is_taken(trial: Trial) -> None:
    trial.configure(HEAD + signer())

    assert redeem(Visitor(trial), "private_key_jwt", "signer").status == 200


@pytest.mark.parametrize(("registered", "used"), [*itertools.permutations(METHODS, 2)])
def test_9_no_other_method_is_taken_than_the_registered_one(
    trial: Trial, registered: str, used: str
) -> None:
    trial.configure(HEAD + client("service", token_endpoint_auth_method=registered))

    answer = redeem(Visitor(trial), used)

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")


def test_9_without_a_registered_method_a_secret_may_come_either_way(
    browser: Visitor,
) -> None:
    assert redeem(browser, "client_secret_basic").status == 200
    assert redeem(browser, "client_secret_post").status == 200
    assert redeem(browser, "none").status == 401


def test_9_client_secret_jwt_is_not_offered(browser: Visitor) -> None:
    metadata = browser.get("/.well-known/openid-configuration").members

    assert "client_secret_jwt" not in str(metadata)
