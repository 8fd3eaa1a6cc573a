"""RFC 7009: Token Revocation."""

import pytest

from bridge.core.errors import StoreError
from bridge.core.grant import Grant
from bridge.store.memory import MemoryStore
from tests.support.signer import assertion, signer
from tests.support.trial import CONFIGURATION, SECRET, Trial
from tests.support.visitor import Answer, Visitor

BASIC = {"Authorization": "Basic c2VydmljZTphLXNlY3JldC1vZi10aGUtc2VydmljZQ=="}
PKCE = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


class LosingStore(MemoryStore):
    """Answers no change of a grant once `is_down`."""

    is_down = False

    def swap_grant(self, grant: Grant) -> bool:
        if self.is_down:
            raise StoreError("down")
        return super().swap_grant(grant)


def revoke(browser: Visitor, token: object, **more: str) -> Answer:
    form = {"token": str(token), "client_id": "service", "client_secret": SECRET}
    return browser.post("/revoke", {**form, **more})


def tokens_of(browser: Visitor) -> dict[str, object]:
    return browser.tokens(scope="openid offline_access")


def refresh(browser: Visitor, token: object) -> int:
    form = {"grant_type": "refresh_token", "refresh_token": str(token)}
    return browser.token("", **form).status


def test_2_1_access_token_is_revoked(browser: Visitor) -> None:
    tokens = tokens_of(browser)

    answer = revoke(browser, tokens["access_token"])

    assert (answer.status, answer.body) == (200, b"")
    assert browser.userinfo(tokens["access_token"]).status == 401


def test_2_1_refresh_token_takes_its_access_tokens_along(browser: Visitor) -> None:
    tokens = tokens_of(browser)

    assert revoke(browser, tokens["refresh_token"]).status == 200

    assert refresh(browser, tokens["refresh_token"]) == 400
    assert browser.userinfo(tokens["access_token"]).status == 401


def test_2_1_refresh_token_outlives_its_access_tokens(browser: Visitor) -> None:
    tokens = tokens_of(browser)

    revoke(browser, tokens["access_token"])

    assert refresh(browser, tokens["refresh_token"]) == 200


def test_2_1_token_is_required(browser: Visitor) -> None:
    answer = browser.post("/revoke", {}, BASIC)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_2_1_confidential_client_must_authenticate(
    browser: Visitor, secret: str
) -> None:
    tokens = tokens_of(browser)

    answer = revoke(browser, tokens["access_token"], client_secret=secret)

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert browser.userinfo(tokens["access_token"]).status == 200


def test_2_1_every_method_of_authentication_is_taken(trial: Trial) -> None:
    trial.configure(CONFIGURATION + signer())
    browser = Visitor(trial)

    assert browser.post("/revoke", {"token": "x"}, BASIC).status == 200
    assert revoke(browser, "x").status == 200
    assert browser.post("/revoke", {"token": "x", **assertion("1")}).status == 200
    public = {"token": "x", "client_id": "app"}
    assert browser.post("/revoke", public).status == 200


def test_2_1_public_client_revokes_its_own_token(browser: Visitor) -> None:
    code = browser.sign_in("jean", "app", **PKCE).query["code"]
    proof = {"client_secret": None, "code_verifier": VERIFIER}
    token = browser.token(code, "app", **proof).members["access_token"]

    form = {"token": str(token), "client_id": "app"}

    assert browser.post("/revoke", form).status == 200
    assert browser.userinfo(token).status == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_2_1_token_of_another_client_is_not_revoked(
    browser: Visitor, kind: str
) -> None:
    tokens = tokens_of(browser)

    answer = revoke(browser, tokens[kind], client_id="other")

    assert answer.status == 200  # as for an unknown one: it is told nothing
    assert browser.userinfo(tokens["access_token"]).status == 200
    assert refresh(browser, tokens["refresh_token"]) == 200


@pytest.mark.parametrize("hint", ["refresh_token", "id_token", "unknown", ""])
def test_2_1_wrong_hint_does_not_matter(browser: Visitor, hint: str) -> None:
    tokens = tokens_of(browser)

    answer = revoke(browser, tokens["access_token"], token_type_hint=hint)

    assert answer.status == 200
    assert browser.userinfo(tokens["access_token"]).status == 401


@pytest.mark.parametrize("token", ["unknown", "é", "x" * 5_000])
def test_2_2_invalid_token_is_answered_as_a_good_one(
    browser: Visitor, token: str
) -> None:
    assert (revoke(browser, token).status, revoke(browser, token).body) == (200, b"")


def test_2_2_token_may_be_revoked_twice(browser: Visitor) -> None:
    token = tokens_of(browser)["access_token"]

    assert [revoke(browser, token).status for _ in range(2)] == [200, 200]


def test_2_2_1_store_that_cannot_answer_is_503(trial: Trial) -> None:
    store = LosingStore()
    browser = Visitor(Trial(trial.folder, store=store))
    token = tokens_of(browser)["access_token"]
    store.is_down = True

    answer = revoke(browser, token)

    assert answer.status == 503
    assert answer.headers["Retry-After"]


def test_2_parameter_that_comes_twice_is_refused(browser: Visitor) -> None:
    body = b"token=x&token=y&client_id=service&client_secret=" + SECRET.encode()

    answer = browser.post("/revoke", body)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_2_only_post_is_answered_and_no_query_is_read(browser: Visitor) -> None:
    token = tokens_of(browser)["access_token"]

    assert browser.get("/revoke", {"token": str(token)}).status == 405
    query = f"/revoke?token={token}"
    assert browser.post(query, b"", BASIC).status == 400
    assert browser.userinfo(token).status == 200


def test_2_3_scripts_of_other_sites_may_call_it(browser: Visitor) -> None:
    asked = browser.send("OPTIONS", "/revoke", headers={"Origin": "https://a.example"})

    assert asked.status == 204
    for answer in (asked, revoke(browser, "x"), revoke(browser, "x", client_id="no")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
