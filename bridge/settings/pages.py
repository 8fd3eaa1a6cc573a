"""Checks of [pages]: colours that can be read, a logo that a browser shows."""

from collections.abc import Sequence
from pathlib import Path

from bridge.core.colours import AROUND, AROUND_DARK, LEAST_CONTRAST, contrast
from bridge.core.logo import MAX_LOGO_BYTES, logo_type
from bridge.settings.draft import Draft
from bridge.settings.model import Settings


def check_colours(draft: Draft, settings: Settings) -> None:
    """See that links and buttons can be read, in the light and in the dark theme."""
    pages = settings.pages
    _check_contrast(draft, "accent", pages.accent, AROUND)
    _check_contrast(draft, "accent_dark", pages.accent_dark, AROUND_DARK)


def check_logo(draft: Draft, settings: Settings) -> None:
    """See that the logo is a picture, and not too large to come with every page."""
    path = settings.pages.logo_file
    if path is None:
        return
    key = ("pages", "logo_file")
    draft.check_readable(path, key)
    picture = _read(path)
    if picture is None:
        return  # said by check_readable
    if len(picture) > MAX_LOGO_BYTES:
        draft.fault(key, f"is larger than {MAX_LOGO_BYTES} bytes: make it smaller")
    elif logo_type(picture) is None:
        draft.fault(key, "is neither a PNG nor an SVG file")


def _check_contrast(
    draft: Draft, name: str, colour: str, around: Sequence[str]
) -> None:
    least, worst = min((contrast(colour, other), other) for other in around)
    if least < LEAST_CONTRAST:
        theme = "lighter" if name == "accent_dark" else "darker"
        draft.fault(
            ("pages", name),
            f"has a contrast of {least:.1f}:1 with {worst}, and {LEAST_CONTRAST}:1 is "
            f"the least that can be read (WCAG 2.2): make it {theme}",
        )


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_LOGO_BYTES + 1)
    except OSError:
        return None
