"""Claims by rules, e-mail, data thrift: a login each, by Authlib as the service."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import EMAIL_SCOPE, SCOPES, Settings
from bridge.demo.serving import serve_in_thread
from tests.e2e.late import LateApplication
from tests.e2e.support import SECRET, Place, Process, await_that, service, stand_in_for
from tests.e2e.visitor import Visitor, parameters

RULES = """
[tables.homes]
texts = { vs = "Médiathèque Valais" }
default = "RERO+"
[claims.home]
source = "institutions"
steps = ["first", "table:homes"]
scopes = ["rero"]
[claims.active]
source = "active"
scopes = ["rero"]
[claims.rero_barcode]
source = "barcode"
scopes = ["card"]
[claims.of_age]
source = "birthdate"
steps = ["age_at_least:16"]
scopes = ["age"]
[claims.rero_patron_types]
source = "none"
[policies.current]
membership = "current"
"""
SERVICES: dict[str, dict[str, object]] = {
    "rules": {"scope": "openid rero card age"},
    "own": {
        "scope": "openid profile",
        "claim_rules": {"name": {"source": "name", "steps": ["upper"]}},
    },
    "copied": {
        "scope": "openid profile email rero",
        "email": "upstream",
        "id_token_claims": ["name", "email"],
    },
    "verified": {
        "scope": "openid email",
        "email": "upstream",
        "email_verified": "upstream",
    },
    "needy": {"scope": "openid email", "email": "required"},
    "frugal": {"scope": "openid"},
    "asking": {"scope": "openid card", "consent": "always"},
    "one-card": {"scope": "openid rero", "card": "one"},
    "one-current": {"scope": "openid rero", "card": "one", "policy": "current"},
    "one-asking": {"scope": "openid rero", "card": "one", "consent": "once"},
}
Answers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """A bridge, its log, and a service in front of it for each registration."""

    stand_in: StandIn
    process: Process
    url: str

    def sign_in(self, name: str, visitor: Visitor, prompt: str = "") -> Answers:
        """Return what the service *name* was told of *visitor*."""
        end = visitor.walk(f"{self.url}/login/{name}?prompt={prompt}")
        assert not isinstance(end, str)
        assert end.headers["Content-Type"] == "application/json", end.text
        answers: Answers = end.json()
        return answers

    def scopes_asked(self) -> list[set[str]]:
        """Return the scopes that RERO+ was asked for, a set a trip."""
        trips = {
            asked["state"]: set(asked["scope"].split())
            for entry in self.stand_in.journal.entries("/oauth/authorize", "GET")
            if (asked := parameters(f"/?{entry.query}"))
        }
        return [*trips.values()]


def make_service(issuer: str, url: str) -> Flask:
    """Make a service that has one registration for each feature."""
    app = Flask("authlib_services")
    app.secret_key = "secret of the cookies"
    oauth = OAuth(app)
    for name, members in SERVICES.items():
        oauth.register(
            name,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_id=name,
            client_secret=SECRET,
            client_kwargs={
                "scope": members["scope"],
                "code_challenge_method": "S256",
            },
        )

    @app.get("/login/<name>")
    def login(name: str) -> Response:
        prompt = {key: request.args[key] for key in ("prompt",) if request.args[key]}
        client = oauth.create_client(name)
        back: Response = client.authorize_redirect(f"{url}/back/{name}", **prompt)
        return back

    @app.get("/back/<name>")
    def back(name: str) -> Response:
        if "error" in request.args:
            return jsonify(error=request.args["error"])
        client = oauth.create_client(name)
        tokens = client.authorize_access_token()  # verifies the ID token
        userinfo = dict(client.userinfo(token=tokens))
        return jsonify(id_token=dict(tokens["userinfo"]), userinfo=userinfo)

    return app


@contextmanager
def open_world(folder: Path, settings: Settings | None = None) -> Iterator[World]:
    """Open a bridge and its services; user ids were seen there already."""
    front = LateApplication()
    with ExitStack() as stack:
        stand_in, place = stack.enter_context(stand_in_for(folder, settings))
        running = stack.enter_context(serve_in_thread(front))
        _register(place, running.url)
        app = make_service(place.issuer, running.url)
        front.app = app
        process = stack.enter_context(Process(place)).await_ready()
        world = World(stand_in, process, running.url)
        world.sign_in("frugal", Visitor())
        yield world


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Open one world for all tests that change nothing there."""
    with open_world(tmp_path_factory.mktemp("bridge")) as world:
        yield world


def _register(place: Place, url: str) -> None:
    place.write(RULES)
    place.write_clients(
        *(
            service(name, redirect_uris=[f"{url}/back/{name}"], **members)
            for name, members in SERVICES.items()
        )
    )


@pytest.fixture
def world(served: World) -> World:
    """Return the world with an empty journal."""
    served.stand_in.journal.clear()
    return served


def test_rules_of_the_configuration_make_claims(world: World) -> None:
    userinfo = world.sign_in("rules", Visitor())["userinfo"]

    assert userinfo["home"] == "Médiathèque Valais"
    assert userinfo["active"] is True
    assert userinfo["rero_barcode"] == "2050124311"
    assert userinfo["of_age"] is True
    assert "rero_patron_types" not in userinfo
    assert "birthdate" not in userinfo


def test_a_claim_that_is_not_known_is_not_there(world: World) -> None:
    userinfo = world.sign_in("rules", Visitor("ageless"))["userinfo"]

    assert "of_age" not in userinfo
    assert userinfo["home"] == "Médiathèque Valais"


def test_a_client_has_a_rule_of_its_own(world: World) -> None:
    assert world.sign_in("own", Visitor())["userinfo"]["name"] == "JEAN SIMON"
    assert world.sign_in("copied", Visitor())["userinfo"]["name"] == "Jean Simon"


def test_claims_are_copied_into_the_id_token(world: World) -> None:
    id_token = world.sign_in("copied", Visitor())["id_token"]

    assert id_token["name"] == "Jean Simon"
    assert id_token["email"] == "jean.simon@reader.example"
    assert id_token["email_verified"] is False
    assert "rero_memberships" not in id_token


def test_verified_is_passed_on_where_the_registration_says_so(world: World) -> None:
    userinfo = world.sign_in("verified", Visitor())["userinfo"]

    assert userinfo["email_verified"] is True


def test_a_reader_without_an_address_sees_why_and_goes_back_refused(
    world: World,
) -> None:
    visitor = Visitor("nomail")

    page = visitor.walk(f"{world.url}/login/needy?prompt=")
    assert isinstance(page, requests.Response)
    end = visitor.press(page, "refuse")

    assert page.status_code == 403
    assert "n’a pas d’adresse e-mail" in visitor.headlines[-1]
    assert isinstance(end, requests.Response)
    assert end.json() == {"error": "access_denied"}


def test_rero_is_asked_for_what_the_client_needs_and_once_more_for_more(
    world: World,
) -> None:
    visitor = Visitor()
    world.sign_in("frugal", visitor)
    world.sign_in("own", visitor)
    world.sign_in("frugal", visitor)

    assert world.scopes_asked() == [{"institution"}, {"institution", "fullname"}]


def test_in_silence_a_session_that_holds_too_little_asks_for_interaction(
    world: World,
) -> None:
    visitor = Visitor()
    world.sign_in("frugal", visitor)

    told = world.sign_in("own", visitor, prompt="none")

    assert told == {"error": "interaction_required"}
    assert len(world.scopes_asked()) == 1
    assert "userinfo" in world.sign_in("frugal", visitor, prompt="none")


def test_the_consent_page_shows_a_claim_of_ones_own_with_its_value(
    world: World,
) -> None:
    visitor = Visitor(remembers=False)
    pages: list[str] = []
    visitor.http.hooks["response"].append(lambda answer, **_: pages.append(answer.text))

    world.sign_in("asking", visitor)

    assert any("rero_barcode" in page and "2050124311" in page for page in pages)


def test_a_scope_that_rero_does_not_offer_is_asked_for_once(tmp_path: Path) -> None:
    with open_world(tmp_path, Settings(scopes=SCOPES)) as world:
        world.stand_in.journal.clear()

        answers = [world.sign_in("copied", Visitor()) for _ in range(2)]

        told = [EMAIL_SCOPE in scopes for scopes in world.scopes_asked()]
        events = await_that(
            lambda: world.process.events("upstream:scope_refused"), "the event"
        )
    assert told == [True, False, False]
    assert [event["detail"] for event in events] == [EMAIL_SCOPE]
    for answer in answers:
        assert answer["userinfo"]["name"] == "Jean Simon"
        assert "email" not in answer["userinfo"]
