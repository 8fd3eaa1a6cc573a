"""`bridge explain` and the examples of the configuration: what a login comes to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from bridge.app import open_bridge
from bridge.cli.main import main
from bridge.core.errors import ConfigurationError
from bridge.settings.load import load_settings
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing

CONFIGURATION: Final = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "bridge"
client_secret = "s3cret"
[store]
url = "sqlite:///bridge.db"
[pages]
languages = ["en"]
[log]
level = "error"
[policies.valais]
institutions = ["VS"]
membership = "current"
[tables.homes]
texts = { vs = "Valais" }
[claims.home]
source = "institutions"
steps = ["table:homes", "first"]
scopes = ["rero"]
[[clients]]
client_id = "wiki"
name = { en = "Wiki" }
client_secret_sha256 = "DIGEST"
redirect_uris = ["https://wiki.example.ch/callback"]
policy = "valais"
id_token_claims = ["name"]
""".replace("DIGEST", "a" * 64)
JEAN: Final = {
    "user_id": 3,
    "fullname": "Simon, Jean",
    "patron_info": {"vs": {"expiration_date": "2030-03-30T00:00:00"}},
}
TODAY: Final = "2026-11-25"
EXAMPLE: Final = f"""
[[examples]]
client = "wiki"
today = "{TODAY}"
scope = "openid profile"
patron = '{json.dumps(JEAN)}'
"""
NAMES: Final = 'name = "Jean Simon", given_name = "Jean", family_name = "Simon"'

Bridge = Callable[..., Result]


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    """Return a function that writes the configuration and runs the command."""

    def run(*arguments: str, added: str = "", patron: object = JEAN) -> Result:
        path = tmp_path / "bridge.toml"
        path.write_text(CONFIGURATION + added, encoding="utf-8")
        (tmp_path / "patron.json").write_text(json.dumps(patron), encoding="utf-8")
        return CliRunner().invoke(main, ("--config", str(path), *arguments))

    return run


@pytest.fixture
def explain(bridge: Bridge, tmp_path: Path) -> Bridge:
    """Return a function that explains the login of an answer of RERO+ at `wiki`."""

    def run(*more: str, patron: object = JEAN) -> Result:
        file = str(tmp_path / "patron.json")
        always = ("explain", "--client", "wiki", "--patron", file, "--today", TODAY)
        return bridge(*always, *more, patron=patron)

    return run


def test_a_patron_who_is_let_in_is_told_with_every_claim(explain: Bridge) -> None:
    result = explain()

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert (
        "asks RERO+ expiration_date fullname institution patron_type patron_types"
        in lines
    )
    assert "[met] membership until 2030-03-30; vs ends 2030-03-30" in lines
    assert "verdict let in" in lines
    assert 'name from name, by profile, in userinfo, id_token "Jean Simon"' in lines
    assert 'home from institutions, by rero, in userinfo "Valais"' in lines


def test_a_patron_who_is_refused_is_told_with_the_words_of_the_page(
    explain: Bridge,
) -> None:
    over = {**JEAN, "patron_info": {"vs": {"expiration_date": "2025-03-30T00:00:00"}}}

    result = explain(patron=over)

    assert result.exit_code == 3
    assert "[refused]  membership" in result.stdout
    assert "verdict  refused: membership_expired" in result.stdout
    assert (
        "patron sees   Your library membership (VS) ended on 30 March 2025"
        in result.stdout
    )
    assert "service gets  error=access_denied" in result.stdout


def test_an_account_that_nobody_can_recognise_is_refused(explain: Bridge) -> None:
    result = explain("--json", patron={})

    assert result.exit_code == 3
    assert json.loads(result.stdout)["refused"] == "no_patron_record"


def test_json_holds_what_programs_need(explain: Bridge) -> None:
    told = json.loads(explain("--json", "--scope", "openid profile").stdout)

    assert told["allowed"] is True
    assert told["refused"] is told["patron_sees"] is told["service_gets"] is None
    assert [rule["ruling"] for rule in told["rules"]] == ["met", "met", "met"]
    assert told["claims"][0] == {
        "name": "name",
        "value": "Jean Simon",
        "source": "name",
        "scopes": ["profile"],
        "places": ["userinfo", "id_token"],
    }
    assert [claim["name"] for claim in told["claims"]] == [
        "name",
        "given_name",
        "family_name",
    ]


def test_scopes_that_the_client_may_not_have_are_not_granted(explain: Bridge) -> None:
    told = json.loads(explain("--json", "--scope", "openid phone").stdout)

    assert (told["scope"], told["claims"]) == (["openid"], [])


def test_answers_about_two_people_end_the_login(explain: Bridge) -> None:
    whole = {"info": JEAN, "token": {"user": {"id": "4"}}}

    result = explain(patron=whole)

    assert result.exit_code == 1
    assert "identity_differs" in result.stderr


def test_the_subject_is_that_of_a_login_where_the_salt_is(
    explain: Bridge, tmp_path: Path
) -> None:
    without = json.loads(explain("--json").stdout)["sub"]
    make_missing(KeyFiles.within(tmp_path / "keys"), 1_800_000_000)

    found = json.loads(explain("--json").stdout)["sub"]

    assert without is None
    assert len(found) == 40
    assert found != "0" * 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--client", "wik"), "no such client. Did you mean wiki?"),
        (("--patron", "/nowhere/at/all"), "/nowhere/at/all"),
        (("--today", "soon"), "soon"),
        (("--scope", "profile"), "must hold openid"),
    ],
)
def test_what_cannot_be_explained_is_said(
    explain: Bridge, arguments: tuple[str, str], message: str
) -> None:
    result = explain(*arguments)

    assert result.exit_code in {1, 2}
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_file_that_is_not_json_is_said(explain: Bridge, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{", encoding="utf-8")

    result = explain("--patron", str(tmp_path / "odd.json"))

    assert result.exit_code == 1
    assert "odd.json is not JSON" in result.stderr


def test_examples_that_hold_pass_the_check(bridge: Bridge) -> None:
    holds = EXAMPLE + f'claims = {{ {NAMES} }}\nid_token = {{ name = "Jean Simon" }}\n'
    records = '[{ active = true, institution = "vs", expiration_date = "2030-03-30" }]'
    lists = f'rero_memberships = {records}, rero_institutions = ["vs"], home = "Valais"'
    rero = EXAMPLE.replace("profile", "rero") + f"claims = {{ {lists} }}\n"
    refused = EXAMPLE.replace("2030", "2020") + 'refused = "membership_expired"\n'

    result = bridge("config", "check", added=holds + rero + refused)

    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize(
    ("lines", "key", "message"),
    [
        ("allowed = false\n", "allowed", "the patron is let in"),
        ('refused = "institution"\n', "refused", "is let in"),
        (
            f"claims = {{ {NAMES.replace('Jean Simon', 'Simon')} }}\n",
            "claims.name",
            'is "Jean Simon"',
        ),
        (f"claims = {{ {NAMES}, email = 3 }}\n", "claims.email", "is not given"),
        (
            'claims = { name = "Jean Simon", given_name = "Jean" }\n',
            "claims.family_name",
            'is given, too: "Simon"',
        ),
        ("id_token = {}\n", "id_token.name", 'is given, too: "Jean Simon"'),
        (
            f"claims = {{ {NAMES} }}\nid_token = {{ name = true }}\n",
            "id_token.name",
            'is "Jean Simon"',
        ),
    ],
)
def test_an_example_that_does_not_hold_fails_the_check_at_its_line(
    bridge: Bridge, lines: str, key: str, message: str
) -> None:
    result = bridge("config", "check", added=EXAMPLE + lines)

    assert result.exit_code == 2
    line = result.stderr.splitlines()[-1]
    assert f"examples[0].{key} " in line
    assert message in line
    number = int(line.rpartition(" ")[2])
    written = (CONFIGURATION + EXAMPLE + lines).splitlines()[number - 1]
    assert written.startswith(key.partition(".")[0])


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('"2026-11-25"', '"2026-02-30"', "today", "is no day of the calendar"),
        ('"user_id": 3', '"user_id": "03"', "patron", "RERO+'s answer ends the login"),
        ('"2030-03-30', '"2020-03-30', "allowed", "is refused: membership_expired"),
        ("openid profile", "openid phone", "scope", "may not ask phone"),
    ],
)
def test_what_is_odd_in_an_example_is_told(
    bridge: Bridge, old: str, new: str, key: str, message: str
) -> None:
    example = EXAMPLE.replace(old, new) + "allowed = true\n"

    result = bridge("config", "check", added=example)

    assert result.exit_code == 2
    assert f"examples[0].{key} " in result.stderr
    assert message in result.stderr


def test_a_bridge_does_not_start_with_an_example_that_does_not_hold(
    bridge: Bridge, tmp_path: Path
) -> None:
    bridge("config", "check", added=EXAMPLE + "allowed = false\n")
    make_missing(KeyFiles.within(tmp_path / "keys"), 1_800_000_000)
    loaded = load_settings(tmp_path / "bridge.toml", {})

    with pytest.raises(ConfigurationError) as caught:
        open_bridge(loaded)

    assert [fault.key for fault in caught.value.faults] == ["examples[0].allowed"]
