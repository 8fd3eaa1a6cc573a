"""Slow request bodies: they may hold half of the threads, so that the rest goes on.

A body is read whole before its view is called. Without a buffering proxy in front the
sender sets the pace, and a thread waits for every byte.
"""

from threading import BoundedSemaphore
from typing import Final

from flask import Flask, request

from bridge.core.errors import PageReason, UnsafeRequest

WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # no view reads one


def add_body_guard(app: Flask, threads: int) -> None:
    """Let at most half of *threads* wait for bodies; refuse more with 503."""
    places = BoundedSemaphore(max(1, threads // 2))

    @app.before_request
    def read_body() -> None:
        if request.method in WITHOUT_BODY or request.url_rule is None:
            return
        if not places.acquire(blocking=False):
            raise UnsafeRequest(PageReason.BUSY, "too many bodies are being read")
        try:
            request.get_data()  # kept in the request; too long a body is a 413 here
        finally:
            places.release()
