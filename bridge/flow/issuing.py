"""From a signed-in patron to the code: the policy, consent, and the one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claim_sources import name_claims
from bridge.core.claims import lacks_email, requested_claims
from bridge.core.client import Client, ConsentMode
from bridge.core.eligibility import RefusalReason, Refused, decide
from bridge.core.errors import (
    AccessDenied,
    LoginRequired,
    PageReason,
    TemporarilyUnavailable,
    TooManyRequests,
    UnsafeRequest,
)
from bridge.core.patron import JsonObject, Patron
from bridge.core.prompts import must_ask_consent
from bridge.core.records import Consent, LoginWrite
from bridge.core.return_address import ReturnAddress
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.days import zurich_day
from bridge.flow.outcomes import AnswerClient, AskConsent, Outcome, ShowRefusal
from bridge.flow.ports import Audit, Engine, Event, Limiter, SignIn
from bridge.flow.stores import Store
from bridge.flow.ticket import TicketKind, request_to_record
from bridge.flow.tickets import Tickets

CONSENT_TICKET_CLAIMS: Final = "wanted"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A patron who is signed in, on the way back to a client.

    `write` is what this step stores besides the grant; its session is not stored yet.
    """

    request: AuthorizationRequest
    address: ReturnAddress
    sign_in: SignIn
    browser: Browser
    write: LoginWrite
    cookies: CookieChanges


class Issuing:
    """Decides, asks, and issues; nothing is stored for a patron who is refused."""

    def __init__(
        self,
        issuer: str,
        store: Store,
        engine: Engine,
        tickets: Tickets,
        limiter: Limiter,
        audit: Audit,
    ) -> None:
        self._limiter = limiter
        self._issuer = issuer
        self._store = store
        self._engine = engine
        self._tickets = tickets
        self._audit = audit

    def go_on(self, arrival: Arrival) -> Outcome:
        """Answer the client, or show what stands between.

        Raises:
            AccessDenied, ConsentRequired: prompt=none, and a page would be needed.
            LoginRequired: somebody else signed in than the client asked for.
            UnsafeRequest: another request used the ticket up.
            TooManyRequests: the session asks too often (prompt=none: at the client).
        """
        self._limit(arrival)
        self._check_subject(arrival)
        refusal = self._refusal(arrival)
        if refusal is not None:
            return refusal
        client, request = arrival.address.client, arrival.request
        wanted = wanted_by(client, request)
        allowed = self._allowed(client, arrival.sign_in)
        if must_ask_consent(request, client, wanted, allowed):
            return self._ask(arrival, wanted)
        return self._issue(arrival, arrival.write)

    def approve(
        self, arrival: Arrival, wanted: frozenset[str], *, remember: bool
    ) -> Outcome:
        """Answer the client after the patron allowed *wanted*; else as `go_on`."""
        self._limit(arrival)
        refusal = self._refusal(arrival)
        if refusal is not None:
            return refusal
        client = arrival.address.client
        if not wanted_by(client, arrival.request) <= wanted:
            return self._ask(arrival, wanted_by(client, arrival.request))
        self._audit.record(Event.CONSENT_GIVEN, client_id=client.client_id)
        consent = None
        if remember and client.consent is ConsentMode.ONCE:
            consent = Consent(
                arrival.sign_in.subject, client.client_id, wanted, arrival.write.now
            )
        return self._issue(arrival, replace(arrival.write, consent=consent))

    def refuse(
        self,
        request: AuthorizationRequest,
        client: Client,
        refused: Refused,
        browser: Browser,
        now: int,
    ) -> ShowRefusal:
        """Show why the patron may not use *client*.

        Raises:
            AccessDenied: prompt=none.
        """
        self._audit.record(
            Event.LOGIN_REFUSED, client_id=client.client_id, reason=refused.reason.value
        )
        if "none" in request.prompt:
            raise AccessDenied("the patron may not use this client")
        payload: JsonObject = {"request": request_to_record(request)}
        ticket = self._tickets.seal_for_page(TicketKind.REFUSAL, payload, browser, now)
        return ShowRefusal(
            client,
            refused,
            ticket.text,
            request.ui_locales,
            CookieChanges(binding=ticket.binding),
        )

    def _limit(self, arrival: Arrival) -> None:
        """Count the authorizations of a session that was kept (docs/grants.md)."""
        if arrival.write.session is not None:
            return
        session_id = arrival.sign_in.session.session_id
        wait_s = self._limiter.hit("authorize_session", session_id)
        if not wait_s:
            return
        if "none" in arrival.request.prompt:
            raise TemporarilyUnavailable("too many requests")
        raise TooManyRequests("too many requests", retry_after_s=wait_s)

    def is_asked_for(
        self, request: AuthorizationRequest, client: Client, patron: Patron
    ) -> bool:
        """Tell whether *patron* may be who id_token_hint or `claims` ask for."""
        subjects = request.claims.subjects
        return not subjects or self._engine.subject_of(client, patron) in subjects

    def _check_subject(self, arrival: Arrival) -> None:
        """Refuse another patron before anything is stored (OIDC Core §3.1.2.2)."""
        client, patron = arrival.address.client, arrival.sign_in.patron
        if not self.is_asked_for(arrival.request, client, patron):
            raise LoginRequired("the patron is not the one that was asked for")

    def _refusal(self, arrival: Arrival) -> ShowRefusal | None:
        client, now = arrival.address.client, arrival.write.now
        patron = arrival.sign_in.patron
        sub = self._engine.subject_of(client, patron)
        verdict = decide(patron, client.policy, zurich_day(now), sub)
        if not isinstance(verdict, Refused):
            request = arrival.request
            names = requested_claims(client, request.scope, request.claims)
            if not lacks_email(patron, client, names):
                return None
            verdict = Refused(RefusalReason.NO_EMAIL)
        return self.refuse(arrival.request, client, verdict, arrival.browser, now)

    def _allowed(self, client: Client, sign_in: SignIn) -> frozenset[str]:
        if client.consent is not ConsentMode.ONCE:
            return frozenset()
        consent = self._store.get_consent(sign_in.subject, client.client_id)
        return frozenset() if consent is None else consent.allowed

    def _ask(self, arrival: Arrival, wanted: frozenset[str]) -> AskConsent:
        """Store the session, if it is new, and show what the client would receive."""
        client, now = arrival.address.client, arrival.write.now
        if arrival.write.ticket_id is not None:
            self._put(arrival, arrival.write)
        session = arrival.sign_in.session
        payload: JsonObject = {
            "request": request_to_record(arrival.request),
            "session": session.session_id,
            "subject": session.subject,
            "auth_time": session.auth_time,
            CONSENT_TICKET_CLAIMS: [*sorted(wanted)],
        }
        browser = arrival.browser
        if arrival.cookies.binding is not None:
            browser = replace(browser, binding=arrival.cookies.binding)
        ticket = self._tickets.seal_for_page(TicketKind.CONSENT, payload, browser, now)
        claims = self._engine.preview(arrival.request, client, arrival.sign_in, now)
        self._audit.record(Event.CONSENT_ASKED, client_id=client.client_id)
        return AskConsent(
            client,
            ticket.text,
            claims,
            _name(arrival.sign_in.patron),
            client.consent is ConsentMode.ONCE,
            "offline_access" in arrival.request.scope,
            arrival.request.ui_locales,
            replace(arrival.cookies, binding=arrival.cookies.binding or ticket.binding),
        )

    def _issue(self, arrival: Arrival, write: LoginWrite) -> AnswerClient:
        address = arrival.address
        grant, code = self._engine.authorize(
            arrival.request, address.client, arrival.sign_in, write.now
        )
        is_kept = write.session is None
        pushed_id = arrival.request.pushed_id
        self._put(
            arrival,
            replace(write, grant=grant, needs_session=is_kept, pushed_id=pushed_id),
        )
        self._audit.record(
            Event.LOGIN_COMPLETED,
            client_id=address.client.client_id,
            signed_in_now=write.session is not None,
        )
        return AnswerClient(
            address,
            answer_parameters(address, self._issuer, {"code": code}),
            arrival.cookies,
        )

    def _put(self, arrival: Arrival, write: LoginWrite) -> None:
        if self._store.put_login(write):
            return
        if "none" in arrival.request.prompt:
            raise LoginRequired("the session has ended")
        raise UnsafeRequest(
            PageReason.USED_TICKET,
            "the login was finished by another request",
            client_id=arrival.address.client.client_id,  # its page leads back there
        )


def answer_parameters(
    address: ReturnAddress, issuer: str, members: Mapping[str, str]
) -> dict[str, str]:
    """Add state and iss (RFC 9207) to the members of an authorization response."""
    parameters = dict(members)
    if address.state is not None:
        parameters["state"] = address.state
    parameters["iss"] = issuer
    return parameters


def wanted_by(client: Client, request: AuthorizationRequest) -> frozenset[str]:
    """Return the scopes and claims that consent is asked for, as one set."""
    claims = requested_claims(client, request.scope, request.claims)
    return claims | frozenset(request.scope)


def _name(patron: Patron) -> str | None:
    """Return how the page addresses the patron, whatever the client may see."""
    name = name_claims(patron.fullname).get("name")
    return name if isinstance(name, str) else None
