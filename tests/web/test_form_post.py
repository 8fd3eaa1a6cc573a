"""The page that carries an answer to a client by a form (Form Post Response Mode)."""

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from bridge.core.errors import PageReason
from tests.support.trial import HEAD, ISSUER, Trial, client
from tests.support.visitor import Answer, Visitor

CONFIGURATION: Final = "\n".join(
    [
        HEAD,
        client("service", client_name="A & B <Library>"),
        client("query", redirect_uris=["https://query.example/callback?a=1&b=%22%3C"]),
        client("once", consent="once"),
        client(
            "app",
            redirect_uris=["ch.example.app:/callback", "http://127.0.0.1:8400/back"],
            application_type="native",
            sector="app.example",
            token_endpoint_auth_method="none",
        ),
    ]
)
STATES: Final = [
    "plain",
    "\"'`",
    "</form><script>alert(1)</script>",
    "a&amp;b&lt;c&#34;",
    " lead and trail ",
    "one\r\ntwo\nthree\rfour\tfive\n",
    "\u0085\u2028\x01",
    "\u00e9\u4e2d\U0001f4da\u202e",
    "+%20&=;#?",
    "x" * 2_000,
]


class FormReader(HTMLParser):
    """Reads the one form of a page as a browser does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, str | None]] = []
        self.fields: list[tuple[str | None, str | None]] = []
        self.buttons = 0
        self.scripts: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, fields, buttons and scripts."""
        if tag == "form":
            self.forms.append(dict(attrs))
        elif tag == "input":
            self.fields.append((dict(attrs)["name"], dict(attrs)["value"]))
        elif tag == "button":
            self.buttons += 1
        elif tag == "script":
            self._in_script = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a script."""
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script."""
        if self._in_script:
            self.scripts[-1] += data


def read(page: Answer) -> FormReader:
    reader = FormReader()
    # HTML §13.2.3.5: no carriage return of the source arrives.
    reader.feed(page.text.replace("\r\n", "\n").replace("\r", "\n"))
    return reader


def members_of(page: Answer) -> dict[str | None, str | None]:
    """Return what the form sends; no field may come twice."""
    fields = read(page).fields
    assert len({name for name, _ in fields}) == len(fields)
    return dict(fields)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    return Visitor(trial)


def test_code_state_and_iss_are_in_a_form_to_the_client(browser: Visitor) -> None:
    page = browser.sign_in("jean", response_mode="form_post")

    (form,) = read(page).forms
    members = members_of(page)
    assert page.status == 200
    assert form == {"method": "post", "action": "https://service.example/callback"}
    assert members.keys() == {"code", "state", "iss"}
    assert (members["state"], members["iss"]) == ("the-state", ISSUER)
    assert "id_token" in browser.token(str(members["code"])).members


@pytest.mark.parametrize("state", STATES)
def test_state_arrives_as_it_was_sent(browser: Visitor, state: str) -> None:
    page = browser.sign_in("jean", response_mode="form_post", state=state)

    assert members_of(page)["state"] == state


def test_error_comes_in_the_asked_mode_with_state_and_iss(browser: Visitor) -> None:
    page = browser.authorize(prompt="none", response_mode="form_post")

    members = members_of(page)
    assert page.status == 200
    assert members["error"] == "login_required"
    assert members["error_description"]
    assert (members["state"], members["iss"]) == ("the-state", ISSUER)


def test_error_in_the_request_itself_comes_in_the_asked_mode(browser: Visitor) -> None:
    page = browser.authorize(scope="profile", response_mode="form_post")

    assert members_of(page)["error"] == "invalid_scope"


def test_refusal_of_the_patron_comes_in_the_asked_mode(browser: Visitor) -> None:
    asked = browser.sign_in("jean", "once", response_mode="form_post")

    page = browser.press(asked, "refuse")

    assert members_of(page)["error"] == "access_denied"


def test_mode_that_is_not_known_is_told_by_a_redirect(browser: Visitor) -> None:
    answer = browser.authorize(response_mode="fragment")

    assert answer.query["error"] == "invalid_request"


def test_address_that_is_not_registered_gets_no_form(browser: Visitor) -> None:
    answer = browser.authorize(
        response_mode="form_post", redirect_uri="https://evil.example/"
    )

    assert answer.page is PageReason.REDIRECT_URI
    assert [form["action"] for form in read(answer).forms] == ["/language"]


def test_query_of_the_registered_address_stays_as_it_is(browser: Visitor) -> None:
    uri = "https://query.example/callback?a=1&b=%22%3C"

    page = browser.sign_in("jean", "query", response_mode="form_post", redirect_uri=uri)

    assert read(page).forms[0]["action"] == uri


def test_policy_allows_this_script_and_no_other(browser: Visitor) -> None:
    page = browser.sign_in("jean", response_mode="form_post")

    (script,) = read(page).scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in " ".join(policy)
    assert page.headers.get_all("Content-Security-Policy") == ["; ".join(policy)]


@pytest.mark.parametrize(
    ("client_id", "uri", "targets"),
    [
        ("service", "https://service.example/callback", "'self' https:"),
        ("app", "ch.example.app:/callback", "'self' https: ch.example.app: http:"),
        ("app", "http://127.0.0.1:8400/back", "'self' https: ch.example.app: http:"),
    ],
)
def test_policy_lets_the_form_go_to_the_client(
    browser: Visitor, client_id: str, uri: str, targets: str
) -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    page = browser.sign_in(
        "jean",
        client_id,
        response_mode="form_post",
        redirect_uri=uri,
        code_challenge=challenge,
        code_challenge_method="S256",
    )

    policy = page.headers["Content-Security-Policy"].split("; ")
    assert f"form-action {targets}" in policy
    assert read(page).forms[0]["action"] == uri


def test_page_is_not_kept_and_has_a_button_for_who_runs_no_scripts(
    browser: Visitor,
) -> None:
    page = browser.sign_in("jean", response_mode="form_post")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert read(page).buttons == 1
    assert "Continue to <bdi>A &amp; B &lt;Library&gt;</bdi>" in page.text


def test_page_speaks_the_language_that_was_asked_for(browser: Visitor) -> None:
    browser.sign_in("jean")

    page = browser.authorize(response_mode="form_post", ui_locales="it")

    assert '<html lang="it">' in page.text
