"""What the tests of the specifications say often."""

import base64
import json
import re
from collections.abc import Mapping
from html import unescape

from bridge.core.patron import JsonObject
from bridge.signing.key_files import load_keys
from bridge.signing.signer import JwsSigner
from tests.support.flow_browser import request_pairs
from tests.support.tokens import verified
from tests.support.trial import SECRET, key_files
from tests.support.visitor import Answer, Visitor


def basic(client_id: str, secret: str = SECRET) -> dict[str, str]:
    """Write an Authorization header of client_secret_basic."""
    pair = f"{client_id}:{secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def claims_of(browser: Visitor, tokens: dict[str, object]) -> dict[str, object]:
    """Verify the ID token of a token answer and return its claims."""
    return verified(browser, tokens["id_token"]).claims


def info_of(browser: Visitor, tokens: dict[str, object]) -> dict[str, object]:
    """Return the claims of userinfo for a token answer."""
    return browser.userinfo(tokens["access_token"]).members


def refresh(
    browser: Visitor,
    tokens: dict[str, object],
    client_id: str = "service",
    /,
    **changes: str | None,
) -> Answer:
    """Use the refresh token of a token answer."""
    form: dict[str, str | None] = {
        "grant_type": "refresh_token",
        "refresh_token": str(tokens["refresh_token"]),
        "code": None,
        "redirect_uri": None,
        **changes,
    }
    return browser.token("", client_id, **form)


def pushed(browser: Visitor, client_id: str = "service", /, **changes: str) -> Answer:
    """Push a request and come to /authorize with its reference."""
    form = dict(request_pairs(client_id, {"client_secret": SECRET, **changes}))
    reference = str(browser.post("/par", form).members["request_uri"])
    query = {"client_id": client_id, "request_uri": reference}
    return browser.get("/authorize", query)


def posted(browser: Visitor, client_id: str = "service", /, **changes: str) -> Answer:
    """POST a request to /authorize and follow where that leads."""
    form = dict(request_pairs(client_id, changes))
    return browser.get(browser.post("/authorize", form).location)


def form_fields(page: Answer) -> dict[str, str]:
    """Return the fields that a page of form_post carries to the client."""
    fields = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text
    )
    return {name: unescape(value) for name, value in fields}


def signed_by_the_bridge(
    browser: Visitor, claims: Mapping[str, object], typ: str = "JWT"
) -> str:
    """Sign *claims* by the bridge's own keys; those that are None are left out."""
    present = {name: value for name, value in claims.items() if value is not None}
    signer = JwsSigner(load_keys(key_files()).ring)
    payload: JsonObject = json.loads(json.dumps(present))
    return signer.sign(payload, "RS256", browser.trial.clock(), typ)
