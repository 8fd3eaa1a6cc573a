"""What a store keeps as rows of an SQL store, and back.

The order of the columns is that of the fields in `bridge/core`, written here once;
the statements are made of it.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from bridge.core.grant import Grant
from bridge.core.records import (
    Consent,
    ImportedSub,
    KeptTokens,
    PushedRequest,
    Standing,
    SubjectLink,
)
from bridge.core.session import Session

# What a database driver gives and takes: the types stand in the schema.
Row = Sequence[Any]

SESSION_COLUMNS: Final = (
    "session_id",
    "secret_digest",
    "subject",
    "sealed",
    "upstream_scopes",
    "auth_time",
    "seen_at",
    "ends_at",
    "ticket_id",
)
GRANT_COLUMNS: Final = (
    "grant_id",
    "version",
    "client_id",
    "subject",
    "session_id",
    "sid",
    "sealed",
    "scope",
    "generation",
    "access_epoch",
    "swapped_at",
    "swapped_scope",
    "refresh_limit",
    "refresh_end",
    "key_id",
    "redirect_uri",
    "code_challenge",
    "nonce",
    "auth_time",
    "logout_until",
    "issued_at",
    "expires_at",
)
PUSHED_REQUEST_COLUMNS: Final = ("request_id", "client_id", "sealed", "ends_at")
NOTICE_COLUMNS: Final = (
    "notice_id",
    "client_id",
    "sid",
    "created_at",
    "tries",
    "due_at",
)
LINK_COLUMNS: Final = ("subject", "into_subject", "sealed", "made_at")
IMPORT_COLUMNS: Final = ("subject", "sector", "digest", "sealed", "made_at")
KEPT_TOKENS_COLUMNS: Final = ("subject", "sealed", "ends_at")
IS_LINK: Final = 0  # first column of a row that is a link, among imported subs
SWAPPED_COLUMNS: Final = (  # what core/grant.py changes in a swap, and nothing else
    "version",
    "sealed",
    "generation",
    "access_epoch",
    "swapped_at",
    "swapped_scope",
    "refresh_limit",
    "refresh_end",
    "key_id",
    "expires_at",
)


def session_row(session: Session) -> Row:
    """Write *session* in the order of SESSION_COLUMNS."""
    return (
        session.session_id,
        session.secret_digest,
        session.subject,
        session.sealed,
        " ".join(session.upstream_scopes),
        session.auth_time,
        session.seen_at,
        session.ends_at,
        session.ticket_id,
    )


def read_session(row: Row) -> Session:
    """Read what `session_row` wrote."""
    values = list(row)
    values[4] = _scope(values[4])
    return Session(*values)


def grant_row(grant: Grant) -> Row:
    """Write *grant* in the order of GRANT_COLUMNS."""
    return (
        grant.grant_id,
        grant.version,
        grant.client_id,
        grant.subject,
        grant.session_id,
        grant.sid,
        grant.sealed,
        " ".join(grant.scope),
        grant.generation,
        grant.access_epoch,
        grant.swapped_at,
        grant.swapped_scope,
        grant.refresh_limit,
        grant.refresh_end,
        grant.key_id,
        grant.redirect_uri,
        grant.code_challenge,
        grant.nonce,
        grant.auth_time,
        grant.logout_until,
        grant.issued_at,
        grant.expires_at,
    )


def read_grant(row: Row) -> Grant:
    """Read what `grant_row` wrote."""
    values = list(row)
    values[7] = _scope(values[7])
    return Grant(*values)


def swapped_row(grant: Grant) -> Row:
    """Write what a swap changes, in the order of SWAPPED_COLUMNS."""
    return (
        grant.version,
        grant.sealed,
        grant.generation,
        grant.access_epoch,
        grant.swapped_at,
        grant.swapped_scope,
        grant.refresh_limit,
        grant.refresh_end,
        grant.key_id,
        grant.expires_at,
    )


def consent_row(consent: Consent) -> Row:
    """Write *consent*: subject, client_id, allowed, given_at."""
    allowed = json.dumps(sorted(consent.allowed))
    return (consent.subject, consent.client_id, allowed, consent.given_at)


def read_consent(row: Row) -> Consent:
    """Read what `consent_row` wrote."""
    subject, client_id, allowed, given_at = row
    return Consent(subject, client_id, frozenset(json.loads(allowed)), given_at)


def pushed_request_row(request: PushedRequest) -> Row:
    """Write *request* in the order of PUSHED_REQUEST_COLUMNS."""
    return (request.request_id, request.client_id, request.sealed, request.ends_at)


def link_row(link: SubjectLink) -> Row:
    """Write *link* in the order of LINK_COLUMNS."""
    return (link.subject, link.into_subject, link.sealed, link.made_at)


def import_row(imported: ImportedSub) -> Row:
    """Write *imported* in the order of IMPORT_COLUMNS."""
    return (
        imported.subject,
        imported.sector,
        imported.digest,
        imported.sealed,
        imported.made_at,
    )


def kept_tokens_row(kept: KeptTokens) -> Row:
    """Write *kept* in the order of KEPT_TOKENS_COLUMNS."""
    return (kept.subject, kept.sealed, kept.ends_at)


def read_standing(rows: Sequence[Row]) -> Standing:
    """Read the rows of links and imported subs, told apart by their first column."""
    links = [SubjectLink(*row[1:3], *row[4:]) for row in rows if row[0] == IS_LINK]
    imports = [ImportedSub(*row[1:]) for row in rows if row[0] != IS_LINK]
    imports.sort(key=lambda one: one.sector)
    return Standing(links[0] if links else None, tuple(imports))


def _scope(text: str) -> tuple[str, ...]:
    # A scope value is printable ASCII without spaces (RFC 6749 §3.3).
    return tuple(text.split())
