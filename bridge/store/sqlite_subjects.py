"""What the operator's commands write of subjects, on the writer of a transaction."""

import sqlite3
from collections.abc import Sequence

from bridge.core.records import ImportedSub, SubjectLink
from bridge.store import sqlite_statements as sql
from bridge.store.rows import import_row, link_row
from bridge.store.sqlite_writes import end_sessions_of


class ChainError(Exception):
    """A link would make a chain; the transaction is rolled back."""


def put_links(
    writer: sqlite3.Connection, links: Sequence[SubjectLink], now: int
) -> None:
    """Write all *links*, and end what their patrons have.

    Raises:
        ChainError: one would make a chain.
    """
    for link in links:
        ends = (link.subject, link.into_subject)
        if writer.execute(sql.IS_LINK_REFUSED, ends).fetchone() is not None:
            raise ChainError
        writer.execute(sql.PUT_LINK, link_row(link))
        end_sessions_of(writer, link.subject, now, offline=True)
        writer.execute(sql.DELETE_CONSENTS, (link.subject, None))


def delete_link(writer: sqlite3.Connection, link: SubjectLink, now: int) -> int:
    """Delete a link; sign out whom it led to."""
    ends = (link.subject, link.into_subject)
    count = writer.execute(sql.DELETE_LINK, ends).rowcount
    if count:
        end_sessions_of(writer, link.into_subject, now, offline=True)
    return count


def put_imports(
    writer: sqlite3.Connection,
    imports: Sequence[ImportedSub],
    gone: Sequence[ImportedSub],
    client_ids: Sequence[str],
    now: int,
) -> None:
    """Write *imports* in the place of those *gone*, and end what went on under them."""
    for one in gone:
        writer.execute(sql.DELETE_IMPORT, (one.subject, one.digest))
    for one in imports:
        writer.execute(sql.PUT_IMPORT, import_row(one))
    for subject in sorted({one.subject for one in (*imports, *gone)}):
        end_sessions_of(writer, subject, now, offline=False)
        for client_id in client_ids:
            writer.execute(sql.DELETE_GRANTS_AT, (subject, client_id))


def withdraw(
    writer: sqlite3.Connection, subject: str, client_id: str | None
) -> tuple[int, int]:
    """Delete consents and grants of a patron at a client, or at all."""
    values = (subject, client_id)
    consents = writer.execute(sql.DELETE_CONSENTS, values).rowcount
    return consents, writer.execute(sql.DELETE_GRANTS_AT, values).rowcount
