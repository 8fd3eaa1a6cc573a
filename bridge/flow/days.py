"""Days as a library in Switzerland counts them."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZURICH: Final = ZoneInfo("Europe/Zurich")


def zurich_day(now: int) -> date:
    """Return the day in Europe/Zurich at *now* (seconds since the epoch)."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZURICH).date()


def first_second_of(day: date) -> int:
    """Return when *day* begins in Europe/Zurich, in seconds since the epoch."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZURICH).timestamp())
