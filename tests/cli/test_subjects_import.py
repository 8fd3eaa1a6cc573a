"""`bridge subjects import` and `export`, beside a bridge at work."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.cli.subject_files import read_import
from bridge.core.errors import BridgeError
from tests.cli.subject_desk import CODE, Desk, events
from tests.support.visitor import Visitor

HEADER = "kind,value,sub\n"
JEAN = HEADER + "user,11,jean\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def load(desk: Desk, text: str, *more: str, client_id: str = "moodle") -> str:
    command = ("import", desk.file(text), "--client", client_id, *more)
    return desk.change(*command).output


def refused(desk: Desk, text: str, *more: str) -> str:
    before = desk.store.get_imports()
    result = desk.run("import", desk.file(text), "--client", "moodle", *more)
    assert result.exit_code == 1
    assert desk.store.get_imports() == before
    return result.stderr


def test_a_patron_has_the_imported_sub_at_the_client_and_the_computed_elsewhere(
    desk: Desk,
) -> None:
    elsewhere = desk.sub("jean", "service")

    said = load(desk, JEAN)

    assert "1 imported, 0 replaced, 0 as they were" in said
    assert desk.sub("jean", "moodle") == "jean"
    assert desk.sub("jean", "service") == elsewhere


def test_tokens_userinfo_and_hints_have_the_imported_sub(desk: Desk) -> None:
    load(desk, JEAN)
    browser = Visitor(desk.trial)
    tokens = browser.tokens("jean", "moodle", scope="openid profile offline_access")

    userinfo = browser.userinfo(tokens["access_token"]).members
    refreshed = desk.refresh(tokens, "moodle")
    hinted = browser.authorize(
        "moodle", id_token_hint=str(tokens["id_token"]), prompt="none"
    )

    assert userinfo["sub"] == "jean"
    assert refreshed.status == 200
    assert "code" in hinted.query


def test_import_of_a_public_client_counts_at_all_public_ones(desk: Desk) -> None:
    load(desk, JEAN, client_id="public")

    assert desk.sub("jean", "public") == "jean"
    assert desk.sub("jean", "moodle") != "jean"


def test_a_linked_patron_has_the_imported_sub_of_its_barcode(desk: Desk) -> None:
    load(desk, HEADER + "barcode,VS:2050124311,2050124311\n")
    desk.change("link", *CODE, "--to-user-id", "4711")

    assert desk.sub("user", "moodle") == "2050124311"


def test_import_ends_sessions_and_tokens_under_the_sub_of_before(desk: Desk) -> None:
    browser = Visitor(desk.trial)
    tokens = browser.tokens("jean", "moodle", scope="openid offline_access")

    load(desk, JEAN)

    assert "code" not in browser.authorize("moodle").query
    assert desk.refresh(tokens, "moodle").members["error"] == "invalid_grant"


def test_import_writes_one_audit_event(desk: Desk) -> None:
    result = desk.change("import", desk.file(JEAN), "--client", "moodle")

    (event,) = events(result)
    assert (event["event"], event["client_id"]) == ("subjects:imported", "moodle")
    assert (event["count"], event["replaced"]) == (1, 0)


def test_dry_run_imports_nothing(desk: Desk) -> None:
    said = load(desk, JEAN, "--dry-run")

    assert "1 would be imported" in said
    assert desk.store.get_imports() == []


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    load(desk, JEAN)

    result = desk.change("import", desk.file(JEAN), "--client", "moodle")

    assert "0 imported, 0 replaced, 1 as they were" in result.stdout
    assert events(result) == []


def test_another_sub_needs_the_word_replace(desk: Desk) -> None:
    load(desk, JEAN)
    other = HEADER + "user,11,johann\n"

    said = refused(desk, other)
    replaced = load(desk, other, "--replace")

    assert "line 2: user id 11 has another imported sub" in said
    assert "1 imported, 1 replaced" in replaced
    assert desk.sub("jean", "moodle") == "johann"


def test_a_sub_moves_to_another_patron_by_the_word_replace_only(desk: Desk) -> None:
    load(desk, JEAN)
    other = HEADER + "user,12,jean\n"

    said = refused(desk, other)
    load(desk, other, "--replace")

    assert "line 2: the sub is another patron's" in said
    assert desk.sub("anna", "moodle") == "jean"
    assert desk.sub("jean", "moodle") != "jean"


def test_two_patrons_can_change_their_subs_for_each_other(desk: Desk) -> None:
    load(desk, HEADER + "user,11,a\nuser,12,b\n")

    load(desk, HEADER + "user,11,b\nuser,12,a\n", "--replace")

    assert (desk.sub("jean", "moodle"), desk.sub("anna", "moodle")) == ("b", "a")


def test_every_faulty_line_is_told_and_nothing_imported(desk: Desk) -> None:
    said = refused(
        desk,
        HEADER
        + "user,11,jean\n"
        + "user,011,x\n"
        + "card,11,y\n"
        + "barcode,a:b:c,z\n"
        + "user,12,\n"
        + f"user,13,{'s' * 256}\n"
        + "user,14,zo\u00e9\n",
    )

    lines = [line for line in said.splitlines() if line.startswith("line ")]
    assert [line.split(":")[0] for line in lines] == [
        f"line {number}" for number in (3, 4, 5, 6, 7, 8)
    ]
    assert "6 faults, nothing was changed" in said


def test_a_line_with_more_cells_than_columns_is_refused(desk: Desk) -> None:
    said = refused(desk, HEADER + "user,11,jean,dubois\nuser,12,anna\n")

    assert "line 2: more cells than columns" in said


@pytest.mark.parametrize("sub", [" jean", "jean ", "jean\t"])
def test_a_sub_with_a_space_at_an_end_is_refused(desk: Desk, sub: str) -> None:
    said = refused(desk, f"{HEADER}user,11,{sub}\n")

    assert "line 2: sub is not 1 to 255 visible ASCII characters" in said


def test_spaces_around_kind_and_value_are_left_out(desk: Desk) -> None:
    load(desk, HEADER + " user , 11 ,jean\n")

    assert desk.sub("jean", "moodle") == "jean"


@pytest.mark.parametrize(
    ("second", "said"),
    [("user,11,x", "the patron stands on line 2"), ("user,12,jean", "the sub stands")],
)
def test_what_comes_twice_in_the_file_is_refused(
    desk: Desk, second: str, said: str
) -> None:
    assert f"line 3: {said}" in refused(desk, f"{JEAN}{second}\n")


def test_who_stands_for_another_is_refused(desk: Desk) -> None:
    desk.change("merge", "--user-id", "11", "--into-user-id", "12")

    assert "line 2: user id 11 stands for another" in refused(desk, JEAN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "user,11,Jean\n", "Keycloak and Moodle lower-case"),
        (HEADER + "user,11,a\nuser,12,A\n", "differ by capital letters alone"),
        (HEADER + "user,11,a?\n", "auth_oidc cannot read"),
        (HEADER + f"user,11,{'0a' * 20}\n", "look like the bridge's own"),
    ],
    ids=["capital", "folded", "base64", "computed"],
)
def test_subs_that_may_go_wrong_at_a_service_are_warned_of(
    desk: Desk, text: str, said: str
) -> None:
    assert said in load(desk, text)


def test_a_barcode_is_warned_of_where_user_ids_are_shown(desk: Desk) -> None:
    text = HEADER + "barcode,vs:2050124311,205\n"

    before = load(desk, text, "--dry-run")
    desk.sub("jean")

    assert "RERO+ shows user ids" not in before
    assert "RERO+ shows user ids" in load(desk, text)


def test_the_own_computed_sub_may_be_imported_without_a_warning(desk: Desk) -> None:
    own = desk.sub("jean", "moodle")

    said = load(desk, HEADER + f"user,11,{own}\n")

    assert "warning" not in said
    assert desk.sub("jean", "moodle") == own


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + JEAN, JEAN.replace(",", ";"), JEAN.replace("\n", "\r\n")],
    ids=["byte order mark", "semicolons", "CRLF"],
)
def test_files_of_spreadsheets_are_read(desk: Desk, text: str) -> None:
    load(desk, text)

    assert len(desk.store.get_imports()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user,11,jean\n", "has no column 'kind'"),
        ("", "has no column 'kind'"),
        (HEADER + 'user,11,"jean\n', "unexpected end of data"),
    ],
    ids=["no header", "empty", "quote"],
)
def test_a_file_that_is_no_such_table_is_refused(
    desk: Desk, text: str, said: str
) -> None:
    assert said in refused(desk, text)


def test_a_file_in_another_encoding_is_refused(desk: Desk) -> None:
    path = desk.trial.folder / "latin.csv"
    path.write_bytes((HEADER + "user,11,zo\u00e9\n").encode("latin-1"))

    result = desk.run("import", str(path), "--client", "moodle")

    assert (result.exit_code, "is not UTF-8" in result.stderr) == (1, True)


def test_import_at_an_unknown_client_is_refused(desk: Desk) -> None:
    result = desk.run("import", desk.file(JEAN), "--client", "none")

    assert (result.exit_code, "no client 'none'" in result.stderr) == (1, True)


@given(st.binary(max_size=200))
@example(b"kind,value,sub\n\x00,\x00,\x00\n")
@example(b"kind,value,sub\nuser\n")
@example(b"kind,value,sub\nuser,1,2,3,4\n")
def test_any_file_is_read_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "patrons.csv")
        file.write_bytes(b"kind,value,sub\n" + content)

        try:
            rows = read_import(file)
        except BridgeError:
            rows = []

    assert all(1 <= len(row.sub) <= 255 for row in rows)
