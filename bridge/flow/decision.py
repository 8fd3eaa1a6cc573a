"""What the patron decides on a page of ours: a card, allow, refuse, another account."""

from dataclasses import replace
from typing import Final

from bridge.core.errors import AccessDenied, PageReason, UnsafeRequest
from bridge.core.records import LoginWrite, StoreLimits
from bridge.flow.arrival import Arrival, is_of
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.cards import offered_card, shown_card
from bridge.flow.issuing import CONSENT_TICKET_CLAIMS, Issuing
from bridge.flow.outcomes import Outcome
from bridge.flow.ports import Audit, Event
from bridge.flow.sessions import Sessions
from bridge.flow.stores import Store
from bridge.flow.ticket import TicketKind
from bridge.flow.tickets import Tickets
from bridge.flow.travel import Resumed, Travel, payload_texts

_REFUSED: Final = {
    TicketKind.CARD: Event.CARD_REFUSED,
    TicketKind.CONSENT: Event.CONSENT_REFUSED,
}


class Decisions:
    """The buttons of the pages that ask for a card, for consent, or tell a refusal."""

    def __init__(
        self,
        tickets: Tickets,
        travel: Travel,
        sessions: Sessions,
        issuing: Issuing,
        store: Store,
        audit: Audit,
        store_limits: StoreLimits,
    ) -> None:
        self._store = store
        self._tickets = tickets
        self._travel = travel
        self._sessions = sessions
        self._issuing = issuing
        self._audit = audit
        self._store_limits = store_limits

    def choose(self, text: str, number: str | None, browser: Browser) -> Outcome:
        """Go on with the card that the page offered under *number*; None asks again.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        ticket = self._tickets.open(TicketKind.CARD, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            arrival = self._arrival(resumed)
            if number is not None:
                arrival = replace(arrival, card=offered_card(ticket, number))
                client_id = resumed.request.client_id
                self._audit.record(Event.CARD_CHOSEN, client_id=client_id)
            return self._issuing.go_on(arrival)

    def approve(self, text: str, browser: Browser, *, remember: bool) -> Outcome:
        """Go on after the patron allowed what the consent page showed.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        ticket = self._tickets.open(TicketKind.CONSENT, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            arrival = self._arrival(resumed)
            # prompt=consent was obeyed by showing the page.
            prompt = resumed.request.prompt - {"consent"}
            arrival = replace(
                arrival,
                request=replace(resumed.request, prompt=prompt),
                card=shown_card(ticket),
            )
            wanted = payload_texts(ticket, CONSENT_TICKET_CLAIMS)
            return self._issuing.approve(arrival, wanted, remember=remember)

    def refuse(self, kind: TicketKind, text: str, browser: Browser) -> Outcome:
        """Tell the client that the patron said no, or may not.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: always else, with access_denied.
        """
        ticket = self._tickets.open(kind, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            client_id = resumed.request.client_id
            if kind in _REFUSED:
                self._audit.record(_REFUSED[kind], client_id=client_id)
            raise AccessDenied("the patron was not signed in")

    def change_account(self, kind: TicketKind, text: str, browser: Browser) -> Outcome:
        """Send the browser through RERO+'s sign-out, to sign in as somebody else.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        ticket = self._tickets.open(kind, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            # The same patron may come back, to use another card.
            prompt = resumed.request.prompt | {"select_account"}
            request = replace(resumed.request, prompt=prompt)
            needed = self._travel.needed_scopes(request, resumed.address.client)
            return self._travel.go_upstream(request, needed, browser, is_again=True)

    def _arrival(self, resumed: Resumed) -> Arrival:
        """Take up a page's ticket, in the session that it was sealed for.

        Raises:
            UnsafeRequest: that session has ended, or there was a new sign-in.
        """
        ticket, browser = resumed.ticket, resumed.browser
        sign_in = self._sessions.find(browser, resumed.now)
        if sign_in is None or not is_of(ticket, sign_in):
            raise UnsafeRequest(
                PageReason.USED_TICKET, "the session of the page has ended"
            )
        write = LoginWrite(now=resumed.now, limits=self._store_limits)
        # A second press of the same button goes on, in the same session alone.
        if not self._store.is_ticket_used(ticket.ticket_id):
            write = replace(
                write, ticket_id=ticket.ticket_id, ticket_ends_at=ticket.ends_at
            )
        return Arrival(
            resumed.request, resumed.address, sign_in, browser, write, CookieChanges()
        )
