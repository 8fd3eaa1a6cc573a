"""Make the core's claim rules of the tables [claims.NAME], and say what is wrong there.

A step is written "name" or "name:argument"; only the functions of
core/claim_functions.py are there, and nothing of the configuration is ever run.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bridge.core.claim_functions import (
    FUNCTIONS,
    Function,
    Step,
    Table,
    result_kind,
)
from bridge.core.claim_mapping import (
    DEFAULT_MAPPING,
    OWN_SOURCES,
    STANDARD_KINDS,
    ClaimMapping,
    ClaimRule,
    Constant,
)
from bridge.core.claim_sources import Source
from bridge.core.policy import names_of, normalise_institution
from bridge.settings.model_claims import (
    NO_SOURCE,
    ClaimRuleSettings,
    TableSettings,
    name_fault,
)
from bridge.settings.similar import did_you_mean
from bridge.settings.toml_lines import KeyPath

MAX_AGE: Final = 150  # whole years
RuleFault = tuple[KeyPath, str]  # below the rule's own path, and what is wrong there
_FUNCTION_NAMES: Final = tuple(function.value for function in Function)


def build_table(name: str, table: TableSettings, aliases: Mapping[str, str]) -> Table:
    """Make the core's table; an institution is found under all its names."""
    texts = {
        name: text
        for code, text in table.texts.items()
        for name in names_of([code], aliases)
    }
    return Table(name, texts, table.default)


def build_mapping(
    base: ClaimMapping,
    rules: Mapping[str, ClaimRuleSettings],
    tables: Mapping[str, Table],
) -> ClaimMapping:
    """Return *base* with *rules*, all of them free of faults, added or replaced."""
    return base.changed(
        (name, _build_rule(name, rule, tables, base)) for name, rule in rules.items()
    )


def _build_rule(
    name: str,
    rule: ClaimRuleSettings,
    tables: Mapping[str, Table],
    base: ClaimMapping,
) -> ClaimRule | None:
    if rule.source == NO_SOURCE:
        return None
    # What a rule does not say of its scopes stays as it is without it.
    before = base.rule(name) or DEFAULT_MAPPING.rule(name)
    scopes = rule.scopes
    if scopes is None:
        scopes = () if before is None else before.scopes
    return ClaimRule(
        name,
        Source(rule.source),
        scopes,
        tuple(step for text in rule.steps if (step := read_step(text, tables)[0])),
        _constant(rule),
        () if before is None else before.on_request,
        dict(rule.label),
    )


def _constant(rule: ClaimRuleSettings) -> Constant | None:
    value = rule.constant
    if isinstance(value, list):
        return tuple(text for text in value if isinstance(text, str))
    return value if isinstance(value, str | bool | int) else None


def read_step(text: str, tables: Mapping[str, Table]) -> tuple[Step | None, str]:
    """Read one step; without it comes what is wrong, and what to write instead."""
    name, colon, argument = text.partition(":")
    if name not in _FUNCTION_NAMES:
        guess = did_you_mean(name, _FUNCTION_NAMES)
        known = ", ".join(_FUNCTION_NAMES)
        return None, f"there is no such function.{guess} It is one of {known}"
    function = Function(name)
    wanted = FUNCTIONS[function].argument
    if wanted is None:
        step = None if colon else Step(function)
        return step, f'takes nothing behind its name: write "{name}"'
    if not argument:
        return None, f'needs {wanted} behind a colon: write "{name}:..."'
    return _with_argument(function, argument, tables)


def _with_argument(
    function: Function, argument: str, tables: Mapping[str, Table]
) -> tuple[Step | None, str]:
    if function is Function.JOIN:
        return Step(function, separator=argument), ""
    if function is Function.AGE_AT_LEAST:
        is_age = argument.isascii() and argument.isdigit() and len(argument) < 4
        if not is_age or not 0 < int(argument) <= MAX_AGE:
            return None, f'needs a number of years from 1 to {MAX_AGE}: "{function}:16"'
        return Step(function, years=int(argument)), ""
    if argument not in tables:
        guess = did_you_mean(argument, tables)
        return None, f"there is no such table.{guess} Define a table under tables"
    return Step(function, table=tables[argument]), ""


def rule_faults(
    name: str, rule: ClaimRuleSettings, tables: Mapping[str, Table]
) -> Iterator[RuleFault]:
    """Say what is wrong with a rule whose single keys are good."""
    if fault := name_fault(name):
        yield (), fault
    if rule.source == NO_SOURCE:
        for key in sorted(rule.model_fields_set - {"source"}):
            yield (key,), 'does nothing beside source = "none"'
        return
    if rule.source == Source.CONSTANT and rule.constant is None:
        yield ("constant",), 'is missing beside source = "constant"'
        return
    if rule.source != Source.CONSTANT and rule.constant is not None:
        yield ("constant",), 'needs source = "constant"'
        return
    own = OWN_SOURCES.get(name)
    if own is not None and rule.source != own:
        yield ("source",), f'must be "{own}": services link accounts by it'
    if own is not None and rule.steps:  # a table's default is one address for everybody
        yield ("steps",), "must be left out: services link accounts by it"
        return
    yield from _step_faults(name, rule, tables)


def _step_faults(
    name: str, rule: ClaimRuleSettings, tables: Mapping[str, Table]
) -> Iterator[RuleFault]:
    kind = ClaimRule(name, Source(rule.source), constant=_constant(rule)).source_kind
    for number, text in enumerate(rule.steps):
        step, wrong = read_step(text, tables)
        if step is None:
            yield ("steps", number), wrong
            return
        after = result_kind(kind, step)
        if after is None:
            takes = " or ".join(FUNCTIONS[step.function].gives)
            yield ("steps", number), f"takes {takes}, and here comes {kind}"
            return
        kind = after
    wanted = STANDARD_KINDS.get(name, kind)
    if kind is not wanted:
        message = f"makes {kind} of it, and OpenID Connect has {wanted} there"
        yield ("steps" if rule.steps else "source",), message


def table_faults(
    table: TableSettings, aliases: Mapping[str, str]
) -> Iterator[RuleFault]:
    """Say which codes of a table are one."""
    first: dict[str, str] = {}
    for code in table.texts:
        other = first.setdefault(normalise_institution(code, aliases), code)
        if other != code:
            yield ("texts", code), f"is the same code as {other}: keep one of the two"
