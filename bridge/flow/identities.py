"""Who a patron counts as: the identity that RERO+ shows, or the one it stands for.

An identity stands for another one by the operator's word alone (`bridge subjects`). It
is asked for here and nowhere else, before any subject is made of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.core.compact import compact
from bridge.core.errors import StoreError
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.records import ImportedSub, SubjectLink
from bridge.core.seal import column_purpose
from bridge.core.subject import imported_digest, internal_subject
from bridge.flow.ports import Sealer
from bridge.flow.stores import Store


@dataclass(frozen=True, slots=True)
class SubjectSettings:
    """What every subject is made from; never changed once patrons signed in."""

    salt: bytes
    upstream_id: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A patron with the identity that counts, and the internal subject of it."""

    patron: Patron
    subject: str


class Identities:
    """Knows patrons by their internal subjects; opens what the operator's rows seal.

    *sealer* has the key that is made of the salt: these rows outlive every other key.
    """

    def __init__(self, store: Store, sealer: Sealer, settings: SubjectSettings) -> None:
        self._store = store
        self._sealer = sealer
        self._settings = settings

    def subject_of(self, identity: Identity) -> str:
        """Return the internal subject of *identity* itself, links left aside."""
        settings = self._settings
        return internal_subject(settings.salt, settings.upstream_id, identity)

    def recognise(self, patron: Patron) -> Recognised:
        """Give *patron* the identity that counts, and the subs that were imported.

        Raises:
            StoreError: a link cannot be opened. The patron is not taken for a new one.
        """
        subject = self.subject_of(patron.identity)
        standing = self._store.get_standing(subject)
        if standing.link is not None:
            _, identity = self.open_link(standing.link)
            patron = replace(patron, identity=identity)
            subject = standing.link.into_subject
        if standing.imports:
            subs = [(one.sector, self.open_import(one)[1]) for one in standing.imports]
            patron = replace(patron, imported_subs=tuple(subs))
        return Recognised(patron, subject)

    def make_link(self, identity: Identity, into: Identity, now: int) -> SubjectLink:
        """Make the link by which *identity* stands for *into*, not stored yet."""
        subject = self.subject_of(identity)
        record = [*_written(identity), *_written(into)]
        sealed = self._seal(_link_purpose(subject), record, now)
        return SubjectLink(subject, self.subject_of(into), sealed, now)

    def open_link(self, link: SubjectLink) -> tuple[Identity, Identity]:
        """Return who signs in, and whom that one stands for; StoreError: unreadable."""
        kind, value, into_kind, into_value = self._open(
            _link_purpose(link.subject), link.sealed
        )
        return (
            Identity(IdentityKind(kind), value),
            Identity(IdentityKind(into_kind), into_value),
        )

    def make_import(
        self, identity: Identity, sector: str, sub: str, now: int
    ) -> ImportedSub:
        """Make the row that gives *identity* its *sub* in a sector, not stored yet."""
        subject = self.subject_of(identity)
        record = [*_written(identity), sub]
        sealed = self._seal(_import_purpose(subject, sector), record, now)
        digest = self.digest_of(sector, sub)
        return ImportedSub(subject, sector, digest, sealed, now)

    def open_import(self, imported: ImportedSub) -> tuple[Identity, str]:
        """Return whose the imported sub is, and the sub; StoreError: unreadable."""
        purpose = _import_purpose(imported.subject, imported.sector)
        kind, value, sub = self._open(purpose, imported.sealed)
        return Identity(IdentityKind(kind), value), sub

    def digest_of(self, sector: str, sub: str) -> str:
        """Return what the store would know an imported *sub* by."""
        return imported_digest(self._settings.salt, sector, sub)

    def _seal(self, purpose: bytes, record: Sequence[str], now: int) -> bytes:
        return self._sealer.seal(purpose, compact(record).encode(), now)

    def _open(self, purpose: bytes, sealed: bytes) -> list[str]:
        record = self._sealer.open(purpose, sealed)
        if record is None:
            raise StoreError("a link or an imported sub cannot be opened: other salt?")
        return [str(text) for text in json.loads(record)]


def _written(identity: Identity) -> list[str]:
    return [identity.kind.value, identity.value]


def _link_purpose(subject: str) -> bytes:
    return column_purpose("subject_links", "sealed", subject.encode())


def _import_purpose(subject: str, sector: str) -> bytes:
    row_id = f"{subject}:{sector}".encode()
    return column_purpose("imported_subs", "sealed", row_id)
