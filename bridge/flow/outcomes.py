"""What a step of a login comes to: what the browser is shown, or where it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.core.cards import CardOffer
from bridge.core.client import Client
from bridge.core.eligibility import Refused
from bridge.core.logout import PostLogoutAddress
from bridge.core.patron import JsonObject, Membership
from bridge.core.return_address import ReturnAddress
from bridge.flow.browser import CookieChanges


@dataclass(frozen=True, slots=True)
class GoUpstream:
    """Send the browser to RERO+."""

    url: str
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class AnswerClient:
    """Send the browser back to the client, with these response parameters."""

    address: ReturnAddress
    parameters: Mapping[str, str]
    cookies: CookieChanges = field(default_factory=CookieChanges)


@dataclass(frozen=True, slots=True)
class AskCard:
    """Ask which card is to be used; the page's form carries `ticket`."""

    client: Client
    ticket: str
    cards: tuple[Membership, ...]  # to choose from; the form names one by its place
    refused: tuple[CardOffer, ...]  # those that the policy lets nobody in with
    chosen: Membership | None  # of `cards`, the time before
    patron_name: str | None
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Ask the patron; the page's form carries `ticket`."""

    client: Client
    ticket: str
    claims: JsonObject  # what the client would receive, with today's values
    patron_name: str | None
    may_remember: bool  # the answer can be kept for the next time
    is_offline: bool  # the client may go on without the patron
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class ShowRefusal:
    """Tell the patron why the policy says no; the page's form carries `ticket`."""

    client: Client
    refused: Refused
    ticket: str
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class Leave:
    """Send the browser where a service wants it after the logout."""

    address: PostLogoutAddress
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class AskSignOut:
    """Ask whether to sign out; the page's form carries `ticket`."""

    client: Client | None
    ticket: str
    patron_name: str | None
    is_refused: bool  # the service asked for an address that is not registered
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Tell honestly what is signed out and what is not."""

    client: Client | None
    told: tuple[Client, ...]  # services that confirmed
    untold: tuple[Client, ...]  # services that have not, yet
    upstream_url: str  # where the session at RERO+ is ended
    is_signed_in: bool  # a session is kept here: the patron chose to, or it is another
    is_refused: bool  # the service asked for an address that is not registered
    ui_locales: tuple[str, ...]
    cookies: CookieChanges


LogoutOutcome: TypeAlias = Leave | AskSignOut | SignedOut
Outcome: TypeAlias = GoUpstream | AnswerClient | AskCard | AskConsent | ShowRefusal
