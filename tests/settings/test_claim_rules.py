"""The tables of claims: what they make of a client, and what is wrong with them."""

import json

import pytest

from bridge.core.claim_functions import Function, Step, Table
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.client import EmailMode
from bridge.core.errors import Fault
from bridge.settings.clients import build_clients
from tests.settings.claim_tables import CARD, CLIENT, HOMES, WITH_SCOPE
from tests.settings.configurations import LEAST, Load, Write

BOTH = (
    WITH_SCOPE + '[[clients]]\nclient_id = "other"\n' + CLIENT.partition('desk"\n')[2]
)


def warnings_of(load: Load, added: str, least: str = LEAST) -> list[Fault]:
    warnings = load(least=least + added).warnings
    return [fault for fault in warnings if fault.key != "upstream.client_secret"]


def test_a_rule_gives_its_claim_by_its_scope(load: Load) -> None:
    client = build_clients(load(least=LEAST + CARD + WITH_SCOPE).settings)["desk"]

    assert "card" in client.scopes
    assert client.mapping.given_by(["card"]) == ("card",)


def test_without_rules_a_client_has_the_built_in_mapping(load: Load) -> None:
    client = build_clients(load(least=LEAST + CLIENT).settings)["desk"]

    assert client.mapping == DEFAULT_MAPPING
    assert client.id_token_claims == frozenset()
    assert not client.passes_email_verified


def test_steps_tables_and_labels_are_read(load: Load) -> None:
    rule = (
        '[claims.homes]\nsource = "institutions"\nscopes = ["rero"]\n'
        'steps = ["table:homes", "distinct", "join:; "]\n'
        'label = { fr = "Bibliothèques" }\n'
    )

    client = build_clients(load(least=LEAST + HOMES + rule + CLIENT).settings)["desk"]

    texts = {"vs": "Valais", "nj": "Neuchâtel", "rbnj": "Neuchâtel"}
    assert client.mapping.rule("homes") == ClaimRule(
        "homes",
        Source.INSTITUTIONS,
        ("rero",),
        (
            Step(Function.TABLE, table=Table("homes", texts)),
            Step(Function.DISTINCT),
            Step(Function.JOIN, separator="; "),
        ),
        label={"fr": "Bibliothèques"},
    )


def test_a_table_knows_an_institution_by_its_configured_alias(load: Load) -> None:
    added = '[institutions]\naliases = { old = "vs" }\n' + HOMES
    rule = '[claims.h]\nsource = "institutions"\nsteps = ["table:homes"]\n'

    loaded = load(least=LEAST + added + rule + CLIENT + 'claims = ["h"]\n')

    made = build_clients(loaded.settings)["desk"].mapping.rule("h")
    assert made is not None
    assert made.steps[0].table is not None
    assert made.steps[0].table.text("OLD") == "Valais"


def test_a_replaced_claim_keeps_the_scopes_that_it_had(load: Load) -> None:
    rule = '[claims.rero_institutions]\nsource = "institutions"\nsteps = ["upper"]\n'

    client = build_clients(load(least=LEAST + rule + CLIENT).settings)["desk"]

    assert "rero_institutions" in client.mapping.given_by(["rero"])


def test_a_birthdate_of_ones_own_can_still_be_asked_for(load: Load) -> None:
    rule = '[claims.birthdate]\nsource = "birthdate"\n'

    client = build_clients(load(least=LEAST + rule + CLIENT).settings)["desk"]

    assert "birthdate" in client.mapping.askable_by(["profile"])


def test_none_takes_a_claim_out(load: Load) -> None:
    rule = '[claims.rero_memberships]\nsource = "none"\n'

    client = build_clients(load(least=LEAST + rule + CLIENT).settings)["desk"]

    assert "rero_memberships" not in client.mapping.names


def test_a_client_has_rules_of_its_own_in_toml(load: Load) -> None:
    own = '[clients.claim_rules.card]\nsource = "patron_pids"\nsteps = ["first"]\n'

    clients = build_clients(load(least=LEAST + CARD + BOTH + own).settings)

    sources = [
        rule.source
        for name in ("desk", "other")
        if (rule := clients[name].mapping.rule("card"))
    ]
    assert sources == [Source.BARCODE, Source.PATRON_PIDS]
    assert "card" in clients["other"].mapping.given_by(["card"])


def test_a_client_has_rules_of_its_own_in_json(load: Load, write: Write) -> None:
    client = {
        "client_id": "desk",
        "client_secret_sha256": "a" * 64,
        "redirect_uris": ["https://desk.example/"],
        "claims": ["kind"],
        "claim_rules": {"kind": {"source": "constant", "constant": ["patron"]}},
        "id_token_claims": ["kind", "name"],
        "email": "required",
        "email_verified": "upstream",
    }
    write("clients.json", json.dumps([client]))

    made = build_clients(load('clients_file = "clients.json"\n').settings)["desk"]

    rule = made.mapping.rule("kind")
    assert rule == ClaimRule("kind", Source.CONSTANT, constant=("patron",))
    assert made.id_token_claims == {"kind", "name"}
    assert made.email is EmailMode.REQUIRED
    assert made.passes_email_verified


def test_a_claim_that_no_client_can_get_is_warned_of(load: Load) -> None:
    [warning] = warnings_of(load, CARD + CLIENT)

    assert warning.key == "claims.card"
    assert warning.message.startswith("no client gets it")


@pytest.mark.parametrize(
    "client",
    [WITH_SCOPE, f'{CLIENT}claims = ["card"]\n', ""],
    ids=["scope", "list", ""],
)
def test_a_claim_that_a_client_gets_is_not_warned_of(load: Load, client: str) -> None:
    assert warnings_of(load, CARD + client) == []


def test_a_rule_of_its_own_that_a_client_cannot_get_is_warned_of(load: Load) -> None:
    own = '[clients.claim_rules.card]\nsource = "barcode"\nscopes = ["card"]\n'

    warnings = warnings_of(load, CLIENT + own)

    assert [fault.key for fault in warnings] == ["clients[0].claim_rules.card"]


def test_a_source_that_rero_is_never_asked_for_is_warned_of(load: Load) -> None:
    least = LEAST + 'scopes = ["fullname"]\n'
    rule = '[claims.active]\nsource = "active"\nscopes = ["profile"]\n'

    client = f'{CLIENT}scope = "openid profile"\n'

    [warning] = warnings_of(load, rule + client, least)

    assert warning.key == "claims.active.source"
    assert warning.message == "needs expiration_date among upstream.scopes"


def test_the_scope_of_a_rule_is_known(load: Load) -> None:
    unknown = warnings_of(load, WITH_SCOPE)
    known = warnings_of(load, CARD + WITH_SCOPE)

    assert [fault.key for fault in unknown] == ["clients[0].scope"]
    assert known == []


def test_rules_and_examples_of_several_files_join(load: Load, write: Write) -> None:
    example = '[[examples]]\nclient = "desk"\npatron = {}\ntoday = "2026-11-25"\n'
    lines = example + 'refused = "no_patron_record"\n'
    write("clients.d/desk.toml", WITH_SCOPE + CARD + lines)
    write("clients.d/more.toml", HOMES + lines)

    settings = load('include = ["clients.d/*.toml"]\n', least=LEAST + lines).settings

    assert len(settings.examples) == 3
    assert (set(settings.claims), set(settings.tables)) == ({"card"}, {"homes"})


def test_a_built_in_claim_that_rero_is_never_asked_for_is_warned_of(load: Load) -> None:
    least = LEAST + 'scopes = ["fullname", "institution", "patron_type"]\n'

    [warning] = warnings_of(load, CLIENT, least)

    assert warning.key == "upstream.scopes"
    assert warning.message == "lacks expiration_date, needed by rero_memberships"
    assert warning.line is not None


def test_built_in_claims_that_no_client_can_ask_for_need_no_scope(load: Load) -> None:
    least = LEAST + 'scopes = ["fullname"]\n'

    assert warnings_of(load, f'{CLIENT}scope = "openid profile"\n', least) == []


@pytest.mark.parametrize("rule", ["", '[claims.birthdate]\nsource = "birthdate"\n'])
def test_a_listed_claim_that_rero_is_never_asked_for_is_warned_of_once(
    load: Load, rule: str
) -> None:
    least = LEAST + 'scopes = ["fullname"]\n' + rule
    client = f'{CLIENT}scope = "openid profile"\nclaims = ["birthdate"]\n'

    [warning] = warnings_of(load, client, least)

    key = "claims.birthdate.source" if rule else "clients[0].claims[0]"
    assert warning.key == key
    assert warning.message == "needs birthdate among upstream.scopes"


def test_an_older_rero_gives_every_record_by_its_old_scope(load: Load) -> None:
    least = LEAST + 'scopes = ["fullname", "patron_types"]\n'

    assert warnings_of(load, CLIENT, least) == []
