"""Whom a patron counts as: asked once, at the callback; never guessed."""

from dataclasses import replace

import pytest

from bridge.core.errors import PageReason, StoreError
from bridge.core.records import Standing, SubjectLink
from bridge.core.subject import internal_subject
from bridge.flow.identities import Identities, SubjectSettings
from bridge.signing.key_files import identity_sealer
from bridge.store.memory import MemoryStore
from tests.flow.support import page
from tests.support.flow_browser import FlowBrowser
from tests.support.trial import NOW, SpyStore, Trial
from tests.support.upstream import ANNA, BARCODE, JEAN
from tests.support.visitor import Visitor

SALT = bytes(range(32))
SETTINGS = SubjectSettings(SALT, "rero")


class AskedStore(SpyStore):
    """Notes each time that it is asked for a standing."""

    def get_standing(self, subject: str) -> Standing:
        """Note the question."""
        self.calls.append("get_standing")
        return super().get_standing(subject)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def identities(store: MemoryStore) -> Identities:
    return Identities(store, identity_sealer(SALT), SETTINGS)


def test_a_patron_counts_as_itself(identities: Identities) -> None:
    recognised = identities.recognise(JEAN)

    assert recognised.patron == JEAN
    assert recognised.subject == internal_subject(SALT, "rero", JEAN.identity)


def test_a_linked_patron_has_the_other_identity_and_its_own_data(
    store: MemoryStore, identities: Identities
) -> None:
    link = identities.make_link(JEAN.identity, BARCODE.identity, NOW)
    store.put_links([link], NOW)

    recognised = identities.recognise(JEAN)

    assert recognised.patron.identity == BARCODE.identity
    assert recognised.patron.memberships == JEAN.memberships
    assert recognised.subject == identities.subject_of(BARCODE.identity)


def test_imported_subs_come_with_the_patron(
    store: MemoryStore, identities: Identities
) -> None:
    imported = identities.make_import(JEAN.identity, "a.example", "jean", NOW)
    store.put_imports([imported], [], [], NOW)

    assert identities.recognise(JEAN).patron.imported_subs == (("a.example", "jean"),)
    assert identities.recognise(ANNA).patron.imported_subs == ()


def test_what_is_sealed_opens_again(identities: Identities) -> None:
    link = identities.make_link(JEAN.identity, ANNA.identity, NOW)
    imported = identities.make_import(JEAN.identity, "a.example", "jean", NOW)

    assert identities.open_link(link) == (JEAN.identity, ANNA.identity)
    assert identities.open_import(imported) == (JEAN.identity, "jean")


def test_no_name_of_a_patron_stands_in_clear_in_a_row(identities: Identities) -> None:
    link = identities.make_link(JEAN.identity, BARCODE.identity, NOW)
    imported = identities.make_import(BARCODE.identity, "a", "2050124311", NOW)

    assert "2050124311" not in f"{link}{imported}"


def test_a_link_is_sealed_to_its_own_row(
    store: MemoryStore, identities: Identities
) -> None:
    link = identities.make_link(ANNA.identity, BARCODE.identity, NOW)
    subject = identities.subject_of(JEAN.identity)
    store.put_links([SubjectLink(subject, "other", link.sealed, NOW)], NOW)

    with pytest.raises(StoreError, match="cannot be opened"):
        identities.recognise(JEAN)


def test_an_import_is_sealed_to_its_sector(identities: Identities) -> None:
    made = identities.make_import(JEAN.identity, "a.example", "jean", NOW)
    moved = replace(made, sector="b.example")

    with pytest.raises(StoreError, match="cannot be opened"):
        identities.open_import(moved)


def test_another_salt_opens_nothing(identities: Identities) -> None:
    link = identities.make_link(JEAN.identity, ANNA.identity, NOW)
    other = Identities(MemoryStore(), identity_sealer(bytes(32)), SETTINGS)

    with pytest.raises(StoreError, match="other salt"):
        other.open_link(link)


def test_a_patron_whose_link_cannot_be_read_is_not_signed_in_as_somebody_new(
    trial: Trial,
) -> None:
    FlowBrowser(trial).sign_in("jean")
    (session,) = trial.spy.get_sessions_after("", 9)
    trial.store.put_links([SubjectLink(session.subject, "other", b"?", NOW)], NOW)

    with page(PageReason.STORE):
        FlowBrowser(trial).sign_in("jean")

    assert trial.spy.get_sessions_after("", 9) == []


def test_the_store_is_asked_once_at_the_callback_and_never_else(trial: Trial) -> None:
    store = AskedStore()
    trial.store = store
    trial.configure(trial.folder.joinpath("bridge.toml").read_text().split("[keys]")[0])
    browser = Visitor(trial)

    code = browser.sign_in("jean", scope="openid profile").query["code"]
    at_the_callback = store.calls.count("get_standing")
    tokens = browser.token(code).members
    browser.userinfo(tokens["access_token"])
    browser.authorize("other", prompt="none")

    assert (at_the_callback, store.calls.count("get_standing")) == (1, 1)
