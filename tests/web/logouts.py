"""What the tests of the logout say often."""

from typing import Final

from tests.support.trial import HEAD, client
from tests.support.visitor import Answer, Visitor

BYE: Final = "https://service.example/bye"
BYE_WITH_QUERY: Final = "https://service.example/bye?from=rero"
SESSION: Final = "__Host-bridge_session_"
CONFIGURATION: Final = "\n".join(
    [
        HEAD,
        client(
            "service",
            post_logout_redirect_uris=[BYE, BYE_WITH_QUERY],
            client_uri="https://service.example/start",
            client_name="The service",
        ),
        client(
            "told",
            client_name="Told & <sons>",
            backchannel_logout_uri="https://told.example/logout",
        ),
        client(
            "app",
            redirect_uris=["ch.example.app:/callback"],
            post_logout_redirect_uris=["ch.example.bye:/bye"],
            application_type="native",
            sector="app.example",
            token_endpoint_auth_method="none",
        ),
    ]
)
STATES: Final = [
    "plain",
    "a b+c%20d",
    "\"'<>&\\",
    "\r\n\t",
    "\u00e9\u4e2d\U0001f4da",
    "https://evil.example/?a=b#c",
    "x" * 4_000,
]


def hint_of(browser: Visitor, who: str = "jean") -> str:
    return str(browser.tokens(who)["id_token"])


def is_signed_in(browser: Visitor) -> bool:
    """Tell whether a login needs no RERO+."""
    return browser.authorize().location.startswith("https://service.example/callback")


def log_out(browser: Visitor, **parameters: str) -> Answer:
    return browser.get("/logout", parameters)
