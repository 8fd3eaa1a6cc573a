"""The demo service against a provider that can be told to lie."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlencode, urlsplit

import pytest
import requests
from flask import Flask, Response, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as WerkzeugResponse

from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.relying_party_checks import hash_of_access_token
from bridge.demo.serving import serve_in_thread

CLIENT_ID = "demo+client %1"
CLIENT_SECRET = "s:e%c r+t/é"
REDIRECT_URI = "http://localhost/callback"
ACCESS_TOKEN = "access-token-1"

Json = dict[str, object]


@dataclass
class FakeProvider:
    """An OpenID Provider with one patron; a member set in a dict replaces the true one.

    None leaves the member out.
    """

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    published_key: ECKey | None = None
    metadata: Json = field(default_factory=dict)
    answer: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    tokens: Json = field(default_factory=dict)
    userinfo: Json = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    cache_control: str = "no-store"

    def app(self) -> Flask:
        app = Flask("fake_provider", static_folder=None)
        well_known = "/.well-known/openid-configuration"
        app.add_url_rule(well_known, "discovery", self.answer_discovery)
        app.add_url_rule("/jwks", "jwks", self.answer_jwks)
        app.add_url_rule("/authorize", "authorize", self.answer_authorize)
        app.add_url_rule("/token", "token", self.answer_token, methods=["POST"])
        app.add_url_rule("/userinfo", "userinfo", self.answer_userinfo)
        return app

    def answer_discovery(self) -> Response:
        true: Json = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return jsonify(replaced(true, self.metadata))

    def answer_jwks(self) -> Response:
        key = self.published_key or self.key
        return jsonify(KeySet([key]).as_dict(private=False))

    def answer_authorize(self) -> WerkzeugResponse:
        self.asked = request.args.to_dict()
        true: Json = {
            "code": "code-1",
            "state": self.asked["state"],
            "iss": self.issuer,
        }
        parameters = replaced(true, self.answer)
        return redirect(f"{self.asked['redirect_uri']}?{urlencode(parameters)}", 303)

    def answer_token(self) -> WerkzeugResponse:
        verifier = request.form["code_verifier"].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest())
        pair = base64.b64decode(request.headers["Authorization"].split()[1]).decode()
        authentication = [unquote_plus(part) for part in pair.split(":")]
        assert request.form["code"] == "code-1"
        assert request.form["redirect_uri"] == self.asked["redirect_uri"]
        assert challenge.rstrip(b"=").decode() == self.asked["code_challenge"]
        if authentication != [CLIENT_ID, CLIENT_SECRET]:
            refusal = jsonify(error="invalid_client", error_description="bad secret")
            return Response(refusal.data, 401, mimetype="application/json")
        true: Json = {
            "access_token": ACCESS_TOKEN,
            "token_type": "Bearer",
            "id_token": self.id_token(),
        }
        answer = jsonify(replaced(true, self.tokens))
        answer.headers["Cache-Control"] = self.cache_control
        return answer

    def id_token(self) -> str:
        now = int(time.time())
        claims: Json = {
            "iss": self.issuer,
            "sub": "patron1",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["nonce"],
            "at_hash": hash_of_access_token(ACCESS_TOKEN, "ES256"),
            "name": "Jean <b>Simon</b>",
        }
        self.key.ensure_kid()
        header: Json = {"alg": "ES256", "kid": self.key.kid}
        return jwt.encode(
            replaced(header, self.header), replaced(claims, self.claims), self.key
        )

    def answer_userinfo(self) -> WerkzeugResponse:
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return Response("{}", 401, mimetype="application/json")
        return jsonify(replaced({"sub": "patron1", "name": "Jean"}, self.userinfo))


def replaced(true: Json, changes: Json) -> Json:
    return {name: v for name, v in {**true, **changes}.items() if v is not None}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with serve_in_thread(fake.app()) as running:
        fake.issuer = running.url
        yield fake


@pytest.fixture
def service(provider: FakeProvider) -> Flask:
    return create_app(
        RelyingPartySettings(
            discovery_url=f"{provider.issuer}/.well-known/openid-configuration",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            redirect_uri=REDIRECT_URI,
            extra_parameters={"ui_locales": "fr"},
        )
    )


def answer_of_provider(browser: FlaskClient) -> str:
    """Begin a login; return the path and query that the provider sends back to."""
    begun = browser.get("/login")
    answer = requests.get(begun.headers["Location"], timeout=5, allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def log_in(browser: FlaskClient) -> TestResponse:
    return browser.get(answer_of_provider(browser), follow_redirects=True)


def test_login_shows_the_verified_claims(service: Flask) -> None:
    browser = service.test_client()

    page = log_in(browser)

    assert page.status_code == 200
    assert page.request.path == "/"
    assert "<h1>You are logged in</h1>" in page.text
    assert "Jean &lt;b&gt;Simon&lt;/b&gt;" in page.text


def test_result_is_given_as_json_with_the_checks_that_passed(service: Flask) -> None:
    browser = service.test_client()
    log_in(browser)

    result = browser.get("/result").get_json()

    assert result["id_token"]["claims"]["sub"] == "patron1"
    assert result["id_token"]["header"]["alg"] == "ES256"
    assert result["userinfo"] == {"sub": "patron1", "name": "Jean"}
    names = "issuer,state,iss parameter,token answer,alg,kid,signature,iss,sub,aud,azp,"
    names += "exp,iat,nonce,at_hash,userinfo sub"
    assert [check["name"] for check in result["checks"]] == names.split(",")
    assert "token request" in result["timings_ms"]


def test_cookie_is_renewed_by_a_login(service: Flask) -> None:
    browser = service.test_client()
    back = answer_of_provider(browser)
    before = browser.get_cookie("demo_service")

    browser.get(back)

    after = browser.get_cookie("demo_service")
    assert before is not None
    assert after is not None
    assert after.value != before.value


def test_authorization_request_carries_pkce_state_and_nonce(
    service: Flask, provider: FakeProvider
) -> None:
    log_in(service.test_client())

    asked = provider.asked

    assert asked["response_type"] == "code"
    assert asked["client_id"] == CLIENT_ID
    assert asked["code_challenge_method"] == "S256"
    assert asked["ui_locales"] == "fr"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32


def lie(**members: object) -> Json:
    return members


LIES: list[tuple[str, Json, str]] = [
    ("claims", lie(nonce="of another login"), "nonce"),
    ("claims", lie(nonce=None), "nonce"),
    ("claims", lie(aud="another client"), "aud"),
    ("claims", lie(iss="http://evil.example"), "iss"),
    ("claims", lie(exp=int(time.time()) - 120), "exp"),
    ("claims", lie(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    ("header", lie(kid="unknown"), "signature"),
    ("header", lie(kid=None), "kid"),
    ("tokens", lie(id_token="eyJhbGciOiJub25lIn0.e30."), "alg"),
    ("tokens", lie(token_type="mac"), "token answer"),
    ("tokens", lie(id_token=None), "token answer"),
    ("userinfo", lie(sub="patron2"), "userinfo sub"),
    ("answer", lie(iss="http://evil.example"), "iss parameter"),
    ("answer", lie(iss=None), "iss parameter"),
    ("answer", lie(state="invented"), "state"),
    ("answer", lie(code=None), "code"),
]


@pytest.mark.parametrize(("where", "members", "check"), LIES)
def test_lie_of_the_provider_is_refused(
    service: Flask, provider: FakeProvider, where: str, members: Json, check: str
) -> None:
    browser = service.test_client()
    getattr(provider, where).update(members)

    page = log_in(browser)

    assert page.status_code == 400
    assert f"<h1>Check failed: {check}</h1>" in page.text
    assert browser.get("/result").status_code == 404


def test_signature_of_another_key_is_refused(
    service: Flask, provider: FakeProvider
) -> None:
    provider.key.ensure_kid()
    kid = str(provider.key.kid)
    provider.published_key = ECKey.generate_key("P-256", {"kid": kid})

    page = log_in(service.test_client())

    assert "<h1>Check failed: signature</h1>" in page.text


def test_token_answer_that_caches_may_store_is_refused(
    service: Flask, provider: FakeProvider
) -> None:
    provider.cache_control = "private"

    page = log_in(service.test_client())

    assert "<h1>Check failed: token answer</h1>" in page.text
