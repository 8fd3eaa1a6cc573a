"""What the operator's commands do to the rows in memory; the store's lock is held."""

from collections.abc import Sequence

from bridge.core.errors import StoreError
from bridge.core.records import ImportedSub, Standing, SubjectLink
from bridge.store.memory_rows import MemoryRows


def get_standing(rows: MemoryRows, subject: str) -> Standing:
    """Read the link of a subject, and the imported subs of where that leads."""
    link = rows.links.get(subject)
    holder = subject if link is None else link.into_subject
    imports = [one for one in rows.imports.values() if one.subject == holder]
    return Standing(link, tuple(sorted(imports, key=lambda one: one.sector)))


def put_links(rows: MemoryRows, links: Sequence[SubjectLink], now: int) -> bool:
    """Write all *links* and end what their patrons have, or write none."""
    before = dict(rows.links)
    for link in links:
        if _makes_a_chain(rows, link):
            rows.links = before
            return False
        rows.links[link.subject] = link
    for link in links:
        rows.end_sessions_of(link.subject, now, offline=True)
        withdraw(rows, link.subject, None)
    return True


def delete_link(rows: MemoryRows, link: SubjectLink, now: int) -> int:
    """Delete a link; sign out whom it led to."""
    present = rows.links.get(link.subject)
    if present is None or present.into_subject != link.into_subject:
        return 0
    del rows.links[link.subject]
    rows.end_sessions_of(link.into_subject, now, offline=True)
    return 1


def put_imports(
    rows: MemoryRows,
    imports: Sequence[ImportedSub],
    gone: Sequence[ImportedSub],
    client_ids: Sequence[str],
    now: int,
) -> None:
    """Write *imports* in the place of those *gone*, and end what went on under them.

    Raises:
        StoreError: a patron or a sub would come twice in a sector; nothing is written.
    """
    given_up = {(one.subject, one.digest) for one in gone}
    left = [
        one
        for one in rows.imports.values()
        if (one.subject, one.digest) not in given_up
    ]
    after = [*left, *imports]
    patrons = {(one.subject, one.sector): one for one in after}
    if not len(patrons) == len({one.digest for one in after}) == len(after):
        raise StoreError("the store cannot write: a patron or a sub would come twice")
    rows.imports = patrons
    for subject in sorted({one.subject for one in (*imports, *gone)}):
        rows.end_sessions_of(subject, now, offline=False)
        for client_id in client_ids:
            _delete_grants(rows, subject, client_id)


def withdraw(rows: MemoryRows, subject: str, client_id: str | None) -> tuple[int, int]:
    """Delete consents and grants of a patron at a client, or at all."""
    consents = [
        key
        for key in rows.consents
        if key[0] == subject and client_id in {None, key[1]}
    ]
    for key in consents:
        del rows.consents[key]
    return len(consents), _delete_grants(rows, subject, client_id)


def _delete_grants(rows: MemoryRows, subject: str, client_id: str | None) -> int:
    grants = [
        grant
        for grant in rows.grants.values()
        if grant.subject == subject and client_id in {None, grant.client_id}
    ]
    return rows.delete_grants(grants)


def _makes_a_chain(rows: MemoryRows, link: SubjectLink) -> bool:
    is_target = any(one.into_subject == link.subject for one in rows.links.values())
    return (
        link.subject == link.into_subject
        or link.subject in rows.links
        or link.into_subject in rows.links
        or is_target
    )
