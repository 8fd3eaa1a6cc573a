"""What a service receives of a patron, as the consent page lists it."""

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimMapping, ClaimRule
from bridge.core.claim_sources import Kind, Source
from bridge.core.patron import JsonValue, Membership

# What stands beside a label: a text, a day, a membership, true or false, or for the
# pseudonymous identifier None, as its letters would tell nobody anything.
Shown: TypeAlias = str | date | Membership | bool | None
Fact: TypeAlias = tuple[str, Shown]  # the name of a claim, and its value

NAME_PARTS: Final = ("given_name", "family_name")
TEXT_CLAIMS: Final = ("name", *NAME_PARTS, "birthdate", "email")
MEMBERSHIPS: Final = "rero_memberships"
LIST_CLAIMS: Final = ("rero_institutions", "rero_patron_types")
UNSHOWN: Final = ("sub", "email_verified")
# What patrons ask about first; "barcode" and "password" no service ever receives.
WITHHELD: Final = ("name", "birthdate", "email", "barcode", "password")
_TOLD: Final = {
    Source.NAME: "name",
    Source.FULLNAME: "name",
    Source.GIVEN_NAME: "name",
    Source.FAMILY_NAME: "name",
    Source.BIRTHDATE: "birthdate",
    Source.EMAIL: "email",
    Source.BARCODE: "barcode",
}


def given_facts(claims: Mapping[str, JsonValue]) -> list[Fact]:
    """List what *claims* tell of a patron, in the order of the page.

    What another fact says already is left out: the parts of the name beside the name,
    institutions and patron types beside the memberships.
    """
    first = (*TEXT_CLAIMS, MEMBERSHIPS, *LIST_CLAIMS)
    names = [name for name in first if name in claims]
    names += [name for name in claims if name not in (*first, *UNSHOWN)]
    said = {*NAME_PARTS} if "name" in claims else set()
    said |= {*LIST_CLAIMS} if claims.get(MEMBERSHIPS) else set()
    facts: list[Fact] = [
        (name, shown)
        for name in names
        if name not in said
        for shown in _shown(name, claims[name])
    ]
    return [*facts, ("sub", None)] if "sub" in claims else facts


def _shown(name: str, value: JsonValue) -> list[Shown]:
    """Write the value of a claim as what a patron can read."""
    match value:
        case list():
            return [shown for item in value for shown in _shown(name, item)]
        case dict():
            return [_membership(value)]
        case str():
            return [date.fromisoformat(value) if name == "birthdate" else value]
        case bool():
            return [value]
    return [] if value is None else [str(value)]


def withheld_labels(
    claims: Mapping[str, JsonValue], mapping: ClaimMapping = DEFAULT_MAPPING
) -> list[str]:
    """List what *claims* do not tell, of that which patrons ask about.

    A claim of another name may tell it: *mapping* says what each is made from.
    """
    given = {
        _TOLD[rule.source]
        for rule in mapping.rules
        if rule.name in claims and rule.source in _TOLD and not _hides(rule)
    }
    return [name for name in WITHHELD if name not in given]


def _hides(rule: ClaimRule) -> bool:
    """Tell whether a claim says only whether the patron is of some age."""
    return rule.source is Source.BIRTHDATE and rule.kind is not Kind.DAY


def _membership(members: Mapping[str, JsonValue]) -> Membership:
    """Read one record of the claim `rero_memberships`."""
    institution, patron_type, expires_on = (
        value if isinstance(value := members.get(name), str) else None
        for name in ("institution", "patron_type", "expiration_date")
    )
    return Membership(
        institution, patron_type, date.fromisoformat(expires_on) if expires_on else None
    )
