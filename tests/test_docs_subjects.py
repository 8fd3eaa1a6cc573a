"""The commands and files of docs/subjects.md and docs/moving.md, as they stand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.flow.ports import Event
from tests.cli.subject_desk import CLIENTS, Desk
from tests.support.trial import client
from tests.test_repository import ROOT

BLOCK = re.compile(r"^ *```(\w*)\n(.+?)^ *```\n", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("subjects.md", "moving.md")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, CLIENTS + client("moodle-vs"))
    yield made
    made.store.close()


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> list[str]:
    found = [
        body for its_kind, body in BLOCK.findall(text_of(name)) if its_kind == kind
    ]
    assert found
    return ["\n".join(line.strip() for line in body.splitlines()) for body in found]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_of_the_guides_run_in_their_order(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in blocks(name, "csv"):
        file = "patrons.csv" if table.startswith("kind,") else "barcodes.csv"
        desk.file(table + "\n", file)
    monkeypatch.chdir(desk.trial.folder)
    lines = [line for block in blocks(name, "") for line in block.splitlines()]

    for line in lines:
        command, _, written_to = line.partition(" > ")
        assert command.startswith("bridge subjects ")
        result = desk.run(*shlex.split(command)[2:])
        assert result.exit_code == 0, (line, result.output)
        assert result.stdout or not written_to

    assert len(lines) >= 4


def test_the_claim_of_the_guide_gives_the_barcode(tmp_path: Path) -> None:
    (rule,) = blocks("moving.md", "toml")
    desk = Desk(tmp_path, f"{CLIENTS}\n{rule}\n")

    tokens = desk.tokens("jean", scope="openid rero")

    userinfo = desk.userinfo(tokens)
    assert userinfo["rero_barcode"] == "2050124311"
    desk.store.close()


def test_the_guide_names_every_event_of_the_commands() -> None:
    events = {event for event in Event if event.value.startswith("subject")}

    missing = [
        event for event in events if f"`{event.value}`" not in text_of("subjects.md")
    ]

    assert len(events) == 6
    assert missing == []
