"""Links: an identity that stands for another one (`bridge subjects link`, `merge`).

Each change is planned first: the plan says what it does, or why it cannot be done;
carrying it out is one transaction of the store and one audit event.
"""

from dataclasses import dataclass

from bridge.core.patron import Identity
from bridge.core.records import SubjectLink
from bridge.flow import subjects
from bridge.flow.ports import Event
from bridge.flow.subjects import SubjectError, SubjectParts, shown, told


@dataclass(frozen=True, slots=True)
class SubChange:
    """What a link changes at one client."""

    client_id: str
    before: str
    after: str


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
    _refuse_chains(parts, link, identity, into)
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


def carry_out_link(parts: SubjectParts, plan: LinkPlan) -> None:
    """Write the link; what its identity had ends in the same transaction.

    Raises:
        SubjectError: somebody else made a link meanwhile.
    """
    link = plan.link
    if not parts.store.put_links([link], parts.now):
        raise SubjectError("another command changed the links meanwhile: try again")
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


def _refuse_chains(
    parts: SubjectParts, link: SubjectLink, identity: Identity, into: Identity
) -> None:
    if link.subject == link.into_subject:
        raise SubjectError(f"{told(identity)} is the same on both sides")
    for other, its_identity, its_into in subjects.links(parts):
        if other.subject == link.subject:
            raise SubjectError(
                f"{told(identity)} stands for {told(its_into)} already:"
                " `subjects unlink` ends that"
            )
        if other.subject == link.into_subject:
            raise SubjectError(
                f"{told(into)} stands for {told(its_into)} itself, and links make no"
                f" chain: let {told(identity)} stand for {told(its_into)}"
            )
        if other.into_subject == link.subject:
            raise SubjectError(
                f"{told(its_identity)} stands for {told(identity)}, and links make no"
                f" chain: unlink it, and let both stand for {told(into)}"
            )
