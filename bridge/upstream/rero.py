"""RERO+ as an OAuth 2 server: where the browser goes, and what a code is worth.

Credentials go in the form, never in the URL or in a header; the URL of the token
endpoint has no query; `redirect_uri` is the same, byte for byte, at both places. The
code is exchanged at once (it lives for 30 s) and never sent twice.
"""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

from requests import PreparedRequest

from bridge import __version__
from bridge.core.errors import (
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from bridge.core.patron import Identity, IdentityKind
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.days import zurich_day
from bridge.flow.ports import Audit, Clock, Event, UpstreamLogin
from bridge.upstream.answers import (
    UpstreamOverloaded,
    check_info_status,
    check_token_status,
)
from bridge.upstream.deadline import Deadline
from bridge.upstream.payload import (
    PatronAnswer,
    TokenAnswer,
    identify,
    parse_patron_answer,
    parse_token_answer,
    patron,
)
from bridge.upstream.settings import ReroSettings
from bridge.upstream.slots import Slots
from bridge.upstream.transport import Transport
from bridge.upstream.writing import CompletedRequest

T = TypeVar("T")

# Services wait for their tokens meanwhile: what was known before does as well.
ASK_AGAIN_S: Final = 3.0
_OURSELVES: Final = ""  # in the place of a browser's address
_CODE: Final = re.compile(r"[!-~]{1,1000}")  # RFC 6749 A.11; RERO+'s have 30
_HEADERS: Final = {
    "Accept": "application/json",
    # The answers are a few hundred bytes: compressing them costs more than it saves.
    "Accept-Encoding": "identity",
    "User-Agent": f"rero-oidc-bridge/{__version__}",
}


def _now() -> int:
    return int(time.time())


class ReroUpstream:
    """The Upstream port of flow, over HTTP; safe for many threads."""

    def __init__(
        self,
        settings: ReroSettings,
        transport: Transport,
        audit: Audit,
        clock: Clock = _now,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._audit = audit
        self._clock = clock
        self._slots = Slots(settings.concurrent_calls)
        # Half of them are left to people who sign in.
        self._again_slots = Slots(max(1, settings.concurrent_calls // 2))
        self._base_url = settings.base_url.rstrip("/")
        self._query = _joined(
            ("client_id", settings.client_id),
            ("response_type", "code"),
            ("redirect_uri", settings.redirect_uri),
        )
        registration = _joined(
            ("client_id", settings.client_id),
            ("client_secret", settings.client_secret),
        )
        self._form = (
            registration
            + "&"
            + _joined(
                ("redirect_uri", settings.redirect_uri),
                ("grant_type", "authorization_code"),
                ("code", ""),
            )
        )
        self._refresh_form = (
            registration
            + "&"
            + _joined(("grant_type", "refresh_token"), ("refresh_token", ""))
        )
        self._token_request = _prepared("POST", f"{self._base_url}/oauth/token")
        self._token_request.headers["Content-Type"] = (
            "application/x-www-form-urlencoded"
        )
        self._info_request = _prepared("GET", f"{self._base_url}/api/patrons/info")

    def authorization_url(
        self, state: str, scopes: frozenset[str], *, sign_in_again: bool = False
    ) -> str:
        """Return where the browser goes; *state* is base64url, *scopes* not empty.

        RERO+ ignores prompt and max_age and keeps its own session for a month, so
        *sign_in_again* leads through its sign-out, which returns to a path of its own.
        """
        scope = _encoded(" ".join(sorted(scopes)))
        query = f"{self._query}&scope={scope}&state={_encoded(state)}"
        url = f"{self._base_url}/oauth/authorize?{query}"
        if not (sign_in_again and self._settings.sign_in_again_via_signout):
            return url
        path = f"{urlsplit(self._base_url).path}/oauth/authorize?{query}"
        return f"{self._base_url}/signout/?next={_encoded(path)}"

    def sign_out_url(self) -> str:
        """Return where a patron ends the session at RERO+ (a page of its own)."""
        return f"{self._base_url}/signout/"

    def sign_in(self, code: str, *, allow_barcode: bool, address: str) -> UpstreamLogin:
        """Exchange *code* at once and fetch the patron, both within one deadline.

        Raises:
            UpstreamUnavailable: DOWN, DEADLINE, BUSY, NOT_JSON.
            UpstreamRefused: CODE_OVER, REGISTRATION, TOKEN_KILLED, SCOPE, NO_CARD,
                ODD_ERROR.
            UpstreamGarbled: SHAPE, TOO_LARGE, ODD_ERROR, NO_IDENTITY,
                IDENTITY_DIFFERS, IDENTITY_LOST.
        """
        with self._slots.take(address):
            if not _CODE.fullmatch(code):
                raise UpstreamRefused(UpstreamFault.CODE_OVER, "malformed code")
            deadline = self._transport.start_deadline()
            form = self._form + _encoded(code)
            token = self._audited("token", lambda: self._exchange(form, deadline))
            info = self._fetch_patron(token.access_token, deadline)
            known = self._identify(token, info, allow_barcode=allow_barcode)
            keeps = self._settings.keep_tokens
            tokens = self._tokens(token) if keeps else None
            return UpstreamLogin(patron(known, token, info), token.scopes, tokens)

    def ask_again(
        self,
        tokens: UpstreamTokens,
        *,
        allow_barcode: bool,
        keep: Callable[[UpstreamTokens], None],
    ) -> UpstreamLogin:
        """Fetch the patron anew, and exchange tokens first that are over; see the port.

        Raises:
            UpstreamUnavailable, UpstreamRefused, UpstreamGarbled: as `sign_in`; where
                CODE_OVER or TOKEN_KILLED, the tokens are worth nothing any more.
        """
        with self._again_slots.take(_OURSELVES), self._slots.take(_OURSELVES):
            deadline = self._transport.start_deadline(ASK_AGAIN_S)
            if tokens.must_be_renewed(self._clock()):
                tokens = self._renew(tokens, deadline)
                keep(tokens)
            info = self._fetch_patron(tokens.access_token, deadline)
            token = TokenAnswer(
                tokens.access_token,
                tokens.scopes,
                tokens.user_id,
                tokens.email,
                tokens.email_verified,
            )
            known = self._identify(token, info, allow_barcode=allow_barcode)
            return UpstreamLogin(patron(known, token, info), tokens.scopes, tokens)

    def _renew(self, tokens: UpstreamTokens, deadline: Deadline) -> UpstreamTokens:
        """Exchange the refresh token, once: it ends with RERO+'s answer."""
        if tokens.refresh_token is None:
            raise UpstreamRefused(UpstreamFault.CODE_OVER, "no refresh token")
        form = self._refresh_form + _encoded(tokens.refresh_token)
        token = self._audited("refresh", lambda: self._exchange(form, deadline))
        renewed = self._tokens(token)
        scopes = token.scopes or tokens.scopes
        # An upstream that names nobody in this answer takes nothing back, either.
        owner = renewed if token.user_id is not None else tokens
        return replace(
            renewed,
            refresh_token=token.refresh_token or tokens.refresh_token,
            scopes=scopes,
            held=tokens.held - (tokens.scopes - scopes),
            user_id=owner.user_id,
            email=owner.email,
            email_verified=owner.email_verified,
        )

    def _tokens(self, token: TokenAnswer) -> UpstreamTokens:
        return UpstreamTokens(
            token.access_token,
            self._clock() + token.life_s,
            token.refresh_token,
            token.scopes,
            user_id=token.user_id,
            email=token.email,
            email_verified=token.email_verified,
        )

    def _exchange(self, form: str, deadline: Deadline) -> TokenAnswer:
        request = CompletedRequest(self._token_request, body=form)
        answer = self._transport.send(request, deadline)
        check_token_status(answer)
        return parse_token_answer(answer.body)

    def _fetch_patron(self, access_token: str, deadline: Deadline) -> PatronAnswer:
        """Ask for the patron; a GET can be repeated once where RERO+ stumbled.

        Never after a 401: the token is dead by a parallel login, and stays so.
        """
        request = CompletedRequest(
            self._info_request, authorization=f"Bearer {access_token}"
        )
        today = zurich_day(self._clock())

        def ask() -> PatronAnswer:
            answer = self._transport.send(request, deadline)
            check_info_status(answer)
            return parse_patron_answer(answer.body, today, self._settings.aliases)

        try:
            return self._audited("info", ask)
        except UpstreamUnavailable as error:
            is_overloaded = isinstance(error, UpstreamOverloaded)
            if is_overloaded or error.fault is not UpstreamFault.DOWN:
                raise
        return self._audited("info", ask)

    def _identify(
        self, token: TokenAnswer, info: PatronAnswer, *, allow_barcode: bool
    ) -> Identity:
        """Find who signed in, and tell where it is by a barcode."""
        is_named = info.user_id is not None or token.user_id is not None
        if not is_named and not allow_barcode:
            raise UpstreamGarbled(UpstreamFault.IDENTITY_LOST)
        takes_barcodes = self._settings.accept_barcode
        known = identify(token, info, takes_barcodes=takes_barcodes)
        if known.kind is IdentityKind.BARCODE:
            self._audit.record(Event.IDENTITY_BARCODE)
        return known

    def _audited(self, call: str, step: Callable[[], T]) -> T:
        """Run one call and record how it ended and how long it took, in seconds."""
        began_at = time.monotonic()
        outcome = "error"
        try:
            result = step()
            outcome = "ok"
            return result
        except UpstreamError as error:
            outcome = error.fault.value
            raise
        finally:
            self._audit.record(
                Event.UPSTREAM_CALLED,
                call=call,
                outcome=outcome,
                duration_s=round(time.monotonic() - began_at, 4),
            )


def _prepared(method: str, url: str) -> PreparedRequest:
    request = PreparedRequest()
    request.prepare(method=method, url=url, headers=_HEADERS)
    return request


def _joined(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{name}={_encoded(value)}" for name, value in pairs)


def _encoded(value: str) -> str:
    return quote(value, safe="")
