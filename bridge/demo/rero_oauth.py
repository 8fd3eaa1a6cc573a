"""The stand-in's OAuth endpoints and its patron information."""

import json
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from bridge.demo.rero_answers import (
    AnswerError,
    dump_sorted,
    patron_answer,
    token_user,
)
from bridge.demo.rero_authorize import (
    ERROR_PAGE,
    AuthorizationRequest,
    Refusal,
    read_request,
    refusal_location,
)
from bridge.demo.rero_faults import Faults
from bridge.demo.rero_pages import SCOPE_NAMES, TEXTS, Pages
from bridge.demo.rero_readers import Reader
from bridge.demo.rero_sessions import Sessions
from bridge.demo.rero_site import Site
from bridge.demo.rero_state import State, Token
from bridge.demo.rero_token import BrokenError, TokenError, exchange
from bridge.demo.rero_urls import EncodingError, check_encoding, with_parameters


class OAuth:
    """The views of authorize, token, ping and info."""

    def __init__(
        self, state: State, sessions: Sessions, pages: Pages, site: Site, faults: Faults
    ) -> None:
        """Bind the views to what they need."""
        self._state = state
        self._sessions = sessions
        self._pages = pages
        self._site = site
        self._faults = faults

    def register(self, app: Flask) -> None:
        """Add all routes to *app*."""
        app.add_url_rule(
            "/oauth/authorize", view_func=self.authorize, methods=["GET", "POST"]
        )
        app.add_url_rule("/oauth/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/oauth/ping", view_func=self.ping, methods=["GET", "POST"])
        app.add_url_rule("/api/patrons/info", view_func=self.info)

    def authorize(self) -> BaseResponse:
        """Answer the authorization endpoint, or with the fault switched on for it."""
        is_signed_in = self._sessions.reader() is not None
        return self._faults.apply(
            "authorize", request, self._authorize, is_signed_in=is_signed_in
        )

    def token(self) -> BaseResponse:
        """Answer the token endpoint, or with the fault switched on for it."""
        return self._faults.apply("token", request, self._token, is_signed_in=False)

    def info(self) -> BaseResponse:
        """Answer the patron information, or with the fault switched on for it."""
        return self._faults.apply("info", request, self._info, is_signed_in=False)

    def ping(self) -> BaseResponse:
        """Answer whether the access token is live."""
        if self._bearer() is None:
            abort(401)
        return Response('{"ping":"pong"}\n', content_type="application/json")

    def _authorize(self) -> BaseResponse:
        reader = self._sessions.reader()
        if reader is None:  # login comes first, before any look at the request
            return redirect(f"/signin/?{urlencode({'next': _own_address()})}")
        if request.method == "POST" and request.form.get("confirm") != "yes":
            return self._refuse(Refusal("access_denied"))  # nothing is checked
        try:
            check_encoding(request.query_string.decode("latin-1"))
        except EncodingError as error:
            return redirect(with_parameters(ERROR_PAGE, [("error", str(error))]))
        try:
            asked = read_request(request.values, self._state)
        except Refusal as refusal:
            return self._refuse(refusal)
        if request.method == "HEAD":
            return self._refuse(Refusal("access_denied"))
        if request.method == "POST":
            return redirect(self._grant(asked, reader))
        return self._consent_page(asked, reader)

    def _refuse(self, refusal: Refusal) -> BaseResponse:
        return redirect(refusal_location(refusal, request.values))

    def _consent_page(
        self, asked: AuthorizationRequest, reader: Reader
    ) -> BaseResponse:
        owner = self._state.readers.get(asked.client.owner_id)
        language = self._site.language()
        sentence = TEXTS[language]["ask"].format(
            client=asked.client.name,
            owner=(owner and owner.email) or "RERO+",
            reader=reader.email or reader.username,
        )
        page = self._pages.render(
            "consent",
            language,
            client_name=asked.client.name,
            sentence=sentence,
            scopes=[SCOPE_NAMES.get(scope, scope) for scope in asked.scopes],
        )
        return make_response(page)

    def _grant(self, asked: AuthorizationRequest, reader: Reader) -> str:
        answer: list[tuple[str, str]]
        if asked.response_type == "token":
            token = self._state.issue_token(
                asked.client, reader.user_id, asked.scopes, with_refresh=False
            )
            answer = [
                ("access_token", token.access_token),
                ("expires_in", str(self._state.settings.token_seconds)),
                ("token_type", "Bearer"),
                ("scope", " ".join(token.scopes)),
                ("state", asked.state),
                ("user", str(token_user(token, reader))),
            ]
        else:
            code = self._state.issue_code(
                asked.client, asked.redirect_uri, reader.user_id, asked.scopes
            )
            answer = [("code", code), ("state", asked.state)]
        return with_parameters(
            asked.redirect_uri,
            [pair for pair in answer if pair[1]],
            in_fragment=asked.response_type == "token",
        )

    def _token(self) -> Response:
        client = self._state.find_client(request.form.get("client_id", ""))
        if client is None:
            abort(404)
        if request.query_string:
            abort(500)
        try:
            answer, status = exchange(request.form, client, self._state), 200
        except BrokenError:
            abort(500)
        except TokenError as error:
            answer, status = dict(error.answer), error.status
        response = Response(json.dumps(answer), status, mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Pragma"] = "no-cache"
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_client"'
        return response

    def _info(self) -> Response:
        try:
            check_encoding(request.query_string.decode("latin-1"))
        except EncodingError as error:
            abort(400, str(error))
        token = self._bearer()
        if token is None:
            abort(401)
        reader = self._state.readers[token.user_id]
        try:
            answer = patron_answer(reader, token.scopes, self._state)
        except AnswerError:
            abort(500)
        return Response(dump_sorted(answer), content_type="application/json")

    def _bearer(self) -> Token | None:
        authorization = request.headers.get("Authorization")
        if authorization is None:
            return self._state.find_access(request.values.get("access_token", ""))
        scheme, _, access_token = authorization.strip().partition(" ")
        is_bearer = scheme.lower() == "bearer"
        return self._state.find_access(access_token.strip()) if is_bearer else None


def _own_address() -> str:
    # As RERO+ writes it: partly decoded, so that "%27" is a raw "'" after the detour.
    parts = urlsplit(request.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
