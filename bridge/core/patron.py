"""Patron, Membership: what RERO+ knows of a reader, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias

JsonValue: TypeAlias = (
    "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
)
JsonObject: TypeAlias = dict[str, "JsonValue"]


class IdentityKind(StrEnum):
    """What a patron is recognised by (state.md, Subject: part of every subject)."""

    USER = "user"
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays the same at every sign-in: a user id, or in its absence a barcode."""

    kind: IdentityKind
    value: str  # 1-255 printable ASCII characters


@dataclass(frozen=True, slots=True)
class Membership:
    """A patron's enrolment in one institution of the network."""

    institution: str | None  # RERO+ code such as "vs", as RERO+ writes it
    patron_type: str | None = None
    expires_on: date | None = None  # last valid day, in Europe/Zurich; None: no end
    patron_pid: str | None = None
    is_end_known: bool = True  # else it was not asked for, or could not be read


@dataclass(frozen=True, slots=True)
class Patron:
    """One reader as RERO+ answered at sign-in; whatever was odd in it is left out."""

    identity: Identity
    fullname: str | None = None  # as RERO+ writes it: "Last, First" or "First Last"
    birthdate: date | None = None
    barcode: str | None = None
    email: str | None = None
    email_verified: bool = False  # as RERO+ says it; not passed on by default
    memberships: tuple[Membership, ...] = ()  # in the order of their institutions
    # By the operator's word (`bridge subjects import`): sector and sub; "": public.
    imported_subs: tuple[tuple[str, str], ...] = ()

    @property
    def has_patron_record(self) -> bool:
        """Tell whether any library knows this account (a barcode or a membership)."""
        return self.barcode is not None or bool(self.memberships)


def without_unasked_ends(patron: Patron) -> Patron:
    """Note that RERO+ was not asked when memberships end: no date means nothing."""
    return replace(
        patron,
        memberships=tuple(
            replace(m, is_end_known=m.expires_on is not None and m.is_end_known)
            for m in patron.memberships
        ),
    )


def patron_to_record(patron: Patron) -> JsonObject:
    """Write *patron* as a JSON object, for a sealed column."""
    record: JsonObject = {
        "kind": patron.identity.kind.value,
        "id": patron.identity.value,
        "memberships": [membership_to_row(m) for m in patron.memberships],
    }
    optional: dict[str, JsonValue] = {
        "fullname": patron.fullname,
        "birthdate": _day(patron.birthdate),
        "barcode": patron.barcode,
        "email": patron.email,
        "email_verified": patron.email_verified or None,
        "subs": [[*pair] for pair in patron.imported_subs] or None,
    }
    record.update({key: value for key, value in optional.items() if value is not None})
    return record


def patron_from_record(record: Mapping[str, JsonValue]) -> Patron:
    """Read what `patron_to_record` wrote.

    Raises:
        ValueError: the record is not one of ours.
    """
    rows = record["memberships"]
    if not isinstance(rows, list):
        raise ValueError("memberships is not a list")
    return Patron(
        identity=Identity(IdentityKind(_text(record["kind"])), _text(record["id"])),
        fullname=_optional(record.get("fullname")),
        birthdate=_date(record.get("birthdate")),
        barcode=_optional(record.get("barcode")),
        email=_optional(record.get("email")),
        email_verified=record.get("email_verified") is True,
        memberships=tuple(membership_from_row(row) for row in rows),
        imported_subs=_pairs(record.get("subs")),
    )


def membership_to_row(membership: Membership) -> JsonValue:
    """Write *membership* as a JSON list, for a sealed column."""
    row: list[JsonValue] = [
        membership.institution,
        membership.patron_type,
        _day(membership.expires_on),
        membership.patron_pid,
    ]
    return row if membership.is_end_known else [*row, False]


def membership_from_row(row: JsonValue) -> Membership:
    """Read what `membership_to_row` wrote.

    Raises:
        ValueError: the row is not one of ours.
    """
    if not isinstance(row, list) or len(row) not in (4, 5):
        raise ValueError("a membership is not a list of four or five")
    institution, patron_type, expires_on, patron_pid = row[:4]
    return Membership(
        _optional(institution),
        _optional(patron_type),
        _date(expires_on),
        _optional(patron_pid),
        is_end_known=len(row) == 4,
    )


def _pairs(value: JsonValue) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("not a list of pairs")
    return tuple(_pair(row) for row in value)


def _pair(row: JsonValue) -> tuple[str, str]:
    if not isinstance(row, list) or len(row) != 2:
        raise ValueError("not a pair")
    return _text(row[0]), _text(row[1])


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(value: JsonValue) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))


def _optional(value: JsonValue) -> str | None:
    return None if value is None else _text(value)


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")
    return value
