"""pyop is used as a pure function: no environment, no network, no key, no signature."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from jwkest.jws import JWS

from tests.provider.tokens import verified_claims
from tests.provider.world import World, make_request

ROOT = Path(__file__).parents[2]
BUILD = (
    "from bridge.signing.keys import KeyRing\n"
    "from tests.provider.world import make_world\n"
    "print(make_world(KeyRing(())).provider.signing_key)\n"
)


@pytest.mark.slow
def test_environment_of_the_libraries_does_not_stop_the_start() -> None:
    environment = {**os.environ, "VERIFY_SSL": "banana", "TIMEOUT": "abc"}

    built = subprocess.run(
        [sys.executable, "-W", "error", "-c", BUILD],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.stderr == ""
    assert built.stdout.strip() == "None"


def test_flow_needs_no_signature_of_pyjwkest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise AssertionError("pyjwkest signs")

    monkeypatch.setattr(JWS, "sign_compact", fail)
    monkeypatch.setattr(JWS, "sign_json", fail)

    _, code = world.log_in(make_request())
    tokens = world.redeem(code)
    again = world.refresh(tokens["refresh_token"])

    assert verified_claims(again["id_token"], world.ring, "RS256")["aud"] == "library"


def test_flow_opens_no_connection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the engine opens a connection")

    monkeypatch.setattr(socket, "socket", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)

    _, code = world.log_in(make_request())

    assert world.userinfo(world.redeem(code)["access_token"])


def test_pyop_holds_no_signing_key(world: World) -> None:
    sign_in = world.sign_in()

    copy = world.provider.for_login(make_request(), world.client(), sign_in, 0)

    assert world.provider.signing_key is None
    assert copy.signing_key is None


def test_requests_share_nothing_that_they_could_change(world: World) -> None:
    first = world.provider.for_token(world.client(), {"grant_type": "one"}, 1)
    second = world.provider.for_token(world.client(), {"grant_type": "two"}, 2)

    assert first.authz_state is not second.authz_state
    assert first.userinfo is not second.userinfo
    assert first.clean_request == {"grant_type": "one"}
