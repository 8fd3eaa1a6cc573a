"""Whole logins through one bridge: readers, policies, consent, e-mail, races."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Settings, Shape
from tests.e2e.support import Place, Process, service, stand_in_for
from tests.e2e.visitor import Service, Visitor, parameters

POLICIES = """
[policies.current]
membership = "current"
[policies.valais]
institutions = ["vs"]
"""
CLIENTS = (
    service(),
    service("current", policy="current"),
    service("asking", consent="once"),
    service("upstream-email", email="upstream"),
    service(
        "placeholder", email="placeholder", email_placeholder_domain="patrons.example"
    ),
    service("es256", id_token_signed_response_alg="ES256"),
    {
        **service("public", token_endpoint_auth_method="none", sector="app.example"),
        "client_secret": None,
    },
)


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[StandIn, Place]]:
    """One bridge for all tests of this module: nothing here changes it."""
    folder: Path = tmp_path_factory.mktemp("bridge")
    with stand_in_for(folder) as (stand_in, place):
        place.write(POLICIES)
        place.write_clients(*[_without_none(client) for client in CLIENTS])
        with Process(place) as process:
            process.await_ready()
            yield stand_in, place


def _without_none(client: dict[str, object]) -> dict[str, object]:
    return {name: client[name] for name in client if client[name] is not None}


@pytest.fixture
def issuer(world: tuple[StandIn, Place]) -> str:
    return world[1].issuer


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_id_token_is_verified_by_joserfc_with_the_published_keys(
    issuer: str, algorithm: str
) -> None:
    client_id = "service" if algorithm == "RS256" else "es256"
    tokens = Service(issuer, client_id).log_in(Visitor())
    keys = KeySet.import_key_set(requests.get(f"{issuer}/jwks", timeout=20).json())

    token = jwt.decode(tokens["id_token"], keys, algorithms=[algorithm])

    assert token.header["alg"] == algorithm
    assert token.claims["iss"] == issuer
    assert token.claims["aud"] == client_id
    assert token.claims["nonce"] == "n0nce"


@pytest.mark.parametrize("shape", ["current", "2024", "2021", "help"])
def test_login_succeeds_in_every_shape_of_answers_with_defaults(
    tmp_path: Path, shape: Shape
) -> None:
    with (
        stand_in_for(tmp_path, Settings(shape=shape)) as (_, place),
        Process(place) as process,
    ):
        process.await_ready()
        relying_party = Service(place.issuer)
        tokens = relying_party.log_in(Visitor())
        userinfo = relying_party.userinfo(tokens["access_token"]).json()

    assert userinfo["name"] == "Jean Simon"
    assert [name.lower() for name in userinfo["rero_institutions"]] == ["vs"]


def test_reader_without_a_card_sees_why_and_goes_back_refused(issuer: str) -> None:
    visitor = Visitor("zoe")
    page = visitor.walk(Service(issuer, "current").request(ui_locales="en"))
    assert isinstance(page, requests.Response)

    answer = visitor.press(page, "refuse")

    assert "does not belong to a library" in visitor.headlines[-1]
    assert isinstance(answer, str)
    assert parameters(answer)["error"] == "access_denied"
    assert parameters(answer)["state"] == "st4te"


def test_expired_reader_is_let_in_as_inactive_where_no_policy_asks(issuer: str) -> None:
    relying_party = Service(issuer)

    tokens = relying_party.log_in(Visitor("luca"))

    userinfo = relying_party.userinfo(tokens["access_token"]).json()
    assert [card["active"] for card in userinfo["rero_memberships"]] == [False]


def test_expired_reader_is_refused_where_the_policy_asks(issuer: str) -> None:
    visitor = Visitor("luca")

    page = visitor.walk(Service(issuer, "current").request(ui_locales="en"))

    assert isinstance(page, requests.Response)
    visitor.press(page, "refuse")
    assert "ended on" in visitor.headlines[-1]


def test_reader_with_several_cards_brings_all_of_them(issuer: str) -> None:
    relying_party = Service(issuer)

    tokens = relying_party.log_in(Visitor("anna"))

    userinfo = relying_party.userinfo(tokens["access_token"]).json()
    assert sorted(userinfo["rero_institutions"]) == ["fr", "vs"]


@pytest.mark.parametrize(
    ("client_id", "email"),
    [("service", None), ("upstream-email", "jean.simon@reader.example")],
)
def test_email_comes_as_the_client_is_registered(
    issuer: str, client_id: str, email: str | None
) -> None:
    relying_party = Service(issuer, client_id)

    tokens = relying_party.log_in(Visitor(), scope="openid email")

    userinfo = relying_party.userinfo(tokens["access_token"]).json()
    assert userinfo.get("email") == email
    assert userinfo.get("email_verified") in {None, False}


def test_placeholder_address_is_made_of_the_subject(issuer: str) -> None:
    relying_party = Service(issuer, "placeholder")

    tokens = relying_party.log_in(Visitor(), scope="openid email")

    userinfo = relying_party.userinfo(tokens["access_token"]).json()
    assert userinfo["email"] == f"{userinfo['sub']}@patrons.example"


def test_consent_is_asked_once(issuer: str) -> None:
    request = Service(issuer, "asking").request()
    first, second = Visitor("twin1"), Visitor("twin1")
    first.sign_in(request)

    second.sign_in(request)

    assert any("Service" in headline for headline in first.headlines)
    assert not any("Service" in headline for headline in second.headlines)


def test_consent_is_asked_again_where_the_patron_did_not_say_remember(
    issuer: str,
) -> None:
    request = Service(issuer, "asking").request()
    Visitor("twin2", remembers=False).sign_in(request)
    again = Visitor("twin2")

    again.sign_in(request)

    assert any("Service" in headline for headline in again.headlines)


def test_public_client_logs_in_with_pkce_and_no_secret(issuer: str) -> None:
    tokens = Service(issuer, "public", client_secret=None).log_in(Visitor())

    assert "id_token" in tokens


def test_public_client_without_pkce_is_refused(issuer: str) -> None:
    request = Service(issuer, "public", client_secret=None).request()
    without = request.partition("&code_challenge")[0]

    answer = Visitor().open(without)

    assert isinstance(answer, str)
    assert parameters(answer)["error"] == "invalid_request"


def test_refresh_token_gives_new_tokens(issuer: str) -> None:
    relying_party = Service(issuer)
    tokens = relying_party.log_in(Visitor(), scope="openid profile offline_access")

    fresh = relying_party.refresh(tokens["refresh_token"]).json()

    assert fresh["access_token"] != tokens["access_token"]
    userinfo = relying_party.userinfo(fresh["access_token"])
    assert userinfo.json()["name"] == "Jean Simon"


def test_code_that_20_threads_redeem_at_once_works_once_and_then_is_dead(
    issuer: str,
) -> None:
    relying_party = Service(issuer)
    code = Visitor().sign_in(relying_party.request())["code"]
    together = threading.Barrier(20)

    def redeem(_: int) -> requests.Response:
        together.wait()
        return relying_party.redeem(code)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(redeem, range(20)))

    successes = [answer for answer in answers if answer.status_code == 200]
    assert len(successes) <= 1
    assert {a.json()["error"] for a in answers if a not in successes} == {
        "invalid_grant"
    }
    for answer in successes:
        userinfo = relying_party.userinfo(answer.json()["access_token"])
        assert userinfo.status_code == 401


def test_second_login_in_one_browser_asks_for_no_password(issuer: str) -> None:
    visitor = Visitor()
    visitor.sign_in(Service(issuer).request())

    answer = visitor.open(Service(issuer, "es256").request())

    assert isinstance(answer, str)
    assert "code" in parameters(answer)
