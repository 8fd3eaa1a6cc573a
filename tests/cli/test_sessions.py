"""`bridge sessions list` and `bridge sessions end`, beside a bridge at work."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.flow.outcomes import GoUpstream
from bridge.flow.stores import WholeStore
from bridge.store.open import open_store
from tests.support.flow_browser import FlowBrowser, code_of
from tests.support.trial import HEAD, HOUR_S, Trial, client
from tests.support.visitor import Visitor

CLIENTS: Final = "\n".join(
    [
        client("service"),
        client("told", backchannel_logout_uri="https://told.example/logout"),
    ]
)
JEAN: Final = ("--user-id", "11")  # of tests/support/upstream.py


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WholeStore]:
    opened = open_store(f"sqlite:///{tmp_path}/bridge.db")
    yield opened
    opened.close()


@pytest.fixture
def trial(tmp_path: Path, store: WholeStore) -> Trial:
    """A bridge at work, by the clock of this machine as the command is."""
    table = f'[store]\nurl = "sqlite:///{tmp_path}/bridge.db"\n'
    trial = Trial(tmp_path, HEAD + table + CLIENTS, store=store)
    trial.clock.now = int(time.time())
    return trial


@pytest.fixture
def browser(trial: Trial) -> FlowBrowser:
    browser = FlowBrowser(trial)
    browser.sign_in("jean")
    return browser


def run(trial: Trial, *arguments: str) -> Result:
    config = str(trial.folder / "bridge.toml")
    return CliRunner().invoke(main, ["--config", config, "sessions", *arguments])


def is_signed_in(browser: FlowBrowser) -> bool:
    return not isinstance(browser.begin(), GoUpstream)


def listed(trial: Trial, *patron: str) -> list[dict[str, object]]:
    result = run(trial, "list", "--json", *patron)
    assert result.exit_code == 0
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


def test_sessions_of_a_patron_are_listed_the_newest_first(browser: FlowBrowser) -> None:
    trial, began = browser.trial, browser.trial.clock()
    trial.clock.advance(5)
    FlowBrowser(trial).sign_in("jean")
    FlowBrowser(trial).sign_in("anna")

    rows = listed(trial, *JEAN)

    assert [row["auth_time"] for row in rows] == [began + 5, began]
    assert rows[0] == {
        "state": "open",
        "auth_time": began + 5,
        "seen_at": began + 5,
        "ends_at": began + 5 + 8 * HOUR_S,
    }


def test_list_tells_state_and_times_and_nothing_of_the_patron(
    browser: FlowBrowser,
) -> None:
    result = run(browser.trial, "list", *JEAN)

    heading, row = result.stdout.splitlines()
    assert heading.split("  ")[0] == "STATE"
    assert row.startswith("open ")
    assert "Simon" not in result.output
    assert not set(result.output.lower().split()) & {"jean", "11", "vs"}


@pytest.mark.parametrize(
    ("hours", "state"), [(0, "open"), (1, "idle"), (8, "over")], ids=str
)
def test_state_says_whether_a_session_can_be_used(
    browser: FlowBrowser, hours: int, state: str
) -> None:
    trial = browser.trial
    trial.clock.now -= hours * HOUR_S
    FlowBrowser(trial).sign_in("anna")

    (row,) = listed(trial, "--user-id", "12")

    assert row["state"] == state


def test_patron_who_is_not_signed_in_has_no_sessions(browser: FlowBrowser) -> None:
    result = run(browser.trial, "list", "--user-id", "999")

    assert (result.exit_code, result.stdout) == (0, "no sessions\n")


def test_end_signs_the_patron_out_of_every_browser_and_nobody_else(
    browser: FlowBrowser,
) -> None:
    second, other = FlowBrowser(browser.trial), FlowBrowser(browser.trial)
    second.sign_in("jean")
    other.sign_in("anna")

    result = run(browser.trial, "end", *JEAN)

    assert (result.exit_code, result.stdout) == (0, "2 sessions ended\n")
    assert not is_signed_in(browser)
    assert not is_signed_in(second)
    assert is_signed_in(other)


def test_end_leaves_notices_for_the_running_bridge_to_send(
    browser: FlowBrowser, store: WholeStore
) -> None:
    browser.begin("told")

    run(browser.trial, "end", *JEAN)

    now = browser.trial.clock() + 60
    (notice,) = store.claim_logout_notices(now, now, 9)
    assert notice.client_id == "told"


def test_end_again_has_nothing_to_end(browser: FlowBrowser) -> None:
    run(browser.trial, "end", *JEAN)

    result = run(browser.trial, "end", *JEAN)

    assert (result.exit_code, result.stdout) == (0, "0 sessions ended\n")


@pytest.mark.parametrize(("options", "is_alive"), [((), True), (("--all",), False)])
def test_offline_access_ends_with_all_alone(
    browser: FlowBrowser, options: tuple[str, ...], is_alive: bool
) -> None:
    visitor = Visitor(browser.trial)
    scope = "openid offline_access"
    outcome = browser.begin("service", scope=scope, prompt="consent")
    if not hasattr(outcome, "parameters"):
        outcome = browser.approve(outcome)
    tokens = visitor.token(code_of(outcome)).members

    run(browser.trial, "end", *JEAN, *options)

    answer = visitor.token(
        "",
        code=None,
        grant_type="refresh_token",
        redirect_uri=None,
        refresh_token=str(tokens["refresh_token"]),
    )
    assert ("access_token" in answer.members) is is_alive


def test_patron_known_by_a_barcode_is_found_by_it(trial: Trial) -> None:
    trial.configure(
        (trial.folder / "bridge.toml")
        .read_text(encoding="utf-8")
        .partition("[keys]")[0]
        .replace("[upstream]", "[upstream]\naccept_barcode = true")
    )
    browser = FlowBrowser(trial)
    browser.sign_in("barcode")

    result = run(trial, "end", "--barcode", "VS:2050124311")

    assert result.stdout == "1 session ended\n"
    assert not is_signed_in(browser)


def test_a_linked_account_is_found_by_either_of_its_names(
    browser: FlowBrowser,
) -> None:
    config = str(browser.trial.folder / "bridge.toml")
    merge = ("subjects", "merge", "--user-id", "12", "--into-user-id", "11")
    CliRunner().invoke(main, ["--config", config, *merge])

    assert len(listed(browser.trial, "--user-id", "12")) == 1
    assert len(listed(browser.trial, *JEAN)) == 1


@pytest.mark.parametrize(
    "patron",
    [
        (),
        ("--user-id", "11", "--barcode", "vs:1"),
        ("--user-id", ""),
        ("--user-id", "011"),
        ("--user-id", "+11"),
        ("--user-id", "0"),
        ("--user-id", "J\u00e9r\u00f4me"),
        ("--barcode", " 2"),
        ("--barcode", "x" * 256),
    ],
)
@pytest.mark.parametrize("command", ["list", "end"])
def test_what_names_no_patron_is_refused(
    browser: FlowBrowser, command: str, patron: tuple[str, ...]
) -> None:
    result = run(browser.trial, command, *patron)

    assert result.exit_code == 2
    assert is_signed_in(browser)


def test_store_that_has_never_seen_a_sign_in_is_not_believed(trial: Trial) -> None:
    result = run(trial, "end", *JEAN)

    assert result.exit_code == 1
    assert "is store.url the one?" in result.stderr


def test_store_in_memory_cannot_be_looked_into(trial: Trial, tmp_path: Path) -> None:
    trial.configure(HEAD + '[store]\nurl = "memory:"\n' + CLIENTS)

    result = run(trial, "list", *JEAN)

    assert result.exit_code == 1
    assert "only `bridge serve` itself sees" in result.stderr


def test_store_of_another_upstream_is_refused(browser: FlowBrowser) -> None:
    file = browser.trial.folder / "bridge.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('id = "rero"', 'id = "test"'), encoding="utf-8")

    result = run(browser.trial, "end", *JEAN)

    assert result.exit_code == 2
    assert is_signed_in(browser)
