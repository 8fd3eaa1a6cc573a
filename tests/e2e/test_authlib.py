"""A relying party not of our making: Authlib, given the discovery URL alone."""

from urllib.parse import urlsplit

import pytest
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect
from werkzeug.wrappers import Response

from bridge.demo.serving import serve_in_thread
from tests.e2e.late import LateApplication
from tests.e2e.support import SECRET, Place, Process, await_that, service
from tests.e2e.visitor import Visitor


def relying_party(
    issuer: str, redirect_uri: str, method: str, taken: list[dict[str, object]]
) -> Flask:
    """Make a service that signs people in by Authlib and notes what it is told."""
    app = Flask("authlib_service")
    app.secret_key = "secret of the cookies"
    oauth = OAuth(app)
    oauth.register(
        "bridge",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id="service",
        client_secret=SECRET,
        client_kwargs={
            "scope": "openid profile rero",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": method,
        },
    )

    @app.get("/login")
    def login() -> Response:
        response: Response = oauth.bridge.authorize_redirect(redirect_uri)
        return response

    @app.get("/back")
    def back() -> Response:
        # Verifies state, nonce, iss, aud, times and signature of the ID token.
        tokens = oauth.bridge.authorize_access_token()
        taken.append(dict(tokens["userinfo"]))
        taken.append(dict(oauth.bridge.userinfo(token=tokens)))
        return redirect("/done")

    @app.errorhandler(OAuthError)
    def refused(error: OAuthError) -> str:
        taken.append({"error": error.error})
        return "refused"

    @app.get("/done")
    def done() -> str:
        return "done"

    return app


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_logs_in_by_the_discovery_url_alone(place: Place, method: str) -> None:
    taken: list[dict[str, object]] = []
    front = LateApplication()
    with serve_in_thread(front) as running:
        redirect_uri = f"{running.url}/back"
        app = relying_party(place.issuer, redirect_uri, method, taken)
        front.app = app
        place.write_clients(
            service(redirect_uris=[redirect_uri], token_endpoint_auth_method=method)
        )
        with Process(place) as process:
            process.await_ready()
            end = Visitor().walk(f"{running.url}/login")

    assert not isinstance(end, str)
    assert urlsplit(end.url).path == "/done"
    id_token, userinfo = taken
    assert id_token["sub"] == userinfo["sub"]
    assert id_token["iss"] == place.issuer
    assert userinfo["name"] == "Jean Simon"
    assert await_that(lambda: process.events("code:redeemed"), "the log")


def test_policy_lets_authlib_in_or_tells_it_access_denied(place: Place) -> None:
    taken: list[dict[str, object]] = []
    front = LateApplication()
    lines = """patron_types = ["vs:VS-STD"]
membership = "current"
memberships = "all"
minimum_age = 16
maximum_age = 110
institutions = ["VS"]"""
    with serve_in_thread(front) as running:
        redirect_uri, method = f"{running.url}/back", "client_secret_basic"
        app = relying_party(place.issuer, redirect_uri, method, taken)
        front.app = app
        place.write(f"[policies.adults]\n{lines}\n")
        place.write_clients(service(redirect_uris=[redirect_uri], policy="adults"))
        with Process(place) as process:
            process.await_ready()
            Visitor("jean").walk(f"{running.url}/login")
            child = Visitor("child")
            page = child.walk(f"{running.url}/login")
            assert not isinstance(page, str)
            child.press(page, "refuse")

    assert [answer.get("error") for answer in taken] == [None, None, "access_denied"]
    assert page.status_code == 403
    assert "16" in child.headlines[-1]
