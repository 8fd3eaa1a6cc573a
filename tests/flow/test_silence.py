"""prompt=none answers from our session only, whatever is wrong (OIDC Core §3.1.2.6)."""

import itertools
from pathlib import Path
from typing import Final

import pytest

from bridge.core.errors import StoreError
from bridge.core.records import Consent, LoginWrite, UpstreamRecord
from bridge.core.return_address import ErrorAtClient
from bridge.core.session import Session
from bridge.flow.outcomes import AnswerClient
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import CONFIGURATION, LIMITS, SpyStore, Trial

SILENT_ERRORS: Final = {
    "login_required",
    "consent_required",
    "interaction_required",
    "access_denied",
    "temporarily_unavailable",
}
PATRONS: Final = (None, "jean", "luca", "zoe")  # luca's membership is over
CLIENTS: Final = ("service", "once", "always", "members", "mail")
SIGNED_IN_SCOPES: Final = ("openid", "openid profile email rero")
REQUESTS: Final[tuple[dict[str, str], ...]] = (
    {"scope": "openid"},
    {"scope": "openid profile offline_access"},
    {"max_age": "0"},
    {"max_age": "3600"},
    {"claims": '{"id_token": {"sub": {"value": "somebody-else"}}}'},
    {"claims": '{"userinfo": {"birthdate": {"essential": true}}}'},
    {"id_token_hint": "junk"},
    {"state": "s" * 9_000},
)
FAULTS: Final = (
    "",
    "get_session",
    "touch_session",
    "get_upstreams",
    "get_consent",
    "put_login",
)


class FaultyStore(SpyStore):
    """A store of which one method cannot answer."""

    fault = ""

    def _answer(self, method: str) -> None:
        if method == self.fault:
            raise StoreError("the store cannot answer")

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read a session, or fail."""
        self._answer("get_session")
        return super().get_session(secret_digest)

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Touch a session, or fail."""
        self._answer("touch_session")
        return super().touch_session(session_id, seen_at)

    def get_upstreams(self) -> tuple[UpstreamRecord, ...]:
        """Read the upstreams, or fail."""
        self._answer("get_upstreams")
        return tuple(super().get_upstreams())

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read a consent, or fail."""
        self._answer("get_consent")
        return super().get_consent(subject, client_id)

    def put_login(self, write: LoginWrite) -> bool:
        """Write a login, or fail."""
        self._answer("put_login")
        return super().put_login(write)


def answer(browser: FlowBrowser, client_id: str, request: dict[str, str]) -> str:
    """Ask in silence: "code", or the error that went to the client."""
    try:
        outcome = browser.begin(client_id, prompt="none", **request)
    except ErrorAtClient as error:
        return error.cause.error
    assert isinstance(outcome, AnswerClient)
    return "code"


@pytest.mark.parametrize("fault", FAULTS)
def test_silence_is_never_answered_by_a_page_or_by_rero(
    tmp_path: Path, fault: str
) -> None:
    store = FaultyStore()
    trial = Trial(tmp_path, store=store, limits=dict.fromkeys(LIMITS, 1_000))
    answers = set()

    for patron, scope in itertools.product(PATRONS, SIGNED_IN_SCOPES):
        store.fault = ""
        browser = FlowBrowser(trial)
        if patron is not None:
            browser.sign_in(patron, scope=scope)
        trial.clock.advance(200)  # the session is touched when it is used
        store.fault = fault
        for client_id, request in itertools.product(CLIENTS, REQUESTS):
            answers.add(answer(browser, client_id, request))

    assert answers <= {*SILENT_ERRORS, "code", "invalid_request"}
    assert fault == "" or "temporarily_unavailable" in answers
    assert fault != "" or answers >= SILENT_ERRORS - {"temporarily_unavailable"}


def test_limit_of_a_session_is_temporarily_unavailable(tmp_path: Path) -> None:
    trial = Trial(tmp_path, limits={**LIMITS, "authorize_session": 1})
    browser = FlowBrowser(trial)
    browser.sign_in()
    browser.begin()

    assert answer(browser, "service", {}) == "temporarily_unavailable"


@pytest.mark.parametrize(
    ("client_id", "request_", "error"),
    [
        ("service", {}, "code"),
        ("service", {"scope": "openid rero"}, "interaction_required"),
        ("once", {}, "consent_required"),
        ("always", {}, "consent_required"),
        ("members", {"scope": "openid"}, "interaction_required"),
        ("service", {"max_age": "0"}, "login_required"),
        (
            "service",
            {"claims": '{"id_token": {"sub": {"value": "x"}}}'},
            "login_required",
        ),
    ],
)
def test_error_says_what_is_missing(
    tmp_path: Path, client_id: str, request_: dict[str, str], error: str
) -> None:
    browser = FlowBrowser(Trial(tmp_path, CONFIGURATION))
    browser.sign_in(scope="openid profile")

    assert answer(browser, client_id, request_) == error


def test_patron_whom_the_policy_refuses_is_access_denied(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in("luca", scope="openid profile rero")

    assert answer(browser, "members", {"scope": "openid"}) == "access_denied"


def test_silence_stores_nothing_but_the_grant(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    trial.spy.writes.clear()

    for client_id in CLIENTS:
        answer(browser, client_id, {})

    assert trial.spy.writes == ["put_login", "put_login"]  # service and mail
    assert all(write.session is None for write in trial.spy.logins[-2:])
