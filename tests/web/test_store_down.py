"""The store cannot answer: a page that leads on, or an error at the client."""

from pathlib import Path

import pytest

from bridge.core.errors import PageReason, StoreError
from bridge.core.records import LoginWrite
from bridge.core.session import Session
from bridge.store.memory import MemoryStore
from tests.support.trial import Trial
from tests.support.visitor import Visitor


class FragileStore(MemoryStore):
    """A store whose reads or writes can be broken."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = ""

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read a session, unless reads are broken."""
        if self.broken == "reads":
            raise StoreError("the disk is gone")
        return super().get_session(secret_digest)

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step, unless writes are broken."""
        if self.broken == "writes":
            raise StoreError("the disk is full")
        return super().put_login(write)


@pytest.fixture
def store() -> FragileStore:
    return FragileStore()


@pytest.fixture
def trial(tmp_path: Path, store: FragileStore) -> Trial:
    return Trial(tmp_path, store=store)


@pytest.mark.parametrize("broken", ["reads", "writes"])
def test_silent_request_is_answered_at_the_client_and_logged(
    trial: Trial, store: FragileStore, broken: str
) -> None:
    browser = Visitor(trial)
    browser.sign_in("jean")
    store.broken = broken

    answer = browser.authorize(prompt="none", state="s1")

    assert answer.status == 303
    assert answer.location.startswith("https://service.example/callback?")
    assert answer.query["error"] == "temporarily_unavailable"
    assert answer.query["state"] == "s1"
    assert answer.query["iss"] == "https://login.example"
    assert trial.events("error")[0]["error_type"] == "StoreError"


def test_reader_who_waits_is_shown_what_to_do(
    trial: Trial, store: FragileStore
) -> None:
    browser = Visitor(trial)
    browser.sign_in("jean")
    store.broken = "reads"

    answer = browser.authorize()

    assert answer.status == 503
    assert answer.page is PageReason.STORE
    assert answer.headers["Retry-After"]


def test_reader_who_comes_back_can_begin_again(
    trial: Trial, store: FragileStore
) -> None:
    browser = Visitor(trial)
    sent = browser.authorize(state="s1")
    store.broken = "writes"

    answer = browser.come_back(sent)
    store.broken = ""
    again = browser.come_back(browser.get(answer.restart))

    assert (answer.status, answer.page) == (503, PageReason.STORE)
    assert answer.headers["Retry-After"]
    assert trial.events("error")[0]["error_type"] == "StoreError"
    assert again.query["state"] == "s1"
    assert "code" in again.query
