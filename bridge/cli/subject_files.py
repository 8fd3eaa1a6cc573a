"""CSV files of patrons, as spreadsheets write them: commas or semicolons, a BOM."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bridge.core.errors import BridgeError
from bridge.core.identity import VISIBLE, read_identity
from bridge.core.patron import Identity
from bridge.flow.subject_imports import ImportRow
from bridge.flow.subject_links import LinkRow
from bridge.flow.subjects import LineFaults

_MAX_BYTES: Final = 64 * 1024 * 1024
_HOW: Final = {
    "user": "a user id of RERO+, without sign or zeros before it",
    "barcode": "a barcode such as 2050124311, or vs:2050124311",
}


def read_import(file: Path) -> list[ImportRow]:
    """Read the columns kind, value, sub of *file*.

    Raises:
        LineFaults: every line that cannot be read; BridgeError: it is no such file.
    """
    faults: list[str] = []
    rows: list[ImportRow] = []
    for line, (kind, value, sub) in _lines(file, ("kind", "value", "sub"), faults):
        identity = _identity(line, kind, value, faults)
        # OIDC Core §2: at most 255 ASCII characters. No space at an end: one that
        # is not seen makes another account.
        if not VISIBLE.fullmatch(sub):
            faults.append(f"line {line}: sub is not 1 to 255 visible ASCII characters")
        elif identity is not None:
            rows.append(ImportRow(line, identity, sub))
    if faults:
        raise LineFaults(faults)
    return rows


def read_links(file: Path) -> list[LinkRow]:
    """Read the columns barcode, user_id of *file*.

    Raises:
        LineFaults: every line that cannot be read; BridgeError: it is no such file.
    """
    faults: list[str] = []
    rows: list[LinkRow] = []
    for line, (barcode, user_id) in _lines(file, ("barcode", "user_id"), faults):
        known = _identity(line, "barcode", barcode, faults)
        user = _identity(line, "user", user_id, faults)
        if known is not None and user is not None:
            rows.append(LinkRow(line, user, known))
    if faults:
        raise LineFaults(faults)
    return rows


def read_identities(file: Path) -> list[Identity]:
    """Read the columns kind, value of *file*; others are left aside.

    Raises:
        LineFaults: every line that cannot be read; BridgeError: it is no such file.
    """
    faults: list[str] = []
    found = [
        _identity(line, kind, value, faults)
        for line, (kind, value) in _lines(file, ("kind", "value"), faults)
    ]
    if faults:
        raise LineFaults(faults)
    return [identity for identity in found if identity is not None]


def _lines(
    file: Path, columns: Sequence[str], faults: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Read the cells of *columns*; a line with more cells than names is a fault.

    Spaces around a cell are left out, but not around a sub: they would be part of it.
    """
    if file.stat().st_size > _MAX_BYTES:
        raise BridgeError(f"{file} is larger than {_MAX_BYTES // 2**20} MB")
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BridgeError(f"{file} is not UTF-8") from error
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True
    )
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise BridgeError(
                f"{file} has no column {missing[0]!r}: its first line must be"
                f" {','.join(columns)}"
            )
        for row in reader:
            if None in row:  # csv keeps there what no column has a name for
                faults.append(f"line {reader.line_num}: more cells than columns")
                continue
            cells = [(name, row[name] or "") for name in columns]
            yield (
                reader.line_num,
                [cell if name == "sub" else cell.strip() for name, cell in cells],
            )
    except csv.Error as error:
        message = f"{file}, after line {reader.line_num}: {error}"
        raise BridgeError(message) from error


def _identity(line: int, kind: str, value: str, faults: list[str]) -> Identity | None:
    identity = read_identity(kind, value)
    if identity is None:
        how = _HOW.get(kind)
        what = (
            "kind is neither user nor barcode" if how is None else f"value is not {how}"
        )
        faults.append(f"line {line}: {what}")
    return identity
