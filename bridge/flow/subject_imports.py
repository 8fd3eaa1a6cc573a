"""Imported subs: names that services know patrons by (`bridge subjects import`).

An import is planned first: the plan says what it does, or every line that cannot be
taken; carrying it out is one transaction of the store and one audit event.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.core.client import Client
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.records import ImportedSub
from bridge.core.subject import SUB_BYTES, sector_of
from bridge.flow import subjects
from bridge.flow.ports import Event
from bridge.flow.subjects import LineFaults, SubjectParts, told


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One line of the operator's file."""

    line: int
    identity: Identity
    sub: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The subs that may be imported, and what they take the place of."""

    client_id: str
    client_ids: tuple[str, ...]  # all that have its sector, and get the same subs
    imports: tuple[ImportedSub, ...]
    gone: tuple[ImportedSub, ...]
    unchanged: int
    warnings: tuple[str, ...]


def plan_import(
    parts: SubjectParts, rows: Sequence[ImportRow], client_id: str, *, replace: bool
) -> ImportPlan:
    """Plan that each patron of *rows* has the sub given at a client and its sector.

    Raises:
        LineFaults: every line that cannot be taken; SubjectError: no such client.
    """
    client = subjects.client_of(parts, client_id)
    sector = sector_of(client)
    present = [one for one in parts.store.get_imports() if one.sector == sector]
    by_subject = {one.subject: one for one in present}
    by_digest = {one.digest: one for one in present}
    faults = [*_doubled(rows), *_owned(parts, rows, client)]
    imports: list[ImportedSub] = []
    gone: dict[str, ImportedSub] = {}
    for row in rows:
        made = parts.identities.make_import(row.identity, sector, row.sub, parts.now)
        own, other = by_subject.get(made.subject), by_digest.get(made.digest)
        if parts.store.get_standing(made.subject).link is not None:
            faults.append(
                f"line {row.line}: {told(row.identity)} stands for another identity"
                " (`subjects lookup` says for which): write that one"
            )
        elif own is not None and own.digest == made.digest:
            continue
        elif not replace and (own is not None or other is not None):
            faults.append(_taken(row, own))
        else:
            imports.append(made)
            for one in (own, other):
                if one is not None:
                    gone[one.digest] = one
    if faults:
        raise LineFaults(faults)
    return ImportPlan(
        client_id,
        tuple(subjects.clients_of_sector(parts, sector)),
        tuple(imports),
        tuple(gone.values()),
        len(rows) - len(imports),
        tuple(_warnings(parts, rows, client_id)),
    )


def carry_out_import(parts: SubjectParts, plan: ImportPlan) -> None:
    """Write all of the plan, or nothing.

    Raises:
        StoreError: another command changed the rows meanwhile.
    """
    if not plan.imports:
        return
    parts.store.put_imports(plan.imports, plan.gone, plan.client_ids, parts.now)
    parts.audit.record(
        Event.SUBJECTS_IMPORTED,
        client_id=plan.client_id,
        count=len(plan.imports),
        replaced=len(plan.gone),
    )


def _doubled(rows: Sequence[ImportRow]) -> list[str]:
    faults: list[str] = []
    identities: dict[Identity, int] = {}
    subs: dict[str, int] = {}
    for row in rows:
        first = identities.setdefault(row.identity, row.line)
        if first != row.line:
            faults.append(f"line {row.line}: the patron stands on line {first} already")
        first = subs.setdefault(row.sub, row.line)
        if first != row.line:
            faults.append(f"line {row.line}: the sub stands on line {first} already")
    return faults


def _owned(parts: SubjectParts, rows: Sequence[ImportRow], client: Client) -> list[str]:
    """Refuse computed subs of other patrons: two would share an account.

    `--replace` is no way out: the other one goes on signing in with it.
    """
    foreign = [row for row in rows if _looks_foreign(parts, row, client)]
    owners = subjects.computed_subs(parts, client) if foreign else {}
    return [
        f"line {row.line}: the sub is the computed one of {told(owner)}: where both"
        " are one person, write `subjects merge` or `link`"
        for row in foreign
        if (owner := owners.get(row.sub)) is not None and owner != row.identity
    ]


def _taken(row: ImportRow, own: ImportedSub | None) -> str:
    what = (
        "the sub is another patron's"
        if own is None
        else f"{told(row.identity)} has another imported sub"
    )
    return f"line {row.line}: {what}: `subjects export` shows it, --replace changes it"


def _warnings(
    parts: SubjectParts, rows: Sequence[ImportRow], client_id: str
) -> list[str]:
    """Tell what is allowed and yet may go wrong at the service."""
    warnings = []
    folded = {row.sub.lower() for row in rows}
    if any(row.sub != row.sub.lower() for row in rows):
        warnings.append(
            "subs with capital letters: Keycloak and Moodle lower-case user names"
        )
    if len(folded) < len(rows):
        warnings.append(
            "subs differ by capital letters alone: two patrons may become one"
        )
    if any(set(row.sub) & set("?~>") for row in rows):
        warnings.append(
            "subs with ?, ~ or >: Moodle's auth_oidc cannot read such tokens"
        )
    client = parts.clients[client_id]
    if any(_looks_foreign(parts, row, client) for row in rows):
        warnings.append(
            "subs that look like the bridge's own: if another patron has one of them,"
            f" two share an account at {client.client_id}"
        )
    has_user_ids = any(one.has_user_ids for one in parts.store.get_upstreams())
    if has_user_ids and any(row.identity.kind is IdentityKind.BARCODE for row in rows):
        warnings.append(
            "RERO+ shows user ids here: a barcode counts only for patrons that"
            " `subjects link` leads to it"
        )
    return warnings


def _looks_foreign(parts: SubjectParts, row: ImportRow, client: Client) -> bool:
    """Tell whether the sub looks computed, and is not the patron's own."""
    sub = row.sub
    if len(sub) != 2 * SUB_BYTES or set(sub) - set("0123456789abcdef"):
        return False
    return subjects.sub_at(parts, client, Patron(row.identity)) != sub
