"""Where tickets are made and opened: in `state` or, when too long, in cookies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.core.patron import JsonObject, JsonValue
from bridge.flow.browser import Browser, binding_of, digest, new_binding
from bridge.flow.ports import Random, Sealer
from bridge.flow.text import to_base64url
from bridge.flow.ticket import (
    ID_BYTES,
    NO_BROWSER,
    Ticket,
    TicketKind,
    client_named_in,
    open_ticket,
    request_from_record,
    request_to_pairs,
    seal_ticket,
)

MAX_STATE_CHARACTERS: Final = 1_800
MAX_COOKIES_CHARACTERS: Final = 7_000  # all ticket cookies of a browser together
MAX_REQUEST_CHARACTERS: Final = 8_000  # of a request sealed into a URL of ours
_IN_COOKIE: Final = "in_cookie"  # marks a ticket that names the one in a cookie


@dataclass(frozen=True, slots=True)
class SealedTicket:
    """A ticket on its way out; the cookies are to be set or deleted (None)."""

    text: str  # what goes into `state` or the form
    binding: str | None  # a new binding cookie, where the browser had none
    cookies: Mapping[str, str | None]


class Tickets:
    """Seals requests for a trip of the browser and opens what comes back."""

    def __init__(self, sealer: Sealer, random: Random, ticket_s: int) -> None:
        self._sealer = sealer
        self._random = random
        self._ticket_s = ticket_s

    def seal_login(
        self,
        payload: JsonObject,
        browser: Browser,
        now: int,
        ends_at: int | None = None,
    ) -> SealedTicket:
        """Seal a login ticket; *ends_at* keeps the end of the one that it follows.

        Raises:
            InvalidRequest: it fits neither into `state` nor into cookies.
        """
        binding = binding_of(browser)
        fresh = None if binding is not None else new_binding(self._random)
        ticket = self._new(payload, now, ends_at)
        bound_to = digest(binding or fresh or "")
        text = seal_ticket(self._sealer, TicketKind.LOGIN, ticket, bound_to, now)
        if len(text) <= MAX_STATE_CHARACTERS:
            return SealedTicket(text, fresh, {})
        if len(text) > MAX_COOKIES_CHARACTERS:
            raise InvalidRequest("the request is too long")
        cookies = self._make_room(browser, bound_to, len(text))
        cookies[cookie_of(ticket)] = text
        # A small ticket of the same id goes instead: where the cookie is lost, it names
        # the service. A slot number would let a stranger's link pick up the victim's.
        named: JsonObject = {
            "request": {"c": client_named_in(payload)},
            _IN_COOKIE: True,
        }
        small = Ticket(ticket.ticket_id, ticket.ends_at, named)
        text = seal_ticket(self._sealer, TicketKind.LOGIN, small, bound_to, now)
        return SealedTicket(text, fresh, cookies)

    def seal_for_page(
        self,
        kind: TicketKind,
        payload: JsonObject,
        browser: Browser,
        now: int,
    ) -> SealedTicket:
        """Seal what the form of a page carries, bound to the browser."""
        binding = binding_of(browser)
        fresh = None if binding is not None else new_binding(self._random)
        bound_to = digest(binding or fresh or "")
        ticket = self._new(payload, now, None)
        return SealedTicket(
            seal_ticket(self._sealer, kind, ticket, bound_to, now), fresh, {}
        )

    def open_login(self, state: str, browser: Browser) -> Ticket:
        """Open the login ticket that *state* is or names.

        Raises:
            UnsafeRequest: it is damaged, not of this browser, or its cookie is gone.
        """
        named = self.open(TicketKind.LOGIN, state, browser)
        if named.payload.get(_IN_COOKIE) is not True:
            return named
        text = browser.tickets.get(cookie_of(named))
        if text is None:
            raise UnsafeRequest(
                PageReason.OTHER_BROWSER,
                "the cookie of the login is gone",
                client_id=client_named_in(named.payload),
            )
        ticket = self.open(TicketKind.LOGIN, text, browser)
        if ticket.ticket_id != named.ticket_id or _IN_COOKIE in ticket.payload:
            raise UnsafeRequest(PageReason.TICKET, "the state names another ticket")
        return ticket

    def open(self, kind: TicketKind, text: str, browser: Browser) -> Ticket:
        """Open a ticket of *kind*; see `open_ticket`."""
        binding = binding_of(browser)
        bound_to = None if binding is None else digest(binding)
        return open_ticket(self._sealer, kind, text, bound_to)

    def seal_parameters(
        self, pairs: Iterable[tuple[str, str]], now: int, ttl_s: int
    ) -> str | None:
        """Seal request parameters into a link of ours; None: they are too long."""
        payload: JsonObject = {"pairs": [[name, value] for name, value in pairs]}
        ticket = Ticket(self._random(ID_BYTES), now + ttl_s, payload)
        text = seal_ticket(self._sealer, TicketKind.REQUEST, ticket, NO_BROWSER, now)
        return text if len(text) <= MAX_REQUEST_CHARACTERS else None

    def open_parameters(self, text: str, now: int) -> list[tuple[str, str]]:
        """Open what `seal_parameters` made; any browser may bring it.

        Raises:
            UnsafeRequest: it is damaged or over.
        """
        ticket = open_ticket(self._sealer, TicketKind.REQUEST, text, NO_BROWSER)
        if ticket.is_expired(now):
            raise UnsafeRequest(PageReason.TICKET, "the link has expired")
        pairs = ticket.payload.get("pairs")
        if not isinstance(pairs, list):
            raise UnsafeRequest(PageReason.TICKET, "the link cannot be read")
        return [(str(name), str(value)) for name, value in map(_pair, pairs)]

    def restart_link(self, request: AuthorizationRequest, now: int) -> str | None:
        """Seal *request* so that a page can offer to begin it again."""
        return self.seal_parameters(request_to_pairs(request), now, self._ticket_s)

    def _new(self, payload: JsonObject, now: int, ends_at: int | None) -> Ticket:
        end = now + self._ticket_s if ends_at is None else ends_at
        return Ticket(self._random(ID_BYTES), end, payload)

    def _make_room(
        self, browser: Browser, bound_to: bytes, size: int
    ) -> dict[str, str | None]:
        """Choose the ticket cookies to delete: unreadable ones, then the oldest."""
        kept: list[tuple[int, str, int]] = []
        changes: dict[str, str | None] = {}
        for reference, text in browser.tickets.items():
            try:
                ticket = open_ticket(self._sealer, TicketKind.LOGIN, text, bound_to)
            except UnsafeRequest:
                changes[reference] = None
            else:
                kept.append((ticket.ends_at, reference, len(text)))
        kept.sort(reverse=True)
        for _, reference, length in kept:
            if size + length > MAX_COOKIES_CHARACTERS:
                changes[reference] = None
            else:
                size += length
        return changes


def _pair(value: JsonValue) -> tuple[JsonValue, JsonValue]:
    if not isinstance(value, list) or len(value) != 2:
        raise UnsafeRequest(PageReason.TICKET, "the link cannot be read")
    return value[0], value[1]


def cookie_of(ticket: Ticket) -> str:
    """Return what the cookie of a ticket that is too long for `state` is called."""
    return to_base64url(ticket.ticket_id)


def request_of(ticket: Ticket) -> AuthorizationRequest:
    """Read the authorization request that *ticket* carries."""
    return request_from_record(ticket.payload.get("request"))
