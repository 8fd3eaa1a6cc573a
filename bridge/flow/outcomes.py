"""What a step of a login comes to: what the browser is shown, or where it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.core.client import Client
from bridge.core.eligibility import Refused
from bridge.core.patron import JsonObject
from bridge.core.return_address import ReturnAddress
from bridge.flow.browser import CookieChanges


@dataclass(frozen=True, slots=True)
class GoUpstream:
    """Send the browser to RERO+."""

    url: str
    cookies: CookieChanges


@dataclass(frozen=True, slots=True)
class AnswerClient:
    """Send the browser back to the client, with these response parameters."""

    address: ReturnAddress
    parameters: Mapping[str, str]
    cookies: CookieChanges = field(default_factory=CookieChanges)


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


Outcome: TypeAlias = GoUpstream | AnswerClient | AskConsent | ShowRefusal
