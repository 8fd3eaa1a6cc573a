"""What the patron decides on a page of ours: allow, refuse, or use another account."""

from dataclasses import replace

from bridge.core.errors import AccessDenied, PageReason, UnsafeRequest
from bridge.core.records import LoginWrite, StoreLimits
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.issuing import CONSENT_TICKET_CLAIMS, Arrival, Issuing
from bridge.flow.outcomes import Outcome
from bridge.flow.ports import Audit, Event, SignIn
from bridge.flow.sessions import Sessions
from bridge.flow.stores import Store
from bridge.flow.ticket import Ticket, TicketKind
from bridge.flow.tickets import Tickets
from bridge.flow.travel import Travel, payload_texts


class Decisions:
    """The buttons of the consent page and of the refusal page."""

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

    def approve(self, text: str, browser: Browser, *, remember: bool) -> Outcome:
        """Go on after the patron allowed what the consent page showed.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        ticket = self._tickets.open(TicketKind.CONSENT, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            sign_in = self._sessions.find(browser, resumed.now)
            if sign_in is None or not _is_of(ticket, sign_in):
                raise UnsafeRequest(
                    PageReason.USED_TICKET, "the session of the page has ended"
                )
            write = LoginWrite(now=resumed.now, limits=self._store_limits)
            # A second press of the same button goes on, in the same session alone.
            if not self._store.is_ticket_used(ticket.ticket_id):
                write = replace(
                    write, ticket_id=ticket.ticket_id, ticket_ends_at=ticket.ends_at
                )
            # prompt=consent was obeyed by showing the page.
            request = replace(
                resumed.request, prompt=resumed.request.prompt - {"consent"}
            )
            arrival = Arrival(
                request, resumed.address, sign_in, browser, write, CookieChanges()
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
            if kind is TicketKind.CONSENT:
                self._audit.record(Event.CONSENT_REFUSED, client_id=client_id)
            raise AccessDenied("the patron was not signed in")

    def change_account(self, kind: TicketKind, text: str, browser: Browser) -> Outcome:
        """Send the browser through RERO+'s sign-out, to sign in as somebody else.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        ticket = self._tickets.open(kind, text, browser)
        with self._travel.resume(ticket, browser) as resumed:
            request = resumed.request
            needed = self._travel.needed_scopes(request, resumed.address.client)
            return self._travel.go_upstream(request, needed, browser, is_again=True)


def _is_of(ticket: Ticket, sign_in: SignIn) -> bool:
    session = sign_in.session
    return (
        ticket.payload.get("session") == session.session_id
        and ticket.payload.get("subject") == session.subject
        and ticket.payload.get("auth_time") == session.auth_time
    )
