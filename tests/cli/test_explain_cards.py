"""`bridge explain` of a client that wants one card of several."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from tests.cli.test_explain import CONFIGURATION, TODAY

Explain = Callable[..., Result]
CLIENT: Final = (
    CONFIGURATION.replace('policy = "valais"', 'policy = "any"')
    + """
card = "one"
[policies.any]
institutions = ["vs", "fr", "nj"]
membership = "current"
"""
)


def card(day: str) -> dict[str, str]:
    return {"expiration_date": f"{day}T00:00:00"}


VS, FR, OVER = card("2030-03-30"), card("2029-03-30"), card("2025-03-30")


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    """Return a function that explains the login of a reader with these cards."""
    configuration = tmp_path / "bridge.toml"
    configuration.write_text(CLIENT, encoding="utf-8")
    file = tmp_path / "patron.json"

    def run(*more: str, **cards: dict[str, str]) -> Result:
        answer = {"user_id": 3, "fullname": "Simon, Jean", "patron_info": cards}
        file.write_text(json.dumps(answer), encoding="utf-8")
        options = ("--client", "wiki", "--patron", str(file), "--today", TODAY)
        command = ("--config", str(configuration), "explain", *options, *more)
        return CliRunner().invoke(main, command)

    return run


def test_choice_is_told_with_the_card_that_the_claims_are_of(explain: Explain) -> None:
    result = explain(vs=VS, fr=FR, nj=OVER)

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    start = lines.index("card the patron chooses")
    assert lines[start + 1 : start + 4] == [
        "fr ends 2029-03-30 <- the claims below",
        "[refused] nj ends 2025-03-30 membership_expired",
        "vs ends 2030-03-30",
    ]
    assert 'rero_institutions from institutions, by rero, in userinfo ["fr"]' in lines


def test_card_that_is_taken_unasked_is_told(explain: Explain) -> None:
    told = json.loads(explain("--json", vs=VS, nj=OVER).stdout)

    assert told["asks_card"] is False
    assert told["cards"] == [
        {
            "card": "nj ends 2025-03-30",
            "refused": "membership_expired",
            "claims_are_of_it": False,
        },
        {"card": "vs ends 2030-03-30", "refused": None, "claims_are_of_it": True},
    ]
    claims = {claim["name"]: claim["value"] for claim in told["claims"]}
    assert claims["rero_institutions"] == ["vs"]
    assert claims["home"] == "Valais"


def test_one_card_alone_is_no_choice(explain: Explain) -> None:
    told = json.loads(explain("--json", vs=VS).stdout)

    assert (told["asks_card"], told["cards"]) == (False, [])


def test_refused_patron_is_asked_nothing(explain: Explain) -> None:
    result = explain(vs=OVER, nj=OVER)

    assert result.exit_code == 3
    assert "card  " not in result.stdout
