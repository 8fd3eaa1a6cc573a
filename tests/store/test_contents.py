"""Whether a store knows patrons, told without touching it."""

from pathlib import Path

import pytest

from bridge.core.records import Consent, LoginWrite, UpstreamRecord
from bridge.flow.stores import WholeStore
from bridge.store.contents import holds_subjects
from bridge.store.sqlite import open_sqlite_store
from tests.store.conformance import NOW, make_grant, make_session
from tests.store.test_store_subjects import make_import, make_link

WRITES = {
    "upstream": LoginWrite(NOW, upstream=UpstreamRecord("rero", "https://x", False)),
    "session": LoginWrite(NOW, session=make_session()),
    "grant": LoginWrite(NOW, grant=make_grant()),
    "consent": LoginWrite(NOW, consent=Consent("s", "client-1", frozenset(), NOW)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bridge.db"


@pytest.fixture
def store(path: Path) -> WholeStore:
    return open_sqlite_store(path)


@pytest.mark.parametrize("name", WRITES)
def test_whatever_a_login_leaves_is_of_subjects(
    store: WholeStore, path: Path, name: str
) -> None:
    store.put_login(WRITES[name])

    assert holds_subjects(path)
    store.close()


def test_links_are_of_subjects(store: WholeStore, path: Path) -> None:
    store.put_links([make_link("new", "old")], NOW)
    store.close()

    assert holds_subjects(path)


def test_imported_subs_are_of_subjects(store: WholeStore, path: Path) -> None:
    store.put_imports([make_import()], [], [], NOW)
    store.close()

    assert holds_subjects(path)


def test_an_empty_store_knows_nobody(store: WholeStore, path: Path) -> None:
    store.close()

    assert not holds_subjects(path)


def test_no_file_knows_nobody_and_none_is_made(path: Path) -> None:
    assert not holds_subjects(path)
    assert not path.exists()


def test_a_store_before_its_first_step_is_left_as_it_is(path: Path) -> None:
    path.touch()

    assert not holds_subjects(path)
    assert path.read_bytes() == b""
