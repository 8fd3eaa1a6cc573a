"""Handles as text: closed by a tag when they leave, opened only where the tag holds."""

import hmac

from bridge.core import handle as layout
from bridge.core.handle import Handle, Kind
from bridge.flow.ports import Tagger


def write_handle(tagger: Tagger, handle: Handle) -> str:
    """Return the code or token that *handle* is outside the bridge.

    Raises:
        KeyError: the key of *handle* is gone.
    """
    packed = layout.pack(handle)
    tag = tagger.tag(handle.key_id, packed)
    if tag is None:
        raise KeyError("the tag key of a handle is gone")
    return layout.join(packed, tag)


def read_handle(tagger: Tagger, text: str, kind: Kind) -> Handle | None:
    """Return the handle that *text* is; None: cut, forged or of another kind."""
    parts = layout.split(text)
    if parts is None:
        return None
    handle, packed, tag = parts
    expected = tagger.tag(handle.key_id, packed)
    if expected is None or not hmac.compare_digest(expected, tag):
        return None
    return handle if handle.kind is kind else None
