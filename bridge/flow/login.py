"""A login, from the client's request to the code: begin, then complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bridge.core.authorization import (
    AuthorizationRequest,
    authorization_request,
    check_pushed,
)
from bridge.core.claim_sources import EMAIL_UPSTREAM_SCOPE, END_UPSTREAM_SCOPE
from bridge.core.client import Client
from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import (
    PageReason,
    StoreError,
    TemporarilyUnavailable,
    UnsafeRequest,
    UpstreamError,
    UpstreamFault,
)
from bridge.core.patron import without_unasked_ends
from bridge.core.prompts import SignedIn, Step, must_sign_in
from bridge.core.records import KeptTokens, LoginWrite, StoreLimits
from bridge.core.return_address import (
    Parameters,
    ReturnAddress,
    errors_go_to,
    return_address,
)
from bridge.flow.arrival import Arrival
from bridge.flow.browser import Browser, CookieChanges, new_binding
from bridge.flow.hints import Hints
from bridge.flow.issuing import Issuing
from bridge.flow.outcomes import Outcome
from bridge.flow.ports import Audit, Clock, Event, Random, SignIn, UpstreamLogin
from bridge.flow.pushing import Pushing
from bridge.flow.sessions import Sessions
from bridge.flow.stores import Store
from bridge.flow.ticket import Ticket
from bridge.flow.tickets import Tickets, cookie_of
from bridge.flow.token_seals import TokenSeals
from bridge.flow.travel import Resumed, Travel, payload_texts
from bridge.flow.upstream_sign_in import (
    UpstreamSignIn,
    raise_for_browser,
    read_callback,
)

POST_LINK_S: Final = 60  # how long a POST to /authorize may take to become a GET
_NO_CHANGES: Final = CookieChanges()


@dataclass(frozen=True, slots=True)
class LoginParts:
    """What a login is made of; `app.py` puts it together."""

    clients: Mapping[str, Client]
    store: Store
    store_limits: StoreLimits
    sessions: Sessions
    token_seals: TokenSeals
    tickets: Tickets
    travel: Travel
    upstream: UpstreamSignIn
    issuing: Issuing
    hints: Hints
    pushing: Pushing
    audit: Audit
    clock: Clock
    random: Random


class Login:
    """The two requests of a browser that make a login."""

    def __init__(self, parts: LoginParts) -> None:
        self._parts = parts

    def begin(self, parameters: Parameters, browser: Browser) -> Outcome:
        """Check a client's request and send the browser on (OIDC Core §3.1.2.1).

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client. Where the
                store cannot answer, prompt=none goes to the client, all else is a page.
        """
        pushed = self._parts.pushing.open(parameters, self._parts.clock())
        if pushed is not None:
            parameters = pushed.parameters
        address = return_address(parameters, self._parts.clients)
        with errors_go_to(address):
            pushed_id = None if pushed is None else pushed.request_id
            request = replace(
                authorization_request(parameters, address), pushed_id=pushed_id
            )
            check_pushed(request, address.client)
            hint = parameters.get("id_token_hint")
            request = self._parts.hints.apply(hint, request)
            with self._parts.travel.leading_back(request, address.client):
                try:
                    return self._go_on(request, address, browser)
                except StoreError as error:
                    if "none" not in request.prompt:  # a page says what to do
                        raise
                    raise TemporarilyUnavailable("the store cannot answer") from error

    def _go_on(
        self, request: AuthorizationRequest, address: ReturnAddress, browser: Browser
    ) -> Outcome:
        """Send the browser to RERO+, or answer from the session that it has."""
        travel, now = self._parts.travel, self._parts.clock()
        sign_in = self._parts.sessions.find(browser, now)
        needed = travel.needed_scopes(request, address.client)
        facts = self._facts(request, address.client, sign_in, needed)
        step = must_sign_in(request, address.client, facts, now)
        if step is not None or sign_in is None:
            is_again = step is Step.SIGN_IN_AGAIN
            if sign_in is not None and not is_again:
                # What the session holds is asked for again: else two services would
                # take from each other what they need, at every change between them.
                # The address is asked for where this client may get it alone.
                held = frozenset(sign_in.session.upstream_scopes)
                needed |= held - {EMAIL_UPSTREAM_SCOPE}
            return travel.go_upstream(request, needed, browser, is_again=is_again)
        write = self._write(now)
        try:
            return self._parts.issuing.go_on(
                Arrival(request, address, sign_in, browser, write, _NO_CHANGES)
            )
        except UnsafeRequest:
            if self._parts.sessions.find(browser, now) is not None:
                raise
            # It has ended meanwhile, in another tab: signing in is all that is missing.
            return travel.go_upstream(request, needed, browser)

    def open_link(self, text: str) -> Parameters:
        """Read a link of ours to /authorize: a POST turned GET, or "start again".

        Raises:
            UnsafeRequest: it is damaged or over.
        """
        tickets = self._parts.tickets
        return Parameters(tickets.open_parameters(text, self._parts.clock()))

    def seal_link(self, pairs: Iterable[tuple[str, str]]) -> str | None:
        """Seal the parameters of a POST for a minute; None: they are too long."""
        tickets = self._parts.tickets
        return tickets.seal_parameters(pairs, self._parts.clock(), POST_LINK_S)

    def complete(self, parameters: Parameters, browser: Browser) -> Outcome:
        """Finish in the browser that began; nothing is read before the ticket holds.

        Raises:
            UnsafeRequest: a page; ErrorAtClient: a redirect to the client.
        """
        state = parameters.get("state")
        if state is None or "state" in parameters.doubled:
            raise UnsafeRequest(PageReason.TICKET, "state is missing or doubled")
        ticket = self._parts.tickets.open_login(state, browser)
        with self._parts.travel.resume(ticket, browser) as resumed:
            if self._parts.store.is_ticket_used(ticket.ticket_id):
                return self._repeat(resumed)
            try:
                return self._sign_in(resumed, parameters)
            except UpstreamError as error:
                if error.fault is UpstreamFault.NO_CARD:
                    return self._refuse_without_card(resumed)
                if _may_fall_back(error, ticket):
                    return self._fall_back(resumed)
                raise_for_browser(error, self._parts.audit, resumed.request.client_id)

    def _sign_in(self, resumed: Resumed, parameters: Parameters) -> Outcome:
        """Exchange the code at once, and store session, grant and ticket id as one."""
        ticket, browser = resumed.ticket, resumed.browser
        code = read_callback(parameters)
        answer = self._parts.upstream.exchange(code, ticket.ticket_id, browser.address)
        now = self._parts.clock()  # RERO+ may have taken seconds
        # What was asked counts as held, given or not: else an upstream that gives less
        # would be asked again at every request.
        scopes = answer.scopes | payload_texts(ticket, "scopes")
        scopes |= payload_texts(ticket, "left_out")
        is_fallback = ticket.payload.get("is_fallback") is True
        self._parts.upstream.learn(answer, now, is_fallback=is_fallback)
        if is_fallback:
            scopes |= {EMAIL_UPSTREAM_SCOPE}
        patron = answer.patron
        if END_UPSTREAM_SCOPE not in (answer.scopes or payload_texts(ticket, "scopes")):
            patron = without_unasked_ends(patron)
        new = self._parts.sessions.make(patron, scopes, ticket, browser, now)
        write = replace(
            self._write(now),
            ticket_id=ticket.ticket_id,
            ticket_ends_at=ticket.ends_at,
            ends_session_id=new.ends_session_id,
            session=new.sign_in.session,
            upstream=self._parts.upstream.news(answer.patron),
            upstream_tokens=self._kept(answer, ticket, scopes, new.sign_in),
        )
        cookies = CookieChanges(
            binding=new_binding(self._parts.random) if new.is_other_patron else None,
            session_secret=new.secret,
            tickets=dict.fromkeys({cookie_of(ticket)} & set(browser.tickets)),
        )
        return self._parts.issuing.go_on(
            Arrival(
                resumed.request, resumed.address, new.sign_in, browser, write, cookies
            )
        )

    def _kept(
        self,
        answer: UpstreamLogin,
        ticket: Ticket,
        held: frozenset[str],
        sign_in: SignIn,
    ) -> KeptTokens | None:
        """Seal RERO+'s tokens, where the configuration has them kept."""
        if answer.tokens is None:
            return None
        given = answer.scopes or payload_texts(ticket, "scopes")
        tokens = replace(answer.tokens, scopes=given, held=held)
        now = sign_in.session.seen_at
        return self._parts.token_seals.seal(sign_in.subject, tokens, now)

    def _repeat(self, resumed: Resumed) -> Outcome:
        """Go on with a used ticket, in the session that it made and in no other."""
        signed_in = self._parts.sessions.find(resumed.browser, resumed.now)
        ticket_id = resumed.ticket.ticket_id
        if signed_in is None or signed_in.session.ticket_id != ticket_id:
            raise UnsafeRequest(PageReason.USED_TICKET, "this login was finished")
        request, address = resumed.request, resumed.address
        self._parts.audit.record(Event.LOGIN_REPEATED, client_id=request.client_id)
        write = self._write(resumed.now)
        return self._parts.issuing.go_on(
            Arrival(request, address, signed_in, resumed.browser, write, _NO_CHANGES)
        )

    def _refuse_without_card(self, resumed: Resumed) -> Outcome:
        """Refuse whatever the policy says: there is nothing to recognise again."""
        return self._parts.issuing.refuse(
            resumed.request,
            resumed.address.client,
            Refused(RefusalReason.NO_PATRON_RECORD),
            resumed.browser,
            resumed.now,
        )

    def _fall_back(self, resumed: Resumed) -> Outcome:
        """Ask once more without the e-mail scope, which RERO+ may not offer."""
        asked = payload_texts(resumed.ticket, "scopes")
        return self._parts.travel.go_upstream(
            resumed.request,
            asked - {EMAIL_UPSTREAM_SCOPE},
            resumed.browser,
            follows=resumed.ticket,
        )

    def _facts(
        self,
        request: AuthorizationRequest,
        client: Client,
        sign_in: SignIn | None,
        needed: frozenset[str],
    ) -> SignedIn | None:
        """Return what counts of the session that the browser has."""
        if sign_in is None:
            return None
        session = sign_in.session
        return SignedIn(
            session.auth_time,
            needed <= frozenset(session.upstream_scopes),
            self._parts.issuing.is_asked_for(request, client, sign_in.patron),
        )

    def _write(self, now: int) -> LoginWrite:
        return LoginWrite(now=now, limits=self._parts.store_limits)


def _may_fall_back(error: UpstreamError, ticket: Ticket) -> bool:
    return (
        error.fault is UpstreamFault.SCOPE
        and EMAIL_UPSTREAM_SCOPE in payload_texts(ticket, "scopes")
        and ticket.payload.get("is_fallback") is False
    )
