"""Sending a browser to RERO+ and taking its request up again when it comes back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import requested_claims, upstream_scopes
from bridge.core.client import Client
from bridge.core.errors import (
    PageReason,
    StoreError,
    TooManyRequests,
    UnsafeRequest,
)
from bridge.core.return_address import ReturnAddress, errors_go_to, rematch
from bridge.flow.browser import Browser, CookieChanges
from bridge.flow.outcomes import GoUpstream
from bridge.flow.ports import Audit, Clock, Event
from bridge.flow.ticket import Ticket, request_to_record
from bridge.flow.tickets import Tickets, request_of
from bridge.flow.upstream_sign_in import UpstreamSignIn

FORCED: Final = "is_forced"  # of a ticket's payload


@dataclass(frozen=True, slots=True)
class Resumed:
    """A request taken up again from a ticket that holds, at the client as it is now."""

    ticket: Ticket
    request: AuthorizationRequest
    address: ReturnAddress
    browser: Browser
    now: int


class Travel:
    """Seals a request for the trip and opens it afterwards."""

    def __init__(
        self,
        clients: Mapping[str, Client],
        offered_scopes: frozenset[str],
        tickets: Tickets,
        upstream: UpstreamSignIn,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._offered_scopes = offered_scopes
        self._tickets = tickets
        self._upstream = upstream
        self._audit = audit
        self._clock = clock

    def needed_scopes(
        self, request: AuthorizationRequest, client: Client
    ) -> frozenset[str]:
        """Return the scopes of RERO+ that this request needs, and no more."""
        claims = requested_claims(client, request.scope, request.claims)
        needed = upstream_scopes(client, claims, self._offered_scopes)
        return needed | (self._upstream.identity_scopes() & self._offered_scopes)

    def go_upstream(
        self,
        request: AuthorizationRequest,
        scopes: frozenset[str],
        browser: Browser,
        *,
        is_again: bool = False,
        follows: Ticket | None = None,
    ) -> GoUpstream:
        """Send the browser to RERO+, its request sealed in `state`; store nothing.

        *is_again* goes through RERO+'s sign-out. A ticket that *follows* another (asked
        with fewer scopes) keeps its end, and whether it was forced, and is marked.

        Raises:
            InvalidRequest: the request is too long for `state` and for cookies.
        """
        now = self._clock()
        asked = self._upstream.without_refused(scopes, now)
        sealed = self._tickets.seal_login(
            {
                "request": request_to_record(request),
                "scopes": [*sorted(asked)],
                "left_out": [*sorted(scopes - asked)],
                "is_fallback": follows is not None,
                FORCED: is_again or (follows is not None and is_forced(follows)),
            },
            browser,
            now,
            None if follows is None else follows.ends_at,
        )
        url = self._upstream.authorization_url(
            sealed.text, asked, sign_in_again=is_again
        )
        self._audit.record(Event.LOGIN_STARTED, client_id=request.client_id)
        return GoUpstream(
            url,
            request.ui_locales,
            CookieChanges(binding=sealed.binding, tickets=sealed.cookies),
        )

    @contextmanager
    def resume(self, ticket: Ticket, browser: Browser) -> Iterator[Resumed]:
        """Take up the request of an opened ticket; every page can begin it again.

        Raises:
            UnsafeRequest: the ticket is over, or the client or its redirect_uri is no
                longer registered. Errors raised inside go to the client.
        """
        request = request_of(ticket)
        now = self._clock()
        client = self._clients.get(request.client_id)
        if client is None:
            raise UnsafeRequest(
                PageReason.UNKNOWN_CLIENT, "the client is no longer registered"
            )
        address = rematch(
            client, request.redirect_uri, request.state, request.response_mode
        )
        with self.leading_back(request, client), errors_go_to(address):
            if ticket.is_expired(now):
                raise UnsafeRequest(PageReason.TICKET, "the login has expired")
            yield Resumed(ticket, request, address, browser, now)

    @contextmanager
    def leading_back(
        self, request: AuthorizationRequest, client: Client
    ) -> Iterator[None]:
        """Let the page of an error raised inside begin *request* again.

        Raises:
            UnsafeRequest: also where the store cannot answer.
        """
        try:
            yield
        except (UnsafeRequest, TooManyRequests) as error:
            error.client_id = client.client_id
            error.restart = self._restart_link(request, client)
            raise
        except StoreError as error:
            raise UnsafeRequest(
                PageReason.STORE,
                "the store cannot answer",
                client_id=client.client_id,
                restart=self._restart_link(request, client),
            ) from error

    def _restart_link(
        self, request: AuthorizationRequest, client: Client
    ) -> str | None:
        """Seal *request* so that a page can begin it again.

        A pushed one can be begun again by its client alone.
        """
        if client.require_pushed_authorization_requests:
            return None
        return self._tickets.restart_link(request, self._clock())


def is_forced(ticket: Ticket) -> bool:
    """Tell whether the trip of *ticket* led through RERO+'s sign-out."""
    return ticket.payload.get(FORCED) is True


def payload_texts(ticket: Ticket, name: str) -> frozenset[str]:
    """Read a list of strings from the ticket's payload; empty where there is none."""
    values = ticket.payload.get(name)
    if not isinstance(values, list):
        return frozenset()
    return frozenset(value for value in values if isinstance(value, str))
