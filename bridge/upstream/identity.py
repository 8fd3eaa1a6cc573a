"""Who a patron is: the value that every subject is made from (never to be repaired)."""

from collections.abc import Sequence

from bridge.core import identity
from bridge.core.errors import UpstreamFault, UpstreamGarbled
from bridge.core.patron import Identity, IdentityKind, JsonValue, Membership


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
    if not isinstance(value, str) or not identity.is_user_id(value):
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

    The lowest institution code, in lower case, stands before it.
    """
    if barcode is None:
        return None
    codes = {m.institution.lower() for m in memberships if m.institution is not None}
    usable = sorted(filter(identity.is_institution, codes))
    return identity.barcode(barcode, usable[0] if usable else None)
