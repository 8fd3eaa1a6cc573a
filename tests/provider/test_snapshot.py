"""What a grant keeps of a login: sealed, bound to its row, whole when opened."""

from dataclasses import replace

import pytest

from bridge.core.claims import ClaimsRequest
from bridge.core.errors import InvalidGrant, InvalidToken
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.records import LoginWrite
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

    assert open_snapshot(SEALER, b"h" * 16, sealed) is None
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    assert open_snapshot(SEALER, GRANT_ID, changed) is None


def test_lost_sealing_key_ends_tokens_instead_of_failing(world: World) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)
    world.store.delete_grant(grant.grant_id)
    kept = world.store.put_login(
        LoginWrite(NOW, grant=replace(grant, generation=1, sealed=b"other key"))
    )

    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"], now=NOW + 1)
    with pytest.raises(InvalidGrant):
        world.refresh(tokens["refresh_token"], now=NOW + 1)
    assert kept


def test_subjects_that_were_asked_for_are_not_kept() -> None:
    asked = ClaimsRequest(("name",), (), subjects=("the-sub",))

    sealed = seal_snapshot(SEALER, GRANT_ID, Snapshot("the-sub", JEAN, asked), NOW)

    opened = open_snapshot(SEALER, GRANT_ID, sealed)
    assert opened is not None
    assert opened.claims.subjects == ()
