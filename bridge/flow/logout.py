"""Signing out at the bridge (OIDC RP-Initiated Logout 1.0).

A hint ends the session that its `sid` and `aud` name, and no other; without a good hint
the patron is asked. Services are told by back-channel notices that stand in the outbox
before the answer leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.core.authorization import language_tags
from bridge.core.claim_sources import name_claims
from bridge.core.client import Client
from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.logout import PARAMETERS, PostLogoutAddress, post_logout_address
from bridge.core.patron import JsonObject, JsonValue
from bridge.core.records import LogoutNotice
from bridge.core.return_address import Parameters
from bridge.core.subject import session_identifier
from bridge.flow.browser import Browser, CookieChanges, new_binding
from bridge.flow.hints import Hint, Hints
from bridge.flow.outcomes import AskSignOut, Leave, LogoutOutcome, SignedOut
from bridge.flow.ports import Audit, Clock, Engine, Event, LogoutSender, Random, SignIn
from bridge.flow.sessions import Sessions
from bridge.flow.stores import LogoutStore
from bridge.flow.ticket import TicketKind
from bridge.flow.tickets import Tickets

TOLD_WITHIN_S: Final = 2.0  # how long the signed-out page waits for services
MAX_ASKED_BYTES: Final = 5_000  # JSON may write each as six: a ticket takes that
NOTHING: Final = Parameters(())  # a request that asks for nothing but the logout


@dataclass(frozen=True, slots=True)
class LogoutParts:
    """What a logout is made of; `app.py` puts it together."""

    clients: Mapping[str, Client]
    store: LogoutStore
    sessions: Sessions
    tickets: Tickets
    hints: Hints
    engine: Engine
    sender: LogoutSender
    audit: Audit
    clock: Clock
    random: Random
    salt: bytes
    upstream_url: str  # where a patron signs out at RERO+


@dataclass(frozen=True, slots=True)
class _Asked:
    """A logout request, read: who asks, and where it may end."""

    client: Client | None
    hint: Hint | None
    beginner: Client | None  # proven by its hint: it ends its own session itself
    address: PostLogoutAddress | None
    is_refused: bool  # an address was asked for that may not be gone to
    ui_locales: tuple[str, ...]


class Logout:
    """The requests of a browser, or of a service's server, that end a session."""

    def __init__(self, parts: LogoutParts) -> None:
        self._parts = parts

    def begin(self, parameters: Parameters, browser: Browser) -> LogoutOutcome:
        """End the session that the hint names, or ask the patron.

        Raises:
            UnsafeRequest: a page: a doubled parameter, an unknown client_id, one that
                is not the hint's, or the request is too long.
        """
        asked = self._read(parameters)
        now = self._parts.clock()
        current = self._parts.sessions.find_kept(browser)
        named = self._named_session(asked.hint, current)
        is_here = current is not None and current.session.session_id == named
        # A service that names an address it may not is not obeyed: the patron is asked.
        may_ask = current is not None and self._may_mean(asked.hint, current)
        if named is not None and not (asked.is_refused and is_here):
            if is_here or not may_ask or self._parts.sessions.is_alive(named, now):
                return self._end(asked, named, current, now)
            self._end_session(asked, named, now)  # over: that of today may be meant
        if current is not None and may_ask:
            return self._ask(asked, current, browser, now)
        return self._finish(asked, (), current, CookieChanges())

    def confirm(self, text: str, browser: Browser) -> LogoutOutcome:
        """End the session that the page asked about, in the browser it was shown in.

        A form that is damaged, over, or another browser's ends nothing: is somebody
        signed in, they are asked again.
        """
        now = self._parts.clock()
        opened = self._open(text, browser, now)
        if opened is None:
            return self.begin(NOTHING, browser)
        session_id, asked = opened
        current = self._parts.sessions.find_kept(browser)
        if current is None or current.session.session_id != session_id:
            # Pressed twice, or over meanwhile; somebody else's session is kept.
            return self._finish(asked, (), current, CookieChanges())
        return self._end(asked, current.session.session_id, current, now)

    def stay(self, text: str, browser: Browser) -> LogoutOutcome:
        """Go on without signing out; the service's address is gone to all the same.

        A form that cannot be used: see `confirm`.
        """
        now = self._parts.clock()
        opened = self._open(text, browser, now)
        if opened is None:
            return self.begin(NOTHING, browser)
        current = self._parts.sessions.find_kept(browser)
        return self._finish(opened[1], (), current, CookieChanges())

    def _read(self, parameters: Parameters) -> _Asked:
        if doubled := parameters.doubled & PARAMETERS:
            raise UnsafeRequest(
                PageReason.BAD_REQUEST, f"{min(doubled)} is given more than once"
            )
        text, client_id = parameters.get("id_token_hint"), parameters.get("client_id")
        hint = None if text is None else self._parts.hints.read(text)
        client = None if client_id is None else self._parts.clients.get(client_id)
        if client_id is not None and client is None:
            raise UnsafeRequest(PageReason.UNKNOWN_CLIENT, "unknown client_id")
        if hint is not None and client not in (None, hint.client):
            raise UnsafeRequest(
                PageReason.BAD_REQUEST, "client_id is not the one of id_token_hint"
            )
        if text is not None:  # a bad hint lets nobody be named beside it
            client = None if hint is None else hint.client
        uri, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
        locales = parameters.get("ui_locales", "")
        if len(f"{state}{locales}".encode()) > MAX_ASKED_BYTES:
            raise UnsafeRequest(PageReason.BAD_REQUEST, "the request is too long")
        address = post_logout_address(client, uri, state)
        return _Asked(
            client,
            hint,
            None if hint is None else hint.client,
            address,
            is_refused=uri is not None and address is None,
            ui_locales=language_tags(locales),
        )

    def _named_session(self, hint: Hint | None, current: SignIn | None) -> str | None:
        """Return the id of the session that the hint's sid and aud name."""
        if hint is None or hint.sid is None:
            return None
        client_id = hint.client.client_id
        if current is not None:
            session_id = current.session.session_id
            if session_identifier(self._parts.salt, session_id, client_id) == hint.sid:
                return session_id
        return self._parts.store.get_session_id(client_id, hint.sid)

    def _may_mean(self, hint: Hint | None, current: SignIn) -> bool:
        """Tell whether the patron at the browser may be whom the service means."""
        if hint is None:
            return True
        return self._parts.engine.subject_of(hint.client, current.patron) == hint.sub

    def _end(
        self,
        asked: _Asked,
        session_id: str,
        current: SignIn | None,
        now: int,
    ) -> LogoutOutcome:
        notices = self._end_session(asked, session_id, now)
        cookies = CookieChanges()
        if current is not None and current.session.session_id == session_id:
            binding = new_binding(self._parts.random)
            cookies = CookieChanges(binding=binding, ends_session=True)
            current = None
        return self._finish(asked, notices, current, cookies)

    def _end_session(
        self, asked: _Asked, session_id: str, now: int
    ) -> Sequence[LogoutNotice]:
        client = asked.client
        begun_by, beginner = None, asked.beginner
        # A service that began ends its own session; telling it would be in its way.
        # Without its hint, anybody's link may have named it.
        if beginner is not None and not beginner.backchannel_logout_to_initiator:
            begun_by = beginner.client_id
        ended = self._parts.store.end_session(session_id, now, begun_by)
        notices = [one for one in ended or () if self._is_told(one.client_id)]
        if ended is not None:
            self._parts.audit.record(
                Event.SESSION_ENDED,
                client_id=None if client is None else client.client_id,
                told=len(notices),
            )
            self._parts.sender.wake()
        return notices

    def _ask(
        self, asked: _Asked, current: SignIn, browser: Browser, now: int
    ) -> AskSignOut:
        client, address = asked.client, asked.address
        payload: JsonObject = {
            "session": current.session.session_id,
            "client": None if client is None else client.client_id,
            "is_beginner": asked.beginner is not None,
            "uri": None if address is None else address.uri,
            "state": None if address is None else address.state,
            "is_refused": asked.is_refused,
            "locales": [*asked.ui_locales],
        }
        ticket = self._parts.tickets.seal_for_page(
            TicketKind.LOGOUT, payload, browser, now
        )
        self._parts.audit.record(
            Event.LOGOUT_ASKED, client_id=None if client is None else client.client_id
        )
        name = None
        if self._parts.sessions.is_alive(current.session.session_id, now):
            # Who comes after a pause may be somebody else.
            name = name_claims(current.patron.fullname).get("name")
        return AskSignOut(
            client,
            ticket.text,
            name if isinstance(name, str) else None,
            asked.is_refused,
            asked.ui_locales,
            CookieChanges(binding=ticket.binding),
        )

    def _open(
        self, text: str, browser: Browser, now: int
    ) -> tuple[JsonValue, _Asked] | None:
        """Read the form: the session it is about, and what was asked."""
        try:
            ticket = self._parts.tickets.open(TicketKind.LOGOUT, text, browser)
        except UnsafeRequest:
            return None
        if ticket.is_expired(now):
            return None
        payload = ticket.payload
        client = self._parts.clients.get(str(payload.get("client")))
        uri, state = payload.get("uri"), payload.get("state")
        # Matched anew: the registration may have changed.
        address = post_logout_address(
            client,
            uri if isinstance(uri, str) else None,
            state if isinstance(state, str) else None,
        )
        locales = payload.get("locales")
        asked = _Asked(
            client,
            None,
            client if payload.get("is_beginner") is True else None,
            address,
            is_refused=payload.get("is_refused") is True,
            ui_locales=tuple(map(str, locales)) if isinstance(locales, list) else (),
        )
        return payload.get("session"), asked

    def _finish(
        self,
        asked: _Asked,
        notices: Sequence[LogoutNotice],
        current: SignIn | None,
        cookies: CookieChanges,
    ) -> LogoutOutcome:
        """Go to the registered address, or show what is signed out and what is not."""
        if asked.address is not None:
            return Leave(asked.address, cookies)
        told = self._parts.sender.wait_for(
            [notice.notice_id for notice in notices], TOLD_WITHIN_S
        )
        return SignedOut(
            asked.client,
            self._clients_of(n for n in notices if n.notice_id in told),
            self._clients_of(n for n in notices if n.notice_id not in told),
            self._parts.upstream_url,
            is_signed_in=current is not None,
            is_refused=asked.is_refused,
            ui_locales=asked.ui_locales,
            cookies=cookies,
        )

    def _clients_of(self, notices: Iterable[LogoutNotice]) -> tuple[Client, ...]:
        return tuple(self._parts.clients[notice.client_id] for notice in notices)

    def _is_told(self, client_id: str) -> bool:
        """Tell whether a notice will be sent: the sender drops all others."""
        client = self._parts.clients.get(client_id)
        return client is not None and client.backchannel_logout_uri is not None
