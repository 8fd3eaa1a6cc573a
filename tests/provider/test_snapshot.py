"""What a grant keeps of a login: sealed, bound to its row, whole when opened."""

from dataclasses import replace

import pytest

from bridge.core.claims import ClaimsRequest
from bridge.core.errors import StoreError
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.provider.snapshot import Snapshot, open_snapshot, seal_snapshot
from bridge.signing.sealer import AeadSealer
from bridge.signing.secret_files import SecretKey
from tests.provider.world import JEAN, NOW, World, make_request

SEALER = AeadSealer([SecretKey(b"seal", 0, b"s" * 32)])
BARE = Patron(Identity(IdentityKind.BARCODE, "vs:100200300"))
GRANT_ID = b"g" * 16


@pytest.mark.parametrize("patron", [JEAN, BARE], ids=["whole", "bare"])
def test_snapshot_comes_back_as_it_was_sealed(patron: Patron) -> None:
    snapshot = Snapshot("the-sub", patron, ClaimsRequest(("name",), ("birthdate",)))

    sealed = seal_snapshot(SEALER, GRANT_ID, snapshot, NOW)

    assert open_snapshot(SEALER, GRANT_ID, sealed) == snapshot


def test_nothing_of_the_patron_can_be_read_in_the_row(world: World) -> None:
    grant, _ = world.log_in(make_request())

    row = repr(replace(grant, sealed=b"")).encode() + grant.sealed

    for readable in ("Jean", "Dupr", "1987", "100200300", "mail.ex", "4711", "Adulte"):
        assert readable.encode() not in row, readable


def test_snapshot_opens_for_its_own_row_alone() -> None:
    sealed = seal_snapshot(
        SEALER, GRANT_ID, Snapshot("the-sub", JEAN, ClaimsRequest()), NOW
    )

    with pytest.raises(StoreError):
        open_snapshot(SEALER, b"h" * 16, sealed)
    with pytest.raises(StoreError):
        open_snapshot(SEALER, GRANT_ID, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_lost_sealing_key_is_a_store_error() -> None:
    sealed = seal_snapshot(
        SEALER, GRANT_ID, Snapshot("the-sub", JEAN, ClaimsRequest()), NOW
    )
    other = AeadSealer([SecretKey(b"next", 0, b"n" * 32)])

    with pytest.raises(StoreError):
        open_snapshot(other, GRANT_ID, sealed)


def test_subjects_that_were_asked_for_are_not_kept() -> None:
    asked = ClaimsRequest(("name",), (), subjects=("the-sub",))

    sealed = seal_snapshot(SEALER, GRANT_ID, Snapshot("the-sub", JEAN, asked), NOW)

    assert open_snapshot(SEALER, GRANT_ID, sealed).claims.subjects == ()
