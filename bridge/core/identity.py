"""What may identify a patron: user ids and barcodes, as the subjects are made of them.

One text for one patron, for a subject can never be repaired: 3 and "3" are one
user id, and "03" or "+3" are none.
"""

import re
from typing import Final

from bridge.core.patron import Identity, IdentityKind

VISIBLE: Final = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_COUNTING: Final = re.compile(r"[1-9][0-9]*")
_INSTITUTION: Final = re.compile(r"[a-z0-9._-]{1,100}")
MAX_CHARACTERS: Final = 255


def is_user_id(value: str) -> bool:
    """Tell whether *value* is a user id: visible, and counting where it is a number."""
    if not VISIBLE.fullmatch(value):
        return False
    return not _NUMBER.fullmatch(value) or bool(_COUNTING.fullmatch(value))


def is_institution(code: str) -> bool:
    """Tell whether *code*, in lower case, may stand before a barcode."""
    return bool(_INSTITUTION.fullmatch(code))


def user(value: str) -> Identity | None:
    """Return the identity of a user id; None: it is none."""
    return Identity(IdentityKind.USER, value) if is_user_id(value) else None


def barcode(code: str, institution: str | None) -> Identity | None:
    """Return the identity of a barcode at an institution; None: it is none.

    A barcode is unique within one organisation only, so the institution stands before
    it: "vs:2050124311". A barcode with a colon is no identity: alone, it could look
    like one that has an institution.
    """
    if not VISIBLE.fullmatch(code) or ":" in code:
        return None
    if institution is not None and not is_institution(institution):
        return None
    value = code if institution is None else f"{institution}:{code}"
    if len(value) > MAX_CHARACTERS:
        return None
    return Identity(IdentityKind.BARCODE, value)


def read_identity(kind: str, value: str) -> Identity | None:
    """Read an identity as the operator writes it; None: it is none.

    A barcode may have its institution before it, in any case: "VS:2050124311".
    """
    if kind == IdentityKind.USER:
        return user(value)
    if kind != IdentityKind.BARCODE:
        return None
    institution, colon, code = value.rpartition(":")
    return barcode(code, institution.lower() if colon else None)
