"""PKCE: S256 alone, and both ways."""

import pytest

from bridge.core.pkce import challenge_of, fits, is_challenge, is_verifier

# RFC 7636 appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_vector_of_rfc_7636_appendix_b_holds() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE
    assert fits(VERIFIER, CHALLENGE)


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        pytest.param(None, CHALLENGE, id="verifier missing"),
        pytest.param(VERIFIER, None, id="challenge stripped"),
        pytest.param("", CHALLENGE, id="empty"),
        pytest.param(VERIFIER + "x", CHALLENGE, id="longer"),
        pytest.param(VERIFIER.lower(), CHALLENGE, id="other case"),
        pytest.param(CHALLENGE, CHALLENGE, id="plain"),
        pytest.param("é" * 43, CHALLENGE, id="not ASCII"),
    ],
)
def test_what_does_not_prove_the_challenge_is_refused(
    verifier: str | None, challenge: str | None
) -> None:
    assert not fits(verifier, challenge)


def test_neither_verifier_nor_challenge_is_a_request_without_pkce() -> None:
    assert fits(None, None)


def test_a_short_verifier_is_refused_though_its_hash_fits() -> None:
    assert not fits("short", challenge_of("short"))


@pytest.mark.parametrize("verifier", ["a" * 43, "a" * 128, "Az09-._~" * 6])
def test_a_well_formed_verifier_is_taken(verifier: str) -> None:
    assert is_verifier(verifier)
    assert fits(verifier, challenge_of(verifier))


@pytest.mark.parametrize(
    "verifier", ["a" * 42, "a" * 129, "a" * 43 + "\n", "a" * 42 + "+", "a" * 42 + " "]
)
def test_a_malformed_verifier_is_refused(verifier: str) -> None:
    assert not is_verifier(verifier)


@pytest.mark.parametrize(
    "challenge",
    ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "+", CHALLENGE + "\n"],
)
def test_a_malformed_challenge_is_refused(challenge: str) -> None:
    assert is_challenge(CHALLENGE)
    assert not is_challenge(challenge)
