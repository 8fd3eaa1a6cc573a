"""Rules for an e-mail address make nothing up, as services link accounts by it."""

from typing import Final

import pytest

from bridge.settings.clients import build_clients
from tests.settings.claim_tables import CLIENT, HOMES
from tests.settings.configurations import LEAST, FaultsOf, Load

NO_WORD: Final = 'email_verified]\nsource = "none"\n'
NO_ADDRESS: Final = 'email]\nsource = "none"\n'
ADDRESS: Final = 'email]\nsource = "email"\n'
OWN: Final = "[clients.claim_rules."


@pytest.mark.parametrize(
    ("name", "step"),
    [("email", "table:homes"), ("email", "lower"), ("email_verified", "as_text")],
)
def test_a_rule_for_an_address_has_no_steps(
    faults_of: FaultsOf, name: str, step: str
) -> None:
    rule = f'[claims.{name}]\nsource = "{name}"\nsteps = ["{step}"]\n'

    [fault] = faults_of(least=LEAST + HOMES + rule)

    assert fault.key == f"claims.{name}.steps"
    assert "must be left out" in fault.message
    assert fault.line is not None


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        (f"[claims.{NO_WORD}{CLIENT}", "claims.email_verified"),
        (CLIENT + OWN + NO_WORD, "clients[0].claim_rules.email_verified"),
        (
            f"[claims.{NO_WORD}[claims.{NO_ADDRESS}{CLIENT}{OWN}{ADDRESS}",
            "clients[0].claim_rules.email",
        ),
    ],
)
def test_an_address_has_always_a_word_on_its_being_verified(
    faults_of: FaultsOf, tables: str, key: str
) -> None:
    [fault] = faults_of(least=LEAST + tables)

    assert fault.key == f"{key}.source"
    assert "always beside email" in fault.message
    assert fault.line is not None


@pytest.mark.parametrize(
    "tables",
    [
        f"[claims.{NO_WORD}[claims.{NO_ADDRESS}{CLIENT}",
        f"[claims.{NO_ADDRESS}{CLIENT}{OWN}{NO_WORD}",
    ],
)
def test_both_claims_of_the_address_can_be_taken_out(load: Load, tables: str) -> None:
    client = build_clients(load(least=LEAST + tables).settings)["desk"]

    assert {"email", "email_verified"}.isdisjoint(client.mapping.names)
