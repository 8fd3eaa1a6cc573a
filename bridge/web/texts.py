"""The texts of the pages: gettext catalogs, one in each language, and dates.

The catalogs are read as translators write them (.po): there is nothing to compile, and
a key that is not there is an error instead of a blank. Message ids are keys such as
`refused.institution`; English is one language of four.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

LANGUAGES: Final = {
    "fr": "Français",
    "de": "Deutsch",
    "it": "Italiano",
    "en": "English",
}
LOCALES: Final = Path(__file__).parent / "locales"
ENGLISH_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Control characters, and those that turn the direction of writing or cannot be seen: a
# name must not reorder the sentence around it. Half of a surrogate pair (RERO+'s JSON
# may hold one) cannot be encoded at all.
_UNSHOWABLE: Final = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0x061C, 0x061C),
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xD800, 0xDFFF),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
)
UNSHOWABLE: Final[Mapping[int, None]] = {  # for str.translate: they are taken out
    point: None for first, last in _UNSHOWABLE for point in range(first, last + 1)
}


def catalog_path(language: str) -> Path:
    """Return where the catalog of *language* lies, as gettext lays it out."""
    return LOCALES / language / "LC_MESSAGES" / "bridge.po"


def read_catalog(language: str) -> Mapping[str, str]:
    """Read the catalog of *language*: key -> text.

    Raises:
        OSError: there is no catalog of *language*.
        ValueError: as `parse_catalog`.
    """
    return parse_catalog(catalog_path(language).read_text(encoding="utf-8"))


def parse_catalog(source: str) -> Mapping[str, str]:
    """Read the part of the .po format that we use, the header left out.

    That is: comments, msgid, msgstr and their continuation lines.

    Raises:
        ValueError: a line is something else, or a key comes twice.
    """
    texts: dict[str, str] = {}
    key, member = "", ""
    for line in source.splitlines():
        if not line or line.startswith("#"):
            continue
        keyword, _, quoted = ("", "", line) if line[0] == '"' else line.partition(" ")
        member = keyword or member
        part = _unquote(quoted)
        if member == "msgid":
            key = part if keyword else key + part
        elif member == "msgstr":
            if keyword and key in texts:
                raise ValueError(f"{key} comes twice")
            texts[key] = part if keyword else texts[key] + part
        else:
            raise ValueError(f"{line!r} is neither msgid nor msgstr")
    texts.pop("", None)
    return texts


def _unquote(quoted: str) -> str:
    text = json.loads(quoted)  # the escapes of .po strings that we use are JSON's, too
    if not isinstance(text, str):
        raise ValueError(f"{quoted!r} is not a string")
    return text


def format_date(day: date, language: str) -> str:
    """Write *day* as *language* does: 30.03.2027, in English 30 March 2027."""
    if language == "en":
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day:02}.{day.month:02}.{day.year:04}"
