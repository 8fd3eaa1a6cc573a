"""Flask and its response, without what the bridge does not use.

There are no hooks, no Flask sessions, no hosts or subdomains in routes, no coroutines,
and every view answers with an Answer. Each override leaves one of these out;
docs/performance.md has what it saves. Errors still go through Flask's handlers.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Answer(Response):
    """A response of ready bytes; its headers leave as they were written.

    A Location is a registered redirect_uri, byte for byte: werkzeug would rewrite it.
    """

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """Add the length of the body, where there may be one (RFC 9110 §8.6)."""
        if self.status_code not in {204, 304}:
            length = sum(map(len, self.response))
            self.headers["Content-Length"] = str(length)
        return self.headers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        """Answer with a list: granian sends one at once, anything else as a stream."""
        body = [] if environ["REQUEST_METHOD"] == "HEAD" else list(self.response)
        headers = self.get_wsgi_headers(environ).to_wsgi_list()
        start_response(self.status, headers)
        return body  # type: ignore[return-value]  # views answer with bytes


class Application(Flask):
    """Flask for plain views: one URL map, one host, no hooks."""

    response_class = Answer

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a path: the Host header is never believed."""
        if request is None:
            return None
        return self.url_map.bind(
            "bridge", path_info=request.path, default_method=request.method
        )

    def preprocess_request(self) -> None:
        """Do nothing: there are no functions to call before a view."""

    def finalize_request(
        self, rv: object, from_error_handler: bool = False
    ) -> Response:
        """Return what the view or the error handler answered with."""
        if not isinstance(rv, Answer):
            raise TypeError("a view must answer with an Answer")
        return rv

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return *func*: no view is a coroutine."""
        return func
