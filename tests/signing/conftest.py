"""Signing keys for the tests: RSA keys are slow to make, so each is made once."""

import pytest

from bridge.signing.keys import SigningKey, make_key

MADE_AT = 1_764_000_000


@pytest.fixture(scope="session")
def rsa_key() -> SigningKey:
    return make_key("RS256", MADE_AT, active_from=MADE_AT)


@pytest.fixture(scope="session")
def p256_key() -> SigningKey:
    return make_key("ES256", MADE_AT, active_from=MADE_AT)


@pytest.fixture(scope="session")
def every_key(rsa_key: SigningKey, p256_key: SigningKey) -> dict[str, SigningKey]:
    """One key for each algorithm, by its name."""
    others = [make_key(alg, MADE_AT, active_from=MADE_AT) for alg in ("PS256", "EdDSA")]
    return {key.algorithm.name: key for key in (rsa_key, p256_key, *others)}
