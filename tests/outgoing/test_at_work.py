"""A bridge at work tells clients of logouts, by the configuration as it is now."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_httpserver import HTTPServer

from bridge.app import open_bridge
from bridge.runtime import Runtime
from bridge.settings.load import load_settings
from bridge.wiring import now
from tests.outgoing.receivers import Receiver
from tests.store.conformance import make_grant, make_session, put
from tests.support.files import Files
from tests.support.trial import HEAD, client

ISSUER = "http://127.0.0.1:8080"
LOCAL = HEAD.replace('issuer = "https://login.example"', f'issuer = "{ISSUER}"')


class AtWork:
    """The files of a bridge on loopback, and its runtime."""

    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)
        self.files.bridge.close()
        self.files.write(client("one"), LOCAL)
        bridge = open_bridge(load_settings(self.files.main, {}))
        self.runtime = Runtime(bridge, self.files.main, {})
        self.foundation = bridge.foundation

    def end_session_at(self, client_id: str) -> list[int]:
        """End a session with a login at *client_id*, and wake the sender."""
        store = self.foundation.store
        until = now() + 900
        put(store, make_session(ends_at=until))
        put(store, make_grant(client_id=client_id, logout_until=until))
        notices = store.end_session("session-1", now())
        assert notices is not None
        self.foundation.deliveries.sender.wake()
        return [notice.notice_id for notice in notices]


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[AtWork]:
    made = AtWork(tmp_path)
    made.runtime.start()
    yield made
    made.runtime.close()


def test_client_of_the_present_configuration_is_told_by_a_token_of_its_keys(
    at_work: AtWork, httpserver: HTTPServer
) -> None:
    receiver = Receiver("two")
    httpserver.expect_request("/logout").respond_with_handler(receiver.answer)
    two = client("two", backchannel_logout_uri=httpserver.url_for("/logout"))
    at_work.files.write(client("one") + two, LOCAL)
    at_work.runtime.look()
    notice_ids = at_work.end_session_at("two")

    delivered = at_work.foundation.deliveries.sender.wait_for(notice_ids, 10)

    assert delivered == frozenset(notice_ids)
    published = at_work.runtime.bridge.services.keys.ring.jwks()
    keys = KeySet.import_key_set(json.loads(json.dumps(published)))
    (token,) = receiver.tokens
    told = jwt.decode(token, keys, algorithms=["RS256"])
    assert told.header["typ"] == "logout+jwt"
    assert (told.claims["iss"], told.claims["aud"]) == (ISSUER, "two")
    assert told.claims["sid"] == "sid of session-1 at two"


def test_changed_rules_for_outgoing_calls_need_a_restart(
    at_work: AtWork, capsys: pytest.CaptureFixture[str]
) -> None:
    at_work.files.write(client("one"), f"{LOCAL}\n[outgoing]\nallow_private = true\n")

    at_work.runtime.look()

    assert "outgoing: was changed: that needs a restart" in capsys.readouterr().out
