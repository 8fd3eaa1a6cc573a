"""Nothing of a patron and no secret reaches a log or a metric (threat 20)."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import Final

import pytest

from bridge.core.errors import UpstreamFault, UpstreamGarbled
from tests.support.trial import SECRET, Trial
from tests.support.visitor import Visitor

PERSONAL: Final = (
    "Simon Jean Keller Anna Bernasconi Luca Favre Zo 2050124311 2050124312 2000-01-01"
    " jean@reader.example 2030-03-30 2020-03-30".split()
)
SECRETS: Final = [SECRET, "the-bridge-at-rero", "a-wrong-secret", "a" * 43]


class Watched:
    """Logins, refusals and errors of all kinds, and every secret that came by."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.secrets: set[str] = {*SECRETS}
        self.written = io.StringIO()
        with redirect_stdout(self.written), redirect_stderr(self.written):
            self._logins()
            self._refusals()
            self._errors()

    def _keep(self, browser: Visitor, *more: object) -> None:
        self.secrets.update(browser.cookies.values())
        self.secrets.update(str(value) for value in more if isinstance(value, str))

    def _logins(self) -> None:
        for who in ("jean", "anna", "luca"):
            browser = Visitor(self.trial)
            sent = browser.authorize(scope="openid profile email rero offline_access")
            self._keep(browser, sent.query["state"])
            answer = browser.come_back(sent, who)
            code = answer.query["code"]
            tokens = browser.token(code).members
            browser.userinfo(tokens["access_token"])
            browser.token(
                "",
                grant_type="refresh_token",
                refresh_token=str(tokens["refresh_token"]),
            )
            self._keep(browser, code, *tokens.values())
            browser.token(code)  # reuse
        asking = Visitor(self.trial)
        page = asking.sign_in("jean", "once")
        self._keep(asking, page.ticket)
        self._keep(asking, asking.press(page, "allow").query["code"])

    def _refusals(self) -> None:
        for who, client_id in (("luca", "members"), ("zoe", "service")):
            browser = Visitor(self.trial)
            page = browser.sign_in(who, client_id)
            self._keep(browser, page.ticket)
            browser.press(page, "refuse")

    def _errors(self) -> None:
        browser = Visitor(self.trial)
        self.trial.upstream.answers["odd"] = UpstreamGarbled(UpstreamFault.SHAPE)
        sent = browser.authorize(state="s" * 30, nonce="n" * 30)
        browser.come_back(sent, "odd")
        browser.come_back(sent, "what-rero-made")
        browser.token("x" * 72, client_secret="a-wrong-secret")
        browser.userinfo("A" * 72)
        browser.authorize(redirect_uri="https://evil.example/simon")
        browser.authorize(code_challenge="a" * 43)
        browser.get("/Simon", {"Jean": "2050124311"})
        self._keep(browser, sent.query["state"], "s" * 30, "n" * 30, "what-rero-made")
        self._keep(browser, "x" * 72, "A" * 72)


@pytest.fixture
def watched(trial: Trial) -> Watched:
    return Watched(trial)


def test_log_holds_no_secret(watched: Watched) -> None:
    log = watched.trial.lines.getvalue()

    assert len(watched.trial.events("login:completed")) >= 3
    assert len(watched.trial.events("login:refused")) == 2
    assert len(watched.trial.events("login:failed")) == 2
    known = {"Bearer", "openid profile", "openid profile email rero offline_access"}
    found = [s for s in watched.secrets - known if len(s) > 8 and s in log]
    assert found == []


def test_log_holds_nothing_of_a_patron(watched: Watched) -> None:
    log = watched.trial.lines.getvalue()

    assert [word for word in PERSONAL if word in log] == []


def test_metrics_hold_nothing_of_a_patron_and_no_secret(watched: Watched) -> None:
    text = watched.trial.metrics.exposition().decode()

    assert "bridge_logins_total" in text
    assert [word for word in PERSONAL if word in text] == []
    assert [secret for secret in watched.secrets if secret in text.split('"')] == []


def test_nothing_is_written_beside_the_log(watched: Watched) -> None:
    assert watched.written.getvalue() == ""


def test_store_holds_no_cookie_code_or_token(watched: Watched) -> None:
    kept = repr(vars(watched.trial.store))

    handles = [secret for secret in watched.secrets if len(secret) in {22, 43, 72}]
    assert handles
    assert [handle for handle in handles if handle in kept] == []


def test_no_input_forges_a_line_of_the_log(trial: Trial) -> None:
    forged = '\n{"time":"x","event":"login:completed","client_id":"forged"}\r\u2028'
    browser = Visitor(trial)
    browser.authorize(client_id_hint=forged, state=forged, scope=forged)
    browser.get("/callback", {"state": forged, "code": forged, "error": forged})
    browser.post("/token", {"client_id": forged, "grant_type": forged})
    browser.get("/" + forged.encode().decode("latin-1"))

    lines = trial.lines.getvalue().split("\n")

    assert lines.pop() == ""
    assert all(json.loads(line)["time"].startswith("2027-01-15") for line in lines)
    assert trial.events("login:completed") == []
    assert trial.lines.getvalue().isascii()


def test_error_page_shows_nothing_that_rero_sent(trial: Trial) -> None:
    browser = Visitor(trial)
    sent = browser.authorize()

    answer = browser.get(
        "/callback",
        {
            "state": sent.query["state"],
            "error": "<script>alert(1)</script>",
            "error_description": "mark-of-rero",
        },
    )

    assert "mark-of-rero" not in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_a_page_repeats_is_escaped(trial: Trial, name: str) -> None:
    markup = "\"><script>alert('1')</script>"
    browser = Visitor(trial)

    answer = browser.get("/authorize", {"client_id": "service", name: markup})

    assert answer.status == 400
    assert "<script" not in answer.text
    assert "&lt;script" in answer.text
