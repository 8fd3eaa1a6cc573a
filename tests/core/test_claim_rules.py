"""A rule makes a claim of a source by steps, or leaves it out: nothing is made up."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from bridge.core.claim_functions import FUNCTIONS, Function, Step, Table, apply_step
from bridge.core.claim_mapping import (
    DEFAULT_MAPPING,
    OWN_SOURCES,
    ClaimMapping,
    ClaimRule,
    Constant,
)
from bridge.core.claim_sources import SOURCES, ClaimFacts, Kind, Source
from bridge.core.patron import Identity, IdentityKind, JsonValue, Membership, Patron

TODAY: Final = date(2027, 1, 15)
BARE: Final = Patron(Identity(IdentityKind.USER, "6"))
WHOLE: Final = Patron(
    Identity(IdentityKind.USER, "4"),
    fullname="De la Croix, née Müller, Marie",
    birthdate=date(2011, 1, 15),
    barcode="10000201",
    email="not.asked@mail.example",
    memberships=(
        Membership("fr", None, date(2017, 7, 16), "203"),
        Membership("NJ", "nj-adu", date(2029, 7, 16), "202"),
        Membership("NJ", "nj-adu", date(2027, 1, 15), "204"),
    ),
)
NOBODY: Final = replace(BARE, email="not.asked@mail.example")
HOMES: Final = Table("homes", {"nj": "Neuchâtel", "rbnj": "Neuchâtel"})
FACTS: Final = ClaimFacts(WHOLE, "sub0", TODAY, email="m@mail.example")
RECORDS: Final[list[JsonValue]] = [
    {"institution": "fr", "expiration_date": "2017-07-16", "active": False},
    {
        "institution": "NJ",
        "patron_type": "nj-adu",
        "expiration_date": "2029-07-16",
        "active": True,
    },
    {
        "institution": "NJ",
        "patron_type": "nj-adu",
        "expiration_date": "2027-01-15",
        "active": True,
    },
]


def value_of(rule: ClaimRule, patron: Patron = WHOLE) -> JsonValue:
    email = None if patron is NOBODY else FACTS.email
    return rule.value(replace(FACTS, patron=patron, email=email))


def steps(*functions: Function) -> tuple[Step, ...]:
    return tuple(Step(function) for function in functions)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (Source.SUBJECT, "sub0"),
        (Source.FULLNAME, "De la Croix, née Müller, Marie"),
        (Source.NAME, "Marie De la Croix, née Müller"),
        (Source.GIVEN_NAME, "Marie"),
        (Source.FAMILY_NAME, "De la Croix, née Müller"),
        (Source.BIRTHDATE, "2011-01-15"),
        (Source.EMAIL, "m@mail.example"),
        (Source.EMAIL_VERIFIED, False),
        (Source.BARCODE, "10000201"),
        (Source.PATRON_PIDS, ["203", "202", "204"]),
        (Source.MEMBERSHIPS, RECORDS),
        (Source.INSTITUTIONS, ["fr", "NJ", "NJ"]),
        (Source.PATRON_TYPES, ["nj-adu", "nj-adu"]),
        (Source.EXPIRATION_DATES, ["2017-07-16", "2029-07-16", "2027-01-15"]),
        (Source.LATEST_EXPIRATION, "2029-07-16"),
        (Source.ACTIVE, True),
    ],
)
def test_each_source_tells_what_it_knows(source: Source, value: JsonValue) -> None:
    assert value_of(ClaimRule("x", source)) == value


@pytest.mark.parametrize("source", [*Source])
def test_a_source_that_knows_nothing_gives_no_claim(source: Source) -> None:
    nobody = ClaimFacts(BARE, "sub0", TODAY)

    claims = ClaimMapping((ClaimRule("x", source),)).claims(nobody)

    assert claims == ({"x": "sub0"} if source is Source.SUBJECT else {})


@pytest.mark.parametrize("function", [*Function])
def test_no_function_makes_something_of_nothing(function: Function) -> None:
    step = Step(function, separator=",", years=1, table=replace(HOMES, default="x"))

    for source in set(Source) - {Source.SUBJECT}:
        assert value_of(ClaimRule("x", source, steps=(step,)), NOBODY) is None


def test_every_source_stands_in_the_table_of_what_is_asked_for_it() -> None:
    assert set(SOURCES) == set(Source)
    asked = {scope for rule in SOURCES.values() for scope in rule.upstream_scopes}
    assert asked == {
        "fullname",
        "birthdate",
        "institution",
        "patron_type",
        "expiration_date",
        "patron_types",
        "user:email",
    }


def test_the_latest_end_is_not_told_where_one_membership_has_none() -> None:
    endless = replace(WHOLE, memberships=(*WHOLE.memberships, Membership("vs")))

    assert value_of(ClaimRule("x", Source.LATEST_EXPIRATION), endless) is None


def test_a_patron_is_inactive_where_all_memberships_are_over() -> None:
    over = replace(WHOLE, memberships=WHOLE.memberships[:1])

    assert value_of(ClaimRule("x", Source.ACTIVE), over) is False


@pytest.mark.parametrize(
    ("source", "functions", "value"),
    [
        (Source.INSTITUTIONS, (Function.FIRST,), "fr"),
        (Source.INSTITUTIONS, (Function.LAST, Function.LOWER), "nj"),
        (Source.INSTITUTIONS, (Function.UPPER, Function.DISTINCT), ["FR", "NJ"]),
        (Source.MEMBERSHIPS, (Function.FIRST,), RECORDS[0]),
        (Source.BIRTHDATE, (Function.AS_TEXT,), "2011-01-15"),
        (Source.ACTIVE, (Function.AS_TEXT,), "true"),
        (Source.EMAIL_VERIFIED, (Function.AS_TEXT,), "false"),
    ],
)
def test_functions_are_applied_one_after_the_other(
    source: Source, functions: tuple[Function, ...], value: JsonValue
) -> None:
    assert value_of(ClaimRule("x", source, steps=steps(*functions))) == value


def test_join_puts_its_separator_between() -> None:
    step = Step(Function.JOIN, separator="; ")

    assert value_of(ClaimRule("x", Source.INSTITUTIONS, steps=(step,))) == "fr; NJ; NJ"


def test_a_table_is_read_without_regard_to_case_and_leaves_other_codes_out() -> None:
    step = Step(Function.TABLE, table=HOMES)

    found = value_of(ClaimRule("x", Source.INSTITUTIONS, steps=(step,)))

    assert found == ["Neuchâtel", "Neuchâtel"]


def test_the_default_of_a_table_stands_for_other_codes() -> None:
    step = Step(Function.TABLE, table=replace(HOMES, default="RERO+"))
    rule = ClaimRule("x", Source.INSTITUTIONS, steps=(*steps(Function.FIRST), step))

    assert value_of(rule) == "RERO+"


def test_a_claim_whose_table_knows_no_code_is_left_out() -> None:
    step = Step(Function.TABLE, table=HOMES)
    in_fr = replace(WHOLE, memberships=WHOLE.memberships[:1])
    rule = ClaimRule("x", Source.INSTITUTIONS, steps=(step, *steps(Function.FIRST)))

    assert value_of(rule, in_fr) is None


@pytest.mark.parametrize(
    ("birthdate", "today", "years", "expected"),
    [
        (date(2011, 1, 15), date(2027, 1, 15), 16, True),
        (date(2011, 1, 16), date(2027, 1, 15), 16, False),
        (date(2008, 2, 29), date(2026, 2, 28), 18, False),
        (date(2008, 2, 29), date(2026, 3, 1), 18, True),
    ],
)
def test_an_age_is_reached_on_the_birthday(
    birthdate: date, today: date, years: int, *, expected: bool
) -> None:
    step = Step(Function.AGE_AT_LEAST, years=years)

    assert apply_step(birthdate.isoformat(), step, today) is expected


@pytest.mark.parametrize(
    ("constant", "kind", "value"),
    [
        ("library", Kind.TEXT, "library"),
        (3, Kind.NUMBER, 3),
        (True, Kind.BOOLEAN, True),
        (False, Kind.BOOLEAN, False),
        (("a", "b"), Kind.TEXTS, ["a", "b"]),
    ],
)
def test_a_constant_is_given_to_everybody(
    constant: Constant, kind: Kind, value: JsonValue
) -> None:
    rule = ClaimRule("x", Source.CONSTANT, constant=constant)

    assert (rule.kind, value_of(rule, BARE)) == (kind, value)


def test_what_a_rule_gives_is_what_its_kind_says() -> None:
    types = {
        Kind.TEXT: str,
        Kind.TEXTS: list,
        Kind.DAY: str,
        Kind.RECORD: dict,
        Kind.RECORDS: list,
        Kind.BOOLEAN: bool,
    }

    for source in set(Source) - {Source.CONSTANT}:
        for function, rule in FUNCTIONS.items():
            step = Step(function, separator=",", years=9, table=HOMES)
            made = ClaimRule("x", source, steps=(step,))
            assert (made.kind is None) == (SOURCES[source].kind not in rule.gives)
            if made.kind is not None:
                value = value_of(made)
                assert value is None or isinstance(value, types[made.kind])


def test_a_mapping_changes_rules_in_their_place_and_takes_them_out() -> None:
    shouted = ClaimRule("name", Source.NAME, ("loud",), steps(Function.UPPER))
    card = ClaimRule("card", Source.BARCODE, ("loud",))

    mapping = DEFAULT_MAPPING.changed(
        [("name", shouted), ("card", card), ("birthdate", None)]
    )

    assert mapping.names[:3] == ("sub", "name", "given_name")
    assert mapping.names[-1] == "card"
    assert "birthdate" not in mapping.names
    assert mapping.given_by(["loud"]) == ("name", "card")
    assert mapping.given_by(["profile"]) == ("given_name", "family_name")


def test_the_claims_parameter_may_ask_more_than_the_scope_gives() -> None:
    assert "birthdate" not in DEFAULT_MAPPING.given_by(["profile"])
    assert "birthdate" in DEFAULT_MAPPING.askable_by(["profile"])
    assert "birthdate" not in DEFAULT_MAPPING.askable_by(["email", "rero"])


def test_an_address_comes_from_its_own_source_alone() -> None:
    for name, source in OWN_SOURCES.items():
        rule = DEFAULT_MAPPING.rule(name)
        assert rule is not None
        assert rule.source is source


def test_labels_are_those_of_ones_own_claims() -> None:
    labelled = ClaimRule("card", Source.BARCODE, label={"fr": "Carte", "de": "Karte"})
    mapping = DEFAULT_MAPPING.changed(
        [("card", labelled), ("pid", ClaimRule("pid", Source.PATRON_PIDS))]
    )

    assert mapping.labels("de") == {"card": "Karte", "pid": "pid"}
    assert mapping.labels("it") == {"card": "Carte", "pid": "pid"}
