"""Purposes of seals: what is sealed for one place can be opened at no other."""


def column_purpose(table: str, column: str, row_id: bytes) -> bytes:
    """Name a sealed column of one row; the key id is added by the sealer."""
    return b"column:" + f"{table}.{column}:".encode() + row_id


def ticket_purpose(kind: bytes) -> bytes:
    """Name a kind of ticket, so that none passes for another."""
    return b"ticket:" + kind
