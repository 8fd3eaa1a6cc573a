"""Slow request bodies: they may hold half of the threads, so that the rest goes on.

A body is read whole before its view is called. Without a buffering proxy in front the
sender sets the pace, and a thread waits for every byte.
"""

from functools import wraps
from threading import BoundedSemaphore
from typing import Final

from flask import Request

from bridge.core.errors import TooManyRequests
from bridge.web.context import View, WebParts
from bridge.web.frame import Answer

RETRY_AFTER_S: Final = 5


class TooManyBodies(TooManyRequests):
    """Half of the threads wait for bodies: not this sender's fault, so it is 503."""

    status = 503


def places_for(threads: int) -> BoundedSemaphore:
    """Return the places of bodies being read where *threads* answer."""
    return BoundedSemaphore(max(1, threads // 2))


def reading_body(view: View, places: BoundedSemaphore) -> View:
    """Return *view* with the body read first, in one of *places*.

    Raises:
        TooManyBodies: all places are taken.
        RequestEntityTooLarge: the body is longer than MAX_CONTENT_LENGTH.
    """

    @wraps(view)
    def read_and_view(parts: WebParts, http: Request) -> Answer:
        if http.method == "POST":
            if not places.acquire(blocking=False):
                raise TooManyBodies("try again", retry_after_s=RETRY_AFTER_S)
            try:
                body = http.get_data()  # kept in the request
                if http.content_length is None and body:
                    # A body without a length is cut off at the limit, silently; to
                    # read on is an error there, and nothing where the body has ended.
                    http.stream.read(1)
            finally:
                places.release()
        return view(parts, http)

    return read_and_view
