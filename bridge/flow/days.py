"""Days as a library in Switzerland counts them."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZURICH: Final = ZoneInfo("Europe/Zurich")


def zurich_day(now: int) -> date:
    """Return the day in Europe/Zurich at *now* (seconds since the epoch)."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZURICH).date()
