"""RERO+'s JSON becomes a Patron: every known shape, nothing trusted.

The shapes, by period: `patron_types` alone (until 2024-11, and on the help page), then
`user_id` and `patron_info` beside it. null, absent and empty mean the same, unknown
members are ignored, odd values are left out. A container of the wrong kind is "RERO+
answered oddly": who reads half of it may let in the wrong patron.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bridge.core.errors import (
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from bridge.core.patron import Identity, JsonObject, JsonValue, Membership, Patron
from bridge.core.policy import ALIASES, normalise_institution
from bridge.upstream import fields, identity

MAX_RECORDS: Final = 1_000
MAX_SCOPE_CHARACTERS: Final = 2_000
TOKEN_LIFE_S: Final = 3_600  # of an access token, where RERO+ does not say
_TOKEN: Final = re.compile(r"[!-~]{1,4096}")  # fits a header as it is
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_NOTHING: Final[tuple[JsonValue, ...]] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint answered (RFC 6749 §5.1, and RERO+'s member `user`)."""

    access_token: str = field(repr=False)
    scopes: frozenset[str]  # empty where it does not say
    user_id: str | None
    email: str | None
    email_verified: bool
    refresh_token: str | None = field(default=None, repr=False)
    life_s: int = TOKEN_LIFE_S  # of the access token


@dataclass(frozen=True, slots=True)
class PatronAnswer:
    """What /api/patrons/info answered; there may be no identity in it."""

    user_id: str | None
    fullname: str | None
    birthdate: date | None
    barcode: str | None
    memberships: tuple[Membership, ...]


def parse_object(body: bytes) -> JsonObject:
    """Read a JSON object; a byte order mark is ignored.

    Raises:
        UpstreamUnavailable: NOT_JSON; a maintenance page looks like this.
        UpstreamGarbled: SHAPE; it is JSON, but no object.
    """
    is_json = True
    parsed: JsonValue = None
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        is_json = False  # raised below: the decoder's error carries the whole body
    if not is_json:
        raise UpstreamUnavailable(UpstreamFault.NOT_JSON)
    if not isinstance(parsed, dict):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "no object")
    return parsed


def parse_token_answer(body: bytes) -> TokenAnswer:
    """Read the answer to a code or to a refresh token.

    Raises:
        UpstreamUnavailable: NOT_JSON.
        UpstreamGarbled: SHAPE; there is no usable bearer token, or `user` is odd.
    """
    answer = parse_object(body)
    access_token = answer.get("access_token")
    if not isinstance(access_token, str) or not _TOKEN.fullmatch(access_token):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "access_token")
    token_type = answer.get("token_type")
    if token_type is not None and not (
        isinstance(token_type, str) and token_type.lower() == "bearer"
    ):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "token_type")
    user = _object(answer.get("user"), "user")
    return TokenAnswer(
        access_token=access_token,
        scopes=_scopes(answer.get("scope")),
        user_id=identity.user_id(user.get("id")),
        email=fields.email(user.get("email")),
        # RERO+ can say true beside no address at all: then there is nothing verified.
        email_verified=user.get("email_verified") is True
        and fields.email(user.get("email")) is not None,
        refresh_token=_refresh_token(answer.get("refresh_token")),
        life_s=_life_s(answer.get("expires_in")),
    )


def parse_patron_answer(
    body: bytes, today: date, aliases: Mapping[str, str] = ALIASES
) -> PatronAnswer:
    """Read what RERO+ knows of a patron; *aliases* are other names of institutions.

    Raises:
        UpstreamUnavailable: NOT_JSON.
        UpstreamGarbled: SHAPE.
    """
    answer = parse_object(body)
    return PatronAnswer(
        user_id=identity.user_id(answer.get("user_id")),
        fullname=fields.fullname(answer.get("fullname")),
        birthdate=fields.birthdate(answer.get("birthdate"), today),
        barcode=fields.ascii_text(answer.get("barcode")),
        memberships=_memberships(answer, aliases),
    )


def identify(
    token: TokenAnswer, info: PatronAnswer, *, takes_barcodes: bool
) -> Identity:
    """Find who signed in: by user id, else by barcode where that is allowed.

    Raises:
        UpstreamRefused: NO_CARD; there is no user id, and no library knows the account.
        UpstreamGarbled: NO_IDENTITY, IDENTITY_DIFFERS.
    """
    by_user_id = identity.user_identity(info.user_id, token.user_id)
    if by_user_id is not None:
        return by_user_id
    if not takes_barcodes:
        raise UpstreamGarbled(UpstreamFault.NO_IDENTITY, "barcodes are not taken")
    by_barcode = identity.barcode_identity(info.barcode, info.memberships)
    if by_barcode is not None:
        return by_barcode
    if info.barcode is None and not info.memberships:
        raise UpstreamRefused(UpstreamFault.NO_CARD)
    raise UpstreamGarbled(UpstreamFault.NO_IDENTITY)


def patron(identified_by: Identity, token: TokenAnswer, info: PatronAnswer) -> Patron:
    """Put the two answers together."""
    return Patron(
        identity=identified_by,
        fullname=info.fullname,
        birthdate=info.birthdate,
        barcode=info.barcode,
        email=token.email,
        email_verified=token.email_verified,
        memberships=info.memberships,
    )


def _refresh_token(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def _life_s(value: JsonValue) -> int:
    """Read `expires_in` in seconds; what is no number of them says nothing."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if _SECONDS.fullmatch(text) else TOKEN_LIFE_S


def _scopes(value: JsonValue) -> frozenset[str]:
    scope = fields.text(value, MAX_SCOPE_CHARACTERS)
    return frozenset() if scope is None else frozenset(scope.split())


def _object(value: JsonValue, name: str) -> Mapping[str, JsonValue]:
    if value in _NOTHING:
        return {}
    if not isinstance(value, dict):
        raise UpstreamGarbled(UpstreamFault.SHAPE, name)
    return value


def _memberships(
    answer: JsonObject, aliases: Mapping[str, str]
) -> tuple[Membership, ...]:
    """Read the records, always in the same order: RERO+'s own order may flip."""
    by_institution = _object(answer.get("patron_info"), "patron_info")
    found: Iterable[Membership | None]
    if by_institution:
        count = len(by_institution)
        found = (
            _membership(record, key, aliases) for key, record in by_institution.items()
        )
    else:
        listed = _records(answer.get("patron_types"))
        count = len(listed)
        found = (_membership(record, "", aliases) for record in listed)
    if count > MAX_RECORDS:
        raise UpstreamGarbled(UpstreamFault.SHAPE, "too many records")
    distinct = {membership for membership in found if membership is not None}
    return tuple(sorted(distinct, key=_order))


def _records(value: JsonValue) -> list[JsonValue]:
    if value in _NOTHING:
        return []
    if not isinstance(value, list):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "patron_types")
    return value


def _membership(
    record: JsonValue, key: str, aliases: Mapping[str, str]
) -> Membership | None:
    """Read one record; *key* is its institution, too, where `patron_info` has one.

    A record whose two institutions disagree is left out: one of them would be told
    that a stranger is its member.
    """
    if not isinstance(record, dict):
        return None
    by_key = fields.text(key)
    institution = fields.text(record.get("institution"))
    if institution is None:
        institution = by_key
    elif by_key is not None and (
        normalise_institution(institution, aliases)
        != normalise_institution(by_key, aliases)
    ):
        return None
    end = record.get("expiration_date")
    expires_on = fields.last_day(end)
    membership = Membership(
        institution=institution,
        patron_type=fields.text(record.get("patron_type")),
        expires_on=expires_on,
        patron_pid=fields.text(record.get("patron_pid")),
        is_end_known=end in (None, "") or expires_on is not None,
    )
    facts = (institution, membership.patron_type, expires_on, membership.patron_pid)
    return membership if any(facts) else None


def _order(membership: Membership) -> tuple[bool, str, str, str, str, str]:
    """Sort by institution; those without one come last."""
    institution = membership.institution or ""
    return (
        membership.institution is None,
        institution.casefold(),
        institution,
        membership.patron_pid or "",
        membership.patron_type or "",
        "" if membership.expires_on is None else membership.expires_on.isoformat(),
    )
