"""What a grant keeps of a login, sealed: the patron, the sub, and the claims asked."""

import json
from dataclasses import dataclass

from bridge.core.claims import ClaimsRequest
from bridge.core.compact import compact
from bridge.core.patron import (
    JsonObject,
    JsonValue,
    Patron,
    patron_from_record,
    patron_to_record,
)
from bridge.core.seal import column_purpose
from bridge.flow.ports import Sealer


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts that every answer of one grant is made from.

    A later login of the same patron at another client does not change it.
    """

    sub: str
    patron: Patron
    claims: ClaimsRequest
    renewed_at: int = 0  # when RERO+ was asked anew; 0: not since the sign-in


def seal_snapshot(
    sealer: Sealer, grant_id: bytes, snapshot: Snapshot, now: int
) -> bytes:
    """Seal *snapshot* for the row of *grant_id*."""
    record: JsonObject = {
        "sub": snapshot.sub,
        "patron": patron_to_record(snapshot.patron),
        "id_token": [*snapshot.claims.id_token],
        "userinfo": [*snapshot.claims.userinfo],
    }
    if snapshot.renewed_at:
        record["renewed_at"] = snapshot.renewed_at
    plaintext = compact(record).encode()
    return sealer.seal(_purpose(grant_id), plaintext, now)


def open_snapshot(sealer: Sealer, grant_id: bytes, sealed: bytes) -> Snapshot | None:
    """Open what `seal_snapshot` made; None: the key is gone, or the row was changed."""
    plaintext = sealer.open(_purpose(grant_id), sealed)
    if plaintext is None:
        return None
    record = json.loads(plaintext)
    return Snapshot(
        record["sub"],
        patron_from_record(record["patron"]),
        ClaimsRequest(_names(record["id_token"]), _names(record["userinfo"])),
        record.get("renewed_at", 0),
    )


def _purpose(grant_id: bytes) -> bytes:
    return column_purpose("grants", "sealed", grant_id)


def _names(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()
