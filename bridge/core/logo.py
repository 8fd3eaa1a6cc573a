"""The operator's logo: which pictures are taken."""

import re
from typing import Final

MAX_LOGO_BYTES: Final = 100_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SVG: Final = re.compile(rb"<svg[\s>]")
_SVG_HEAD: Final = 2_000  # bytes that a prolog and comments may take


def logo_type(picture: bytes) -> str | None:
    """Return the media type of a picture by its content, or None: not one of ours."""
    if picture.startswith(_PNG):
        return "image/png"
    if picture.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _SVG.search(
        picture[:_SVG_HEAD]
    ):
        return "image/svg+xml"
    return None
