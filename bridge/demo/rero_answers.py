"""The shapes of the stand-in's JSON answers, current and of former years."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from bridge.demo.rero_readers import PatronRecord, Reader, day
from bridge.demo.rero_state import EMAIL_SCOPE, Settings, State, Token

_OLD_CODES: Final = {"nj": "rbnj"}  # how that organisation was called until 2024-12
_HELP_ZONE: Final = "+02:00"


class AnswerError(Exception):
    """RERO+ of that year fails on this reader: 500."""


def dump_sorted(answer: Mapping[str, object]) -> str:
    """Write JSON as RERO+'s API does: keys sorted, compact, escaped, a newline."""
    return json.dumps(answer, sort_keys=True, separators=(",", ":")) + "\n"


def token_answer(token: Token, reader: Reader, settings: Settings) -> dict[str, object]:
    """Build the body of a token response, its members in RERO+'s order."""
    answer: dict[str, object] = {
        "access_token": token.access_token,
        "expires_in": settings.token_seconds,
        "token_type": "Bearer",
        "scope": " ".join(token.scopes),
    }
    if token.refresh_token:
        answer["refresh_token"] = token.refresh_token
    if settings.shape != "help":
        answer["user"] = token_user(token, reader)
    return answer


def token_user(token: Token, reader: Reader) -> dict[str, object]:
    """Build the `user` member: who it is, and the e-mail where that was asked."""
    user: dict[str, object] = {"id": str(reader.user_id)}
    if EMAIL_SCOPE in token.scopes:
        user |= {"email": reader.email, "email_verified": reader.is_confirmed}
    return user


def patron_answer(
    reader: Reader, scopes: Iterable[str], state: State
) -> dict[str, object]:
    """Build the body of /api/patrons/info in the shape that the settings name.

    Raises:
        AnswerError: RERO+ of that year answers 500 for this reader.
    """
    records = [record for record in reader.records if "patron" in record.roles]
    if state.settings.shuffle:
        records = _shuffled(records, state)
    granted = frozenset(scopes)
    today = state.today()
    match state.settings.shape:
        case "current":
            return _current(reader, records, granted, state.settings, today)
        case "2024" | "2021":
            return _former(reader, records, granted, state.settings, today)
        case "help":
            return _documented(reader, records, granted, state.settings, today)


def _current(
    reader: Reader,
    records: list[PatronRecord],
    granted: frozenset[str],
    settings: Settings,
    today: date,
) -> dict[str, object]:
    answer = {"user_id": reader.user_id, **_person(reader, records, granted, today)}
    entries = {
        _institution(record, settings): {
            "patron_pid": record.pid,
            **_granted(_entry(record, settings, today), granted),
        }
        for record in records
    }
    listed = [
        {"patron_pid": record.pid, **_granted(_entry(record, settings, today), granted)}
        for record in records
    ]
    if listed and "patron_types" in granted:
        answer["patron_types"] = listed
    if entries:
        answer["patron_info"] = entries
    return answer


def _former(
    reader: Reader,
    records: list[PatronRecord],
    granted: frozenset[str],
    settings: Settings,
    today: date,
) -> dict[str, object]:
    is_first = settings.shape == "2021"
    if is_first and (not records or any(not record.type_code for record in records)):
        raise AnswerError("no patron record, or one without patron type")
    answer = _person(reader, records, granted, today)
    # From 2023-11 on a missing date of birth could be null where there was a card.
    if not is_first and records and "birthdate" in granted:
        answer.setdefault("birthdate", None)
    if records and "patron_types" in granted:
        # The scopes institution, patron_type, expiration_date had no effect yet.
        answer["patron_types"] = [_entry(item, settings, today) for item in records]
    return answer


def _documented(
    reader: Reader,
    records: list[PatronRecord],
    granted: frozenset[str],
    settings: Settings,
    today: date,
) -> dict[str, object]:
    answer = _person(reader, records, granted, today)
    names = (reader.first_name.strip(), reader.last_name.strip())
    if "fullname" in answer:
        answer["fullname"] = " ".join(filter(None, names))
    if records and "patron_types" in granted:
        answer["patron_types"] = [
            _granted(_entry(item, settings, today), granted) for item in records
        ]
    return answer


def _person(
    reader: Reader, records: list[PatronRecord], granted: frozenset[str], today: date
) -> dict[str, object]:
    person: dict[str, object] = {}
    names = (reader.last_name.strip(), reader.first_name.strip())
    fullname = ", ".join(filter(None, names))
    if fullname and "fullname" in granted:
        person["fullname"] = fullname
    birth = day(reader.birth, today)
    if birth is not None and "birthdate" in granted:
        person["birthdate"] = birth.isoformat()
    if records and records[0].barcodes:
        person["barcode"] = records[0].barcodes[0]
    return person


def _entry(record: PatronRecord, settings: Settings, today: date) -> dict[str, object]:
    entry: dict[str, object] = {"institution": _institution(record, settings)}
    if record.type_code:
        entry["patron_type"] = record.type_code
    expires = day(record.expires, today)
    if expires is not None:
        entry["expiration_date"] = expires.isoformat() + _time_of_day(settings)
    return entry


def _granted(
    entry: dict[str, object], granted: frozenset[str]
) -> dict[str, object]:  # each of these scopes is named as its member
    return {name: value for name, value in entry.items() if name in granted}


def _institution(record: PatronRecord, settings: Settings) -> str:
    code = record.organisation
    if settings.shape in {"2021", "2024"}:
        code = _OLD_CODES.get(code, code)
    return code.upper() if settings.capitals or settings.shape == "help" else code


def _time_of_day(settings: Settings) -> str:
    if settings.shape == "help":
        return f"T15:00:00{settings.tz_suffix or _HELP_ZONE}"
    return f"T00:00:00{settings.tz_suffix}"


def _shuffled(records: list[PatronRecord], state: State) -> list[PatronRecord]:
    shuffled = list(records)
    for last in range(len(shuffled) - 1, 0, -1):
        other = state.random_below(last + 1)
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
    return shuffled
