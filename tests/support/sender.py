"""A double of the logout sender: it sends nothing, and says what a test wants."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.outgoing.logout_sender import BackChannelSender


@dataclass
class Told:
    """What the sender was asked, and how many notices count as delivered."""

    wakes: int = 0
    waits: list[tuple[int, float]] = field(default_factory=list)  # notices, seconds
    delivered: int = 0  # so many of the first notices


class FakeSender(BackChannelSender):
    """The sender of a bridge in a test; nothing waits for it."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def wake(self) -> None:
        """Note it."""
        self._told.wakes += 1

    def wait_for(self, notice_ids: Sequence[int], timeout_s: float) -> frozenset[int]:
        """Return at once."""
        self._told.waits.append((len(notice_ids), timeout_s))
        return frozenset(notice_ids[: self._told.delivered])
