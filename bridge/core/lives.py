"""Lives: how long codes and tokens live, and what shortens it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Lives:
    """How long things live, in seconds."""

    code_s: int = 60
    access_token_s: int = 600
    id_token_s: int = 300
    refresh_idle_s: int = 30 * 86_400
    refresh_total_s: int = 90 * 86_400

    def capped(self, not_after: int | None, now: int) -> "Lives":
        """Let nothing that is made at *now* live beyond *not_after*; None: no cap."""
        if not_after is None:
            return self
        left_s = not_after - now
        return replace(
            self,
            access_token_s=min(self.access_token_s, left_s),
            id_token_s=min(self.id_token_s, left_s),
            refresh_idle_s=min(self.refresh_idle_s, left_s),
        )

    @property
    def are_over(self) -> bool:
        """Tell whether nothing may live any more: the policy refuses already."""
        return self.access_token_s <= 0
