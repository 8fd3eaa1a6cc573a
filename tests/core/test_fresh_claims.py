"""A fresh answer of RERO+ in the row of a grant."""

from dataclasses import replace

import pytest

from bridge.core.grant import with_fresh_claims
from tests.core.grants import NOW, drafted


@pytest.mark.parametrize(
    ("limit", "expected"), [(NOW + 99, NOW + 99), (NOW + 9, NOW + 50), (0, NOW + 50)]
)
def test_fresh_claims_let_refresh_tokens_live_longer_never_shorter(
    limit: int, expected: int
) -> None:
    grant = drafted(refresh_limit=NOW + 50)

    fresh = with_fresh_claims(grant, b"fresh", limit)

    assert fresh == replace(grant, sealed=b"fresh", refresh_limit=expected)
