"""RERO+'s tokens of a patron, sealed for their row of the store and opened again."""

import json
from typing import Final

from bridge.core.compact import compact
from bridge.core.records import KeptTokens
from bridge.core.seal import column_purpose
from bridge.core.upstream_tokens import (
    UpstreamTokens,
    tokens_from_record,
    tokens_to_record,
)
from bridge.flow.ports import Sealer

KEPT_S: Final = 30 * 86_400  # RERO+'s documents promise a refresh token no longer life


class TokenSeals:
    """Seals tokens with the sealing key; a row of another patron cannot be opened."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, subject: str, tokens: UpstreamTokens, now: int) -> KeptTokens:
        """Make the row of *subject*, not stored yet."""
        record = compact(tokens_to_record(tokens)).encode()
        sealed = self._sealer.seal(_purpose(subject), record, now)
        return KeptTokens(subject, sealed, now + KEPT_S)

    def open(self, kept: KeptTokens) -> UpstreamTokens | None:
        """Open a row; None where the sealing key is gone."""
        record = self._sealer.open(_purpose(kept.subject), kept.sealed)
        return None if record is None else tokens_from_record(json.loads(record))


def _purpose(subject: str) -> bytes:
    return column_purpose("upstream_tokens", "sealed", subject.encode())
