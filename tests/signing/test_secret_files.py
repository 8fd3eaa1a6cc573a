"""The text of key files and of the salt: what is read, and what is a fault."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import ConfigurationError, Fault
from bridge.signing.places import Place
from bridge.signing.secret_files import (
    SecretKey,
    maker,
    parse_salt,
    parse_secret_keys,
    write_salt,
    write_secret_key,
)

PLACE = Place("sealing.key_file", Path("/keys/sealing.key"))
SALT = Place("subjects.salt_file", Path("/keys/subjects.salt"))
SECRET = base64.b64encode(b"s" * 32).decode()
LINE = f"0000000a 1764000000 {SECRET}\n"
KEYS = st.lists(
    st.builds(
        SecretKey,
        st.binary(min_size=4, max_size=4),
        st.integers(0, 10**12 - 1),
        st.binary(min_size=32, max_size=32),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda key: key.key_id,
)


def faults_of(content: bytes) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationError) as caught:
        parse_secret_keys(PLACE, content)
    return caught.value.faults


@given(keys=KEYS)
def test_keys_are_read_as_they_were_written(keys: list[SecretKey]) -> None:
    keys.sort(key=lambda key: key.created_at)

    content = "".join(map(write_secret_key, keys)).encode()

    assert parse_secret_keys(PLACE, content) == tuple(keys)


@given(junk=st.one_of(st.binary(), st.text().map(str.encode)))
def test_junk_is_a_configuration_error_and_nothing_else(junk: bytes) -> None:
    faults = faults_of(junk)

    assert {fault.source for fault in faults} == {"/keys/sealing.key"}


def test_comments_empty_lines_and_foreign_line_ends_are_passed_over() -> None:
    content = f"# sealing\r\n\r\n{LINE.strip()}\r\n  # end".encode()

    (key,) = parse_secret_keys(PLACE, content)

    assert key == SecretKey(bytes.fromhex("0000000a"), 1_764_000_000, b"s" * 32)


@pytest.mark.parametrize(
    "line",
    [
        "0000000a 1764000000",
        f"0000000A 1764000000 {SECRET}",
        f"000000a 1764000000 {SECRET}",
        f"0000000a -1 {SECRET}",
        f"0000000a ١ {SECRET}",
        f"0000000a 1764000000 {SECRET} more",
        f"0000000a  1764000000 {SECRET}",
        f"0000000a 1764000000 {SECRET[:-1]}",
        f"0000000a 1764000000 {SECRET[:-2]}1=",
        f"0000000a 1764000000 {base64.b64encode(b's' * 31).decode()}",
        f"0000000a 1764000000 {base64.b64encode(b's' * 33).decode()}",
    ],
)
def test_line_that_is_no_key_is_a_fault_with_its_number(line: str) -> None:
    (fault,) = faults_of(f"# comment\n{LINE}{line}\n".encode())

    assert fault.key == "sealing.key_file"
    assert fault.line == 3
    assert "run `bridge keys new`" in fault.message


def test_fault_never_shows_what_the_line_holds() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_secret_keys(PLACE, f"0000000a 1764000000 {SECRET}x".encode())

    assert SECRET[:8] not in str(caught.value)
    assert SECRET[:8] not in repr(caught.value.faults)


def test_key_id_that_comes_twice_is_a_fault() -> None:
    (fault,) = faults_of((LINE + LINE).encode())

    assert (fault.line, fault.message) == (2, "this key id comes twice: drop one")


def test_key_older_than_the_one_above_is_a_fault() -> None:
    (fault,) = faults_of((LINE + f"0000000b 1763999999 {SECRET}\n").encode())

    assert (fault.line, "put the newest key last" in fault.message) == (2, True)


def test_every_faulty_line_is_told_at_once() -> None:
    faults = faults_of(f"junk\n{LINE}junk\n{LINE}".encode())

    assert [fault.line for fault in faults] == [1, 3, 4]


def test_file_of_comments_alone_holds_no_key() -> None:
    (fault,) = faults_of(b"# nothing\n")

    assert fault.message == "holds no key: move it away and run `bridge keys new`"


def test_secret_is_not_in_the_representation() -> None:
    (key,) = parse_secret_keys(PLACE, LINE.encode())

    assert "secret" not in repr(key)


@pytest.mark.parametrize(("now", "position"), [(0, 0), (159, 0), (160, 1), (260, 2)])
def test_newest_settled_key_is_the_maker_or_else_the_oldest(
    now: int, position: int
) -> None:
    keys = [SecretKey(bytes([n] * 4), 100 * n, b"s" * 32) for n in range(3)]

    assert maker(keys, now) is keys[position]


@given(salt=st.binary(min_size=32, max_size=100))
def test_salt_is_read_as_it_was_written(salt: bytes) -> None:
    content = f"# comment\n{write_salt(salt)}".encode()

    assert parse_salt(SALT, content) == salt


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# comment\n",
        base64.b64encode(b"s" * 31),
        base64.b64encode(b"s" * 32) * 2,
        base64.b64encode(b"s" * 32) + b"\n" + base64.b64encode(b"t" * 32),
        base64.b64encode(b"s" * 32).rstrip(b"="),
        "sälz".encode(),
    ],
)
def test_salt_that_is_not_one_good_line_is_a_fault_that_tells_its_weight(
    content: bytes,
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_salt(SALT, content)

    (fault,) = caught.value.faults
    assert fault.key == "subjects.salt_file"
    assert "another salt changes every subject" in fault.message
