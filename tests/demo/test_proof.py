"""The walk of the proof, through a login site and a consent page made for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from bridge.demo.proof import STEPS_ALLOWED, Credentials, ProofError, Step, prove
from bridge.demo.serving import serve_in_thread

READER = Credentials("jean@example.org", "open sesame")

SIGN_IN = """<html><h1>Sign in to <em>RERO</em></h1>
<form action="/search"><input name="q"><button>Search</button></form>
<form action="/signin/" method="POST">
<input type="hidden" name="next" value="{next}">
<input type="hidden" name="csrf_token" value="token-1">
<input type="email" name="email"><input type="password" name="password">
<input type="checkbox" name="stay"><input name="off" disabled value="x">
<button type="submit">Sign in</button></form>"""

RERO_CONSENT = """<h1>May we?</h1><form action="" method="POST">
<button name="confirm" value="no">No</button>
<button name="confirm" value="yes">Yes</button></form>"""

BRIDGE_CONSENT = """<h1>Share your name?</h1><form action="/consent" method="post">
<input type="hidden" name="ticket" value="ticket-1">
<button name="decision" value="refuse">Refuse</button>
<button name="decision" value="allow">Allow</button></form>"""

RESULT = {
    "issuer": "http://op",
    "id_token": {"header": {"alg": "ES256"}, "claims": {"sub": "patron1"}},
    "userinfo": {"sub": "patron1"},
    "checks": [{"name": "state"}, {"name": "iss"}],
    "timings_ms": {"discovery": 1.5},
}


@dataclass
class LoginSite:
    """Sign-in and two consent pages, one after the other; notes what it is sent."""

    url: str = ""
    back: str = ""  # where the login ends
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("login_site", static_folder=None)
        methods = ["GET", "POST"]
        app.add_url_rule(
            "/oauth/authorize", "authorize", self.authorize, None, methods=methods
        )
        app.add_url_rule("/signin/", "signin", self.sign_in, methods=methods)
        app.add_url_rule("/consent", "consent", self.consent, methods=["POST"])
        closed = '<h1>Closed</h1><form method="post"><button>Again</button></form>'
        app.add_url_rule("/closed", "closed", lambda: (closed, 503))
        return app

    def authorize(self) -> WerkzeugResponse | str:
        if "signed_in" not in request.cookies:
            return redirect("/signin/?next=/oauth/authorize?client_id=7")
        if request.method == "GET":
            return RERO_CONSENT
        self.note()
        return Response(BRIDGE_CONSENT, mimetype="text/html")

    def sign_in(self) -> WerkzeugResponse | str:
        if request.method == "POST":
            self.note()
        if request.form.get("password") != READER.password:
            return SIGN_IN.format(next="/oauth/authorize?client_id=7&amp;state=s")
        answer = redirect(request.form["next"])
        answer.set_cookie("signed_in", "1")
        return answer

    def consent(self) -> WerkzeugResponse:
        self.note()
        return redirect(self.back, 303)

    def note(self) -> None:
        self.received.append((request.full_path, request.form.to_dict()))


@pytest.fixture
def site() -> Iterator[LoginSite]:
    login_site = LoginSite()
    with serve_in_thread(login_site.app()) as running:
        login_site.url = running.url
        yield login_site


@pytest.fixture
def service(site: LoginSite) -> Iterator[str]:
    app = Flask("service", static_folder=None)
    app.add_url_rule("/", "start", lambda: '<h1>Hi</h1><a href="/login">\n Log in</a>')
    app.add_url_rule(
        "/login", "login", lambda: redirect(f"{site.url}/oauth/authorize?client_id=7")
    )
    app.add_url_rule("/back", "back", lambda: redirect("/"))
    app.add_url_rule("/result", "result", lambda: jsonify(RESULT))
    app.add_url_rule(
        "/fault", "fault", lambda: ("<h1>Answered: access_denied</h1>", 400)
    )
    with serve_in_thread(app) as running:
        site.back = f"{running.url}/back?code=secret-code"
        yield running.url


def test_proof_returns_what_the_service_verified(service: str) -> None:
    proof = prove(service, READER)

    assert proof.id_token_claims == {"sub": "patron1"}
    assert proof.id_token_header == {"alg": "ES256"}
    assert proof.userinfo == {"sub": "patron1"}
    assert proof.checks == ("state", "iss")
    assert proof.issuer == "http://op"


def test_forms_are_filled_in_and_agreed_to_as_a_reader_would(
    service: str, site: LoginSite
) -> None:
    prove(service, READER)

    assert site.received == [
        (
            "/signin/?",
            {
                "next": "/oauth/authorize?client_id=7&state=s",
                "csrf_token": "token-1",
                "email": READER.username,
                "password": READER.password,
            },
        ),
        ("/oauth/authorize?client_id=7&state=s", {"confirm": "yes"}),
        ("/consent?", {"ticket": "ticket-1", "decision": "allow"}),
    ]


def test_steps_name_each_request_without_its_query(
    service: str, site: LoginSite
) -> None:
    proof = prove(service, READER)

    assert proof.steps[0] == Step("GET", service, 200)
    assert Step("GET", f"{service}/back", 302) in proof.steps
    assert Step("POST", f"{site.url}/signin/", 302) in proof.steps


def test_wrong_password_is_told_apart(service: str, site: LoginSite) -> None:
    with pytest.raises(ProofError) as caught:
        prove(service, Credentials("jean@example.org", "wrong"))

    text = str(caught.value)
    assert "the login page did not let us in" in text
    assert f"status 200 at {site.url}/signin/" in text
    assert "Sign in to RERO" in text
    assert "wrong" not in text


def test_login_that_ends_at_another_place_says_where(
    service: str, site: LoginSite
) -> None:
    site.back = f"{service}/fault?error=access_denied&state=secret-state"

    with pytest.raises(ProofError) as caught:
        prove(service, READER)

    assert str(caught.value) == (
        f"the login ended at another place: status 400 at {service}/fault, "
        "headline “Answered: access_denied”"
    )


def test_form_on_a_page_that_reports_a_fault_is_not_sent(
    service: str, site: LoginSite
) -> None:
    site.back = f"{site.url}/closed"

    with pytest.raises(ProofError, match=r"status 503 .* headline “Closed”"):
        prove(service, READER)


def test_endless_redirects_are_given_up(service: str, site: LoginSite) -> None:
    site.back = f"{site.url}/oauth/authorize?client_id=7&again=1"

    with pytest.raises(ProofError, match=f"gave up after {STEPS_ALLOWED} requests"):
        prove(service, READER)


def test_redirect_to_something_else_than_a_web_page_is_not_followed(
    service: str, site: LoginSite
) -> None:
    site.back = "app.example:/callback?code=secret-code"

    with pytest.raises(ProofError) as caught:
        prove(service, READER)

    assert "app.example:/callback, which is no web page" in str(caught.value)
    assert "secret-code" not in str(caught.value)


def test_page_without_the_button_is_told(site: LoginSite) -> None:
    with pytest.raises(ProofError, match="no button “Log in”: status 200"):
        prove(f"{site.url}/signin/", READER)


def test_service_that_does_not_answer_is_told() -> None:
    with pytest.raises(ProofError, match=r"no answer from http://127\.0\.0\.1:1/x"):
        prove("http://127.0.0.1:1/x?secret", READER)


def test_service_without_a_result_is_no_proof(service: str, site: LoginSite) -> None:
    app = Flask("other", static_folder=None)
    app.add_url_rule("/", "start", lambda: '<form action="/"><button>Log in</button>')

    with (
        serve_in_thread(app) as running,
        pytest.raises(ProofError, match="no JSON at"),
    ):
        prove(running.url, READER)


def test_password_is_not_part_of_the_credentials_text() -> None:
    assert READER.password not in repr(READER)
