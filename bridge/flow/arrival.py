"""Arrival: a patron who is signed in, on the way back to a client."""

from dataclasses import dataclass, replace

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claim_sources import name_claims
from bridge.core.patron import JsonObject, Membership
from bridge.core.records import LoginWrite
from bridge.core.return_address import ReturnAddress
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.ports import SignIn
from bridge.flow.ticket import Ticket, TicketKind, request_to_record
from bridge.flow.tickets import SealedTicket, Tickets


@dataclass(frozen=True, slots=True)
class Arrival:
    """A patron who is signed in, on the way back to a client.

    `write` is what this step stores besides the grant; its session is not stored yet.
    `card` is the one that was chosen of several, where the client wants one: once it is
    settled, the patron of `sign_in` has no other.
    """

    request: AuthorizationRequest
    address: ReturnAddress
    sign_in: SignIn
    browser: Browser
    write: LoginWrite
    cookies: CookieChanges
    card: Membership | None = None

    @property
    def patron_name(self) -> str | None:
        """Return how pages address the patron, whatever the client may see."""
        name = name_claims(self.sign_in.patron.fullname).get("name")
        return name if isinstance(name, str) else None


def seal_page(
    tickets: Tickets, kind: TicketKind, arrival: Arrival, shown: JsonObject
) -> tuple[SealedTicket, CookieChanges]:
    """Seal the ticket of a page that stands between; return the page's cookies, too.

    It goes on in this browser, after this very sign-in, with what was *shown*.
    """
    session, browser = arrival.sign_in.session, arrival.browser
    if arrival.cookies.binding is not None:
        browser = replace(browser, binding=arrival.cookies.binding)
    payload: JsonObject = {
        "request": request_to_record(arrival.request),
        "session": session.session_id,
        "subject": session.subject,
        "auth_time": session.auth_time,
        **shown,
    }
    ticket = tickets.seal_for_page(kind, payload, browser, arrival.write.now)
    binding = arrival.cookies.binding or ticket.binding
    return ticket, replace(arrival.cookies, binding=binding)


def is_of(ticket: Ticket, sign_in: SignIn) -> bool:
    """Tell whether *ticket* was sealed after the sign-in that the browser has."""
    session = sign_in.session
    return (
        ticket.payload.get("session") == session.session_id
        and ticket.payload.get("subject") == session.subject
        and ticket.payload.get("auth_time") == session.auth_time
    )
