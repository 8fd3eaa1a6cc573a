"""`bridge subjects link`, `merge` and `unlink`, beside a bridge at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.subject_desk import CODE, Desk, events
from tests.support.flow_browser import FlowBrowser
from tests.support.upstream import BARCODE
from tests.support.visitor import Visitor

LINK = ("link", *CODE, "--to-user-id", "4711")
MERGE = ("merge", "--user-id", "12", "--into-user-id", "11")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_a_linked_user_id_keeps_the_subjects_of_its_barcode(desk: Desk) -> None:
    before = [desk.sub("barcode", name) for name in ("service", "moodle", "public")]
    desk.change(*LINK)

    after = [desk.sub("user", name) for name in ("service", "moodle", "public")]

    assert after == before


def test_a_user_id_is_somebody_new_without_the_word_of_the_operator(
    desk: Desk,
) -> None:
    assert desk.sub("user") != desk.sub("barcode")


def test_link_says_what_changes_at_which_client(desk: Desk) -> None:
    former, own = desk.sub("barcode"), desk.sub("user")

    result = desk.change(*LINK)

    assert "user id 4711 stands for barcode vs:2050124311" in result.stdout
    (row,) = [line.split() for line in result.stdout.splitlines() if own in line]
    assert row == ["service", own, former]


def test_link_writes_one_audit_event_that_names_nobody(desk: Desk) -> None:
    result = desk.change(*LINK)

    (event,) = events(result)
    assert (event["event"], event["kind"]) == ("subject:linked", "audit")
    assert len(event["subject"]) == len(event["into_subject"]) == 12
    assert "4711" not in str(event)


def test_dry_run_says_the_same_and_changes_nothing(desk: Desk) -> None:
    before = desk.sub("user")

    result = desk.change(*LINK, "--dry-run")

    assert "user id 4711 would stand for barcode vs:2050124311" in result.stdout
    assert (desk.store.get_links(), events(result)) == ([], [])
    assert desk.sub("user") == before


def test_link_ends_what_the_user_id_had_and_leaves_the_barcode_signed_in(
    desk: Desk,
) -> None:
    linked, first = Visitor(desk.trial), Visitor(desk.trial)
    linked.sign_in("user")
    first.sign_in("barcode")
    tokens = desk.tokens("user", "moodle", scope="openid offline_access")

    result = desk.change(*LINK)

    assert "sessions of user id 4711 that ended: 2" in result.stdout
    assert "code" not in linked.authorize().query
    assert "code" in first.authorize().query
    assert desk.refresh(tokens, "moodle").members["error"] == "invalid_grant"


def test_signing_in_by_both_is_one_patron_in_one_browser(desk: Desk) -> None:
    desk.change(*LINK)
    browser = FlowBrowser(desk.trial)
    browser.sign_in("barcode")

    browser.sign_in("user", "service", prompt="login")

    (session,) = desk.store.get_sessions_of(desk.store.get_links()[0].into_subject)
    assert session.auth_time == desk.trial.clock()


def test_a_hint_of_before_the_link_still_fits(desk: Desk) -> None:
    browser = Visitor(desk.trial)
    hint = str(browser.tokens("barcode")["id_token"])
    desk.change(*LINK)

    other = Visitor(desk.trial)
    answer = other.sign_in("user", id_token_hint=hint)

    assert "code" in answer.query


def test_claims_are_still_those_of_the_one_who_signed_in(desk: Desk) -> None:
    desk.change(*LINK)

    tokens = desk.tokens("user", scope="openid profile")

    userinfo = Visitor(desk.trial).userinfo(tokens["access_token"]).members
    assert userinfo["family_name"] == "Simon"


def test_merge_makes_two_accounts_one_patron(desk: Desk) -> None:
    stays, given_up = desk.sub("jean"), desk.sub("anna")

    result = desk.change(*MERGE)

    assert desk.sub("anna") == desk.sub("jean") == stays != given_up
    assert [event["event"] for event in events(result)] == ["subject:merged"]


def test_unlink_gives_both_their_own_subjects_again(desk: Desk) -> None:
    stays, given_up = desk.sub("jean"), desk.sub("anna")
    desk.change(*MERGE)

    result = desk.change("unlink", "--user-id", "12")

    assert "user id 12 no longer stands for user id 11" in result.stdout
    assert (desk.sub("jean"), desk.sub("anna")) == (stays, given_up)
    assert [event["event"] for event in events(result)] == ["subject:unlinked"]


def test_unlink_refuses_who_is_not_linked(desk: Desk) -> None:
    result = desk.run("unlink", "--user-id", "12")

    assert result.exit_code == 1
    assert "user id 12 stands for itself" in result.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (MERGE, "user id 12 stands for user id 11 already"),
        (
            ("merge", "--user-id", "11", "--into-user-id", "12"),
            "user id 12 stands for user id 11 already: `subjects unlink` ends that",
        ),
        (("merge", "--user-id", "13", "--into-user-id", "12"), "let user id 13 stand"),
        (("merge", "--user-id", "11", "--into-user-id", "13"), "let both stand for"),
        (("merge", "--user-id", "13", "--into-user-id", "13"), "the same on both"),
        (("link", *CODE, "--to-user-id", "12"), "stands for user id 11 already"),
    ],
    ids=["again", "cycle", "into a source", "of a target", "itself", "link"],
)
def test_what_makes_a_chain_is_refused_with_what_to_do(
    desk: Desk, command: tuple[str, ...], said: str
) -> None:
    desk.change(*MERGE)

    result = desk.run(*command)

    assert result.exit_code == 1
    assert said in result.stderr
    assert len(desk.store.get_links()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("link", "--barcode", "a:b:c", "--to-user-id", "1"),
        ("link", "--barcode", "vs:1", "--institution", "vs", "--to-user-id", "1"),
        ("link", "--barcode", "", "--to-user-id", "1"),
        ("link", "--barcode", "1", "--institution", "v s", "--to-user-id", "1"),
        ("link", "--barcode", "1", "--to-user-id", "01"),
        ("merge", "--user-id", "+1", "--into-user-id", "2"),
        ("merge", "--user-id", "1", "--into-user-id", ""),
    ],
    ids=" ".join,
)
def test_what_is_no_identity_is_refused(desk: Desk, command: tuple[str, ...]) -> None:
    result = desk.run(*command)

    assert result.exit_code == 2
    assert desk.store.get_links() == []


def test_link_to_a_barcode_that_nobody_has_used_is_noted(desk: Desk) -> None:
    desk.sub("barcode")

    known = desk.change(*LINK, "--dry-run")
    unknown = desk.change("link", "--barcode", "205", "--to-user-id", "4711")

    assert "nothing of" not in known.stderr
    assert "the store has nothing of barcode 205" in unknown.stderr


def test_links_outlive_the_sealing_key(desk: Desk) -> None:
    before = desk.sub("barcode")
    desk.change(*LINK)

    link = desk.store.get_links()[0]

    assert BARCODE.identity.value.encode() not in link.sealed
    assert link.sealed[1:5] == b"salt"
    assert desk.sub("user") == before


def test_a_file_of_links_is_made_as_a_whole(desk: Desk) -> None:
    before = desk.sub("barcode")
    file = desk.file("barcode,user_id\nvs:2050124311,4711\n205,12\n")

    result = desk.change("link", "--from", file)

    assert result.stdout == "2 linked, 0 as they were\n"
    assert desk.sub("user") == before
    assert [event["count"] for event in events(result)] == [2]


def test_a_file_of_links_may_be_given_again(desk: Desk) -> None:
    file = desk.file("barcode,user_id\nvs:2050124311,4711\n")
    desk.change("link", "--from", file)

    result = desk.change("link", "--from", file)

    assert result.stdout == "0 linked, 1 as they were\n"
    assert events(result) == []


def test_dry_run_of_a_file_links_nobody(desk: Desk) -> None:
    file = desk.file("barcode,user_id\nvs:2050124311,4711\n")

    result = desk.change("link", "--from", file, "--dry-run")

    assert result.stdout == "1 would be linked, 0 as they were\n"
    assert desk.store.get_links() == []


def test_every_faulty_line_of_links_is_told_and_nobody_linked(desk: Desk) -> None:
    file = desk.file("barcode,user_id\n1,11\na:b:c,12\n2,+1\n")
    chains = desk.file("barcode,user_id\n1,11\n2,11\n3,12\n", "chains.csv")

    unreadable = desk.run("link", "--from", file)
    chained = desk.run("link", "--from", chains)

    assert (unreadable.exit_code, chained.exit_code) == (1, 1)
    assert "line 3: value is not a barcode" in unreadable.stderr
    assert "line 4: value is not a user id" in unreadable.stderr
    assert "2 faults, nothing was changed" in unreadable.stderr
    assert "line 3: user id 11 stands for barcode 1 already" in chained.stderr
    assert desk.store.get_links() == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("--barcode", "1"), ("--to-user-id", "1"), ("--from", ".", "--barcode", "1")],
    ids=" ".join,
)
def test_link_is_told_of_one_patron_or_of_a_file(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    assert desk.run("link", *arguments).exit_code == 2
