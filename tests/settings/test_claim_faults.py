"""What is wrong in the tables of claims is told once, with key, line and advice."""

import pytest

from tests.settings.claim_tables import CLIENT, HOMES
from tests.settings.configurations import LEAST, FaultsOf, Load


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        ('[claims.x]\nsource = "barcod"\n', "claims.x.source", "mean barcode?"),
        ("[claims.x]\nscopes = []\n", "claims.x.source", "is missing"),
        (
            '[claims.x]\nsource = "barcode"\nsteps = ["uper"]\n',
            "claims.x.steps[0]",
            "mean upper?",
        ),
        (
            '[claims.x]\nsource = "barcode"\nsteps = ["upper:2"]\n',
            "claims.x.steps[0]",
            'write "upper"',
        ),
        (
            '[claims.x]\nsource = "institutions"\nsteps = ["join"]\n',
            "claims.x.steps[0]",
            'write "join:..."',
        ),
        (
            '[claims.x]\nsource = "birthdate"\nsteps = ["age_at_least:0"]\n',
            "claims.x.steps[0]",
            "from 1 to 150",
        ),
        (
            '[claims.x]\nsource = "birthdate"\nsteps = ["age_at_least:²"]\n',
            "claims.x.steps[0]",
            "from 1 to 150",
        ),
        (
            '[claims.x]\nsource = "barcode"\nsteps = ["table:home"]\n' + HOMES,
            "claims.x.steps[0]",
            "mean homes?",
        ),
        (
            '[claims.x]\nsource = "barcode"\nsteps = ["upper", "first"]\n',
            "claims.x.steps[1]",
            "takes a list of texts or a list of memberships, and here comes a text",
        ),
        (
            '[claims.x]\nsource = "institutions"\nsteps = ["age_at_least:9"]\n',
            "claims.x.steps[0]",
            "takes a day of birth",
        ),
        (
            '[claims.x]\nsource = "institutions"\nsteps = ["distinct", "distinct"]\n',
            "claims.x.steps",
            "entry 2 is the same as entry 1",
        ),
        ('[claims.x]\nsource = "constant"\n', "claims.x.constant", "is missing"),
        (
            '[claims.x]\nsource = "barcode"\nconstant = "a"\n',
            "claims.x.constant",
            'needs source = "constant"',
        ),
        (
            '[claims.x]\nsource = "constant"\nconstant = ""\n',
            "claims.x.constant",
            "no text may be empty",
        ),
        (
            '[claims.x]\nsource = "constant"\nconstant = []\n',
            "claims.x.constant",
            "a list of texts",
        ),
        (
            '[claims.x]\nsource = "constant"\nconstant = 1.5\n',
            "claims.x.constant",
            "a whole number",
        ),
        (
            '[claims.x]\nsource = "constant"\nconstant = { a = 1 }\n',
            "claims.x.constant",
            "a whole number",
        ),
        (
            '[claims.x]\nsource = "none"\nscopes = ["a"]\n',
            "claims.x.scopes",
            'does nothing beside source = "none"',
        ),
        (
            '[claims.x]\nsource = "barcode"\nscopes = ["openid"]\n',
            "claims.x.scopes",
            "gives no claims",
        ),
        (
            '[claims.x]\nsource = "barcode"\nscopes = ["a b"]\n',
            "claims.x.scopes[0]",
            "is not of the form",
        ),
        (
            '[claims.x]\nsource = "barcode"\nscopes = ["a", "a"]\n',
            "claims.x.scopes",
            "entry 2 is the same as entry 1",
        ),
        ('[claims."a-b"]\nsource = "barcode"\n', "claims.a-b", "nesting"),
        (
            '[claims._claim_names]\nsource = "barcode"\n',
            "claims._claim_names",
            "letter",
        ),
        ('[claims."é"]\nsource = "barcode"\n', "claims.é", "letter"),
        ('[claims.sub]\nsource = "barcode"\n', "claims.sub", "protocol"),
        ('[claims.address]\nsource = "barcode"\n', "claims.address", "protocol"),
        (
            '[claims.email]\nsource = "constant"\nconstant = "a@b.ch"\n',
            "claims.email.source",
            'must be "email"',
        ),
        (
            '[claims.email_verified]\nsource = "active"\n',
            "claims.email_verified.source",
            'must be "email_verified"',
        ),
        (
            '[claims.birthdate]\nsource = "birthdate"\nsteps = ["age_at_least:18"]\n',
            "claims.birthdate.steps",
            "OpenID Connect has a day of birth there",
        ),
        (
            '[claims.name]\nsource = "institutions"\n',
            "claims.name.source",
            "OpenID Connect has a text there",
        ),
        (
            '[claims.x]\nsource = "barcode"\nlabel = { "f r" = "x" }\n',
            "claims.x.label.f r",
            "is not a language",
        ),
        ("[claims]\nx = 3\n", "claims.x", "must be a table"),
        ("[tables.t]\n", "tables.t.texts", "is missing"),
        ("[tables.t]\ntexts = {}\n", "tables.t.texts", "at least one"),
        ('[tables.t]\ntexts = { a = "" }\n', "tables.t.texts.a", "must not be empty"),
        (
            '[tables.t]\ntexts = { VS = "x", vs = "y" }\n',
            "tables.t.texts.vs",
            "is the same code as VS",
        ),
        (
            '[tables.t]\ntexts = { nj = "x", RBNJ = "y" }\n',
            "tables.t.texts.RBNJ",
            "is the same code as nj",
        ),
    ],
)
def test_a_faulty_table_is_told_once_with_its_key(
    faults_of: FaultsOf, table: str, key: str, message: str
) -> None:
    found = faults_of(least=LEAST + table)

    assert [fault.key for fault in found] == [key]
    assert message in found[0].message
    assert found[0].line is not None


def test_a_faulty_name_is_told_beside_a_faulty_source(faults_of: FaultsOf) -> None:
    found = faults_of(least=LEAST + '[claims."a-b"]\nsource = "x"\n')

    assert [fault.key for fault in found] == ["claims.a-b", "claims.a-b.source"]


@pytest.mark.parametrize("key", ["claims", "id_token_claims"])
def test_claims_that_are_not_there_are_faults_of_the_client(
    faults_of: FaultsOf, key: str
) -> None:
    listed = f'{CLIENT}{key} = ["birthdat"]\n'

    found = faults_of(least=LEAST + listed)

    assert [fault.key for fault in found] == [f"clients[0].{key}[0]"]
    assert "Did you mean birthdate?" in found[0].message


def test_a_fault_of_a_clients_own_rule_is_told_at_its_line(faults_of: FaultsOf) -> None:
    own = '[clients.claim_rules.card]\nsource = "barcode"\nsteps = ["first"]\n'

    found = faults_of(least=LEAST + CLIENT + own)

    assert [fault.key for fault in found] == ["clients[0].claim_rules.card.steps[0]"]
    assert (
        found[0].line
        == (LEAST + CLIENT + own).splitlines().index('steps = ["first"]') + 1
    )


def test_a_claim_of_a_faulty_rule_is_not_called_missing(faults_of: FaultsOf) -> None:
    rule = '[claims.card]\nsource = "barcode"\nsteps = ["first"]\n'

    found = faults_of(least=LEAST + rule + CLIENT + 'claims = ["card"]\n')

    assert [fault.key for fault in found] == ["claims.card.steps[0]"]


def test_a_client_has_no_more_scopes_than_a_token_can_carry(
    faults_of: FaultsOf, load: Load
) -> None:
    rules = "".join(
        f'[claims.c{n}]\nsource = "barcode"\nscopes = ["s{n}"]\n' for n in range(16)
    )
    scopes = ["openid", *(f"s{n}" for n in range(15))]
    client = f'{CLIENT}scope = "{" ".join(scopes)}"\n'
    load(least=LEAST + rules + client)

    found = faults_of(least=LEAST + rules + client.replace("s14", "s14 s15"))

    assert [fault.key for fault in found] == ["clients[0].scope"]
    assert "more than 16" in found[0].message


EXAMPLE = """
[[examples]]
client = "desk"
patron = { user_id = 3 }
today = "2026-11-25"
"""


@pytest.mark.parametrize(
    ("lines", "key", "message"),
    [
        ("", "examples[0].client", "expects nothing"),
        (
            'refused = "membership_expire"\n',
            "examples[0].refused",
            "mean membership_expired?",
        ),
        (
            'refused = "institution"\nallowed = true\n',
            "examples[0].allowed",
            "keep one of the two",
        ),
        (
            "allowed = false\nclaims = {}\n",
            "examples[0].claims",
            "brings no claims",
        ),
        (
            'refused = "institution"\nid_token = {}\n',
            "examples[0].id_token",
            "brings no claims",
        ),
        ('allowed = true\nscope = "rero"\n', "examples[0].scope", "must hold openid"),
        ("allowed = 1\n", "examples[0].allowed", "must be true or false"),
    ],
)
def test_an_example_that_cannot_hold_is_a_fault(
    faults_of: FaultsOf, lines: str, key: str, message: str
) -> None:
    found = faults_of(least=LEAST + CLIENT + EXAMPLE + lines)

    assert [fault.key for fault in found] == [key]
    assert message in found[0].message


def test_an_example_names_a_client_that_is_there(faults_of: FaultsOf) -> None:
    example = EXAMPLE.replace("desk", "dsk") + "allowed = true\n"

    found = faults_of(least=LEAST + CLIENT + example)

    assert [fault.key for fault in found] == ["examples[0].client"]
    assert "Did you mean desk?" in found[0].message


@pytest.mark.parametrize("key", ["client", "patron", "today"])
def test_an_example_says_who_signs_in_where_and_when(
    faults_of: FaultsOf, key: str
) -> None:
    lines = [line for line in EXAMPLE.splitlines(True) if not line.startswith(key)]

    found = faults_of(least=LEAST + CLIENT + "".join(lines) + "allowed = true\n")

    assert [fault.key for fault in found] == [f"examples[0].{key}"]
    assert "is missing" in found[0].message


def test_an_example_that_is_no_table_is_a_fault(faults_of: FaultsOf) -> None:
    found = faults_of("examples = [3]\n", least=LEAST + CLIENT)

    assert [fault.key for fault in found] == ["examples[0]"]
