"""How the commands read and write times: "48h", "3 d", "2026-11-26 22:15 UTC"."""

import re
import time
from typing import Final

import click

_DAY_S: Final = 86_400
_HOUR_S: Final = 3_600
_MINUTE_S: Final = 60
_UNITS: Final = {"s": 1, "min": _MINUTE_S, "h": _HOUR_S, "d": _DAY_S}
_DURATION: Final = re.compile(r"([0-9]{1,6})(s|min|h|d)")
_LONGEST_S: Final = 400 * _DAY_S


class Duration(click.ParamType[int]):
    """A duration such as 48h, or now; its value is in seconds."""

    name = "duration"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int) or value == "now":
            return value if isinstance(value, int) else 0
        match = _DURATION.fullmatch(value)
        duration_s = int(match[1]) * _UNITS[match[2]] if match else _LONGEST_S + 1
        if duration_s > _LONGEST_S:
            self.fail(
                f"{value!r} is none; write now, 90s, 30min, 48h or 7d", param, ctx
            )
        return duration_s


def age_text(age_s: int) -> str:
    """Write an age, given in seconds, in its largest whole unit."""
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if age_s >= unit_s:
            return f"{age_s // unit_s} {unit}"
    return f"{age_s} s"


def time_text(at: int) -> str:
    """Write a time, in seconds since the epoch, in the zone of this machine."""
    return time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(at)).rstrip()


def day_text(at: int) -> str:
    """Write the day of a time, given in seconds since the epoch."""
    return time.strftime("%Y-%m-%d", time.localtime(at))
