"""The tables [policies.NAME] and [institutions]: what they become, and their faults."""

import re
from pathlib import Path

import pytest

from bridge.core.policy import DayRule, Policy
from bridge.settings.clients import build_policies
from tests.settings.configurations import LEAST, FaultsOf, Load

MANUAL = Path(__file__).parents[2] / "docs" / "policies.md"
CLIENT = """
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example.ch/callback"]
token_endpoint_auth_method = "none"
policy = "p"
"""
WHOLE = """
[policies.p]
deny = ["d1"]
allow = ["a1", "a2"]
patron_record = false
institutions = ["VS", "RBNJ", "old"]
patron_types = ["VS-Std", "nj:Adult"]
membership = "current"
grace_days = 14
day_rule = "start"
memberships = "all"
minimum_age = 16
maximum_age = 25
[institutions.aliases]
OLD = "New"
"""
CURRENT = 'membership = "current"\n'


def with_policy(lines: str) -> str:
    """Write the least configuration with a policy, whose table is line 8."""
    return f"{LEAST}[policies.p]\n{lines}\n{CLIENT}"


def test_a_policy_is_built_of_all_its_lines(load: Load) -> None:
    policies = build_policies(load(least=LEAST + WHOLE).settings)

    assert dict(policies) == {
        "p": Policy(
            name="p",
            deny=frozenset({"d1"}),
            allow=frozenset({"a1", "a2"}),
            requires_patron_record=False,
            institutions=frozenset({"vs", "nj", "rbnj", "new", "old"}),
            patron_types=frozenset(
                {(None, "vs-std"), ("nj", "adult"), ("rbnj", "adult")}
            ),
            requires_membership=True,
            grace_days=14,
            day_rule=DayRule.START,
            requires_all=True,
            minimum_age=16,
            maximum_age=25,
        )
    }


def test_a_policy_without_lines_is_the_default_one(load: Load) -> None:
    policies = build_policies(load(least=with_policy("")).settings)

    assert dict(policies) == {"p": Policy(name="p")}


def test_the_oldest_name_follows_where_an_institution_is_renamed_again(
    load: Load,
) -> None:
    aliases = '[institutions.aliases]\nnj = "xx"\n'

    settings = load(least=with_policy('institutions = ["xx"]') + aliases).settings

    assert build_policies(settings)["p"].institutions == {"xx", "nj", "rbnj"}


@pytest.mark.parametrize(
    ("lines", "key", "message"),
    [
        (
            "minimum_age = 26\nmaximum_age = 25",
            "minimum_age",
            "must be at most maximum_age (25), else nobody is let in",
        ),
        ("minimum_age = -1", "minimum_age", "must be at least 0"),
        ("maximum_age = 151", "maximum_age", "must be at most 150"),
        (
            "grace_days = 3",
            "grace_days",
            'changes nothing without membership = "current" beside it',
        ),
        (
            'memberships = "all"',
            "memberships",
            'changes nothing without membership = "current" or patron_types',
        ),
        (
            'deny = ["x", "y"]\nallow = ["z", "y"]',
            "allow[1]",
            "stands in deny, too, which goes first: keep one of the two",
        ),
        ("deny = ['é']", "deny[0]", "is not of the form that this key takes"),
        (
            'institutions = ["vs", "Sion 1"]',
            "institutions[1]",
            'is no code of an institution: write it as RERO+ does: "vs"',
        ),
        (
            'patron_types = ["vs:"]',
            "patron_types[0]",
            'is no patron type: write "vs-std", or "vs:vs-std"',
        ),
        (
            'patron_types = [":std"]',
            "patron_types[0]",
            'is no patron type: write "vs-std", or "vs:vs-std"',
        ),
        (
            'institutions = ["nj"]\npatron_types = ["rbnj:x", "vs:x"]',
            "patron_types[1]",
            "is of an institution that is not among institutions",
        ),
    ],
)
def test_a_faulty_line_is_told_with_what_to_write(
    faults_of: FaultsOf, lines: str, key: str, message: str
) -> None:
    faults = faults_of(least=with_policy(lines))

    assert [(f.key, f.message.partition(", such as")[0]) for f in faults] == [
        (f"policies.p.{key}", message.partition(", such as")[0])
    ]
    name = key.partition("[")[0]
    line = next(i for i, t in enumerate(lines.split("\n")) if t.startswith(name))
    assert faults[0].line == 9 + line


@pytest.mark.parametrize("key", ["deny", "allow", "institutions", "patron_types"])
def test_an_empty_list_is_a_fault(faults_of: FaultsOf, key: str) -> None:
    faults = faults_of(least=with_policy(f"{key} = []"))

    message = "must hold at least one; without the key nothing is asked"
    assert [(f.key, f.message) for f in faults] == [(f"policies.p.{key}", message)]


@pytest.mark.parametrize(
    ("lines", "key", "scope"),
    [
        (CURRENT, "membership", "expiration_date"),
        ('patron_types = ["x"]', "patron_types", "patron_type"),
        ("minimum_age = 3", "minimum_age", "birthdate"),
        ("maximum_age = 3", "maximum_age", "birthdate"),
    ],
)
def test_a_line_needs_the_scope_that_it_is_decided_by(
    faults_of: FaultsOf, load: Load, lines: str, key: str, scope: str
) -> None:
    text = with_policy(lines)
    few = text.replace("id =", 'scopes = ["institution"]\nid =', 1)
    enough = text.replace("id =", f'scopes = ["{scope}"]\nid =', 1)

    faults = faults_of(least=few)

    assert [(f.key, f.message) for f in faults] == [
        (f"policies.p.{key}", f"needs {scope} among upstream.scopes")
    ]
    assert load(least=enough).settings.policies


def test_whole_records_of_an_older_rero_tell_all_but_the_age(
    faults_of: FaultsOf,
) -> None:
    lines = f'{CURRENT}patron_types = ["x"]\nminimum_age = 3'
    text = with_policy(lines).replace("id =", 'scopes = ["patron_types"]\nid =', 1)

    faults = faults_of(least=text)

    assert [f.key for f in faults] == ["policies.p.minimum_age"]


@pytest.mark.parametrize(
    ("aliases", "key", "words"),
    [
        ('a = "A"', "a", "an alias of itself"),
        ('a = "b"\nb = "c"', "a", "leads to another alias"),
        ('a = "rbnj"', "a", "leads to another alias"),
        ('a = "b"\nA = "c"', "a", "is written twice, in other letters"),
        ('a = "b c"', "a", "is no code of an institution"),
        ('"a b" = "c"', "a b", "is no code of an institution"),
    ],
)
def test_an_alias_leads_to_a_name_that_is_none(
    faults_of: FaultsOf, aliases: str, key: str, words: str
) -> None:
    faults = faults_of(least=f"{LEAST}[institutions.aliases]\n{aliases}\n")

    assert faults[0].key == f"institutions.aliases.{key}"
    assert words in faults[0].message


def test_a_policy_that_no_client_names_is_a_warning(load: Load) -> None:
    unused = "[policies.spare]\nminimum_age = 3\n"

    warnings = load(least=with_policy("") + unused).warnings

    message = 'no client names it; write policy = "spare" where it should'
    assert ("policies.spare", message) in [(w.key, w.message) for w in warnings]
    assert "policies.p" not in [w.key for w in warnings]


def test_a_policy_that_client_defaults_name_is_used(load: Load) -> None:
    defaults = '[client_defaults]\npolicy = "spare"\n[policies.spare]\n'

    warnings = load(least=LEAST + defaults).warnings

    assert "policies.spare" not in [w.key for w in warnings]


def test_a_faulty_line_does_not_hide_those_beside_it(faults_of: FaultsOf) -> None:
    lines = "minimum_age = 'x'\nmaximum_age = 3\ngrace_days = 1\nmembership = 'x'"

    keys = [fault.key for fault in faults_of(least=with_policy(lines))]

    assert keys == ["policies.p.minimum_age", "policies.p.membership"]


def test_example_of_the_manual_is_a_policy(load: Load) -> None:
    blocks = re.findall(r"(?m)(?:^ {4,6}\S.*\n|^\n)+", MANUAL.read_text("utf-8"))
    example = "\n".join(block.replace("\n    ", "\n").strip() for block in blocks)
    client = (
        'redirect_uris = ["https://a.example/"]\ntoken_endpoint_auth_method = "none"'
    )

    loaded = load(least=LEAST + example.replace("policy =", f"{client}\npolicy =", 1))

    policy = build_policies(loaded.settings)["adults-of-valais"]
    assert (policy.minimum_age, policy.grace_days) == (16, 14)
    assert policy.institutions == {"vs", "nj", "rbnj", "oldname"}
    assert [w.key for w in loaded.warnings] == ["upstream.client_secret"]
