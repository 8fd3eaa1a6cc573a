"""Calls of the stand-in's token endpoint, for the tests of its two modules."""

from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Client

CALLBACK = "http://127.0.0.1:9/callback"
START = 1_837_926_000  # seconds since the epoch; a day in March 2028
CREDENTIALS = {"client_id": "svc", "client_secret": "secret"}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = START

    def __call__(self) -> float:
        return self.now_s


def make_standin(clock: Clock | None = None) -> StandIn:
    standin = StandIn(clock=clock or Clock())
    standin.add_client(Client("svc", "secret", (CALLBACK, f"{CALLBACK}/2")))
    standin.add_client(Client("other", "secret", (CALLBACK,)))
    standin.add_client(Client("app", "", (CALLBACK,), is_confidential=False))
    return standin


def issue_code(
    standin: StandIn, *scopes: str, login: str = "jean", client_id: str = "svc"
) -> str:
    client = standin.state.clients[client_id]
    user_id = standin.reader(login).user_id
    return standin.state.issue_code(client, CALLBACK, user_id, scopes or ("fullname",))


def post(standin: StandIn, **form: str) -> TestResponse:
    return standin.app.test_client().post("/oauth/token", data=form)


def exchange(standin: StandIn, code: str, **changes: str) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code, **CREDENTIALS, **changes}
    return post(standin, **form)
