"""What the tests of the logout say often."""

from typing import Final

from bridge.flow.browser import digest
from bridge.flow.outcomes import AskSignOut, GoUpstream, Leave, LogoutOutcome, SignedOut
from tests.support.flow_browser import FlowBrowser, code_of
from tests.support.trial import HEAD, Trial, client
from tests.support.visitor import Visitor

BYE: Final = "https://service.example/bye"
CONFIGURATION: Final = "\n".join(
    [
        HEAD,
        client("service", post_logout_redirect_uris=[BYE]),
        client("silent"),
        client(
            "first",
            backchannel_logout_uri="https://first.example/logout",
            post_logout_redirect_uris=["https://first.example/bye"],
        ),
        client("second", backchannel_logout_uri="https://second.example/logout"),
        client(
            "echo",
            backchannel_logout_uri="https://echo.example/logout",
            backchannel_logout_to_initiator=True,
        ),
    ]
)


def hint_of(
    browser: FlowBrowser, client_id: str = "service", who: str = "jean", /
) -> str:
    """Sign in, or go on in the session, and return the ID token."""
    outcome = browser.begin(client_id)
    if isinstance(outcome, GoUpstream):
        outcome = browser.sign_in(who, client_id)
    members = Visitor(browser.trial).token(code_of(outcome), client_id).members
    return str(members["id_token"])


def is_signed_in(browser: FlowBrowser) -> bool:
    """Tell whether the store has the session of the browser's cookie."""
    secret = browser.cookies.session_secret or ""
    return browser.trial.store.get_session(digest(secret)) is not None


def notices(trial: Trial) -> list[str]:
    """Return the clients that the outbox holds a notice for."""
    now = trial.clock()
    return [one.client_id for one in trial.store.claim_logout_notices(now, now, 20)]


def left(outcome: LogoutOutcome) -> tuple[str, str | None]:
    """Return where the browser is sent, and with which state."""
    assert isinstance(outcome, Leave)
    return outcome.address.uri, outcome.address.state


def asked(outcome: LogoutOutcome) -> AskSignOut:
    """Expect the question, and return it."""
    assert isinstance(outcome, AskSignOut)
    return outcome


def shown(outcome: LogoutOutcome) -> SignedOut:
    assert isinstance(outcome, SignedOut)
    return outcome
