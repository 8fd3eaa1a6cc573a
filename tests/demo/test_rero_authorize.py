"""The stand-in's authorization endpoint answers as RERO+'s does, row by row."""

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Client, Settings

CALLBACK = "http://127.0.0.1:9/callback"
GOOD = {
    "client_id": "svc",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "fullname birthdate",
    "state": "st-1",
}


def make_standin(settings: Settings | None = None) -> StandIn:
    standin = StandIn(settings)
    standin.add_client(Client("svc", "secret", (CALLBACK, f"{CALLBACK}/2")))
    return standin


def query(**changes: str | None) -> str:
    changed = {**GOOD, **changes}
    return urlencode({name: text for name, text in changed.items() if text is not None})


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return unescape(found[1])


def sign_in(browser: Browser, login: str = "jean", target: str = "/") -> TestResponse:
    page = browser.get("/signin/", query_string={"next": target}).text
    form = {name: hidden(page, name) for name in ("csrf_token", "next")}
    return browser.post("/signin/", data={**form, "email": login, "password": "demo"})


def signed_in(standin: StandIn, login: str = "jean") -> Browser:
    browser = standin.app.test_client()
    sign_in(browser, login)
    return browser


def location(response: TestResponse) -> str:
    assert response.status_code == 302
    return response.headers["Location"]


ERRORS = "/oauth/errors?error=invalid_request&error_description="
INVALID = f"{CALLBACK}?error=invalid_request"
NOT_ENCODED = (
    "/oauth/errors?error=Error+trying+to+decode+a+non+urlencoded+string.+Found+"
    "invalid+characters%3A+%7B%22%27%22%7D+in+the+string%3A+%27client_id%3Dsvc%26"
    "state%3Da%27b%27.+Please+ensure+the+request%2Fresponse+body+is+"
    "x-www-form-urlencoded."
)
ERROR_ROWS = {
    "client unknown": (
        query(client_id="other"),
        f"{ERRORS}Invalid+client_id+parameter+value.&state=st-1",
    ),
    "client missing": (
        query(client_id=None, state=None),
        f"{ERRORS}Missing+client_id+parameter.",
    ),
    "redirect_uri with a slash more": (
        query(redirect_uri=f"{CALLBACK}/"),
        f"{ERRORS}Mismatching+redirect+URI.&state=st-1",
    ),
    "redirect_uri with a query more": (
        query(redirect_uri=f"{CALLBACK}?a=b"),
        f"{ERRORS}Mismatching+redirect+URI.&state=st-1",
    ),
    "redirect_uri relative": (
        query(redirect_uri="/callback"),
        f"{ERRORS}Invalid+redirect+URI.&state=st-1",
    ),
    "scope twice": (
        query() + "&scope=fullname",
        f"{ERRORS}Duplicate+scope+parameter.&state=st-1",
    ),
    "state twice": (
        query() + "&state=st-1",
        f"{ERRORS}Duplicate+state+parameter.&state=st-1",
    ),
    "duplicate comes before the client": (
        query(client_id="other") + "&scope=fullname",
        f"{ERRORS}Duplicate+scope+parameter.&state=st-1",
    ),
    "scope not registered": (
        query(scope="openid"),
        f"{CALLBACK}?error=invalid_scope&state=st-1",
    ),
    "scope empty": (query(scope=""), f"{CALLBACK}?error=invalid_scope&state=st-1"),
    "response_type missing": (
        query(response_type=None),
        f"{INVALID}&error_description=Missing+response_type+parameter.&state=st-1",
    ),
    "response_type id_token": (
        query(response_type="id_token"),
        f"{CALLBACK}?error=unsupported_response_type&state=st-1",
    ),
    "response_type none": (
        query(response_type="none"),
        f"{CALLBACK}?error=unauthorized_client&state=st-1",
    ),
    "PKCE method unknown": (
        query(code_challenge="x", code_challenge_method="S512"),
        f"{INVALID}&error_description=Transform+algorithm+not+supported.&state=st-1",
    ),
    "response_type is looked at before scope": (
        query(response_type="none", scope="openid"),
        f"{CALLBACK}?error=unauthorized_client&state=st-1",
    ),
    "error asked into the fragment": (
        query(scope="openid", response_mode="fragment"),
        f"{CALLBACK}#error=invalid_scope&state=st-1",
    ),
    "apostrophe in the raw query": (
        "client_id=svc&state=a'b",
        NOT_ENCODED,
    ),
}


@pytest.mark.parametrize(
    ("sent", "expected"), ERROR_ROWS.values(), ids=ERROR_ROWS.keys()
)
def test_wrong_request_goes_where_rero_sends_it(sent: str, expected: str) -> None:
    browser = signed_in(make_standin())

    response = browser.get(f"/oauth/authorize?{sent}")

    assert location(response) == expected


def test_closed_account_of_the_owner_closes_the_client() -> None:
    standin = make_standin()
    browser = signed_in(standin)
    standin.close_account("owner")

    response = browser.get(f"/oauth/authorize?{query()}")

    assert "Invalid+client_id+parameter+value." in location(response)


IGNORED_ROWS = {
    "nothing special": {},
    "redirect_uri absent": {"redirect_uri": None},
    "scope absent": {"scope": None},
    "PKCE S256": {"code_challenge": "x", "code_challenge_method": "S256"},
    "PKCE plain by default": {"code_challenge": "x"},
    "prompt none": {"prompt": "none"},
    "OIDC parameters": {"max_age": "0", "nonce": "n", "ui_locales": "fr"},
    "request object": {"request": "x", "request_uri": "y", "login_hint": "z"},
}


@pytest.mark.parametrize("changes", IGNORED_ROWS.values(), ids=IGNORED_ROWS.keys())
def test_consent_page_comes_for(changes: dict[str, str | None]) -> None:
    browser = signed_in(make_standin())

    response = browser.get(f"/oauth/authorize?{query(**changes)}")

    assert response.status_code == 200
    assert response.text.count('name="confirm"') == 2


@pytest.mark.parametrize("client_id", ["svc", "unknown"])
def test_login_comes_before_any_look_at_the_request(client_id: str) -> None:
    browser = make_standin().app.test_client()

    response = browser.get(f"/oauth/authorize?{query(client_id=client_id, scope='x')}")

    assert location(response) == (
        "/signin/?next=%2Foauth%2Fauthorize%3Fclient_id%3D" + client_id + "%26"
        "redirect_uri%3Dhttp%3A%2F%2F127.0.0.1%3A9%2Fcallback%26response_type%3Dcode"
        "%26scope%3Dx%26state%3Dst-1"
    )


def test_escaped_apostrophe_fails_only_by_the_detour_over_the_login() -> None:
    sent = query(state="it's")
    target = f"/oauth/authorize?{sent}"
    direct = signed_in(make_standin()).get(target)
    browser = make_standin().app.test_client()
    signin = parse_qs(urlsplit(location(browser.get(target))).query)["next"][0]

    after_login = browser.get(location(sign_in(browser, target=signin)))

    assert direct.status_code == 200
    assert location(after_login).startswith("/oauth/errors?error=Error+trying")


def test_agreement_brings_a_code_and_the_state_as_sent() -> None:
    browser = signed_in(make_standin())

    response = browser.post(f"/oauth/authorize?{query()}", data={"confirm": "yes"})

    assert re.fullmatch(
        re.escape(CALLBACK) + r"\?code=[A-Za-z0-9]{30}&state=st-1", location(response)
    )


def test_absent_redirect_uri_means_the_first_registered_one() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(redirect_uri=None)}"

    response = browser.post(target, data={"confirm": "yes"})

    assert location(response).startswith(f"{CALLBACK}?code=")


def test_response_mode_fragment_leaves_success_in_the_query() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(response_mode='fragment')}"

    response = browser.post(target, data={"confirm": "yes"})

    assert location(response).startswith(f"{CALLBACK}?code=")


def test_response_mode_fragment_leaves_a_refusal_in_the_query() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(response_mode='fragment')}"

    response = browser.post(target, data={"confirm": "no"})

    assert location(response) == f"{CALLBACK}?error=access_denied&state=st-1"


@pytest.mark.parametrize("form", [{"confirm": "no"}, {"confirm": "YES"}, {}])
def test_anything_but_yes_is_a_refusal(form: dict[str, str]) -> None:
    browser = signed_in(make_standin())

    response = browser.post(f"/oauth/authorize?{query()}", data=form)

    assert location(response) == f"{CALLBACK}?error=access_denied&state=st-1"


def test_refusal_follows_any_redirect_uri() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(redirect_uri='https://evil.example/x')}"

    response = browser.post(target, data={"confirm": "no"})

    assert location(response).startswith("https://evil.example/x?error=access_denied")


def test_agreement_is_checked_again() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(redirect_uri='https://evil.example/x')}"

    response = browser.post(target, data={"confirm": "yes"})

    assert location(response).startswith(f"{ERRORS}Mismatching+redirect+URI.")


def test_head_request_counts_as_a_refusal() -> None:
    browser = signed_in(make_standin())

    response = browser.head(f"/oauth/authorize?{query()}")

    assert location(response) == f"{CALLBACK}?error=access_denied&state=st-1"


def test_implicit_flow_answers_in_the_fragment() -> None:
    browser = signed_in(make_standin())
    target = f"/oauth/authorize?{query(response_type='token', scope='user:email')}"

    response = browser.post(target, data={"confirm": "yes"})

    assert re.fullmatch(
        re.escape(CALLBACK) + r"#access_token=[A-Za-z0-9]{30}&expires_in=3600"
        r"&token_type=Bearer&scope=user%3Aemail&state=st-1&user=%7B%27id%27%3A\+%273%27"
        r"%2C\+%27email%27%3A\+%27jean\.simon%40reader\.example%27"
        r"%2C\+%27email_verified%27%3A\+True%7D",
        location(response),
    )


def test_email_scope_can_be_left_unregistered() -> None:
    standin = make_standin(Settings(scopes=("fullname",)))
    browser = signed_in(standin)

    response = browser.get(f"/oauth/authorize?{query(scope='fullname user:email')}")

    assert location(response) == f"{CALLBACK}?error=invalid_scope&state=st-1"
