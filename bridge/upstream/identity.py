"""Who a patron is: the value that every subject is made from (never to be repaired)."""

import re
from collections.abc import Sequence
from typing import Final

from bridge.core.errors import UpstreamFault, UpstreamGarbled
from bridge.core.patron import Identity, IdentityKind, JsonValue, Membership

_VISIBLE: Final = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_COUNTING: Final = re.compile(r"[1-9][0-9]*")
_INSTITUTION: Final = re.compile(r"[a-z0-9._-]{1,100}")


def user_id(value: JsonValue) -> str | None:
    """Read a user id as text, or None where the answer names none.

    null, "", {} and [] say "none", like an absent member. Anything else that is no user
    id says that RERO+ has one and wrote it oddly: falling back to a barcode would then
    make a second account for the same patron, so there is no login.

    Integers are positive: RERO+ counts accounts from 1. So are strings of digits, and
    3 and "3" are one patron; "03" and "+3" would be a second one and are refused.

    Raises:
        UpstreamGarbled: SHAPE.
    """
    if value is None or (isinstance(value, str | dict | list) and not value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):  # True is an int, too
        value = str(value)
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "user id")
    if _NUMBER.fullmatch(value) and not _COUNTING.fullmatch(value):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "user id")
    return value


def user_identity(in_info: str | None, in_token: str | None) -> Identity | None:
    """Take the user id that info names, else the token answer's.

    Raises:
        UpstreamGarbled: IDENTITY_DIFFERS; the two answers are about two people.
    """
    if in_info is not None and in_token is not None and in_info != in_token:
        raise UpstreamGarbled(UpstreamFault.IDENTITY_DIFFERS)
    value = in_info or in_token
    return None if value is None else Identity(IdentityKind.USER, value)


def barcode_identity(
    barcode: str | None, memberships: Sequence[Membership]
) -> Identity | None:
    """Make an identity of a barcode, for an upstream that shows no user ids.

    A barcode is unique within one organisation only, so the lowest institution code,
    in lower case, stands before it: "vs:2050124311". A barcode with a colon is no
    identity: alone, it could look like one that has an institution.
    """
    if barcode is None or ":" in barcode:
        return None
    codes = {m.institution.lower() for m in memberships if m.institution is not None}
    usable = sorted(code for code in codes if _INSTITUTION.fullmatch(code))
    value = f"{usable[0]}:{barcode}" if usable else barcode
    return Identity(IdentityKind.BARCODE, value) if len(value) <= 255 else None
