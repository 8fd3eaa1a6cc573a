"""Guess what was meant by a name that nobody knows."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean X?", or "" where nothing known is near *name*."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f" Did you mean {near[0]}?" if near else ""
