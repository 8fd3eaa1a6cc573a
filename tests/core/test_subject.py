"""Subjects: frozen values, no two inputs alike, letters that survive lower-casing."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.subject import (
    PUBLIC_SECTOR,
    identity_key,
    imported_digest,
    internal_subject,
    patron_sub,
    salt_fingerprint,
    session_identifier,
    subject_identifier,
)

SALT: Final = bytes(range(32))
USER: Final = Identity(IdentityKind.USER, "4711")
BARCODE: Final = Identity(IdentityKind.BARCODE, "4711")
SECTOR: Final = "library.example"
texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=8
)


# If one of these fails, every account at every service is lost: mend the code, never
# the value.
@pytest.mark.parametrize(
    ("identity", "sector", "sub"),
    [
        (USER, SECTOR, "eb92351f99ea714a090c31ecb25164d7189e1cba"),
        (USER, PUBLIC_SECTOR, "38783583c755068105c43d621194aac4da327396"),
        (BARCODE, SECTOR, "9e0272ae53cd91df8c9e1fcfa59ac2ca065d786c"),
        (
            replace(BARCODE, value="vs:2050124311"),
            PUBLIC_SECTOR,
            "4d8f382a96741a70c7f9946b29e12fee90897962",
        ),
    ],
)
def test_subjects_are_frozen(identity: Identity, sector: str, sub: str) -> None:
    assert subject_identifier(SALT, "rero", identity, sector) == sub


def test_internal_subjects_and_session_identifiers_are_frozen() -> None:
    internal = internal_subject(SALT, "rero", USER)
    sid = session_identifier(SALT, "session-1", "library")

    assert internal == "ab85f32072d716568d978fdaef324fbbb3eb97d1"
    assert sid == "091fb8fcfe2e6d7ef4d9de50942b0f1e3a901efd"


def test_what_the_salt_is_known_by_and_seals_with_is_frozen() -> None:
    assert salt_fingerprint(SALT) == "41aaf9796577bff2e26e054aecbb54db1e2a3144"
    assert (
        identity_key(SALT).hex()
        == "2f1c7de897578ee2d7e948b0a0359d44c7609cb451b8242208554e88d2053010"
    )


def test_what_imported_subs_are_told_apart_by_is_frozen() -> None:
    digest = imported_digest(SALT, SECTOR, "jean")

    assert digest == "d4c76f429888022cab91527e07e9f79f453ea476"
    assert digest != imported_digest(SALT, SECTOR + "j", "ean")


def test_an_imported_sub_takes_the_place_of_the_computed_one_in_its_sector() -> None:
    patron = Patron(USER, imported_subs=((PUBLIC_SECTOR, "public"), (SECTOR, "jean")))

    subs = [
        patron_sub(SALT, "rero", patron, sector)
        for sector in (SECTOR, PUBLIC_SECTOR, "other.example")
    ]

    computed = subject_identifier(SALT, "rero", USER, "other.example")
    assert subs == ["jean", "public", computed]


def test_everything_that_a_subject_is_made_of_changes_it() -> None:
    subjects = [
        subject_identifier(SALT, "rero", USER, SECTOR),
        subject_identifier(bytes(32), "rero", USER, SECTOR),
        subject_identifier(SALT, "rero-test", USER, SECTOR),
        subject_identifier(SALT, "rero", replace(USER, value="4712"), SECTOR),
        subject_identifier(SALT, "rero", BARCODE, SECTOR),
        subject_identifier(SALT, "rero", USER, "school.example"),
        subject_identifier(SALT, "rero", USER, PUBLIC_SECTOR),
        internal_subject(SALT, "rero", USER),
        internal_subject(SALT, "rero", BARCODE),
    ]

    assert len(set(subjects)) == len(subjects)


def test_a_session_has_another_name_at_every_client() -> None:
    names = {
        session_identifier(SALT, session, client)
        for session in ("session-1", "session-2")
        for client in ("library", "school")
    }

    assert len(names) == 4
    assert not any("session" in name for name in names)


@given(texts, texts, texts)
def test_a_subject_is_lower_case_letters_and_digits(
    upstream: str, value: str, sector: str
) -> None:
    identity = Identity(IdentityKind.USER, value)

    sub = subject_identifier(SALT, upstream, identity, sector)

    assert len(sub) == 40  # 160 bits
    assert sub.isascii()
    assert sub.isalnum()
    assert sub == sub.lower()


Parts = tuple[str, str, str]


@given(st.tuples(texts, texts, texts), st.tuples(texts, texts, texts))
def test_no_two_lists_of_parts_make_one_subject(one: Parts, other: Parts) -> None:
    assume(one != other)

    def sub(upstream: str, value: str, sector: str) -> str:
        identity = Identity(IdentityKind.USER, value)
        return subject_identifier(SALT, upstream, identity, sector)

    assert sub(*one) != sub(*other)


@given(texts, st.integers(0, 8))
def test_a_letter_that_moves_between_parts_makes_another_subject(
    letters: str, place: int
) -> None:
    def sub(cut: int) -> str:
        identity = Identity(IdentityKind.USER, letters[:cut] + "|")
        return subject_identifier(SALT, "rero", identity, letters[cut:])

    assume(place != len(letters) and place < len(letters))

    assert sub(place) != sub(place + 1)
