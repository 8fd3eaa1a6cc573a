"""Policy: may this patron use this client today, and why not.

Authentication is not authorisation: without a policy, expired patrons are let in (the
claim `active` tells), and only accounts that no library knows are refused.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bridge.core.patron import Membership, Patron

ALIASES: Final = {"rbnj": "nj"}  # RERO+ renamed the institution in 2024-12


class RefusalReason(StrEnum):
    """Why a patron is refused; the page says it in the patron's language."""

    NO_PATRON_RECORD = "no_patron_record"
    INSTITUTION = "institution"
    MEMBERSHIP_EXPIRED = "membership_expired"


class DayRule(StrEnum):
    """When a membership ends that RERO+ dates by a day alone."""

    START = "start"  # RERO+'s own rule: over from 00:00 of that day
    END = "end"  # milder, and what is printed on a card: that day included


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a client; all lines must hold."""

    name: str = "default"
    institutions: frozenset[str] = frozenset()  # normalised; empty: any
    requires_membership: bool = False  # a current one; else expired ones are let in
    grace_days: int = 0
    day_rule: DayRule = DayRule.END
    requires_patron_record: bool = True


@dataclass(frozen=True, slots=True)
class Eligible:
    """The patron may use the client."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The patron may not, and these facts say why."""

    reason: RefusalReason
    institution: str | None = None
    expired_on: date | None = None


def normalise_institution(code: str) -> str:
    """Fold case and former names of an institution's code."""
    folded = code.casefold()
    return ALIASES.get(folded, folded)


def is_current(
    membership: Membership, today: date, day_rule: DayRule, grace_days: int = 0
) -> bool:
    """Tell whether *membership* is valid on *today*, grace days included."""
    if membership.expires_on is None:
        return True
    # Taken from today: RERO+ writes "never" as 9999-12-31, and nothing comes after it.
    day = today - timedelta(days=grace_days)
    ends = membership.expires_on
    return day <= ends if day_rule is DayRule.END else day < ends


def decide(patron: Patron, policy: Policy, today: date) -> Eligible | Refused:
    """Decide whether *patron* may use a client under *policy* on *today* (Zurich)."""
    if policy.requires_patron_record and not patron.has_patron_record:
        return Refused(RefusalReason.NO_PATRON_RECORD)
    candidates = patron.memberships
    if policy.institutions:
        candidates = tuple(
            m
            for m in candidates
            if m.institution is not None
            and normalise_institution(m.institution) in policy.institutions
        )
        if not candidates:
            return Refused(RefusalReason.INSTITUTION)
    if not policy.requires_membership or any(
        is_current(m, today, policy.day_rule, policy.grace_days) for m in candidates
    ):
        return Eligible()
    if not candidates:
        return Refused(RefusalReason.NO_PATRON_RECORD)
    latest = max(candidates, key=lambda m: m.expires_on or date.max)
    return Refused(
        RefusalReason.MEMBERSHIP_EXPIRED, latest.institution, latest.expires_on
    )
