"""`bridge subjects lookup`, `consents` and `withdraw`, beside a bridge at work."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.flow.outcomes import AskConsent
from tests.cli.subject_desk import CODE, Desk, events
from tests.support.flow_browser import FlowBrowser

JEAN = ("--user-id", "11")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def found(desk: Desk, sub: str, client_id: str = "service") -> list[dict[str, str]]:
    command = ("lookup", "--sub", sub, "--client", client_id, "--json")
    rows: list[dict[str, str]] = json.loads(desk.change(*command).stdout)
    return rows


def test_lookup_prints_the_subject_at_each_client(desk: Desk) -> None:
    subs = {name: desk.sub("jean", name) for name in ("service", "moodle", "public")}

    result = desk.change("lookup", *JEAN)

    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["CLIENT", "SUBJECT", "ORIGIN"]
    for name, sub in subs.items():
        assert [name, sub, "computed"] in rows


def test_lookup_at_one_client_can_be_read_by_programs(desk: Desk) -> None:
    sub = desk.sub("barcode", "moodle")

    result = desk.change("lookup", *CODE, "--client", "moodle", "--json")

    assert json.loads(result.stdout) == [
        {
            "client_id": "moodle",
            "sub": sub,
            "origin": "computed",
            "counts_as": "barcode:vs:2050124311",
        }
    ]


def test_lookup_knows_links_and_imported_subs(desk: Desk) -> None:
    file = desk.file("kind,value,sub\nbarcode,vs:2050124311,jean\n")
    desk.change("import", file, "--client", "moodle")
    desk.change("link", *CODE, "--to-user-id", "4711")

    result = desk.change("lookup", "--user-id", "4711")

    lines = result.stdout.splitlines()
    assert lines[0] == "user id 4711 stands for barcode vs:2050124311"
    assert ["moodle", "jean", "imported"] in [line.split() for line in lines]


def test_a_sub_is_found_by_a_grant_at_the_client(desk: Desk) -> None:
    sub = desk.sub("anna")
    desk.sub("jean")

    assert found(desk, sub) == [{"kind": "user", "value": "12", "found_in": "grant"}]


def test_a_sub_is_found_by_a_session_where_the_client_has_no_grant(
    desk: Desk,
) -> None:
    desk.sub("anna", "service")
    file = desk.file("kind,value\nuser,12\n")
    computed = desk.change("export", "--from", file, "--client", "moodle").stdout
    sub = computed.splitlines()[1].split(",")[2]

    rows = found(desk, sub, "moodle")

    assert rows == [{"kind": "user", "value": "12", "found_in": "session"}]


def test_an_imported_sub_is_found_before_any_sign_in(desk: Desk) -> None:
    file = desk.file("kind,value,sub\nuser,11,jean\n")
    desk.change("import", file, "--client", "moodle")

    rows = found(desk, "jean", "moodle")

    assert rows == [{"kind": "user", "value": "11", "found_in": "import"}]


def test_lookup_says_when_it_cannot_know(desk: Desk) -> None:
    desk.sub("jean")

    result = desk.run("lookup", "--sub", "0" * 40, "--client", "service")

    assert result.exit_code == 1
    assert "A subject cannot be turned back" in result.stderr


def test_to_find_whose_a_sub_is_leaves_an_audit_event(desk: Desk) -> None:
    sub = desk.sub("jean")

    result = desk.change("lookup", "--sub", sub, "--client", "service")

    assert result.stdout == "user id 11, found in: grants\n"
    (event,) = events(result)
    assert (event["event"], event["client_id"]) == ("subject:looked_up", "service")
    assert sub not in str(event)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--user-id", "1", "--barcode", "2"),
        ("--user-id", "1", "--institution", "vs"),
        ("--sub", "x"),
        ("--sub", "x", "--client", "service", "--user-id", "1"),
    ],
    ids=" ".join,
)
def test_lookup_is_told_of_one_patron_or_one_sub(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    assert desk.run("lookup", *arguments).exit_code == 2


def test_lookup_at_an_unknown_client_is_refused(desk: Desk) -> None:
    result = desk.run("lookup", *JEAN, "--client", "none")

    assert (result.exit_code, "no client 'none'" in result.stderr) == (1, True)


def allow(desk: Desk, who: str = "jean") -> FlowBrowser:
    browser = FlowBrowser(desk.trial)
    browser.approve(browser.sign_in(who, "once"), remember=True)
    return browser


def test_consents_of_a_patron_are_listed(desk: Desk) -> None:
    allow(desk)

    rows = json.loads(desk.change("consents", *JEAN, "--json").stdout)

    (row,) = rows
    assert row["client_id"] == "once"
    assert abs(row["given_at"] - time.time()) < 600
    assert {"openid", "profile"} <= set(row["allowed"].split())
    assert desk.change("consents", *JEAN).stdout.splitlines()[1].startswith("once ")
    assert desk.change("consents", "--user-id", "12").stdout == "no consents\n"


def test_a_withdrawn_consent_is_asked_for_again(desk: Desk) -> None:
    browser, other = allow(desk), allow(desk, "anna")

    result = desk.change("withdraw", *JEAN, "--client", "once")

    assert result.stdout.startswith("1 consent withdrawn; 1 login ends")
    assert isinstance(browser.begin("once"), AskConsent)
    assert not isinstance(other.begin("once"), AskConsent)


def test_withdrawal_ends_lasting_tokens_at_that_client_alone(desk: Desk) -> None:
    scope = "openid offline_access"
    at_moodle = desk.tokens("jean", "moodle", scope=scope)
    elsewhere = desk.tokens("jean", "service", scope=scope)

    desk.change("withdraw", *JEAN, "--client", "moodle")

    assert desk.refresh(at_moodle, "moodle").members["error"] == "invalid_grant"
    assert desk.refresh(elsewhere, "service").status == 200


def test_withdrawal_at_all_clients_leaves_no_consent_and_no_token(desk: Desk) -> None:
    allow(desk)
    tokens = desk.tokens("jean", "moodle", scope="openid offline_access")

    result = desk.change("withdraw", *JEAN, "--all")

    assert desk.change("consents", *JEAN).stdout == "no consents\n"
    assert desk.refresh(tokens, "moodle").members["error"] == "invalid_grant"
    (event,) = events(result)
    assert event["event"] == "consent:withdrawn"
    assert (event["count"], event["grants"]) == (1, 2)


def test_withdrawal_is_told_of_one_client_or_of_all(desk: Desk) -> None:
    neither = desk.run("withdraw", *JEAN)
    both = desk.run("withdraw", *JEAN, "--all", "--client", "once")

    assert (neither.exit_code, both.exit_code) == (2, 2)


def test_withdrawal_at_a_client_that_nobody_knows_is_refused(desk: Desk) -> None:
    result = desk.run("withdraw", *JEAN, "--client", "modle")

    assert result.exit_code == 2
    assert "Did you mean moodle?" in result.stderr
    assert events(result) == []


def test_consents_and_tokens_are_withdrawn_at_a_client_that_is_gone(
    desk: Desk,
) -> None:
    allow(desk)
    path = desk.trial.folder / "bridge.toml"
    path.write_text(path.read_text().replace('client_id = "once"', 'client_id = "new"'))

    result = desk.change("withdraw", *JEAN, "--client", "once")

    assert result.stdout.startswith("1 consent withdrawn; 1 login ends")


def test_consents_of_a_linked_account_are_those_of_the_one_that_counts(
    desk: Desk,
) -> None:
    allow(desk)
    desk.change("merge", "--user-id", "12", "--into-user-id", "11")

    assert "once" in desk.change("consents", "--user-id", "12").stdout


def test_a_store_in_memory_cannot_be_that_of_a_bridge_at_work(desk: Desk) -> None:
    path = desk.trial.folder / "bridge.toml"
    url = f"sqlite:///{desk.trial.folder}/bridge.db"
    path.write_text(path.read_text().replace(url, "memory:"))

    result = desk.run("lookup", *JEAN)

    assert (result.exit_code, "which only" in result.stderr) == (1, True)


def test_commands_refuse_a_store_of_another_salt(desk: Desk) -> None:
    desk.sub("jean")
    salt = desk.trial.folder / "other.salt"
    salt.write_text("b3RoZXIgc2FsdCBvdGhlciBzYWx0IG90aGVyIHNhbHQhISE=\n")
    with (desk.trial.folder / "bridge.toml").open("a") as file:
        file.write(f'[subjects]\nsalt_file = "{salt}"\n')

    result = desk.run("lookup", *JEAN)

    assert result.exit_code == 2
    assert "subjects.salt_file" in result.stderr
