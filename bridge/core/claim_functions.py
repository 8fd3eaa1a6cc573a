"""What a rule may do with a value on its way to a claim: a closed set of functions.

No code and no regular expression of the configuration is ever run. Each function says
what it takes and gives, so that a rule that cannot work is a fault of the configuration
and not a surprise at a login. A value that comes to nothing leaves its claim out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bridge.core.claim_sources import Kind
from bridge.core.patron import JsonValue
from bridge.core.policy import age_on


@dataclass(frozen=True, slots=True)
class Table:
    """Readable texts for RERO+'s codes, such as the names of institutions."""

    name: str
    texts: Mapping[str, str]  # folded code -> text
    default: str | None = None  # for codes that are not in it; None: left out

    def text(self, code: str) -> str | None:
        """Return the text for *code*, without regard to case."""
        return self.texts.get(code.casefold(), self.default)


class Function(StrEnum):
    """What a step may be."""

    FIRST = "first"
    LAST = "last"
    UPPER = "upper"
    LOWER = "lower"
    JOIN = "join"
    DISTINCT = "distinct"
    TABLE = "table"
    AGE_AT_LEAST = "age_at_least"
    AS_TEXT = "as_text"


@dataclass(frozen=True, slots=True)
class Step:
    """One function of a rule, with its argument where it has one."""

    function: Function
    separator: str = ""  # of join
    years: int = 0  # of age_at_least
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class FunctionRule:
    """What a function makes of which kind of value, and how."""

    gives: Mapping[Kind, Kind]
    apply: Callable[[JsonValue, Step, date], JsonValue]
    argument: str | None = None  # what stands behind the colon, for people


def result_kind(kind: Kind, step: Step) -> Kind | None:
    """Return what *step* makes of a value of *kind*; None: it cannot take it."""
    return FUNCTIONS[step.function].gives.get(kind)


def apply_step(value: JsonValue, step: Step, today: date) -> JsonValue:
    """Return what *step* makes of *value*, or None where nothing is left."""
    result = FUNCTIONS[step.function].apply(value, step, today)
    return None if result in ("", []) else result


def _first(value: JsonValue, _: Step, __: date) -> JsonValue:
    return value[0] if isinstance(value, list) else None


def _last(value: JsonValue, _: Step, __: date) -> JsonValue:
    return value[-1] if isinstance(value, list) else None


def _upper(value: JsonValue, _: Step, __: date) -> JsonValue:
    return _each(value, str.upper)


def _lower(value: JsonValue, _: Step, __: date) -> JsonValue:
    return _each(value, str.lower)


def _table(value: JsonValue, step: Step, _: date) -> JsonValue:
    return None if step.table is None else _each(value, step.table.text)


def _each(value: JsonValue, change: Callable[[str], str | None]) -> JsonValue:
    if isinstance(value, list):
        changed = (change(item) for item in value if isinstance(item, str))
        return [item for item in changed if item]
    return change(value) if isinstance(value, str) else None


def _join(value: JsonValue, step: Step, _: date) -> JsonValue:
    items = value if isinstance(value, list) else []
    return step.separator.join(item for item in items if isinstance(item, str))


def _distinct(value: JsonValue, _: Step, __: date) -> JsonValue:
    items = value if isinstance(value, list) else []
    return [*dict.fromkeys(item for item in items if isinstance(item, str))]


def _age_at_least(value: JsonValue, step: Step, today: date) -> JsonValue:
    if not isinstance(value, str):
        return None
    return age_on(date.fromisoformat(value), today) >= step.years


def _as_text(value: JsonValue, _: Step, __: date) -> JsonValue:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_TEXTS: Final = {Kind.TEXT: Kind.TEXT, Kind.TEXTS: Kind.TEXTS}
_ELEMENT: Final = {Kind.TEXTS: Kind.TEXT, Kind.RECORDS: Kind.RECORD}
_PLAIN: Final = dict.fromkeys(
    (Kind.TEXT, Kind.DAY, Kind.BOOLEAN, Kind.NUMBER), Kind.TEXT
)
FUNCTIONS: Final[Mapping[Function, FunctionRule]] = {
    Function.FIRST: FunctionRule(_ELEMENT, _first),
    Function.LAST: FunctionRule(_ELEMENT, _last),
    Function.UPPER: FunctionRule(_TEXTS, _upper),
    Function.LOWER: FunctionRule(_TEXTS, _lower),
    Function.JOIN: FunctionRule({Kind.TEXTS: Kind.TEXT}, _join, "a separator"),
    Function.DISTINCT: FunctionRule({Kind.TEXTS: Kind.TEXTS}, _distinct),
    Function.TABLE: FunctionRule(_TEXTS, _table, "the name of a table"),
    Function.AGE_AT_LEAST: FunctionRule(
        {Kind.DAY: Kind.BOOLEAN}, _age_at_least, "a number of years"
    ),
    Function.AS_TEXT: FunctionRule(_PLAIN, _as_text),
}
