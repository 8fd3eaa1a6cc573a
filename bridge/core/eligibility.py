"""Eligibility: may this patron use this client today, and why not.

Authentication is not authorisation: without a policy, expired patrons are let in (the
claim `active` tells), and only accounts that no library knows are refused.

Each line of a policy is one function; `explain` shows what each says, and `decide`
draws the conclusion from the same verdicts. docs/policies.md says it for operators.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bridge.core.patron import Membership, Patron
from bridge.core.policy import (
    NEVER,
    Policy,
    age_on,
    is_current,
    last_day_of_age,
    last_ordinal,
)


class RefusalReason(StrEnum):
    """Why a patron is refused; the page says it in the patron's language."""

    NO_PATRON_RECORD = "no_patron_record"
    INSTITUTION = "institution"
    PATRON_TYPE = "patron_type"
    MEMBERSHIP_EXPIRED = "membership_expired"
    MEMBERSHIP_UNKNOWN = "membership_unknown"  # RERO+ did not tell when it ends
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    BIRTHDATE_UNKNOWN = "birthdate_unknown"
    DENIED = "denied"
    NO_EMAIL = "no_email"  # of a client that cannot do without; core/claims.py tells


class Rule(StrEnum):
    """A line of a policy, by its key in the configuration."""

    DENY = "deny"
    ALLOW = "allow"
    PATRON_RECORD = "patron_record"
    INSTITUTIONS = "institutions"
    PATRON_TYPES = "patron_types"
    MEMBERSHIP = "membership"
    MINIMUM_AGE = "minimum_age"
    MAXIMUM_AGE = "maximum_age"


class Ruling(StrEnum):
    """What a line says of a patron."""

    MET = "met"
    REFUSED = "refused"
    ADMITTED = "admitted"  # whatever the lines below say
    OPEN = "open"  # neither: not on the list, or no membership is left to judge


@dataclass(frozen=True, slots=True)
class Eligible:
    """The patron may use the client."""

    until: date | None = None  # the last day, if nothing changes; None: without end
    memberships: tuple[Membership, ...] = ()  # those by which the policy's lines hold


@dataclass(frozen=True, slots=True)
class Refused:
    """The patron may not, and these facts say why."""

    reason: RefusalReason
    institution: str | None = None
    expired_on: date | None = None
    patron_type: str | None = None
    age_limit: int | None = None  # whole years, the first or last that is let in


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one line of a policy says, and the facts that it was said by."""

    rule: Rule
    ruling: Ruling
    memberships: tuple[Membership, ...]  # those that count after this line
    refused: Refused | None = None
    until: date | None = None  # the last day on which the line is met


@dataclass(frozen=True, slots=True)
class Case:
    """Who is judged, by what, and when."""

    patron: Patron
    policy: Policy
    today: date  # in Europe/Zurich
    sub: str | None  # by which the client knows the patron


Memberships = tuple[Membership, ...]
Line = Callable[[Case, Memberships], RuleVerdict | None]  # None: the policy lacks it


def decide(
    patron: Patron, policy: Policy, today: date, sub: str | None = None
) -> Eligible | Refused:
    """Decide whether *patron* may use a client under *policy* on *today* (Zurich)."""
    return conclude(patron, _verdicts(Case(patron, policy, today, sub)))


def explain(
    patron: Patron, policy: Policy, today: date, sub: str | None = None
) -> tuple[RuleVerdict, ...]:
    """Say what each line of *policy* says of *patron*, those that change nothing too.

    `conclude` makes the decision of it.
    """
    return tuple(_verdicts(Case(patron, policy, today, sub)))


def conclude(patron: Patron, verdicts: Iterable[RuleVerdict]) -> Eligible | Refused:
    """Draw the conclusion: the first line that refuses or admits, else all are met."""
    until, memberships = None, patron.memberships
    for verdict in verdicts:
        if verdict.refused is not None:
            return verdict.refused
        if verdict.ruling is Ruling.ADMITTED:
            return Eligible(None, patron.memberships)
        memberships = verdict.memberships
        if verdict.until is not None:
            until = verdict.until if until is None else min(until, verdict.until)
    return Eligible(until, memberships)


def _verdicts(case: Case) -> Iterator[RuleVerdict]:
    counted = case.patron.memberships
    for line in LINES:
        verdict = line(case, counted)
        if verdict is not None:
            counted = verdict.memberships
            yield verdict


def _deny(case: Case, counted: Memberships) -> RuleVerdict | None:
    if not case.policy.deny:
        return None
    if case.sub in case.policy.deny:
        return _refused(Rule.DENY, counted, Refused(RefusalReason.DENIED))
    return RuleVerdict(Rule.DENY, Ruling.MET, counted)


def _allow(case: Case, counted: Memberships) -> RuleVerdict | None:
    if not case.policy.allow:
        return None
    ruling = Ruling.ADMITTED if case.sub in case.policy.allow else Ruling.OPEN
    return RuleVerdict(Rule.ALLOW, ruling, counted)


def _patron_record(case: Case, counted: Memberships) -> RuleVerdict | None:
    if not case.policy.requires_patron_record:
        return None
    if not case.patron.has_patron_record:
        refused = Refused(RefusalReason.NO_PATRON_RECORD)
        return _refused(Rule.PATRON_RECORD, counted, refused)
    return RuleVerdict(Rule.PATRON_RECORD, Ruling.MET, counted)


def _institutions(case: Case, counted: Memberships) -> RuleVerdict | None:
    """Let only the memberships count that are in one of the institutions."""
    wanted = case.policy.institutions
    if not wanted:
        return None
    left = tuple(m for m in counted if (m.institution or "").casefold() in wanted)
    if not left:
        refused = Refused(RefusalReason.INSTITUTION)
        return _refused(Rule.INSTITUTIONS, left, refused)
    return RuleVerdict(Rule.INSTITUTIONS, Ruling.MET, left)


def _patron_types(case: Case, counted: Memberships) -> RuleVerdict | None:
    if not case.policy.patron_types:
        return None
    if not counted:
        return _nothing_left(Rule.PATRON_TYPES, case)
    fitting = tuple(m for m in counted if _is_of_type(m, case.policy))
    if not fitting or (case.policy.requires_all and fitting != counted):
        others = [m for m in counted if m not in fitting]
        facts = others[0] if len(others) == 1 else Membership(None)
        refused = Refused(
            RefusalReason.PATRON_TYPE, facts.institution, patron_type=facts.patron_type
        )
        return _refused(Rule.PATRON_TYPES, fitting, refused)
    return RuleVerdict(Rule.PATRON_TYPES, Ruling.MET, fitting)


def _is_of_type(membership: Membership, policy: Policy) -> bool:
    if membership.patron_type is None:
        return False
    code = membership.patron_type.casefold()
    institution = (membership.institution or "").casefold()
    wanted = policy.patron_types
    return (None, code) in wanted or (institution, code) in wanted


def _membership(case: Case, counted: Memberships) -> RuleVerdict | None:
    policy = case.policy
    if not policy.requires_membership:
        return None
    if not counted:
        return _nothing_left(Rule.MEMBERSHIP, case)
    rule = (policy.day_rule, policy.grace_days)
    current = tuple(m for m in counted if is_current(m, case.today, *rule))
    if not current or (policy.requires_all and current != counted):
        over = [m for m in counted if m not in current]
        return _refused(Rule.MEMBERSHIP, current, _membership_refusal(over))
    ends = [last_ordinal(m, *rule) for m in current]
    end = min(ends) if policy.requires_all else max(ends)
    until = None if end >= NEVER else date.fromordinal(end)
    return RuleVerdict(Rule.MEMBERSHIP, Ruling.MET, current, until=until)


def _membership_refusal(over: Sequence[Membership]) -> Refused:
    """Name the latest end that is known, or that none is."""
    known = [m for m in over if m.is_end_known]
    if not known:
        institution = over[0].institution if len(over) == 1 else None
        return Refused(RefusalReason.MEMBERSHIP_UNKNOWN, institution)
    latest = max(known, key=lambda m: m.expires_on or date.max)
    return Refused(
        RefusalReason.MEMBERSHIP_EXPIRED, latest.institution, latest.expires_on
    )


def _minimum_age(case: Case, counted: Memberships) -> RuleVerdict | None:
    limit = case.policy.minimum_age
    if limit is None:
        return None
    age = _age(case)
    if age is None or age < limit:
        return _refused(
            Rule.MINIMUM_AGE, counted, _age_refusal(age, RefusalReason.TOO_YOUNG, limit)
        )
    return RuleVerdict(Rule.MINIMUM_AGE, Ruling.MET, counted)


def _maximum_age(case: Case, counted: Memberships) -> RuleVerdict | None:
    limit, birthdate = case.policy.maximum_age, case.patron.birthdate
    if limit is None:
        return None
    age = _age(case)
    if birthdate is None or age is None or age > limit:
        return _refused(
            Rule.MAXIMUM_AGE, counted, _age_refusal(age, RefusalReason.TOO_OLD, limit)
        )
    until = last_day_of_age(birthdate, limit)
    return RuleVerdict(Rule.MAXIMUM_AGE, Ruling.MET, counted, until=until)


def _age(case: Case) -> int | None:
    """Return the age today; a birth date to come is a mistake, so it tells none."""
    birthdate = case.patron.birthdate
    if birthdate is None or birthdate > case.today:
        return None
    return age_on(birthdate, case.today)


def _age_refusal(age: int | None, reason: RefusalReason, limit: int) -> Refused:
    if age is None:
        return Refused(RefusalReason.BIRTHDATE_UNKNOWN)
    return Refused(reason, age_limit=limit)


def _nothing_left(rule: Rule, case: Case) -> RuleVerdict:
    """Judge no membership: a line above let none count, or the patron has none."""
    if case.patron.memberships:
        return RuleVerdict(rule, Ruling.OPEN, ())
    return _refused(rule, (), Refused(RefusalReason.NO_PATRON_RECORD))


def _refused(rule: Rule, counted: Memberships, refused: Refused) -> RuleVerdict:
    return RuleVerdict(rule, Ruling.REFUSED, counted, refused)


LINES: Final[tuple[Line, ...]] = (  # the first that refuses is what the patron is told
    _deny,
    _allow,
    _patron_record,
    _institutions,
    _patron_types,
    _membership,
    _minimum_age,
    _maximum_age,
)
