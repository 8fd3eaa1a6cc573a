"""Seals: they open for their own purpose and key alone, and unharmed."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bridge.signing.sealer import AeadSealer
from bridge.signing.secret_files import SecretKey

NOW = 1_764_000_000
OLD = SecretKey(b"\x00\x00\x00\x01", NOW - 1000, b"o" * 32)
NEW = SecretKey(b"\x00\x00\x00\x02", NOW, b"n" * 32)
OTHER = SecretKey(b"\x00\x00\x00\x01", NOW - 1000, b"x" * 32)


@given(purpose=st.binary(max_size=100), plaintext=st.binary(max_size=2000))
def test_what_is_sealed_opens_again(purpose: bytes, plaintext: bytes) -> None:
    sealer = AeadSealer([OLD])

    sealed = sealer.seal(purpose, plaintext, NOW)

    assert sealer.open(purpose, sealed) == plaintext


@given(data=st.data(), plaintext=st.binary(max_size=50))
def test_any_flipped_bit_makes_it_none(data: st.DataObject, plaintext: bytes) -> None:
    sealer = AeadSealer([OLD, NEW])
    sealed = bytearray(sealer.seal(b"ticket", plaintext, NOW))

    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    assert sealer.open(b"ticket", bytes(sealed)) is None


@given(purpose=st.binary(max_size=20), other=st.binary(max_size=20))
def test_other_purpose_does_not_open_it(purpose: bytes, other: bytes) -> None:
    sealer = AeadSealer([OLD])

    sealed = sealer.seal(purpose, b"plaintext", NOW)

    assert (sealer.open(other, sealed) is None) == (purpose != other)


@given(junk=st.binary(max_size=80))
def test_junk_is_none(junk: bytes) -> None:
    sealer = AeadSealer([OLD])

    assert sealer.open(b"ticket", junk) is None


def test_every_truncation_is_none() -> None:
    sealer = AeadSealer([OLD])

    sealed = sealer.seal(b"ticket", b"plaintext", NOW)

    assert [
        sealer.open(b"ticket", sealed[:length]) for length in range(len(sealed))
    ] == [None] * len(sealed)


def test_other_key_under_the_same_id_does_not_open_it() -> None:
    sealed = AeadSealer([OLD]).seal(b"ticket", b"plaintext", NOW)

    assert AeadSealer([OTHER]).open(b"ticket", sealed) is None


def test_layout_is_version_key_id_nonce_and_ciphertext() -> None:
    sealer = AeadSealer([OLD], random=lambda size: b"N" * size)

    sealed = sealer.seal(b"ticket", b"plaintext", NOW)

    assert sealed[:17] == b"\x01" + OLD.key_id + b"N" * 12
    assert len(sealed) == 17 + len(b"plaintext") + 16


def test_same_plaintext_never_looks_the_same() -> None:
    sealer = AeadSealer([OLD])

    seals = {sealer.seal(b"ticket", b"plaintext", NOW) for _ in range(100)}

    assert len(seals) == 100


def test_new_key_opens_at_once_and_seals_after_sixty_seconds() -> None:
    before, after = AeadSealer([OLD]), AeadSealer([OLD, NEW])
    foreign = AeadSealer([NEW]).seal(b"ticket", b"plaintext", NOW)

    early, late = (after.seal(b"ticket", b"x", now) for now in (NOW + 59, NOW + 60))

    assert after.open(b"ticket", foreign) == b"plaintext"
    assert before.open(b"ticket", early) == b"x"
    assert before.open(b"ticket", late) is None
    assert after.open(b"ticket", late) == b"x"


def test_key_id_is_sealed_in_so_another_id_of_the_same_key_does_not_open_it() -> None:
    twin = SecretKey(b"\x00\x00\x00\x09", NOW - 1000, OLD.secret)
    sealed = AeadSealer([OLD]).seal(b"ticket", b"plaintext", NOW)

    renamed = sealed[:1] + twin.key_id + sealed[5:]

    assert AeadSealer([OLD, twin]).open(b"ticket", renamed) is None


def test_seal_of_another_version_is_none() -> None:
    head = b"\x02" + OLD.key_id
    associated = head + len(b"ticket").to_bytes(2, "big") + b"ticket"
    body = AESGCM(OLD.secret).encrypt(b"N" * 12, b"plaintext", associated)

    opened = AeadSealer([OLD]).open(b"ticket", head + b"N" * 12 + body)

    assert opened is None
