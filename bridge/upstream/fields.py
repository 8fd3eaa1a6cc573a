"""Single values of RERO+'s answers: what is odd becomes None, never an error."""

import re
from datetime import date, datetime
from typing import Final

from bridge.core.patron import JsonValue
from bridge.flow.days import ZURICH

MAX_NAME_CHARACTERS: Final = 300
MAX_CODE_CHARACTERS: Final = 255
MAX_EMAIL_CHARACTERS: Final = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets

# Control characters, line and paragraph separators, surrogates, noncharacters, and the
# signs that turn the direction of the text around them: a name could hide behind those.
_ODD: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
_PRINTABLE: Final = re.compile(r"[ -~]{1,255}")
# addr-spec of RFC 5322 §3.4.1 (OIDC Core §5.1), so ASCII only, without quoted local
# parts and address literals: services take an address for the key of an account.
_EMAIL: Final = re.compile(
    r"(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    re.ASCII | re.IGNORECASE,
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def text(value: JsonValue, max_characters: int = MAX_CODE_CHARACTERS) -> str | None:
    """Take a text as it is, neither blank nor too long nor with odd characters.

    Nothing is cut off: half a name is not true.
    """
    if not isinstance(value, str) or len(value) > max_characters:
        return None
    return None if not value.strip() or _ODD.search(value) else value


def fullname(value: JsonValue) -> str | None:
    """Take "Last, First" or "First Last"; a comma that parts nothing is dropped.

    RERO+ drops it itself where one part is empty, so "Simon, " is "Simon".
    """
    name = text(value, MAX_NAME_CHARACTERS)
    return None if name is None else name.strip(" ,") or None


def ascii_text(value: JsonValue) -> str | None:
    """Take 1-255 printable ASCII characters, not all blank: a barcode."""
    if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
        return None
    return value if value.strip() else None


def email(value: JsonValue) -> str | None:
    """Take what can be one address, in the letters that it has."""
    address = text(value, MAX_EMAIL_CHARACTERS)
    return address if address is not None and _EMAIL.fullmatch(address) else None


def birthdate(value: JsonValue, today: date) -> date | None:
    """Take a real day that is not after *today*.

    A birth date with a time is left out: RERO+ writes plain days, and which day an
    instant means would depend on a zone that nobody has told.
    """
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    day = _real_day(value)
    return None if day is None or day > today else day


def last_day(value: JsonValue) -> date | None:
    """Take the day on which a membership ends, in Europe/Zurich.

    RERO+ gives a day dressed as a timestamp ("2030-03-30T00:00:00"), so without a zone
    the day is kept as it stands; its help page shows an instant with a zone, which
    falls on a day in Zurich. Nonsense is "no expiry known".
    """
    if not isinstance(value, str):
        return None
    if _DAY.fullmatch(value):
        return _real_day(value)
    match = _INSTANT.fullmatch(value)
    if match is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    if instant.tzinfo is None:
        return instant.date()
    try:
        return instant.astimezone(ZURICH).date()
    except OverflowError:  # at either end of the calendar: "never" by another name
        return instant.date()


def _real_day(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
