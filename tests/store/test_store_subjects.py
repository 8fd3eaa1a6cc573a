"""What the operator says of subjects: links and imported subs."""

from dataclasses import replace
from functools import partial

import pytest

from bridge.core.errors import StoreError
from bridge.core.records import (
    ImportedSub,
    LoginWrite,
    Standing,
    SubjectLink,
    UpstreamRecord,
)
from bridge.flow.stores import WholeStore
from tests.store.conformance import (
    NOW,
    OFFLINE,
    allow,
    at_once,
    make_grant,
    make_session,
    put,
)


def make_link(subject: str, into_subject: str, made_at: int = NOW) -> SubjectLink:
    return SubjectLink(subject, into_subject, b"\0sealed identities\xff", made_at)


def make_import(
    subject: str = "subject-1", sub: str = "jean", sector: str = "moodle.example"
) -> ImportedSub:
    sealed = b"\0sealed identity\xff"
    return ImportedSub(subject, sector, f"{sector} {sub}", sealed, NOW)


def put_imports(store: WholeStore, *imports: ImportedSub) -> None:
    store.put_imports(imports, [], [], NOW)


def test_nobody_stands_for_another_at_first(store: WholeStore) -> None:
    assert store.get_standing("subject-1") == Standing()
    assert store.get_links() == []
    assert store.get_imports() == []


def test_a_link_is_read_where_it_leads_away_and_not_where_it_leads(
    store: WholeStore,
) -> None:
    link = make_link("new", "old")

    assert store.put_links([link], NOW)

    assert store.get_standing("new") == Standing(link)
    assert store.get_standing("old") == Standing()
    assert store.get_links() == [link]


def test_links_are_listed_the_oldest_first(store: WholeStore) -> None:
    later, earlier = make_link("a", "b", NOW), make_link("c", "d", NOW - 1)
    store.put_links([later, earlier], NOW)

    assert store.get_links() == [earlier, later]


@pytest.mark.parametrize(
    "refused",
    [("new", "other"), ("old", "other"), ("other", "new"), ("old", "new"), ("a", "a")],
    ids=["twice", "target leads on", "leads to a source", "cycle", "itself"],
)
def test_a_link_that_makes_a_chain_is_not_written(
    store: WholeStore, refused: tuple[str, str]
) -> None:
    link = make_link("new", "old")
    store.put_links([link], NOW)

    assert not store.put_links([make_link(*refused)], NOW)

    assert store.get_links() == [link]


def test_several_identities_may_stand_for_one(store: WholeStore) -> None:
    assert store.put_links([make_link("a", "c"), make_link("b", "c")], NOW)


def test_no_link_is_written_and_nothing_ends_where_one_makes_a_chain(
    store: WholeStore,
) -> None:
    put(store, make_session(subject="a"))

    assert not store.put_links([make_link("a", "b"), make_link("b", "c")], NOW)

    assert store.get_links() == []
    assert len(store.get_sessions_of("a")) == 1


def test_a_link_ends_what_its_identity_had_and_nothing_of_the_other(
    store: WholeStore,
) -> None:
    gone = make_grant(subject="new", scope=OFFLINE, logout_until=NOW + 900)
    kept = make_grant("session-2", subject="old", scope=OFFLINE)
    sessions = make_session(subject="new"), make_session("session-2", "old")
    put(store, *sessions, gone, kept)
    allow(store, "new", "client-1")
    consent = allow(store, "old", "client-1")

    store.put_links([make_link("new", "old")], NOW)

    assert store.get_sessions_of("new") == []
    assert store.get_grant(gone.grant_id) is None
    assert store.get_consents_of("new") == []
    assert len(store.get_sessions_of("old")) == 1
    assert store.get_grant(kept.grant_id) == kept
    assert store.get_consents_of("old") == [consent]


def test_one_of_twenty_equal_links_is_written(store: WholeStore) -> None:
    results = at_once(partial(store.put_links, [make_link("new", "old")], NOW))

    assert sorted(results) == [False] * 19 + [True]


def test_a_deleted_link_signs_out_whom_it_led_to(store: WholeStore) -> None:
    link = make_link("new", "old")
    store.put_links([link], NOW)
    grant = make_grant(subject="old", scope=OFFLINE)
    put(store, make_session(subject="old"), grant)

    assert store.delete_link(link, NOW) == 1

    assert store.get_standing("new") == Standing()
    assert store.get_sessions_of("old") == []
    assert store.get_grant(grant.grant_id) is None


def test_a_link_that_is_another_by_now_is_not_deleted(store: WholeStore) -> None:
    link = make_link("new", "old")
    store.put_links([link], NOW)

    assert store.delete_link(make_link("new", "older"), NOW) == 0

    assert store.get_links() == [link]


def test_imported_subs_are_read_by_patron_and_sector(store: WholeStore) -> None:
    moodle, public = make_import(), make_import(sub="j", sector="")
    other = make_import("subject-2", "anna")

    put_imports(store, moodle, public, other)

    assert store.get_standing("subject-1") == Standing(None, (public, moodle))
    assert store.get_imports() == [public, moodle, other]


def test_a_linked_identity_has_the_subs_of_where_the_link_leads(
    store: WholeStore,
) -> None:
    link = make_link("new", "old")
    store.put_links([link], NOW)

    of_old = make_import("old", "jean")
    put_imports(store, of_old, make_import("new", "unused"))

    assert store.get_standing("new") == Standing(link, (of_old,))


@pytest.mark.parametrize(
    "second",
    [make_import("subject-2", "jean"), make_import("subject-1", "johann")],
    ids=["sub twice", "patron twice"],
)
def test_what_comes_twice_in_a_sector_is_not_written_nor_anything_with_it(
    store: WholeStore, second: ImportedSub
) -> None:
    first = make_import()
    put_imports(store, first)
    put(store, make_session())

    with pytest.raises(StoreError, match="cannot write"):
        put_imports(store, make_import("subject-3", "luca"), second)

    assert store.get_imports() == [first]
    assert len(store.get_sessions_of("subject-1")) == 1


def test_a_sub_may_come_again_in_another_sector(store: WholeStore) -> None:
    put_imports(store, make_import(), make_import("subject-2", sector="other.example"))

    assert len(store.get_imports()) == 2


def test_subs_of_two_patrons_can_be_changed_for_each_other(store: WholeStore) -> None:
    before = [make_import("a", "1"), make_import("b", "2")]
    put_imports(store, *before)

    after = [make_import("a", "2"), make_import("b", "1")]
    store.put_imports(after, before, [], NOW)

    assert store.get_imports() == after


def test_import_ends_sessions_and_the_grants_at_the_clients_of_the_sector(
    store: WholeStore,
) -> None:
    at_moodle = make_grant(client_id="moodle", scope=OFFLINE)
    elsewhere = make_grant(client_id="other", scope=OFFLINE)
    of_another = make_grant("session-2", "subject-2", "moodle")
    sessions = make_session(), make_session("session-2", "subject-2")
    put(store, *sessions, at_moodle, elsewhere, of_another)

    store.put_imports([make_import()], [], ["moodle"], NOW)

    assert store.get_sessions_of("subject-1") == []
    assert store.get_grant(at_moodle.grant_id) is None
    assert store.get_grant(elsewhere.grant_id) is not None
    assert store.get_grant(of_another.grant_id) == of_another
    assert len(store.get_sessions_of("subject-2")) == 1


def test_import_ends_what_went_on_under_a_sub_that_gives_way(
    store: WholeStore,
) -> None:
    before = make_import("subject-1", "jean")
    put_imports(store, before)
    put(store, make_session())

    store.put_imports([make_import("subject-2", "jean")], [before], ["moodle"], NOW)

    assert store.get_sessions_of("subject-1") == []


def test_fingerprint_of_the_salt_is_kept_with_the_first_login(
    store: WholeStore,
) -> None:
    unknown = UpstreamRecord("rero", "https://bib.rero.ch", has_user_ids=False)
    record = replace(unknown, salt_fingerprint="first")
    store.put_login(LoginWrite(NOW, upstream=unknown))

    store.put_login(LoginWrite(NOW, upstream=record))

    assert store.get_upstreams() == [record]


def test_fingerprint_of_the_salt_is_never_written_over(store: WholeStore) -> None:
    record = UpstreamRecord("rero", "https://bib.rero.ch", False, "first")
    store.put_login(LoginWrite(NOW, upstream=record))

    for other in ("second", ""):
        news = replace(record, salt_fingerprint=other)
        store.put_login(LoginWrite(NOW, upstream=news))

    assert store.get_upstreams() == [record]
