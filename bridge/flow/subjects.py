"""Whose subjects are whose: what the operator may look up (`bridge subjects`)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from bridge.core.client import Client
from bridge.core.errors import BridgeError
from bridge.core.grant import Grant
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.records import Consent, SubjectLink
from bridge.core.subject import patron_sub, sector_of
from bridge.flow.identities import Identities, SubjectSettings
from bridge.flow.ports import Audit, Event, Sealer
from bridge.flow.sessions import open_patron
from bridge.flow.stores import WholeStore

ROWS: Final = 1_000  # read at a time
SHOWN_CHARACTERS: Final = 12  # of an internal subject in the log


# Whose a grant is, and the sub in it; None where the sealing key is gone.
GrantOpener: TypeAlias = Callable[[Grant], tuple[Identity, str] | None]


class SubjectError(BridgeError):
    """What was asked of subjects cannot be done; nothing was changed."""


class LineFaults(SubjectError):
    """Lines of a file cannot be taken, so none was. One text for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(faults) == 1 else "faults"
        super().__init__(f"{len(faults)} {noun}, nothing was changed")


@dataclass(frozen=True, slots=True)
class SubjectParts:
    """What the operator's commands on subjects are made of."""

    store: WholeStore
    clients: Mapping[str, Client]
    identities: Identities
    settings: SubjectSettings
    sealer: Sealer  # of the rows of sessions
    open_grant: GrantOpener
    audit: Audit
    now: int  # a command is one moment


@dataclass(frozen=True, slots=True)
class Found:
    """Whose a sub is, and where that was read."""

    identity: Identity
    source: str  # "import", "grant" or "session"


def counted(parts: SubjectParts, identity: Identity) -> tuple[Patron, str]:
    """Return the patron that *identity* counts as, and the internal subject."""
    recognised = parts.identities.recognise(Patron(identity))
    return recognised.patron, recognised.subject


def client_of(parts: SubjectParts, client_id: str) -> Client:
    """Return a registered client.

    Raises:
        SubjectError: there is none of this id.
    """
    client = parts.clients.get(client_id)
    if client is None:
        raise SubjectError(f"there is no client {client_id!r}")
    return client


def sub_at(parts: SubjectParts, client: Client, patron: Patron) -> str:
    """Return the sub of *patron*, as `counted` gives it, at *client*."""
    settings = parts.settings
    sector = sector_of(client)
    return patron_sub(settings.salt, settings.upstream_id, patron, sector)


def is_imported(client: Client, patron: Patron) -> bool:
    """Tell whether the sub of *patron* at *client* was imported."""
    return sector_of(client) in dict(patron.imported_subs)


def clients_of_sector(parts: SubjectParts, sector: str) -> list[str]:
    """List the clients whose subs are made for *sector*."""
    clients = parts.clients.values()
    return sorted(one.client_id for one in clients if sector_of(one) == sector)


def find(parts: SubjectParts, sub: str, client: Client) -> Found | None:
    """Find whose *sub* at *client* is, by the rows that are there.

    A computed sub cannot be turned back: the patron must have an import, a grant at the
    client or a session. None: nothing that is there has it.
    """
    parts.audit.record(Event.SUBJECT_LOOKED_UP, client_id=client.client_id)
    digest = parts.identities.digest_of(sector_of(client), sub)
    for imported in parts.store.get_imports():
        if imported.digest == digest:
            return Found(parts.identities.open_import(imported)[0], "import")
    for identity, sub_there in _patrons_of_grants(parts, client):
        if sub_there == sub:
            return Found(identity, "grant")
    for identity in _patrons_of_sessions(parts):
        patron, _ = counted(parts, identity)
        if sub_at(parts, client, patron) == sub:
            return Found(patron.identity, "session")
    return None


def computed_subs(parts: SubjectParts, client: Client) -> dict[str, Identity]:
    """Compute the sub at *client* of each patron that the store still has there.

    Those are the patrons with a session, or a grant at a client of the same sector.
    What was imported is left aside.
    """
    at_clients = (
        identity
        for client_id in clients_of_sector(parts, sector_of(client))
        for identity, _ in _patrons_of_grants(parts, parts.clients[client_id])
    )
    known = set(chain(at_clients, _patrons_of_sessions(parts)))
    return {sub_at(parts, client, Patron(identity)): identity for identity in known}


def links(parts: SubjectParts) -> list[tuple[SubjectLink, Identity, Identity]]:
    """Read every link with who signs in and whom that one stands for."""
    return [
        (link, *parts.identities.open_link(link)) for link in parts.store.get_links()
    ]


def imports(
    parts: SubjectParts, sector: str | None = None
) -> list[tuple[Identity, str, str]]:
    """Read the imported subs, of a sector or all: whose, which sector, the sub."""
    return [
        (identity, one.sector, sub)
        for one in parts.store.get_imports()
        if sector is None or one.sector == sector
        for identity, sub in [parts.identities.open_import(one)]
    ]


def note_export(parts: SubjectParts, client_id: str | None, count: int) -> None:
    """Record that so many lines were written out."""
    parts.audit.record(Event.SUBJECTS_EXPORTED, client_id=client_id, count=count)


def consents(parts: SubjectParts, identity: Identity) -> Sequence[Consent]:
    """List what a patron allowed, by client."""
    _, subject = counted(parts, identity)
    return parts.store.get_consents_of(subject)


def is_client_known(parts: SubjectParts, identity: Identity, client_id: str) -> bool:
    """Tell whether a client is registered, or the store has rows from its time."""
    return bool(
        client_id in parts.clients
        or any(one.client_id == client_id for one in consents(parts, identity))
        or parts.store.get_grants_at(client_id, b"", 1)
    )


def withdraw(
    parts: SubjectParts, identity: Identity, client_id: str | None
) -> tuple[int, int]:
    """Withdraw the consent at a client (None: at all), and end the grants there.

    A client that is no longer registered may be named: its rows are there still.
    Returns how many consents and grants went.
    """
    _, subject = counted(parts, identity)
    gone, ended = parts.store.withdraw(subject, client_id)
    parts.audit.record(
        Event.CONSENT_WITHDRAWN,
        client_id=client_id,
        subject=shown(subject),
        count=gone,
        grants=ended,
    )
    return gone, ended


def told(identity: Identity) -> str:
    """Name an identity to the operator."""
    kind = "user id" if identity.kind is IdentityKind.USER else "barcode"
    return f"{kind} {identity.value}"


def shown(subject: str) -> str:
    """Shorten an internal subject for the log: only the salt leads to a patron."""
    return subject[:SHOWN_CHARACTERS]


def _patrons_of_grants(
    parts: SubjectParts, client: Client
) -> Iterator[tuple[Identity, str]]:
    """Open the grants at *client*: who, and the sub that the client was given."""
    after = b""
    while rows := parts.store.get_grants_at(client.client_id, after, ROWS):
        for grant in rows:
            opened = parts.open_grant(grant)
            if opened is not None:
                yield opened
        after = rows[-1].grant_id


def _patrons_of_sessions(parts: SubjectParts) -> Iterator[Identity]:
    after = ""
    while rows := parts.store.get_sessions_after(after, ROWS):
        for session in rows:
            patron = open_patron(parts.sealer, session)
            if patron is not None:
                yield patron.identity
        after = rows[-1].session_id
