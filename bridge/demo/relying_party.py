"""The demo service: a small OpenID Connect client that trusts nothing unverified.

It shares no code with the bridge, so that it can bear witness to what the bridge says.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, make_response, redirect, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.wrappers import Response as WerkzeugResponse

from bridge.demo.relying_party_checks import CheckFailed, LoginError
from bridge.demo.relying_party_client import (
    PendingLogin,
    RelyingPartySettings,
    Result,
    authorization_url,
    begin_login,
    complete_login,
    logout_url,
    read_answer,
)
from bridge.demo.relying_party_pages import (
    CONTENT_SECURITY_POLICY,
    STYLE,
    Pages,
    rows,
)

__all__ = ["RelyingPartySettings", "create_app"]

COOKIE: Final = "demo_service"
BROWSERS_KEPT: Final = 500
PENDING_KEPT: Final = 8  # logins begun in one browser, in as many tabs


@dataclass(slots=True)
class Browser:
    """What is kept of one browser; memory only."""

    pending: OrderedDict[str, PendingLogin] = field(default_factory=OrderedDict)
    result: Result | None = None


class Browsers:
    """The browsers by their cookie; the ones seen longest ago give way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_cookie: OrderedDict[str, Browser] = OrderedDict()

    def remember(self, cookie: str | None, login: PendingLogin) -> str:
        """Keep a login that was begun; return the cookie it is bound to."""
        with self._lock:
            if cookie is None or cookie not in self._by_cookie:
                cookie = secrets.token_urlsafe(24)
                self._by_cookie[cookie] = Browser()
            self._by_cookie.move_to_end(cookie)
            pending = self._by_cookie[cookie].pending
            pending[login.state] = login
            while len(pending) > PENDING_KEPT:
                pending.popitem(last=False)
            while len(self._by_cookie) > BROWSERS_KEPT:
                self._by_cookie.popitem(last=False)
            return cookie

    def take(self, cookie: str | None, state: str) -> PendingLogin:
        """Return the login that *state* began in this browser, once.

        Raises:
            CheckFailed: another browser began it, or it has been used.
        """
        with self._lock:
            browser = self._by_cookie.get(cookie or "")
            login = browser.pending.pop(state, None) if browser else None
        if login is None:
            reason = "this browser has begun no such login, or has used it already"
            raise CheckFailed("state", reason)
        return login

    def finish(self, cookie: str, result: Result) -> str:
        """Keep a result under a new cookie, which is returned."""
        with self._lock:
            browser = self._by_cookie.pop(cookie, None) or Browser()
            browser.result = result
            renewed = secrets.token_urlsafe(24)
            self._by_cookie[renewed] = browser
            return renewed

    def result(self, cookie: str | None) -> Result | None:
        """Return what the last login in this browser has brought."""
        with self._lock:
            browser = self._by_cookie.get(cookie or "")
            return browser.result if browser else None

    def forget(self, cookie: str | None) -> None:
        """Drop all that is kept of a browser."""
        with self._lock:
            self._by_cookie.pop(cookie or "", None)


def create_app(settings: RelyingPartySettings) -> Flask:
    """Make the demo service of one client at one provider."""
    app = Flask("bridge.demo.relying_party", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    provider = DefaultJSONProvider(app)
    provider.sort_keys = False  # the claims are shown in the order that they came in
    app.json = provider
    service = Service(
        settings, Pages(app, settings.service_name, settings.discovery_url)
    )
    app.add_url_rule("/", "start", service.start)
    app.add_url_rule("/login", "login", service.login)
    callback_path = urlsplit(settings.redirect_uri).path
    app.add_url_rule(callback_path, "callback", service.callback)
    app.add_url_rule("/result", "result", service.result)
    app.add_url_rule("/logout", "logout", service.logout, methods=["POST"])
    app.add_url_rule("/logout/all", "logout_all", service.logout_all, methods=["POST"])
    if settings.post_logout_redirect_uri:
        bye_path = urlsplit(settings.post_logout_redirect_uri).path
        app.add_url_rule(bye_path, "logged_out", service.logged_out)
    app.add_url_rule("/style.css", "style", style)
    app.register_error_handler(LoginError, service.show_failure)
    app.after_request(service.add_headers)
    return app


class Service:
    """The views; each answers one kind of request."""

    def __init__(self, settings: RelyingPartySettings, pages: Pages) -> None:
        self._settings = settings
        self._pages = pages
        self._browsers = Browsers()

    def start(self) -> str:
        """Show the last result, or the button "Log in"."""
        result = self._browsers.result(request.cookies.get(COOKIE))
        if result is None:
            return self._pages.welcome()
        return self._pages.result(
            {
                "issuer": result.issuer,
                "header": rows(result.id_token_header),
                "claims": rows(result.id_token_claims),
                "userinfo": rows(result.userinfo),
                "checks": result.checks,
                "timings": rows(result.timings_ms),
                "may_log_out": logout_url(self._settings, result) is not None,
            }
        )

    def login(self) -> WerkzeugResponse:
        """Begin a login and send the browser to the provider."""
        login = begin_login(self._settings)
        cookie = self._browsers.remember(request.cookies.get(COOKIE), login)
        answer = redirect(authorization_url(self._settings, login), 303)
        self._set_cookie(answer, cookie)
        return answer

    def callback(self) -> WerkzeugResponse:
        """Take the provider's answer; nothing of it counts before `state` fits."""
        cookie = request.cookies.get(COOKIE, "")
        if any(len(values) > 1 for _, values in request.args.lists()):
            raise CheckFailed("parameters", "one of them came twice (RFC 6749 §3.1)")
        login = self._browsers.take(cookie, request.args.get("state", ""))
        code = read_answer(login, request.args)
        result = complete_login(self._settings, login, code)
        # Back to the start page: no code stays in the address bar.
        answer = redirect("/", 303)
        self._set_cookie(answer, self._browsers.finish(cookie, result))
        return answer

    def result(self) -> Response:
        """Give the last result of this browser as JSON."""
        result = self._browsers.result(request.cookies.get(COOKIE))
        if result is None:
            return make_response(jsonify({"error": "no_result"}), 404)
        return jsonify(
            {
                "issuer": result.issuer,
                "id_token": {
                    "header": result.id_token_header,
                    "claims": result.id_token_claims,
                },
                "userinfo": result.userinfo,
                "checks": [asdict(check) for check in result.checks],
                "timings_ms": result.timings_ms,
            }
        )

    def logout(self) -> WerkzeugResponse:
        """End the session here; the provider's own goes on."""
        return self._forgotten("/")

    def logout_all(self) -> WerkzeugResponse:
        """End the session here, and send the browser to end the provider's."""
        result = self._browsers.result(request.cookies.get(COOKIE))
        url = None if result is None else logout_url(self._settings, result)
        return self._forgotten(url or "/")

    def logged_out(self) -> str:
        """Say that the provider has sent the browser back from its logout."""
        return self._pages.logged_out()

    def show_failure(self, failure: LoginError) -> tuple[str, int]:
        """Say plainly why a login did not come to its end."""
        return self._pages.failed(failure.title, failure.explanation), 400

    def add_headers(self, answer: Response) -> Response:
        """Keep answers out of caches, frames and Referer headers."""
        provider = urlsplit(self._settings.discovery_url)
        policy = CONTENT_SECURITY_POLICY.format(
            provider=f"{provider.scheme}://{provider.netloc}"
        )
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _forgotten(self, url: str) -> WerkzeugResponse:
        # A Lax cookie does not come with a POST from another site: no token is needed.
        self._browsers.forget(request.cookies.get(COOKIE))
        answer = redirect(url, 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="Lax")
        return answer

    def _set_cookie(self, answer: WerkzeugResponse, cookie: str) -> None:
        secure = self._settings.redirect_uri.startswith("https:")
        answer.set_cookie(COOKIE, cookie, secure=secure, httponly=True, samesite="Lax")


def style() -> Response:
    """Give the one style sheet."""
    return Response(STYLE, mimetype="text/css")
