"""What RERO+ sends the browser back with, and the one call that it leads to."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NoReturn

from bridge.core.claim_sources import BARCODE_SCOPES, EMAIL_UPSTREAM_SCOPE
from bridge.core.errors import (
    AccessDenied,
    PageReason,
    TooManyRequests,
    UnsafeRequest,
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
)
from bridge.core.patron import IdentityKind, Patron
from bridge.core.records import UpstreamRecord
from bridge.core.return_address import Parameters
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.ports import Audit, Event, Limiter, Upstream, UpstreamLogin
from bridge.flow.stores import Store

PAGES: Final = {
    UpstreamFault.DOWN: PageReason.UPSTREAM_DOWN,
    UpstreamFault.DEADLINE: PageReason.UPSTREAM_DOWN,
    UpstreamFault.NOT_JSON: PageReason.UPSTREAM_DOWN,  # a maintenance page
    UpstreamFault.BUSY: PageReason.BUSY,
    UpstreamFault.REGISTRATION: PageReason.UPSTREAM_REGISTRATION,
    UpstreamFault.SCOPE: PageReason.UPSTREAM_REGISTRATION,
    UpstreamFault.CODE_OVER: PageReason.UPSTREAM_CODE,
    UpstreamFault.TOKEN_KILLED: PageReason.UPSTREAM_RACE,
}
# Errors of the callback that only a wrong registration or a bug of ours can cause.
_REGISTRATION_ERRORS: Final = frozenset(
    {"invalid_request", "unauthorized_client", "unsupported_response_type"}
)
# Ends of a login that are in order, or the patron's own: nothing for the operator.
NO_FAILURES: Final = frozenset(
    {UpstreamFault.DENIED, UpstreamFault.CODE_OVER, UpstreamFault.TOKEN_KILLED}
)
EMAIL_REFUSAL_S: Final = 600  # how long the e-mail scope is not asked for
EMAIL_OFFER_S: Final = 86_400
_CODE: Final = re.compile(r"[\x21-\x7e]{1,512}")


def read_callback(parameters: Parameters) -> str:
    """Return the code of RERO+'s answer; call it only once the ticket holds.

    Raises:
        UpstreamRefused, UpstreamGarbled: an error instead, or neither, or doubled.
    """
    if parameters.doubled & {"code", "error"}:
        raise UpstreamGarbled(UpstreamFault.SHAPE, "code or error is doubled")
    error = parameters.get("error")
    if error == "access_denied":
        raise UpstreamRefused(UpstreamFault.DENIED)
    if error == "invalid_scope":
        raise UpstreamRefused(UpstreamFault.SCOPE)
    if error in _REGISTRATION_ERRORS:
        raise UpstreamRefused(UpstreamFault.REGISTRATION, f"callback says {error}")
    if error is not None:
        raise UpstreamRefused(UpstreamFault.ODD_ERROR)
    code = parameters.get("code")
    if code is None or not _CODE.fullmatch(code):
        raise UpstreamGarbled(UpstreamFault.SHAPE, "no code in the callback")
    return code


class UpstreamSignIn:
    """Exchanges a code for a patron; remembers what the upstream has shown so far."""

    def __init__(
        self,
        upstream: Upstream,
        store: Store,
        limiter: Limiter,
        audit: Audit,
        record: UpstreamRecord,
        *,
        accept_barcode: bool,
    ) -> None:
        self._accept_barcode = accept_barcode
        self._upstream = upstream
        self._store = store
        self._limiter = limiter
        self._audit = audit
        self._record = record  # its has_user_ids is what the configuration knows: no
        self._known: UpstreamRecord | None = None
        self._email_refused_until = 0  # seconds since the epoch
        self._email_offered_until = 0

    def authorization_url(
        self, state: str, scopes: frozenset[str], *, sign_in_again: bool
    ) -> str:
        """Return where the browser signs in; see the Upstream port."""
        return self._upstream.authorization_url(
            state, scopes, sign_in_again=sign_in_again
        )

    def exchange(self, code: str, ticket_id: bytes, address: str) -> UpstreamLogin:
        """Exchange *code* and fetch the patron, within the limits of state.md.

        Raises:
            TooManyRequests: the ticket or the address asks too often.
            UpstreamError: as the port says.
        """
        wait_s = max(
            self._limiter.hit("callback_ticket", ticket_id.hex()),
            self._limiter.hit("callback_address", address),
        )
        if wait_s:
            raise TooManyRequests("too many sign-ins", retry_after_s=wait_s)
        return self._upstream.sign_in(
            code, allow_barcode=self._allows_barcode(), address=address
        )

    def ask_again(
        self, tokens: UpstreamTokens, keep: Callable[[UpstreamTokens], None]
    ) -> UpstreamLogin:
        """Fetch the patron of an earlier login anew; see the Upstream port.

        Raises:
            UpstreamError: as the port says.
        """
        return self._upstream.ask_again(
            tokens, allow_barcode=self._allows_barcode(), keep=keep
        )

    def identity_scopes(self) -> frozenset[str]:
        """Return the scopes that a barcode's identity hangs on, while it may count.

        A barcode is unique only within an institution, which is part of the subject:
        it must not change with what a client happens to ask for.
        """
        known = self._known_record()
        if not self._accept_barcode or (known is not None and known.has_user_ids):
            return frozenset()
        return BARCODE_SCOPES

    def without_refused(self, scopes: frozenset[str], now: int) -> frozenset[str]:
        """Leave out the e-mail scope while RERO+ is known not to offer it."""
        is_refused = now < self._email_refused_until
        return scopes - {EMAIL_UPSTREAM_SCOPE} if is_refused else scopes

    def learn(self, answer: UpstreamLogin, now: int, *, is_fallback: bool) -> None:
        """Remember whether RERO+ offers the e-mail scope, as this login has shown.

        *is_fallback* says that the scope was refused a moment before, and that the same
        login succeeds without it. A browser can make up a refusal: it counts only where
        no login of the last day has had the scope.
        """
        if EMAIL_UPSTREAM_SCOPE in answer.scopes or answer.patron.email is not None:
            self._email_refused_until = 0
            self._email_offered_until = now + EMAIL_OFFER_S
        elif is_fallback and now >= self._email_offered_until:
            if now >= self._email_refused_until:
                self._audit.record(Event.SCOPE_REFUSED, detail=EMAIL_UPSTREAM_SCOPE)
            self._email_refused_until = now + EMAIL_REFUSAL_S

    def news(self, patron: Patron) -> UpstreamRecord | None:
        """Return what the store has yet to learn of the upstream from this login."""
        known = self._known_record()
        has_user_id = patron.identity.kind is IdentityKind.USER
        if (
            known is not None
            and self._knows_salt(known)
            and (known.has_user_ids or not has_user_id)
        ):
            return None
        return replace(self._record, has_user_ids=has_user_id)

    def _allows_barcode(self) -> bool:
        known = self._known_record()
        return known is None or not known.has_user_ids

    def _known_record(self) -> UpstreamRecord | None:
        """Read the store until it says what can never change again."""
        known = self._known
        if known is None or not (known.has_user_ids and self._knows_salt(known)):
            for record in self._store.get_upstreams():
                if record.upstream_id == self._record.upstream_id:
                    self._known = record
        return self._known

    def _knows_salt(self, known: UpstreamRecord) -> bool:
        """Tell whether the store need not learn the fingerprint of the salt."""
        return bool(known.salt_fingerprint) or not self._record.salt_fingerprint


def raise_for_browser(error: UpstreamError, audit: Audit, client_id: str) -> NoReturn:
    """Turn what RERO+ did into the client's error or a page that says what to do.

    Raises:
        AccessDenied: the patron pressed "Reject" there.
        UnsafeRequest: anything else; the page offers to begin again.
    """
    fault = error.fault.value
    audit.record(Event.LOGIN_FAILED, client_id=client_id, reason=fault)
    if error.fault not in NO_FAILURES:
        audit.record(Event.UPSTREAM_FAILED, fault=fault, detail=error.detail or None)
    if error.fault is UpstreamFault.DENIED:
        raise AccessDenied("the patron refused at RERO+") from error
    reason = PAGES.get(error.fault, PageReason.UPSTREAM_GARBLED)
    raise UnsafeRequest(
        reason, "RERO+ did not sign the patron in", client_id=client_id
    ) from error
