"""Flask without what the bridge does not use, and the plain answer of its views.

There are no hooks, no Flask sessions, no hosts or subdomains in routes, no coroutines.
Each override leaves one of these out; docs/decisions/0007 has what it saves. Errors
still go through Flask's handlers.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Request
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LINES: Final = {
    status.value: f"{status.value} {status.phrase}" for status in HTTPStatus
}
_BODILESS: Final = frozenset({204, 304})  # RFC 9110 §8.6: no Content-Length either


class Answer:
    """Status, headers and ready bytes: what every view answers with.

    werkzeug's Response could also stream, rewrite Location (a registered redirect_uri
    leaves byte for byte here) and guess types. granian sends a body given as a list at
    once, and anything else as a stream.
    """

    __slots__ = ("body", "headers", "status_code")

    def __init__(
        self,
        body: bytes | str = b"",
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str | None = None,
    ) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.status_code = status
        self.headers = list(headers)
        if content_type is not None:
            self.headers.append(("Content-Type", content_type))

    def add_header(self, name: str, value: str) -> None:
        """Add a header; Set-Cookie may come several times."""
        self.headers.append((name, value))

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        """Send the answer (PEP 3333).

        Raises:
            ValueError: a header would split the answer.
        """
        for _, value in self.headers:
            if "\n" in value or "\r" in value:
                raise ValueError("a header holds a line break")
        headers = self.headers
        if self.status_code not in _BODILESS:
            headers = [*headers, ("Content-Length", str(len(self.body)))]
        start_response(_LINES[self.status_code], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Application(Flask):
    """Flask for plain views: one URL map, one host, no hooks."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a path: the Host header is never believed."""
        if request is None:
            return None
        return self.url_map.bind(
            "bridge", path_info=request.path, default_method=request.method
        )

    def preprocess_request(self) -> None:
        """Do nothing: there are no functions to call before a view."""

    def finalize_request(  # type: ignore[override]  # an Answer is a WSGI response, too
        self, rv: object, from_error_handler: bool = False
    ) -> Answer:
        """Return what the view or the error handler answered with."""
        if not isinstance(rv, Answer):
            raise TypeError("a view must answer with an Answer")
        return rv

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return *func*: no view is a coroutine."""
        return func
