"""Other names of an institution: a record may have one, and its key another."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.core.patron import Membership
from bridge.core.policy import ALIASES
from bridge.upstream.payload import parse_patron_answer
from tests.support.trial import CONFIGURATION, Trial, write_configuration
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Visitor
from tests.upstream.support import CODE, Rero, json_answer

INFO = {
    "user_id": 3,
    "patron_info": {"vs": {"institution": "Valais", "patron_pid": "1"}},
}
GIVEN = '[institutions.aliases]\nvalais = "VS"\n'
HERE = Membership("Valais", patron_pid="1")


@pytest.mark.parametrize(
    ("aliases", "expected"), [(ALIASES, ()), ({"valais": "vs"}, (HERE,))]
)
def test_key_and_institution_agree_by_an_alias(
    aliases: dict[str, str], expected: tuple[Membership, ...]
) -> None:
    body = json.dumps(INFO).encode()

    answer = parse_patron_answer(body, date(2026, 11, 24), aliases)

    assert answer.memberships == expected


@pytest.mark.parametrize(("more", "is_let_in"), [("", False), (GIVEN, True)])
def test_a_login_knows_the_aliases_of_the_configuration(
    more: str, is_let_in: bool, rero: Rero, tmp_path: Path
) -> None:
    text = CONFIGURATION.replace(UPSTREAM, rero.server.url_for("/").rstrip("/"))
    browser = Visitor(Trial(tmp_path, text + more, with_rero=True))
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer(INFO)]

    answer = browser.come_back(browser.authorize(), CODE)

    assert ("code=" in answer.headers.get("Location", "")) is is_let_in


@pytest.mark.parametrize(("more", "exit_code"), [("", 3), (GIVEN, 0)])
def test_explain_knows_the_aliases_of_the_configuration(
    more: str, exit_code: int, tmp_path: Path
) -> None:
    config = str(write_configuration(tmp_path, CONFIGURATION + more))
    patron = tmp_path / "patron.json"
    patron.write_text(json.dumps(INFO), encoding="utf-8")

    command = ("explain", "--client", "service", "--patron", str(patron))
    result = CliRunner().invoke(main, ("--config", config, *command))

    assert result.exit_code == exit_code, result.output


@pytest.mark.parametrize(("more", "exit_code"), [("", 2), (GIVEN, 0)])
def test_examples_know_the_aliases_of_the_configuration(
    more: str, exit_code: int, tmp_path: Path
) -> None:
    example = (
        '[[examples]]\nclient = "service"\ntoday = "2026-11-24"\nscope = "openid"\n'
        f"patron = {json.dumps(json.dumps(INFO))}\nallowed = true\n"
    )
    config = str(write_configuration(tmp_path, CONFIGURATION + more + example))

    result = CliRunner().invoke(main, ("--config", config, "config", "check"))

    assert result.exit_code == exit_code, result.output
