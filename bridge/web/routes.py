"""The one table of routes: path, methods, and the view bound to what it uses."""

from functools import partial
from typing import Final

from flask import Flask, Request
from werkzeug.exceptions import NotFound

from bridge.provider.metadata import discovery_paths
from bridge.web import consent, documents, language, logout
from bridge.web.answers import answering
from bridge.web.authorize import authorize, authorize_by_post
from bridge.web.bodies import places_for, reading_body
from bridge.web.callback import callback
from bridge.web.context import CurrentParts, View
from bridge.web.frame import Answer, Application
from bridge.web.guards import Guard, Style, exchange_of, preflight
from bridge.web.manage import introspect, par, revoke
from bridge.web.token import token
from bridge.web.userinfo import userinfo

STATIC_PATH: Final = "/static/"
LANGUAGE_PATH: Final = "/language"

# HEAD is not answered where a request has an effect: a prefetch must use nothing up.
ROUTES: Final[tuple[tuple[str, Style, tuple[str, ...], View], ...]] = (
    ("/authorize", Style.PAGE, ("GET",), authorize),
    ("/authorize", Style.PAGE, ("POST",), authorize_by_post),
    ("/callback", Style.PAGE, ("GET",), callback),
    ("/card", Style.PAGE, ("POST",), consent.card),
    ("/consent", Style.PAGE, ("POST",), consent.consent),
    ("/refusal", Style.PAGE, ("POST",), consent.refusal),
    ("/logout", Style.PAGE, ("GET",), logout.logout),
    ("/logout", Style.PAGE, ("POST",), logout.logout_by_post),
    ("/logout/confirm", Style.PAGE, ("POST",), logout.confirm),
    (LANGUAGE_PATH, Style.PAGE, ("GET",), language.choose),
    (LANGUAGE_PATH, Style.PAGE, ("POST",), language.choose_by_post),
    ("/token", Style.API, ("POST",), token),
    ("/userinfo", Style.API, ("GET", "POST"), userinfo),
    ("/revoke", Style.API, ("POST",), revoke),
    ("/introspect", Style.API, ("POST",), introspect),
    ("/par", Style.API, ("POST",), par),
    ("/jwks", Style.DOCUMENT, ("GET", "HEAD"), documents.jwks),
    (
        f"{STATIC_PATH}bridge.css",
        Style.DOCUMENT,
        ("GET", "HEAD"),
        documents.stylesheet,
    ),
    (f"{STATIC_PATH}logo", Style.DOCUMENT, ("GET", "HEAD"), documents.logo),
    ("/", Style.PAGE, ("GET", "HEAD"), documents.front),
)


def create_app(current: CurrentParts) -> Flask:
    """Build the WSGI application over the parts of the present configuration.

    Paths, sizes and guards are those of the first configuration; what a reload may
    change is asked of *current* at each request.
    """
    parts = current()
    app = Application(partial(answering, current))
    app.config["MAX_CONTENT_LENGTH"] = parts.max_body_bytes
    styles: dict[str, Style] = {}
    places = places_for(parts.threads)
    for path, style, methods, plain_view in ROUTES:
        view = reading_body(plain_view, places) if "POST" in methods else plain_view
        styles[parts.prefix + path] = style
        _add(app, current, parts.prefix + path, style, methods, view)
    for path in discovery_paths(parts.issuer):
        style, methods = Style.DOCUMENT, ("GET", "HEAD")
        styles[path] = style
        _add(app, current, path, style, methods, documents.discovery)
    app.put_around(Guard(app.wsgi_app, parts.observer, styles, parts.max_body_bytes))
    return app


def _add(
    app: Application,
    current: CurrentParts,
    path: str,
    style: Style,
    methods: tuple[str, ...],
    view: View,
) -> None:
    def answer(http: Request) -> Answer:
        if exchange_of(http).route != path:
            raise NotFound  # werkzeug takes `//authorize` for `/authorize`
        return view(current(), http)

    name = f"{style.value}.{view.__name__}{path}"
    endpoint = name.replace("/", "_").replace("-", "_")
    app.add_view(path, endpoint, answer, methods)
    if style is not Style.PAGE:
        name = f"{style.value}.preflight{path.replace('/', '_')}"
        app.add_view(path, name, preflight, ("OPTIONS",))
