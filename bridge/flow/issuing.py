"""From a signed-in patron to the code: the policy, consent, and the one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bridge.core.authorization import AuthorizationRequest
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
from bridge.core.patron import JsonObject, Patron, membership_to_row
from bridge.core.prompts import must_ask_consent
from bridge.core.records import Consent, LoginWrite
from bridge.core.return_address import ReturnAddress
from bridge.flow.arrival import Arrival, seal_page
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.cards import CONSENT_TICKET_CARD, Cards
from bridge.flow.days import zurich_day
from bridge.flow.outcomes import (
    AnswerClient,
    AskCard,
    AskConsent,
    Outcome,
    ShowRefusal,
)
from bridge.flow.ports import Audit, Engine, Event, Limiter, SignIn
from bridge.flow.stores import Store
from bridge.flow.ticket import TicketKind, request_to_record
from bridge.flow.tickets import Tickets

CONSENT_TICKET_CLAIMS: Final = "wanted"


class Issuing:
    """Decides, asks, and issues; nothing is stored for a patron who is refused."""

    def __init__(
        self,
        issuer: str,
        store: Store,
        engine: Engine,
        tickets: Tickets,
        cards: Cards,
        limiter: Limiter,
        audit: Audit,
    ) -> None:
        self._limiter = limiter
        self._issuer = issuer
        self._store = store
        self._engine = engine
        self._tickets = tickets
        self._cards = cards
        self._audit = audit

    def go_on(self, arrival: Arrival) -> Outcome:
        """Answer the client, or show what stands between.

        Raises:
            AccessDenied, InteractionRequired, ConsentRequired: prompt=none, and a page
                would be needed.
            LoginRequired: somebody else signed in than the client asked for.
            UnsafeRequest: another request used the ticket up.
            TooManyRequests: the session asks too often (prompt=none: at the client).
        """
        self._limit(arrival)
        self._check_subject(arrival)
        refusal = self._refusal(arrival)
        if refusal is not None:
            return refusal
        settled = self._cards.settle(arrival)
        if isinstance(settled, AskCard):
            self._put_news(arrival)
            return settled
        if arrival.card is not None:  # the patron chose it just now
            settled = self._cards.remember(settled)
        client, request = arrival.address.client, arrival.request
        wanted = wanted_by(client, request)
        allowed = self._allowed(client, arrival.sign_in)
        if must_ask_consent(request, client, wanted, allowed):
            return self._ask(settled, wanted)
        return self._issue(settled, settled.write)

    def approve(
        self, arrival: Arrival, wanted: frozenset[str], *, remember: bool
    ) -> Outcome:
        """Answer the client after the patron allowed *wanted*; else as `go_on`."""
        self._limit(arrival)
        refusal = self._refusal(arrival)
        if refusal is not None:
            return refusal
        settled = self._cards.settle(arrival)
        if isinstance(settled, AskCard):
            return settled
        client = arrival.address.client
        asked = wanted_by(client, arrival.request)
        if not asked <= wanted or settled.card != arrival.card:
            return self._ask(settled, asked)
        self._audit.record(Event.CONSENT_GIVEN, client_id=client.client_id)
        consent = None
        if remember and client.consent is ConsentMode.ONCE:
            # With what was allowed before: two kinds of requests must not ask in turns.
            allowed = wanted | self._allowed(client, arrival.sign_in)
            consent = Consent(
                arrival.sign_in.subject, client.client_id, allowed, arrival.write.now
            )
        return self._issue(settled, replace(settled.write, consent=consent))

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
        self._put_news(arrival)
        card = None if arrival.card is None else membership_to_row(arrival.card)
        shown: JsonObject = {
            CONSENT_TICKET_CLAIMS: [*sorted(wanted)],
            CONSENT_TICKET_CARD: card,
        }
        kind = TicketKind.CONSENT
        ticket, cookies = seal_page(self._tickets, kind, arrival, shown)
        claims = self._engine.preview(arrival.request, client, arrival.sign_in, now)
        self._audit.record(Event.CONSENT_ASKED, client_id=client.client_id)
        return AskConsent(
            client,
            ticket.text,
            claims,
            arrival.patron_name,
            client.consent is ConsentMode.ONCE,
            "offline_access" in arrival.request.scope,
            arrival.request.ui_locales,
            cookies,
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

    def _put_news(self, arrival: Arrival) -> None:
        """Store what is new before a page is shown: the session, or a chosen card."""
        write = arrival.write
        if write.ticket_id is not None or write.card_choice is not None:
            self._put(arrival, write)

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
