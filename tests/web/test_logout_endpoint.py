"""GET and POST /logout: what a browser, or the server of a service, is answered."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from bridge.core.errors import PageReason, StoreError
from bridge.core.records import LogoutNotice
from bridge.core.session import Session
from bridge.store.memory import MemoryStore
from tests.support.flow_browser import noise
from tests.support.trial import ISSUER, Trial
from tests.support.visitor import Visitor
from tests.web.logouts import (
    BYE,
    BYE_WITH_QUERY,
    CONFIGURATION,
    SESSION,
    STATES,
    hint_of,
    is_signed_in,
    log_out,
)


class FragileStore(MemoryStore):
    """A store that can be broken."""

    broken = ""

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read a session, unless reads are broken."""
        if self.broken == "reads":
            raise StoreError("the disk is gone")
        return super().get_session(secret_digest)

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> list[LogoutNotice] | None:
        """End a session, unless writes are broken."""
        if self.broken == "writes":
            raise StoreError("the disk is full")
        ended = super().end_session(session_id, now, begun_by)
        return None if ended is None else list(ended)


@pytest.fixture
def store() -> FragileStore:
    return FragileStore()


@pytest.fixture
def trial(tmp_path: Path, store: FragileStore) -> Trial:
    return Trial(tmp_path, CONFIGURATION, store=store)


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    return Visitor(trial)


def test_good_hint_leads_to_the_registered_address(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert (answer.status, answer.location) == (303, BYE)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("state", STATES)
def test_state_comes_back_as_it_was(browser: Visitor, state: str) -> None:
    hint = hint_of(browser)

    answer = log_out(
        browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state=state
    )

    assert answer.query == {"state": state}
    assert answer.location.startswith(f"{BYE}?state=")


def test_query_of_the_registered_address_stays_as_it_is(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(
        browser,
        id_token_hint=hint,
        post_logout_redirect_uri=BYE_WITH_QUERY,
        state="s",
    )

    assert answer.location == f"{BYE_WITH_QUERY}&state=s"


def test_session_cookie_is_deleted_and_the_binding_cookie_is_new(
    browser: Visitor,
) -> None:
    hint = hint_of(browser)
    before = dict(browser.cookies)

    log_out(browser, id_token_hint=hint)

    assert [name for name in before if name.startswith(SESSION)]
    assert not [name for name in browser.cookies if name.startswith(SESSION)]
    assert browser.cookies.keys() < before.keys()
    assert all(browser.cookies[name] != before[name] for name in browser.cookies)


def test_server_of_a_service_may_ask_without_a_cookie(
    browser: Visitor, trial: Trial
) -> None:
    hint = hint_of(browser)

    answer = log_out(Visitor(trial), id_token_hint=hint, client_id="service")

    assert answer.status == 200
    assert answer.set_cookies == []
    assert not is_signed_in(browser)


@pytest.mark.parametrize("uri", [f"{BYE}/", "https://evil.example/", "//evil.example"])
def test_address_that_is_not_registered_is_a_question_on_our_page(
    browser: Visitor, uri: str
) -> None:
    hint = hint_of(browser)

    answer = log_out(
        browser, id_token_hint=hint, post_logout_redirect_uri=uri, state="x"
    )

    assert answer.status == 200
    assert "Location" not in answer.headers
    assert "Sign out of" in answer.text
    assert "post_logout_redirect_uri" in answer.text
    assert uri not in answer.text


def test_post_becomes_a_get_that_carries_the_cookies(
    browser: Visitor, trial: Trial
) -> None:
    hint = hint_of(browser)
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": STATES[4]}

    sent = Visitor(trial).post("/logout", form)  # from another site: no Lax cookies
    answer = browser.get(sent.location)

    assert sent.status == 303
    assert sent.location.startswith("/logout?r=")
    assert hint not in sent.location
    assert answer.query == {"state": STATES[4]}
    assert not is_signed_in(browser)


def test_link_of_a_post_is_over_after_a_minute(browser: Visitor, trial: Trial) -> None:
    sent = browser.post("/logout", {"client_id": "service"})
    trial.clock.advance(61)

    assert browser.get(sent.location).page is PageReason.TICKET


def test_link_with_something_beside_it_is_not_opened(browser: Visitor) -> None:
    sent = browser.post(
        "/logout", {"client_id": "service", "post_logout_redirect_uri": BYE}
    )

    answer = browser.get(f"{sent.location}&state=evil")

    assert "Location" not in answer.headers


def test_parameter_in_query_and_body_of_a_post_is_doubled(browser: Visitor) -> None:
    sent = browser.post("/logout?client_id=service", {"client_id": "service"})

    assert browser.get(sent.location).page is PageReason.BAD_REQUEST


def test_post_that_is_too_long_is_a_page(browser: Visitor) -> None:
    answer = browser.post("/logout", {"state": noise(12_000)})

    assert answer.page is PageReason.BAD_REQUEST


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_post_that_is_no_form_is_a_page(browser: Visitor, content_type: str) -> None:
    answer = browser.post("/logout", b"state=x", content_type=content_type)

    assert answer.page is PageReason.BAD_REQUEST


def test_unknown_client_is_a_page(browser: Visitor) -> None:
    answer = log_out(browser, client_id="nobody", post_logout_redirect_uri=BYE)

    assert (answer.status, answer.page) == (400, PageReason.UNKNOWN_CLIENT)


def test_query_that_is_not_utf8_is_a_page(browser: Visitor) -> None:
    answer = browser.send("GET", "/logout", query=b"state=%FF")

    assert answer.page is PageReason.BAD_REQUEST


@pytest.mark.parametrize("broken", ["reads", "writes"])
def test_store_that_is_down_is_a_page(
    browser: Visitor, store: FragileStore, broken: str
) -> None:
    hint = hint_of(browser)
    store.broken = broken

    answer = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    store.broken = ""

    assert (answer.status, answer.page) == (503, PageReason.STORE)
    assert is_signed_in(browser)


def test_head_ends_nothing(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = browser.send(
        "HEAD", "/logout", query=urlencode({"id_token_hint": hint}).encode()
    )

    assert answer.status == 405
    assert is_signed_in(browser)


def test_paths_follow_the_issuer(tmp_path: Path) -> None:
    prefixed = CONFIGURATION.replace(ISSUER, f"{ISSUER}/rero")
    browser = Visitor(Trial(tmp_path, prefixed))
    browser.sign_in()

    page = browser.get("/rero/logout")
    sent = browser.post("/rero/logout", {"state": "x"})

    assert page.form_action == "/rero/logout/confirm"
    assert sent.location.startswith("/rero/logout?r=")
