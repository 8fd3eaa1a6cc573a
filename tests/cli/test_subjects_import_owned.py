"""`bridge subjects import` of a computed sub: only to whom it belongs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.subject_desk import Desk

HEADER = "kind,value,sub\n"
TAKEN = "line 2: the sub is the computed one of user id 11"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def refused(desk: Desk, text: str, *more: str, client_id: str = "moodle") -> str:
    result = desk.run("import", desk.file(text), "--client", client_id, *more)
    assert result.exit_code == 1
    assert desk.store.get_imports() == []
    return result.stderr


@pytest.mark.parametrize("more", [(), ("--replace",), ("--dry-run",)])
def test_the_computed_sub_of_another_patron_is_refused(
    desk: Desk, more: tuple[str, ...]
) -> None:
    sub = desk.sub("jean", "moodle")

    assert TAKEN in refused(desk, f"{HEADER}user,12,{sub}\n", *more)


def test_a_lasting_grant_is_enough_to_know_whose_a_sub_is(desk: Desk) -> None:
    sub = desk.sub("jean", "moodle")
    desk.tokens("jean", "moodle", scope="openid offline_access")
    for session in desk.store.get_sessions_after("", 10):
        desk.store.end_session(session.session_id, desk.trial.clock.now)

    assert desk.store.get_sessions_after("", 10) == []
    assert TAKEN in refused(desk, f"{HEADER}user,12,{sub}\n")


def test_a_session_is_enough_to_know_whose_a_sub_is(desk: Desk) -> None:
    sub = desk.sub("jean", "moodle")
    desk.change("withdraw", "--user-id", "11", "--all")

    assert desk.store.get_grants_at("moodle", b"", 1) == []
    assert TAKEN in refused(desk, f"{HEADER}user,12,{sub}\n")


def test_who_stands_for_another_frees_the_sub_of_before(desk: Desk) -> None:
    before = desk.sub("jean", "moodle")
    desk.change("merge", "--user-id", "11", "--into-user-id", "12")
    desk.sub("jean", "moodle")

    file = desk.file(f"{HEADER}user,12,{before}\n")
    desk.change("import", file, "--client", "moodle")

    assert desk.sub("anna", "moodle") == before
