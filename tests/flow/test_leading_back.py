"""Pages of errors lead back into the login, and by nothing that a stranger chose."""

from pathlib import Path

import pytest

from bridge.core.errors import PageReason, StoreError, TooManyRequests
from bridge.core.records import LoginWrite
from bridge.flow.outcomes import AnswerClient, GoUpstream
from bridge.store.memory import MemoryStore
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import Trial


class ChangingStore(MemoryStore):
    """A store that fails, or whose sessions end, just before a login is written."""

    event = ""

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step, after what is to happen."""
        event, self.event = self.event, ""
        if event == "failure":
            raise StoreError("the disk is full")
        if event == "end":
            for session in self.get_sessions_after("", 9):
                self.end_session(session.session_id, write.now)
        return super().put_login(write)


@pytest.fixture
def store() -> ChangingStore:
    return ChangingStore()


@pytest.fixture
def trial(tmp_path: Path, store: ChangingStore) -> Trial:
    return Trial(tmp_path, store=store)


def test_request_whose_session_ends_meanwhile_goes_to_the_sign_in(
    trial: Trial, store: ChangingStore
) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    store.event = "end"

    outcome = browser.begin()

    assert isinstance(outcome, GoUpstream)


def test_fault_of_the_store_at_the_callback_can_be_begun_again(
    trial: Trial, store: ChangingStore
) -> None:
    browser = FlowBrowser(trial)
    state = browser.go(state="s1")
    store.event = "failure"

    with page(PageReason.STORE) as caught:
        browser.complete(state)
    assert caught.value.client_id == "service"
    link = trial.web.login.open_link(caught.value.restart or "")

    assert link["state"] == "s1"
    assert isinstance(browser.complete(state), AnswerClient)  # by a reload, too


def test_fault_of_the_store_at_the_request_can_be_begun_again(
    trial: Trial, store: ChangingStore
) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    store.event = "failure"

    with page(PageReason.STORE) as caught:
        browser.begin(state="s1")

    assert trial.web.login.open_link(caught.value.restart or "")["state"] == "s1"


def test_page_of_a_limit_leads_back(trial: Trial) -> None:
    browser = FlowBrowser(trial)
    browser.sign_in()
    for _ in range(30):
        browser.begin()

    with pytest.raises(TooManyRequests) as caught:
        browser.begin(state="s1")

    assert caught.value.client_id == "service"
    assert trial.web.login.open_link(caught.value.restart or "")["state"] == "s1"


def test_link_in_another_browser_names_the_client_and_gives_nothing_away(
    trial: Trial,
) -> None:
    state = FlowBrowser(trial).go(state="s1")

    with page(PageReason.OTHER_BROWSER) as caught:
        FlowBrowser(trial).complete(state)

    # It leads to the service as registered: the request is another browser's.
    assert caught.value.client_id == "service"
    assert caught.value.restart is None
