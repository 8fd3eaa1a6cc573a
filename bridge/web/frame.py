"""Flask without what the bridge does not use, and the plain answer of its views.

There are no hooks, no contexts, no Flask sessions, no hosts or subdomains in routes;
docs/decisions/0007 says what that saves. What a view raises is web/answers.py's.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias

from flask import Flask, Request
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View: TypeAlias = "Callable[[Request], Answer]"
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
    """Flask's routes, request and test client for views that are plain functions.

    A view is given its request, so that no context has to be pushed for it.
    """

    def __init__(self, answer: "Callable[[Request, View], Answer]") -> None:
        super().__init__("bridge", static_folder=None)
        self._answer = answer  # turns what a view raises into an answer
        self._outermost: WSGIApplication = self.wsgi_app
        self._plain: dict[tuple[str, str], View] = {}
        self.url_map.merge_slashes = False  # `//host` paths are 404, never a redirect
        self.url_map.strict_slashes = True
        self.url_map.redirect_defaults = False

    def put_around(self, layer: "WSGIApplication") -> None:
        """Answer through *layer* from now on; it calls `wsgi_app` in its turn."""
        self._outermost = layer

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, through the outermost layer (PEP 3333)."""
        return self._outermost(environ, start_response)

    def add_view(
        self, path: str, endpoint: str, view: View, methods: Iterable[str]
    ) -> None:
        """Add a route; no path has variable parts, so it is found as it stands.

        What is not found so goes through Flask's URL map, for its 404 and 405.
        """
        self.add_url_rule(
            path,
            endpoint=endpoint,
            view_func=view,
            methods=[*methods],
            provide_automatic_options=False,
        )
        for rule in self.url_map.iter_rules(endpoint):
            rule.methods = {*methods}  # werkzeug takes HEAD wherever it takes GET
        self._plain.update({(path, method): view for method in methods})

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        # Not noted in the environ: the two would hold each other until a collection.
        http = self.request_class(environ, populate_request=False)
        http.max_content_length = self.config["MAX_CONTENT_LENGTH"]
        return self._answer(http, self._call_view)(environ, start_response)

    def _call_view(self, http: Request) -> Answer:
        """Call the view of the route; the Host header has no part in finding it.

        Raises:
            HTTPException: there is none, or not for this method.
        """
        plain = self._plain.get((http.path, http.method))
        if plain is not None:
            return plain(http)
        adapter = self.url_map.bind(
            "bridge", path_info=http.path, default_method=http.method
        )
        try:
            endpoint, _ = adapter.match()
        except RequestRedirect as redirect:  # no path of ours has a second form
            raise NotFound from redirect
        answer = self.view_functions[endpoint](http)
        if not isinstance(answer, Answer):
            raise TypeError("a view must answer with an Answer")
        return answer
