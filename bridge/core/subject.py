"""Pairwise and public subject identifiers (OIDC Core §8): computed, not stored.

They can never be repaired later: what goes in here is frozen. `sub` is 160 bits in
hexadecimal, because Keycloak and Moodle lower-case user names and two patrons must not
fall together.
"""

import hashlib
import hmac
from typing import Final

from bridge.core.client import Client, SubjectType
from bridge.core.patron import Identity, Patron

VERSION: Final = b"1"
PUBLIC_SECTOR: Final = ""  # no sector is empty, so no pairwise sub can equal a public
MIN_SALT_BYTES: Final = 32
SUB_BYTES: Final = 20


def subject_identifier(
    salt: bytes, upstream_id: str, identity: Identity, sector: str
) -> str:
    """Compute the sub of *identity* for *sector* (PUBLIC_SECTOR for a public one)."""
    return _digest(salt, b"sub", upstream_id, identity, sector)


def sector_of(client: Client) -> str:
    """Return the sector that the subs of *client* are made for."""
    is_public = client.subject_type is SubjectType.PUBLIC
    return PUBLIC_SECTOR if is_public else client.sector


def patron_sub(salt: bytes, upstream_id: str, patron: Patron, sector: str) -> str:
    """Return the sub of *patron* for *sector*: an imported one, else computed."""
    for imported_sector, sub in patron.imported_subs:
        if imported_sector == sector:
            return sub
    return subject_identifier(salt, upstream_id, patron.identity, sector)


def internal_subject(salt: bytes, upstream_id: str, identity: Identity) -> str:
    """Compute the name under which the store knows *identity*: never leaves it."""
    return _digest(salt, b"internal", upstream_id, identity, "")


def session_identifier(salt: bytes, session_id: str, client_id: str) -> str:
    """Compute the `sid` of a session at one client: two clients cannot join theirs."""
    return _encode(
        _mac(salt, (VERSION, b"sid", session_id.encode(), client_id.encode()))
    )


def salt_fingerprint(salt: bytes) -> str:
    """Compute what the store knows the salt by: another one stops the start."""
    return _encode(_mac(salt, (VERSION, b"fingerprint")))


def imported_digest(salt: bytes, sector: str, sub: str) -> str:
    """Compute what the store tells imported subs apart by: it keeps them sealed."""
    return _encode(_mac(salt, (VERSION, b"imported", sector.encode(), sub.encode())))


def identity_key(salt: bytes) -> bytes:
    """Derive the key (32 bytes) that seals the identities of links and imports.

    They live as long as the subjects do, and no other key does.
    """
    return _mac(salt, (VERSION, b"identity key"))


def _digest(
    salt: bytes, use: bytes, upstream_id: str, identity: Identity, sector: str
) -> str:
    parts = (
        VERSION,
        use,
        upstream_id.encode(),
        identity.kind.value.encode(),
        identity.value.encode(),
        sector.encode(),
    )
    return _encode(_mac(salt, parts))


def _mac(salt: bytes, parts: tuple[bytes, ...]) -> bytes:
    """HMAC over length-prefixed parts: no two lists of parts look the same."""
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(salt, message, hashlib.sha256)


def _encode(digest: bytes) -> str:
    return digest[:SUB_BYTES].hex()
