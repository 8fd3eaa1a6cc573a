"""Where claims come from: a closed set of sources, and what each asks of RERO+.

SOURCES is the one table of data thrift: which scopes of RERO+ a source needs stands
here and nowhere else. A source that knows nothing gives None: its claim is left out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from bridge.core.patron import (
    JsonObject,
    JsonValue,
    Membership,
    Patron,
    without_unasked_ends,
)
from bridge.core.policy import DayRule, is_current

EMAIL_UPSTREAM_SCOPE: Final = "user:email"
END_UPSTREAM_SCOPE: Final = "expiration_date"
# The name that RERO+'s membership records had alone until 2024-12: asked beside the
# others, and nothing is lost where it is no longer offered.
OLD_FORM_UPSTREAM_SCOPE: Final = "patron_types"
BARCODE_SCOPES: Final = frozenset({"institution", OLD_FORM_UPSTREAM_SCOPE})


class Kind(StrEnum):
    """What a value is, as the functions of a rule take and give it."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    DAY = "a day of birth"
    RECORD = "a membership"
    RECORDS = "a list of memberships"
    BOOLEAN = "true or false"
    NUMBER = "a number"


class Source(StrEnum):
    """What a claim may be made from."""

    SUBJECT = "subject"
    FULLNAME = "fullname"
    NAME = "name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTHDATE = "birthdate"
    EMAIL = "email"
    EMAIL_VERIFIED = "email_verified"
    BARCODE = "barcode"
    PATRON_PIDS = "patron_pids"
    MEMBERSHIPS = "memberships"
    INSTITUTIONS = "institutions"
    PATRON_TYPES = "patron_types"
    EXPIRATION_DATES = "expiration_dates"
    LATEST_EXPIRATION = "latest_expiration"
    ACTIVE = "active"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """Whom and what claims are about, at one client on one day in Europe/Zurich."""

    patron: Patron
    sub: str
    today: date
    day_rule: DayRule = DayRule.END
    email: str | None = None  # the address that the client may have
    is_email_verified: bool = False


@dataclass(frozen=True, slots=True)
class SourceRule:
    """What a source gives, what it asks of RERO+, and how it is read."""

    kind: Kind
    upstream_scopes: tuple[str, ...]
    read: Callable[[ClaimFacts], JsonValue]


def name_claims(fullname: str | None) -> JsonObject:
    """Split "Last, First" (rero.md: a given name hardly holds a comma, so the last)."""
    if fullname is None:
        return {}
    family_name, comma, given_name = fullname.rpartition(", ")
    if not comma:
        # One part is empty at RERO+, or its older form "First Last": which part is
        # which cannot be told, so the whole stands as the family name.
        return {"name": fullname, "family_name": fullname}
    return {
        "name": f"{given_name} {family_name}",
        "given_name": given_name,
        "family_name": family_name,
    }


def without_unasked(patron: Patron, asked: Collection[str]) -> Patron:
    """Return *patron* as RERO+ tells it by the scopes *asked*; the identity stays.

    It tells barcode and patron_pid by any scope, and the institution as the key of a
    record. Records without patron_pid may be the older ones, given whole.
    """
    known = replace(
        patron,
        fullname=patron.fullname if "fullname" in asked else None,
        birthdate=patron.birthdate if "birthdate" in asked else None,
        memberships=tuple(_unasked_left_out(m, asked) for m in patron.memberships),
    )
    if EMAIL_UPSTREAM_SCOPE not in asked:
        known = replace(known, email=None, email_verified=False)
    return known if END_UPSTREAM_SCOPE in asked else without_unasked_ends(known)


def _unasked_left_out(membership: Membership, asked: Collection[str]) -> Membership:
    is_whole = OLD_FORM_UPSTREAM_SCOPE in asked and membership.patron_pid is None
    has_type = is_whole or "patron_type" in asked
    has_end = is_whole or END_UPSTREAM_SCOPE in asked
    return replace(
        membership,
        patron_type=membership.patron_type if has_type else None,
        expires_on=membership.expires_on if has_end else None,
    )


def _name_part(part: str) -> Callable[[ClaimFacts], JsonValue]:
    return lambda facts: name_claims(facts.patron.fullname).get(part)


def _birthdate(facts: ClaimFacts) -> JsonValue:
    birthdate = facts.patron.birthdate
    return None if birthdate is None else birthdate.isoformat()


def _email_verified(facts: ClaimFacts) -> JsonValue:
    return None if facts.email is None else facts.is_email_verified


def _patron_pids(facts: ClaimFacts) -> JsonValue:
    return _texts(m.patron_pid for m in facts.patron.memberships)


def _institutions(facts: ClaimFacts) -> JsonValue:
    return _texts(m.institution for m in facts.patron.memberships)


def _patron_types(facts: ClaimFacts) -> JsonValue:
    return _texts(m.patron_type for m in facts.patron.memberships)


def _expiration_dates(facts: ClaimFacts) -> JsonValue:
    return _texts(
        None if m.expires_on is None else m.expires_on.isoformat()
        for m in facts.patron.memberships
    )


def _latest_expiration(facts: ClaimFacts) -> JsonValue:
    """Return the last day of all; none where one membership has no known end."""
    days = [m.expires_on for m in facts.patron.memberships]
    known = [day for day in days if day is not None]
    return max(known).isoformat() if known and len(known) == len(days) else None


def _memberships(facts: ClaimFacts) -> JsonValue:
    return [_record(m, facts) for m in facts.patron.memberships] or None


def _record(membership: Membership, facts: ClaimFacts) -> JsonObject:
    record: JsonObject = {}
    if membership.institution is not None:
        record["institution"] = membership.institution
    if membership.patron_type is not None:
        record["patron_type"] = membership.patron_type
    if membership.expires_on is not None:
        record["expiration_date"] = membership.expires_on.isoformat()
    if membership.is_end_known:
        record["active"] = is_current(membership, facts.today, facts.day_rule)
    return record


def _active(facts: ClaimFacts) -> JsonValue:
    """Tell whether any membership is current: computed now, never stored."""
    memberships = facts.patron.memberships
    if any(is_current(m, facts.today, facts.day_rule) for m in memberships):
        return True
    is_known = memberships and all(m.is_end_known for m in memberships)
    return False if is_known else None


def _texts(values: Iterable[str | None]) -> JsonValue:
    return [value for value in values if value is not None] or None


_NAME: Final = ("fullname",)
_OLD: Final = OLD_FORM_UPSTREAM_SCOPE
SOURCES: Final[Mapping[Source, SourceRule]] = {
    Source.SUBJECT: SourceRule(Kind.TEXT, (), lambda facts: facts.sub),
    Source.FULLNAME: SourceRule(Kind.TEXT, _NAME, lambda facts: facts.patron.fullname),
    Source.NAME: SourceRule(Kind.TEXT, _NAME, _name_part("name")),
    Source.GIVEN_NAME: SourceRule(Kind.TEXT, _NAME, _name_part("given_name")),
    Source.FAMILY_NAME: SourceRule(Kind.TEXT, _NAME, _name_part("family_name")),
    Source.BIRTHDATE: SourceRule(Kind.DAY, ("birthdate",), _birthdate),
    Source.EMAIL: SourceRule(
        Kind.TEXT, (EMAIL_UPSTREAM_SCOPE,), lambda facts: facts.email
    ),
    Source.EMAIL_VERIFIED: SourceRule(
        Kind.BOOLEAN, (EMAIL_UPSTREAM_SCOPE,), _email_verified
    ),
    # RERO+ tells these two without any scope.
    Source.BARCODE: SourceRule(Kind.TEXT, (), lambda facts: facts.patron.barcode),
    Source.PATRON_PIDS: SourceRule(Kind.TEXTS, (), _patron_pids),
    Source.MEMBERSHIPS: SourceRule(
        Kind.RECORDS,
        ("institution", "patron_type", "expiration_date", _OLD),
        _memberships,
    ),
    Source.INSTITUTIONS: SourceRule(Kind.TEXTS, ("institution", _OLD), _institutions),
    Source.PATRON_TYPES: SourceRule(
        Kind.TEXTS, ("institution", "patron_type", _OLD), _patron_types
    ),
    Source.EXPIRATION_DATES: SourceRule(
        Kind.TEXTS, ("expiration_date", _OLD), _expiration_dates
    ),
    Source.LATEST_EXPIRATION: SourceRule(
        Kind.TEXT, ("expiration_date", _OLD), _latest_expiration
    ),
    Source.ACTIVE: SourceRule(Kind.BOOLEAN, ("expiration_date", _OLD), _active),
    # The value stands in the rule itself: core/claim_mapping.py reads it.
    Source.CONSTANT: SourceRule(Kind.TEXT, (), lambda _: None),
}
EMAIL_SOURCES: Final = frozenset({Source.EMAIL, Source.EMAIL_VERIFIED})
