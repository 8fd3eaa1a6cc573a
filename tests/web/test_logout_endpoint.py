"""GET and POST /logout, and the page that asks: what a browser is answered."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest

from bridge.core.errors import PageReason, StoreError
from bridge.core.records import LogoutNotice
from bridge.core.session import Session
from bridge.store.memory import MemoryStore
from tests.support.flow_browser import noise
from tests.support.trial import HEAD, ISSUER, Trial, client
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
            post_logout_redirect_uris=["ch.example.app:/bye"],
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


def hint_of(browser: Visitor, who: str = "jean") -> str:
    return str(browser.tokens(who)["id_token"])


def is_signed_in(browser: Visitor) -> bool:
    """Tell whether a login needs no RERO+."""
    return browser.authorize().location.startswith("https://service.example/callback")


def log_out(browser: Visitor, **parameters: str) -> Answer:
    return browser.get("/logout", parameters)


# -- with a hint -----------------------------------------------------------------------


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
def test_address_that_is_not_registered_ends_on_our_page(
    browser: Visitor, uri: str
) -> None:
    hint = hint_of(browser)

    answer = log_out(
        browser, id_token_hint=hint, post_logout_redirect_uri=uri, state="x"
    )

    assert answer.status == 200
    assert "Location" not in answer.headers
    assert "You are signed out here." in answer.text
    assert "post_logout_redirect_uri" in answer.text
    assert uri not in answer.text


# -- the pages -------------------------------------------------------------------------


def test_page_that_asks_names_the_patron_and_has_two_buttons(browser: Visitor) -> None:
    browser.sign_in()

    page = log_out(browser)

    assert page.status == 200
    assert "You are signed in here as" in page.text
    assert "Jean Simon" in page.text
    assert page.form_action == "/logout/confirm"
    assert page.text.count("<button") == 2
    assert page.headers["Cache-Control"] == "no-store"


def test_page_speaks_the_language_that_was_asked_for(browser: Visitor) -> None:
    browser.sign_in()

    page = log_out(browser, ui_locales="xx it de")

    assert '<html lang="it">' in page.text
    assert '<html lang="it">' in browser.press(page, "sign_out").text


def test_sign_out_tells_what_is_over_and_what_is_not(browser: Visitor) -> None:
    browser.sign_in()

    page = browser.press(log_out(browser), "sign_out")

    assert page.status == 200
    assert "You are signed out here." in page.text
    assert "You may still be signed in at RERO+." in page.text
    assert 'href="https://rero.example/signout/"' in page.text
    assert not is_signed_in(browser)


def test_signed_out_page_leads_back_to_the_service_as_registered(
    browser: Visitor,
) -> None:
    page = log_out(browser, client_id="service")

    assert 'href="https://service.example/start"' in page.text


def test_stay_keeps_the_session_and_says_so(browser: Visitor) -> None:
    browser.sign_in()

    page = browser.press(log_out(browser), "stay")

    assert "An account is still signed in here." in page.text
    assert is_signed_in(browser)


def test_button_leads_to_the_address_with_the_state(browser: Visitor) -> None:
    browser.sign_in()
    page = log_out(
        browser, client_id="service", post_logout_redirect_uri=BYE, state=STATES[2]
    )

    answer = browser.press(page, "sign_out")

    assert answer.status == 303
    assert answer.query == {"state": STATES[2]}


@pytest.mark.parametrize("delivered", [0, 1])
def test_services_that_confirmed_are_told_apart_from_those_that_did_not(
    browser: Visitor, trial: Trial, delivered: int
) -> None:
    browser.sign_in("jean", "told")
    trial.told.delivered = delivered

    page = browser.press(log_out(browser), "sign_out")

    said = "signed out" if delivered else "not confirmed yet"
    assert f"Told &amp; &lt;sons&gt;</bdi>: {said}" in page.text


@pytest.mark.parametrize("decision", ["", "yes", "allow"])
def test_no_button_is_a_page_and_ends_nothing(browser: Visitor, decision: str) -> None:
    browser.sign_in()

    answer = browser.press(log_out(browser), decision)

    assert answer.page is PageReason.BAD_REQUEST
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_form_from_another_site_ends_nothing(
    browser: Visitor, headers: dict[str, str]
) -> None:
    browser.sign_in()
    page = log_out(browser)

    form = {"ticket": page.ticket, "decision": "sign_out"}
    answer = browser.post(page.form_action, form, headers)

    assert answer.page is PageReason.OTHER_BROWSER
    assert is_signed_in(browser)


def test_doubled_field_of_the_form_ends_nothing(browser: Visitor) -> None:
    browser.sign_in()
    page = log_out(browser)

    body = urlencode({"ticket": page.ticket, "decision": "sign_out"}).encode()
    answer = browser.post(page.form_action, body + b"&decision=stay")

    assert answer.page is PageReason.BAD_REQUEST
    assert is_signed_in(browser)


@pytest.mark.parametrize("ticket", ["", "x", "A" * 5_000])
def test_damaged_ticket_ends_nothing_and_asks_again(
    browser: Visitor, ticket: str
) -> None:
    browser.sign_in()

    page = browser.post("/logout/confirm", {"ticket": ticket, "decision": "sign_out"})

    assert page.form_action == "/logout/confirm"
    assert is_signed_in(browser)


@pytest.mark.parametrize("client_id", ["service", "app"])
def test_policy_of_the_page_lets_its_form_lead_to_the_client(
    browser: Visitor, client_id: str
) -> None:
    browser.sign_in()
    uris = {"service": BYE, "app": "ch.example.app:/bye"}

    page = log_out(
        browser, client_id=client_id, post_logout_redirect_uri=uris[client_id]
    )

    schemes = {"service": "https:", "app": "https: ch.example.app:"}
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {schemes[client_id]}")
    assert "script-src" not in policy


# -- POST ------------------------------------------------------------------------------


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


# -- errors ----------------------------------------------------------------------------


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
