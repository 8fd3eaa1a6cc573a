"""Colours of the pages, and whether they can be read (WCAG 2.2 §1.4.3)."""

import re
from typing import Final

COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
ACCENT: Final = "#0a5796"  # of bridge.css, as all below
ACCENT_DARK: Final = "#8fc7ff"
# What stands behind links, and what is written on buttons, in either theme.
AROUND: Final = ("#ffffff", "#eef1f5")
AROUND_DARK: Final = ("#1a212c", "#10151d", "#0c1724")
LEAST_CONTRAST: Final = 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def accent_styles(accent: str, accent_dark: str) -> str:
    """Write what follows the stylesheet, so that buttons and links have these colours.

    A button under the pointer is further from what stands around it. Prints stay black.
    """
    if (accent, accent_dark) == (ACCENT, ACCENT_DARK):
        return ""
    light = _accent(accent, _mixed(accent, "#000000"))
    dark = _accent(accent_dark, _mixed(accent_dark, "#ffffff"))
    return (
        f"\n@media screen {{ :root {{ {light} }} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _accent(colour: str, over: str) -> str:
    return f"--act: {colour}; --act-over: {over}; --link: {colour};"


def _mixed(colour: str, other: str) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{(one * 2 + two) // 3:02x}" for one, two in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
