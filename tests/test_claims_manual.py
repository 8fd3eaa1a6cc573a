"""docs/claims.md says what the code does: sources, steps, and examples that hold."""

import re
from pathlib import Path
from typing import Final

import pytest

from bridge.core.claim_functions import FUNCTIONS
from bridge.core.claim_mapping import DEFAULT_MAPPING
from bridge.core.claim_sources import SOURCES, Source
from bridge.explanation import check_examples
from bridge.settings.load import Loaded, load_settings

ROOT: Final = Path(__file__).parents[1]
MANUAL: Final = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```toml\n(.+?)^```\n", MANUAL, re.MULTILINE | re.DOTALL)
LEAST: Final = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "bridge"
client_secret = "s3cret"
[policies.current]
membership = "current"
[[clients]]
client_id = "moodle-vs"
client_secret_sha256 = "DIGEST"
redirect_uris = ["https://moodle.example.ch/"]
scope = "openid profile rero card"
policy = "current"
""".replace("DIGEST", "a" * 64)


def load(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "bridge.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, {})


def commented(lines: str) -> str:
    """Take the marks off lines that are commented out."""
    return re.sub(r"^# (?=\[|\w+ = )", "", lines, flags=re.MULTILINE)


def rows(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table that begins with *heading*, by their first words."""
    table = MANUAL.split(f"| {heading} |")[1].split("\n\n")[0]
    found = {}
    for line in table.splitlines()[2:]:
        first, *others = line.strip("| ").split(" | ")
        for name in re.findall(r"`([a-z_]+)[`:]", first):
            found[name] = others
    return found


def test_rules_of_the_manual_are_rules(tmp_path: Path) -> None:
    loaded = load(tmp_path, LEAST + BLOCKS[0])

    assert set(loaded.settings.claims) >= {"rero_barcode", "of_age"}
    assert [w.key for w in loaded.warnings] == ["upstream.client_secret"]


def test_examples_of_the_manual_hold(tmp_path: Path) -> None:
    loaded = load(tmp_path, LEAST + BLOCKS[1])

    check_examples(loaded)

    assert len(loaded.settings.examples) == 2


def test_every_source_stands_in_the_manual_with_what_it_asks() -> None:
    listed = rows("source")

    assert set(listed) == {*Source, "none"}
    for source in set(Source) - {Source.LATEST_EXPIRATION, Source.ACTIVE}:
        asked = set(re.findall(r"`([a-z_:]+)`", listed[source][1]))
        assert asked == set(SOURCES[source].upstream_scopes), source


def test_every_function_stands_in_the_manual() -> None:
    assert set(rows("step")) == {function.value for function in FUNCTIONS}


def test_every_built_in_claim_stands_in_the_manual() -> None:
    table = MANUAL.split("\n\n")[2]

    for name in DEFAULT_MAPPING.names:
        assert f"`{name}`" in table


@pytest.mark.parametrize("name", ["rero_barcode", "rero_patron_pid"])
def test_ready_rules_of_the_example_are_rules(tmp_path: Path, name: str) -> None:
    example = (ROOT / "config" / "bridge.toml").read_text(encoding="utf-8")
    ready = example[example.index("# [claims.") : example.index("# What a client must")]

    loaded = load(tmp_path, LEAST + commented(ready))

    assert name in loaded.settings.claims
