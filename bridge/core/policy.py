"""Policy: who may use a client, and what its lines mean by a membership and an age.

Codes of institutions and patron types are compared without regard to case: they are
folded here, once, and folded again where a patron's are held against them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.core.patron import Membership

ALIASES: Final = MappingProxyType({"rbnj": "nj"})  # RERO+ renamed it in 2024-12
NEVER: Final = date.max.toordinal()  # RERO+ writes "never" as 9999-12-31
LEAP_DAY: Final = (2, 29)


class DayRule(StrEnum):
    """When a membership ends that RERO+ dates by a day alone."""

    START = "start"  # RERO+'s own rule: over from 00:00 of that day
    END = "end"  # milder, and what is printed on a card: that day included


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a client; eligibility.py decides by its lines, in this order.

    Subjects are those that the client knows; institutions stand under all their names.
    """

    name: str = "default"
    deny: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    requires_patron_record: bool = True
    institutions: frozenset[str] = frozenset()  # whose memberships count; empty: all
    patron_types: frozenset[tuple[str | None, str]] = frozenset()  # None: anywhere
    requires_membership: bool = False  # a current one; else expired ones are let in
    grace_days: int = 0
    day_rule: DayRule = DayRule.END
    requires_all: bool = False  # every membership that counts, else one of them
    minimum_age: int | None = None  # whole years
    maximum_age: int | None = None


def names_of(
    institutions: Iterable[str], aliases: Mapping[str, str] = ALIASES
) -> frozenset[str]:
    """Return *institutions*, folded, with every other name that they have."""
    wanted = {normalise_institution(code, aliases) for code in institutions}
    others = {alias for alias, code in aliases.items() if code in wanted}
    return frozenset(wanted | others)


def normalise_institution(code: str, aliases: Mapping[str, str] = ALIASES) -> str:
    """Fold case and former names of an institution's code."""
    folded = code.casefold()
    return aliases.get(folded, folded)


def is_current(
    membership: Membership, today: date, day_rule: DayRule, grace_days: int = 0
) -> bool:
    """Tell whether *membership* is valid on *today*, grace days included."""
    return today.toordinal() <= last_ordinal(membership, day_rule, grace_days)


def last_ordinal(membership: Membership, day_rule: DayRule, grace_days: int = 0) -> int:
    """Return the last day on which *membership* is valid, as an ordinal.

    It may lie before the first day of the calendar; NEVER or more: it does not end.
    Where the end is not known, no day is known to be a valid one.
    """
    if not membership.is_end_known:
        return 0
    if membership.expires_on is None:
        return NEVER
    last = membership.expires_on.toordinal() + grace_days
    return last - 1 if day_rule is DayRule.START else last


def age_on(birthdate: date, today: date) -> int:
    """Return the age in whole years; 29 February is reached on 1 March elsewhere."""
    is_before = (today.month, today.day) < (birthdate.month, birthdate.day)
    return today.year - birthdate.year - is_before


def last_day_of_age(birthdate: date, age: int) -> date | None:
    """Return the last day of *age* whole years, or None: the calendar ends before."""
    year = birthdate.year + age + 1
    if year > date.max.year:
        return None
    if (birthdate.month, birthdate.day) == LEAP_DAY:  # the day before 29/2 or 1/3
        return date(year, 2, 28)
    return birthdate.replace(year=year) - timedelta(days=1)
