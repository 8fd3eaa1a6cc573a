"""Visits of the stand-in's pages, for the tests of its two modules."""

import re
from html import unescape
from urllib.parse import urlencode

from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Client, Settings

CALLBACK = "http://127.0.0.1:9/callback"


def make_standin(settings: Settings | None = None) -> StandIn:
    standin = StandIn(settings)
    standin.add_client(Client("svc", "secret", (CALLBACK,)))
    return standin


def consent_url(**changes: str) -> str:
    asked = {"client_id": "svc", "response_type": "code", "scope": "fullname birthdate"}
    return f"/oauth/authorize?{urlencode({**asked, **changes})}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return unescape(found[1])


def sign_in(browser: Browser, target: str = "/", **changes: str) -> TestResponse:
    page = browser.get("/signin/", query_string={"next": target}).text
    form = {name: hidden(page, name) for name in ("csrf_token", "next")}
    form |= {"email": "jean", "password": "demo", **changes}
    return browser.post("/signin/", data=form)


def signed_in(standin: StandIn) -> Browser:
    browser = standin.app.test_client()
    sign_in(browser)
    return browser
