"""`bridge subjects export`, beside a bridge at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.subject_desk import CODE, Desk, events

JEAN = "kind,value,sub\nuser,11,jean\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def load(desk: Desk, text: str) -> str:
    return desk.change("import", desk.file(text), "--client", "moodle").output


def test_export_at_a_client_is_what_import_takes(desk: Desk) -> None:
    load(desk, JEAN)

    result = desk.change("export", "--client", "moodle")

    assert result.stdout == JEAN
    assert "as they were" in load(desk, result.stdout)


def test_export_writes_all_links_and_imported_subs(desk: Desk) -> None:
    load(desk, JEAN)
    desk.change("link", *CODE, "--to-user-id", "4711")

    result = desk.change("export")

    assert result.stdout.splitlines() == [
        "what,kind,value,into_kind,into_value,sector,sub",
        "link,user,4711,barcode,vs:2050124311,,",
        "sub,user,11,,,moodle.example,jean",
    ]
    assert [event["count"] for event in events(result)] == [2]


def test_export_from_a_list_computes_the_subjects_of_these_patrons(
    desk: Desk,
) -> None:
    load(desk, JEAN)
    file = desk.file("kind,value,name\nuser,11,Jean\nuser,12,Anna\n", "list.csv")

    at_moodle = desk.change("export", "--from", file, "--client", "moodle").stdout
    everywhere = desk.change("export", "--from", file).stdout.splitlines()

    anna = desk.sub("anna", "moodle")
    assert at_moodle == f"{JEAN}user,12,{anna}\n"
    assert everywhere[0] == "kind,value,sub,client_id"
    assert f"user,12,{anna},moodle" in everywhere
