"""What a service receives of a patron, as the consent page lists it."""

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

from bridge.core.patron import JsonValue, Membership

# What stands beside a label: a text, a day, a membership, or for the pseudonymous
# identifier None, as its letters would tell nobody anything.
Shown: TypeAlias = str | date | Membership | None
Fact: TypeAlias = tuple[str, Shown]  # the name of a claim, and its value

NAME_PARTS: Final = ("given_name", "family_name")
TEXT_CLAIMS: Final = ("name", *NAME_PARTS, "birthdate", "email")
LIST_CLAIMS: Final = ("rero_institutions", "rero_patron_types")
# What patrons ask about first; "barcode" and "password" no service ever receives.
WITHHELD: Final = ("name", "birthdate", "email", "barcode", "password")


def given_facts(claims: Mapping[str, JsonValue]) -> list[Fact]:
    """List what *claims* tell of a patron, in the order of the page.

    What another fact says already is left out: the parts of the name beside the name,
    institutions and patron types beside the memberships.
    """
    facts: list[Fact] = []
    for name in TEXT_CLAIMS:
        value = claims.get(name)
        said = name in NAME_PARTS and "name" in claims
        if isinstance(value, str) and not said:
            day = name == "birthdate"
            facts.append((name, date.fromisoformat(value) if day else value))
    memberships = claims.get("rero_memberships")
    if isinstance(memberships, list):
        facts += [("rero_memberships", _membership(record)) for record in memberships]
    for name in LIST_CLAIMS if not memberships else ():
        values = claims.get(name)
        if isinstance(values, list):
            facts += [(name, value) for value in values if isinstance(value, str)]
    if "sub" in claims:
        facts.append(("sub", None))
    return facts


def withheld_labels(claims: Mapping[str, JsonValue]) -> list[str]:
    """List what *claims* do not tell, of that which patrons ask about."""
    given = {"name" if name in NAME_PARTS else name for name in claims}
    return [name for name in WITHHELD if name not in given]


def _membership(record: JsonValue) -> Membership:
    """Read one record of the claim `rero_memberships`."""
    members = record if isinstance(record, dict) else {}
    institution, patron_type, expires_on = (
        value if isinstance(value := members.get(name), str) else None
        for name in ("institution", "patron_type", "expiration_date")
    )
    return Membership(
        institution, patron_type, date.fromisoformat(expires_on) if expires_on else None
    )
