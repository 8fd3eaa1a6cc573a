"""The ring: which key signs when, what is published, and which files are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from bridge.core.errors import ConfigurationError, Fault
from bridge.signing.algorithms import ALGORITHMS
from bridge.signing.keys import (
    KeyRing,
    KeyState,
    SigningKey,
    load_ring,
    make_key,
    write_key,
)

NOW = 1_764_000_000
TIMES = b"created_at: 1764000000\nactive_from: 1764000000\n"


def pem(key: PrivateKeyTypes, password: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def only_fault(directory: Path) -> Fault:
    with pytest.raises(ConfigurationError) as caught:
        load_ring(directory)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize("alg", list(ALGORITHMS))
def test_key_is_read_as_it_was_written(
    tmp_path: Path, alg: str, every_key: dict[str, SigningKey]
) -> None:
    key = every_key[alg]
    (tmp_path / key.file_name).write_bytes(write_key(key))

    (read,) = load_ring(tmp_path).keys

    assert replace(read, private_key=key.private_key) == key
    assert read.public_jwk() == key.public_jwk()


def test_one_key_for_two_algorithms_is_a_fault(
    tmp_path: Path, rsa_key: SigningKey
) -> None:
    twin = replace(rsa_key, algorithm=ALGORITHMS["PS256"])
    for key in (rsa_key, twin):
        (tmp_path / key.file_name).write_bytes(write_key(key))

    fault = only_fault(tmp_path)

    assert fault.source == str(tmp_path / rsa_key.file_name)
    assert "is the key of another algorithm, too" in fault.message


def test_key_is_retired_since_the_next_one_signs(p256_key: SigningKey) -> None:
    second = make_key("ES256", NOW, active_from=NOW + 100)
    third = make_key("ES256", NOW, active_from=NOW + 300)
    ring = KeyRing([p256_key, second, third])

    since = [
        [ring.retired_at(key, at) for key in ring.keys]
        for at in (NOW + 99, NOW + 100, NOW + 300)
    ]

    assert since == [
        [None, None, None],
        [NOW + 100, None, None],
        [NOW + 100, NOW + 300, None],
    ]


def test_newest_key_whose_time_has_come_signs(p256_key: SigningKey) -> None:
    following = make_key("ES256", NOW, active_from=NOW + 100)
    ring = KeyRing([following, p256_key])

    before, after = ring.active("ES256", NOW + 99), ring.active("ES256", NOW + 100)

    assert (before, after) == (p256_key, following)


def test_states_follow_the_time(p256_key: SigningKey) -> None:
    following = make_key("ES256", NOW, active_from=NOW + 100)
    ring = KeyRing([p256_key, following])

    states = [
        (ring.state(p256_key, now), ring.state(following, now))
        for now in (NOW + 99, NOW + 100)
    ]

    assert states == [
        (KeyState.ACTIVE, KeyState.NEXT),
        (KeyState.RETIRED, KeyState.ACTIVE),
    ]


def test_clock_gone_back_behind_the_first_key_still_finds_it(
    p256_key: SigningKey,
) -> None:
    ring = KeyRing([p256_key])

    assert ring.active("ES256", NOW - 1) is p256_key


def test_algorithm_without_a_key_is_a_key_error(p256_key: SigningKey) -> None:
    ring = KeyRing([p256_key])

    with pytest.raises(KeyError):
        ring.active("RS256", NOW)


def test_jwks_holds_every_public_key_with_use_alg_and_kid(
    rsa_key: SigningKey, p256_key: SigningKey
) -> None:
    following = make_key("ES256", NOW, active_from=NOW + 100)

    jwks = KeyRing([following, p256_key, rsa_key]).jwks()

    keys = [rsa_key, p256_key, following]
    assert jwks == {"keys": [key.public_jwk() for key in keys]}
    assert [(k.public_jwk()["use"], k.public_jwk()["alg"]) for k in keys] == [
        ("sig", "RS256"),
        ("sig", "ES256"),
        ("sig", "ES256"),
    ]
    assert len({key.public_jwk()["kid"] for key in keys}) == 3


def test_jwks_holds_no_private_member(
    rsa_key: SigningKey, p256_key: SigningKey
) -> None:
    rsa_members, p256_members = rsa_key.public_jwk(), p256_key.public_jwk()

    assert set(rsa_members) == {"kty", "use", "alg", "kid", "n", "e"}
    assert set(p256_members) == {"kty", "use", "alg", "kid", "crv", "x", "y"}


def test_private_key_is_not_in_the_representation(p256_key: SigningKey) -> None:
    assert "PrivateKey" not in repr(p256_key)


def test_directory_that_is_missing_gives_an_empty_ring(tmp_path: Path) -> None:
    ring = load_ring(tmp_path / "nowhere")

    assert ring.keys == ()


def test_other_files_beside_the_keys_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("keys")
    (tmp_path / ".ES256-half.pem.0f").write_text("half")

    ring = load_ring(tmp_path)

    assert ring.keys == ()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ES256-x.pem", b"junk", "holds no PKCS#8 private key"),
        ("ES256-x.pem", b"", "holds no PKCS#8 private key"),
        ("notes.pem", b"junk", "names no known algorithm"),
        ("HS256-x.pem", b"junk", "names no known algorithm"),
        (
            "ES256-x.pem",
            TIMES + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "cannot be read",
        ),
        ("ES256-x.pem", pem(ec.generate_private_key(ec.SECP256R1())), "two lines must"),
        (
            "ES256-x.pem",
            TIMES + pem(ec.generate_private_key(ec.SECP384R1())),
            "secp384r1; ES256 needs P-256",
        ),
        (
            "RS256-x.pem",
            TIMES + pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - the fault
            "has 1024 bits; 2048 are the least",
        ),
        (
            "RS256-x.pem",
            TIMES + pem(ec.generate_private_key(ec.SECP256R1())),
            "is not an RSA key",
        ),
        (
            "ES256-x.pem",
            TIMES + pem(ed25519.Ed25519PrivateKey.generate()),
            "is not an elliptic curve key",
        ),
        (
            "EdDSA-x.pem",
            TIMES + pem(ed448.Ed448PrivateKey.generate()),
            "is not an Ed25519 key",
        ),
        (
            "PS256-x.pem",
            TIMES + pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - the fault
            "has 1024 bits; 2048 are the least",
        ),
        (
            "ES256-x.pem",
            TIMES + pem(ec.generate_private_key(ec.SECP256R1()), b"password"),
            "holds no PKCS#8 private key",
        ),
        ("ES256-x.pem", b"x" * 70_000, "too large"),
    ],
)
def test_file_that_is_no_good_key_is_a_fault_that_names_it(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)

    fault = only_fault(tmp_path)

    assert fault.key == "keys.directory"
    assert fault.source == str(tmp_path / name)
    assert message in fault.message


def test_key_under_the_name_of_another_is_a_fault_that_says_the_right_name(
    tmp_path: Path, p256_key: SigningKey
) -> None:
    (tmp_path / "ES256-other.pem").write_bytes(write_key(p256_key))

    fault = only_fault(tmp_path)

    assert f"rename it to {p256_key.file_name}" in fault.message


def test_key_that_is_a_directory_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "ES256-x.pem").mkdir()

    fault = only_fault(tmp_path)

    assert "cannot be read: Is a directory" in fault.message


def test_directory_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("not a directory")

    fault = only_fault(tmp_path / "keys")

    assert "cannot be read: Not a directory" in fault.message


def test_every_faulty_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ES256-a.pem").write_bytes(b"junk")
    (tmp_path / "ES256-b.pem").write_bytes(b"junk")

    with pytest.raises(ConfigurationError) as caught:
        load_ring(tmp_path)

    sources = [fault.source for fault in caught.value.faults]
    assert sources == [str(tmp_path / name) for name in ("ES256-a.pem", "ES256-b.pem")]
