"""OpenID Connect Back-Channel Logout 1.0: what a client at a real socket is told."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from pytest_httpserver import HTTPServer

from bridge.core.errors import ConfigurationError
from bridge.outgoing.logout_sender import BackChannelSender, SenderParts
from bridge.outgoing.logout_token import LogoutTokens
from bridge.signing.key_files import load_keys
from bridge.signing.signer import JwsSigner
from tests.outgoing.support import http_on_loopback
from tests.spec.support import signed_by_the_bridge
from tests.support.tokens import IdToken, verified
from tests.support.trial import HEAD, ISSUER, Trial, client, key_files
from tests.support.visitor import FORM, Visitor

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Told:
    """A bridge, a browser, and the clients that are told of its logouts."""

    trial: Trial
    browser: Visitor
    server: HTTPServer

    def log_out(self, *client_ids: str) -> list[dict[str, object]]:
        """Log in at the clients, sign out, send; return the ID tokens' claims."""
        logins = [
            verified(self.browser, self.browser.tokens("jean", one)["id_token"]).claims
            for one in client_ids
        ]
        self.browser.press(self.browser.get("/logout"), "sign_out")
        self.send()
        return logins

    def send(self) -> None:
        """Send what is due."""
        signer = JwsSigner(load_keys(key_files()).ring)
        tokens = LogoutTokens(ISSUER, self.trial.web.clients, signer, os.urandom)
        sender = BackChannelSender(
            SenderParts(
                self.trial.store,
                http_on_loopback(),
                lambda: tokens,
                self.trial.metrics,
                self.trial.clock,
            )
        )
        sender.run_once(self.trial.clock())
        sender.close()

    def tokens(self, client_id: str) -> list[IdToken]:
        """Return the logout tokens that a client got, verified by joserfc."""
        return [
            verified(self.browser, sent.form["logout_token"])
            for sent, _ in self.server.log
            if sent.path == f"/{client_id}"
        ]

    def token(self, client_id: str) -> IdToken:
        """Return the one logout token that a client got."""
        (token,) = self.tokens(client_id)
        return token


@pytest.fixture(scope="module")
def make_httpserver() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def told(tmp_path: Path, httpserver: HTTPServer) -> Told:
    members: dict[str, dict[str, object]] = {
        "service": {},
        "elliptic": {"id_token_signed_response_alg": "ES256"},
        "silent": {},
    }
    for name, member in members.items():
        if name != "silent":
            member["backchannel_logout_uri"] = httpserver.url_for(f"/{name}")
            httpserver.expect_request(f"/{name}", method="POST").respond_with_data("")
    clients = "\n".join(client(name, **member) for name, member in members.items())
    trial = Trial(tmp_path, HEAD + clients)
    return Told(trial, Visitor(trial), httpserver)


@pytest.mark.parametrize(
    "member", ["backchannel_logout_supported", "backchannel_logout_session_supported"]
)
def test_2_1_support_is_advertised(told: Told, member: str) -> None:
    discovery = told.browser.get("/.well-known/openid-configuration").members

    assert discovery[member] is True


def test_2_1_id_tokens_carry_the_sid_of_the_logout_token(told: Told) -> None:
    (login,) = told.log_out("service")

    assert login["sid"] == told.token("service").claims["sid"]


def test_2_1_sid_is_the_same_at_each_login_in_one_session(told: Told) -> None:
    first, second = told.log_out("service", "service")

    assert first["sid"] == second["sid"]
    assert len(told.tokens("service")) == 1


@pytest.mark.parametrize(
    "uri",
    ["/logout", "logout", "https://a.example/x#y", "http://a.example/", "ftp://a.ch/"],
)
def test_2_2_address_is_absolute_with_https_and_no_fragment(
    told: Told, uri: str
) -> None:
    with pytest.raises(ConfigurationError):
        told.trial.configure(HEAD + client("service", backchannel_logout_uri=uri))


def test_2_3_every_client_of_the_session_is_told_and_nobody_else(told: Told) -> None:
    told.log_out("service", "elliptic", "silent")

    assert {sent.path for sent, _ in told.server.log} == {"/service", "/elliptic"}


def test_2_4_required_claims_are_there(told: Told) -> None:
    told.log_out("service")

    claims = told.token("service").claims
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sid"}
    assert (claims["iss"], claims["aud"]) == (ISSUER, "service")


def test_2_4_events_hold_the_one_event_as_an_object(told: Told) -> None:
    told.log_out("service")

    assert told.token("service").claims["events"] == {EVENT: {}}


def test_2_4_nonce_must_not_be_there(told: Told) -> None:
    told.log_out("service")

    assert "nonce" not in told.token("service").claims


def test_2_4_expiry_is_at_most_two_minutes_away(told: Told) -> None:
    told.log_out("service")

    claims = told.token("service").claims
    assert claims["iat"] == told.trial.clock()
    assert claims["exp"] == told.trial.clock() + 120


def test_2_4_jti_is_unique(told: Told) -> None:
    told.log_out("service")
    told.log_out("service")

    first, second = told.tokens("service")
    assert first.claims["jti"] != second.claims["jti"]


@pytest.mark.parametrize(
    ("client_id", "alg"), [("service", "RS256"), ("elliptic", "ES256")]
)
def test_2_4_token_is_signed_as_id_tokens_are_and_typed(
    told: Told, client_id: str, alg: str
) -> None:
    told.log_out(client_id)

    header = told.token(client_id).header
    assert (header["alg"], header["typ"]) == (alg, "logout+jwt")


def test_2_5_request_is_a_form_post_with_the_token_alone(told: Told) -> None:
    told.log_out("service")

    ((sent, _),) = told.server.log
    assert sent.method == "POST"
    assert sent.mimetype == FORM
    assert list(sent.form) == ["logout_token"]


def test_2_5_failure_of_one_client_does_not_keep_the_other_from_being_told(
    told: Told,
) -> None:
    told.server.clear_all_handlers()
    told.server.expect_request("/service").respond_with_data("", 400)
    told.server.expect_request("/elliptic").respond_with_data("")

    told.log_out("elliptic", "service")

    assert len(told.tokens("elliptic")) == 1


# What else it would need to pass for an ID token: each guard alone must hold it.
LIKE_AN_ID_TOKEN: Final[dict[str, tuple[dict[str, object], str]]] = {
    "as it is": ({}, "logout+jwt"),
    "with a sub": ({"sub": "jean"}, "logout+jwt"),
    "with a sub, without events": ({"sub": "jean", "events": None}, "logout+jwt"),
    "typed as one": ({}, "JWT"),
    "typed as one, with a sub": ({"sub": "jean"}, "JWT"),
    "typed as one, without events": ({"events": None}, "JWT"),
}


@pytest.mark.parametrize(
    ("changes", "typ"), LIKE_AN_ID_TOKEN.values(), ids=LIKE_AN_ID_TOKEN.keys()
)
def test_2_6_logout_token_is_no_id_token_and_no_hint(
    told: Told, changes: dict[str, object], typ: str
) -> None:
    told.log_out("service")
    told.browser.sign_in()
    live = verified(told.browser, told.browser.tokens()["id_token"]).claims["sid"]
    claims = {**told.token("service").claims, "sid": live, **changes}
    token = signed_by_the_bridge(told.browser, claims, typ)

    told.browser.get("/logout", {"id_token_hint": token})

    assert "code" in told.browser.authorize(prompt="none").query


def test_2_7_refresh_tokens_of_the_session_are_revoked(told: Told) -> None:
    told.trial.configure(HEAD + client("service", refresh_tokens=True))
    tokens = told.browser.tokens()

    told.browser.press(told.browser.get("/logout"), "sign_out")

    answer = told.browser.token(
        "",
        grant_type="refresh_token",
        code=None,
        redirect_uri=None,
        refresh_token=str(tokens["refresh_token"]),
    )
    assert answer.members["error"] == "invalid_grant"


def test_2_7_refresh_tokens_with_offline_access_are_not_revoked(told: Told) -> None:
    told.trial.configure(HEAD + client("service"))
    tokens = told.browser.tokens(scope="openid offline_access")

    told.browser.press(told.browser.get("/logout"), "sign_out")

    answer = told.browser.token(
        "",
        grant_type="refresh_token",
        code=None,
        redirect_uri=None,
        refresh_token=str(tokens["refresh_token"]),
    )
    assert "access_token" in answer.members
