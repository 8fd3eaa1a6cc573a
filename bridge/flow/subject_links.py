"""Links: an identity that stands for another one (`bridge subjects link`, `merge`).

Each change is planned first: the plan says what it does, or why it cannot be done;
carrying it out is one transaction of the store and one audit event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridge.core.patron import Identity
from bridge.core.records import SubjectLink
from bridge.flow import subjects
from bridge.flow.ports import Event
from bridge.flow.subjects import LineFaults, SubjectError, SubjectParts, shown, told

_UNLINK: Final = "`subjects unlink` ends that"
_CHANGED_MEANWHILE: Final = "another command changed the links meanwhile: try again"


@dataclass(frozen=True, slots=True)
class SubChange:
    """What a link changes at one client."""

    client_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One line of a file of links."""

    line: int
    user: Identity
    barcode: Identity


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A link that may be made, and what it comes to."""

    link: SubjectLink
    event: Event
    changes: tuple[SubChange, ...]
    sessions: int  # of the identity that is linked: they end
    is_known: bool  # something in the store is of the identity that it stands for


def plan_link(parts: SubjectParts, user: Identity, barcode: Identity) -> LinkPlan:
    """Plan that *user* keeps the subjects made of *barcode*, which came first.

    Raises:
        SubjectError: it would make a chain, or is there already.
    """
    return _plan(parts, user, barcode, Event.SUBJECT_LINKED)


def plan_merge(parts: SubjectParts, user: Identity, into: Identity) -> LinkPlan:
    """Plan that *user* is the same person as *into*, whose subjects count.

    Raises:
        SubjectError: it would make a chain, or is there already.
    """
    return _plan(parts, user, into, Event.SUBJECT_MERGED)


def _plan(
    parts: SubjectParts, identity: Identity, into: Identity, event: Event
) -> LinkPlan:
    link = parts.identities.make_link(identity, into, parts.now)
    fault = _Links(parts).fault(link, identity, into)
    if fault is not None:
        raise SubjectError(fault)
    patron, subject = subjects.counted(parts, identity)
    afterwards, into_subject = subjects.counted(parts, into)
    changes = [
        SubChange(
            client_id,
            subjects.sub_at(parts, client, patron),
            subjects.sub_at(parts, client, afterwards),
        )
        for client_id, client in sorted(parts.clients.items())
    ]
    store = parts.store
    is_known = bool(
        store.get_sessions_of(into_subject)
        or store.get_consents_of(into_subject)
        or afterwards.imported_subs
    )
    sessions = len(store.get_sessions_of(subject))
    return LinkPlan(link, event, tuple(changes), sessions, is_known)


def plan_links(parts: SubjectParts, rows: Sequence[LinkRow]) -> tuple[SubjectLink, ...]:
    """Plan all links of a file; those that are there already are left out.

    Raises:
        LineFaults: every line that would make a chain.
    """
    present = _Links(parts)
    planned: list[SubjectLink] = []
    faults: list[str] = []
    for row in rows:
        link = parts.identities.make_link(row.user, row.barcode, parts.now)
        if present.has(link):
            continue
        fault = present.fault(link, row.user, row.barcode)
        if fault is not None:
            faults.append(f"line {row.line}: {fault}")
        else:
            present.add(link)
            planned.append(link)
    if faults:
        raise LineFaults(faults)
    return tuple(planned)


def carry_out_links(parts: SubjectParts, links: Sequence[SubjectLink]) -> None:
    """Write all *links*, or none.

    Raises:
        SubjectError: somebody else made a link meanwhile.
    """
    if not links:
        return
    if not parts.store.put_links(links, parts.now):
        raise SubjectError(_CHANGED_MEANWHILE)
    parts.audit.record(Event.SUBJECT_LINKED, count=len(links))


def carry_out_link(parts: SubjectParts, plan: LinkPlan) -> None:
    """Write the link; what its identity had ends in the same transaction.

    Raises:
        SubjectError: somebody else made a link meanwhile.
    """
    link = plan.link
    if not parts.store.put_links([link], parts.now):
        raise SubjectError(_CHANGED_MEANWHILE)
    parts.audit.record(
        plan.event, subject=shown(link.subject), into_subject=shown(link.into_subject)
    )


def unlink(parts: SubjectParts, identity: Identity) -> Identity:
    """Let *identity* stand for itself again; return whom it stood for.

    Raises:
        SubjectError: it stands for nobody else.
    """
    subject = parts.identities.subject_of(identity)
    link = parts.store.get_standing(subject).link
    if link is None or not parts.store.delete_link(link, parts.now):
        raise SubjectError(f"{told(identity)} stands for itself: there is no link")
    parts.audit.record(
        Event.SUBJECT_UNLINKED,
        subject=shown(link.subject),
        into_subject=shown(link.into_subject),
    )
    return parts.identities.open_link(link)[1]


class _Links:
    """The links that are there, and why another one would make a chain with them."""

    def __init__(self, parts: SubjectParts) -> None:
        self._open = parts.identities.open_link
        self._links = {link.subject: link for link in parts.store.get_links()}
        self._by_target = {link.into_subject: link for link in self._links.values()}

    def has(self, link: SubjectLink) -> bool:
        """Tell whether the very same link is there."""
        present = self._links.get(link.subject)
        return present is not None and present.into_subject == link.into_subject

    def add(self, link: SubjectLink) -> None:
        """Count *link* as there."""
        self._links[link.subject] = link
        self._by_target[link.into_subject] = link

    def fault(
        self, link: SubjectLink, identity: Identity, into: Identity
    ) -> str | None:
        """Say why *link* cannot be made, and what to do; None: it can."""
        if link.subject == link.into_subject:
            return f"{told(identity)} is the same on both sides"
        if own := self._links.get(link.subject):
            end = told(self._open(own)[1])
            return f"{told(identity)} stands for {end} already: {_UNLINK}"
        if onward := self._links.get(link.into_subject):
            end = told(self._open(onward)[1])
            if onward.into_subject == link.subject:  # the other way round
                return f"{told(into)} stands for {end} already: {_UNLINK}"
            return (
                f"{told(into)} stands for {end} itself, and links make no chain:"
                f" let {told(identity)} stand for {end}"
            )
        if before := self._by_target.get(link.subject):
            return (
                f"{told(self._open(before)[0])} stands for {told(identity)}, and links"
                f" make no chain: unlink it, and let both stand for {told(into)}"
            )
        return None
