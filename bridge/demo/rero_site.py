"""The stand-in's site: front page, sign-in, sign-out, language, error pages."""

import hmac
from dataclasses import replace
from http import HTTPStatus

from flask import Flask, Response, abort, make_response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from bridge.demo.rero_answers import dump_sorted
from bridge.demo.rero_pages import LANGUAGES, Pages
from bridge.demo.rero_sessions import Sessions
from bridge.demo.rero_state import State
from bridge.demo.rero_urls import local_target


class Site:
    """The views that are no OAuth endpoints."""

    def __init__(self, state: State, sessions: Sessions, pages: Pages) -> None:
        """Bind the views to what they need."""
        self._state = state
        self._sessions = sessions
        self._pages = pages

    def register(self, app: Flask) -> None:
        """Add all routes and error pages to *app*."""
        app.add_url_rule("/", view_func=self.front)
        app.add_url_rule("/signin/", view_func=self.signin, methods=["GET", "POST"])
        app.add_url_rule("/signout/", view_func=self.signout)
        app.add_url_rule("/lang/<code>", view_func=self.change_language)
        app.add_url_rule("/oauth/errors", view_func=self.oauth_error)
        app.register_error_handler(HTTPException, self.http_error)

    def language(self) -> str:
        """Choose by ?ln=, the session, Accept-Language; else English."""
        session = self._sessions.current()
        for code in (request.args.get("ln"), session and session.language):
            if code in LANGUAGES:
                return str(code)
        return request.accept_languages.best_match(LANGUAGES) or "en"

    def front(self) -> str:
        """Show who is signed in: RERO+'s catalogue would be here."""
        reader = self._sessions.reader()
        who = f"Signed in as {reader.username}." if reader else "Nobody is signed in."
        link, link_text = (
            ("/signout/", "Sign out") if reader else ("/signin/", "Sign in")
        )
        sentence = f"{who} On the real RERO+ this is the library catalogue."
        return self._message("Front page", sentence, link, link_text)

    def signin(self) -> BaseResponse:
        """Show the login form, or check it and go to `next`."""
        if self._sessions.reader() is not None:
            return redirect("/")  # `next` is ignored, as at RERO+
        if request.method == "POST" and self._has_signed_in():
            return redirect(self._target())
        session = self._sessions.current_or_new()
        self._sessions.keep(session)
        listed = [item for item in self._state.readers.values() if item.is_listed]
        page = self._pages.render(
            "signin",
            self.language(),
            csrf_token=session.csrf_token,
            target=request.values.get("next", ""),
            login=request.form.get("email", ""),
            has_failed=request.method == "POST",
            readers=listed if self._state.settings.show_readers else (),
        )
        return make_response(page)

    def _has_signed_in(self) -> bool:
        session = self._sessions.current()
        reader = self._state.find_reader(request.form.get("email", ""))
        if session is None or reader is None or not reader.is_active:
            return False
        pairs = (
            (request.form.get("csrf_token", ""), session.csrf_token),
            (request.form.get("password", ""), reader.password),
        )
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in pairs):
            return False
        self._sessions.keep(replace(session, user_id=reader.user_id), new_id=True)
        return True

    def signout(self) -> BaseResponse:
        """End the session, keep the language, go to `next` on this host."""
        session = self._sessions.current()
        if session is not None:
            fresh = replace(session, user_id=None, csrf_token=self._state.random_text())
            self._sessions.keep(fresh, new_id=True)
        return redirect(self._target())

    def change_language(self, code: str) -> BaseResponse:
        """Set the session's language, go to `next` on this host."""
        if code not in LANGUAGES:
            abort(404)
        session = self._sessions.current_or_new()
        self._sessions.keep(replace(session, language=code))
        return redirect(self._target())

    def oauth_error(self) -> str:
        """Show an error that does not return to the client."""
        code = request.args.get("error", "")
        reason = request.args.get("error_description", "")
        sentence = " ".join(filter(None, [reason, f"(error code: {code})"]))
        title = "Invalid authorization request"
        return self._message(title, sentence, "/", "Back to RERO+")

    def http_error(self, error: HTTPException) -> Response:
        """Answer an HTTP error: JSON under /api, a page elsewhere."""
        status = error.code or 500
        if request.path == "/api" or request.path.startswith("/api/"):
            answer = {"message": error.description or "", "status": status}
            response = Response(dump_sorted(answer), content_type="application/json")
        else:
            title = HTTPStatus(status).phrase
            page = self._message(title, error.description or "", "/", "Front page")
            response = Response(page)
        response.status_code = status
        if status == 405:
            response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
        return response

    def _target(self) -> str:
        return local_target(request.values.get("next", ""), request.host)

    def _message(self, title: str, sentence: str, link: str, link_text: str) -> str:
        return self._pages.render(
            "message",
            "en",
            title=title,
            sentence=sentence,
            link=link,
            link_text=link_text,
        )
