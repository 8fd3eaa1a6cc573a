"""What the bridge calls by itself: keys of clients are fetched, logouts delivered.

These parts outlive a reload, with their caches and their thread; what they say is that
of the present configuration.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.core.client import Client
from bridge.core.errors import Fault
from bridge.flow.ports import Audit, Clock
from bridge.flow.stores import LogoutStore
from bridge.outgoing.addresses import AddressRules
from bridge.outgoing.client_keys import FetchedClientKeys
from bridge.outgoing.http import GuardedHttp, OutgoingRules
from bridge.outgoing.logout_sender import BackChannelSender, SenderParts
from bridge.outgoing.logout_token import LogoutTokens
from bridge.outgoing.registrations import registration_faults
from bridge.settings.addresses import is_loopback
from bridge.settings.clients import build_clients
from bridge.settings.model import Settings
from bridge.signing.keys import KeyRing
from bridge.signing.signer import JwsSigner


class PresentTokens:
    """The logout tokens of the present configuration, swapped by one assignment."""

    def __init__(self, issuer: str) -> None:
        self._tokens = LogoutTokens(issuer, {}, JwsSigner(KeyRing(())), os.urandom)

    def __call__(self) -> LogoutTokens:
        return self._tokens

    def replace(
        self, issuer: str, clients: Mapping[str, Client], ring: KeyRing
    ) -> None:
        """Make tokens by *clients* and *ring* from now on."""
        self._tokens = LogoutTokens(issuer, clients, JwsSigner(ring), os.urandom)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The parts that call out; `sender` is started where the bridge serves."""

    client_keys: FetchedClientKeys
    sender: BackChannelSender
    tokens: PresentTokens


def make_deliveries(
    settings: Settings, store: LogoutStore, audit: Audit, clock: Clock
) -> Deliveries:
    """Make them; nothing is called before `sender.start()`."""
    http = _guarded_http(settings)
    tokens = PresentTokens(settings.issuer)
    sender = BackChannelSender(SenderParts(store, http, tokens, audit, clock))
    return Deliveries(FetchedClientKeys(http, audit), sender, tokens)


def check_registrations(settings: Settings) -> list[Fault]:
    """Ask the addresses that registrations name, and return what is wrong with them."""
    http = _guarded_http(settings)
    clients = build_clients(settings)
    return [
        Fault(f"clients.{registered.client_id}.{member}", message)
        for registered in settings.clients
        for member, message in registration_faults(
            http, clients[registered.client_id], registered.sector_identifier_uri
        )
    ]


def _guarded_http(settings: Settings) -> GuardedHttp:
    is_local = is_loopback(urlsplit(settings.issuer).hostname or "")
    outgoing = settings.outgoing
    ca_file = None if outgoing.ca_file is None else str(outgoing.ca_file)
    return GuardedHttp(
        OutgoingRules(AddressRules(outgoing.allow_private, is_local), ca_file)
    )
