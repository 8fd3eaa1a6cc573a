"""Whatever is done to a grant: scope never grows, a code succeeds once at most."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.grant import (
    Grant,
    Issued,
    RefreshRequest,
    Refusal,
    redeem,
    refresh,
    refresh_handle,
)
from bridge.core.handle import Handle, join, pack
from bridge.core.lives import Lives
from tests.core.grants import FAR, KEY, NEW_KEY, NOW, live, opened

LIVES = Lives()
SCOPES = ("openid", "profile", "email", "rero", "offline_access")
scopes = st.none() | st.lists(st.sampled_from(SCOPES), max_size=5).map(tuple)
# A step: seconds that pass, how far back the token lies, the scope, the key.
steps = st.lists(
    st.tuples(
        st.integers(-5, 90), st.integers(0, 3), scopes, st.sampled_from([KEY, NEW_KEY])
    ),
    max_size=12,
)
TAG = b"t" * 18


@given(steps)
def test_no_sequence_of_refreshes_grows_the_scope(
    sequence: list[tuple[int, int, tuple[str, ...] | None, bytes]],
) -> None:
    grant, _ = opened()
    granted = grant.scope
    tokens: list[Handle] = []
    outcome = redeem(grant, opened()[1], LIVES, KEY, NOW)
    now = NOW

    for wait_s, back, scope, key_id in sequence:
        if isinstance(outcome, Issued):
            grant = outcome.grant
            assert outcome.refresh is not None
            tokens.append(outcome.refresh)
            assert set(outcome.scope) <= set(granted)
            assert outcome.access.scope_bits < 1 << len(granted)
            assert outcome.access.scope_bits & ~outcome.refresh.scope_bits == 0
            assert grant.scope == granted
        elif outcome.kills:
            break
        now += wait_s
        token = tokens[max(0, len(tokens) - 1 - back)]
        outcome = refresh(grant, token, RefreshRequest(scope, 30), LIVES, key_id, now)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_a_code_succeeds_once_at_most_however_often_it_comes(
    instants: list[int],
) -> None:
    grant, code = opened()
    row: Grant | None = grant
    successes = 0

    for after_s in instants:
        if row is None:
            break
        outcome = redeem(row, code, LIVES, KEY, NOW + after_s)
        if isinstance(outcome, Issued):
            successes += 1
            row = outcome.grant
        elif outcome.kills:
            row = None

    assert successes == any(after_s < 60 for after_s in instants)


@given(
    st.integers(1, 2**31),
    st.integers(0, 30),
    st.sampled_from([KEY, NEW_KEY]),
    st.sampled_from([None, ("openid",), ("profile", "openid")]),
)
def test_the_successor_computed_again_is_the_same_text(
    generation: int, later_s: int, key_id: bytes, scope: tuple[str, ...] | None
) -> None:
    grant = live(generation)
    request = RefreshRequest(scope, 30)
    token = refresh_handle(grant)
    first = refresh(grant, token, request, LIVES, key_id, NOW)
    assert isinstance(first, Issued)
    assert first.refresh is not None

    again = refresh(first.grant, token, request, LIVES, b"key3", NOW + later_s)

    assert isinstance(again, Issued)
    assert again.refresh is not None
    assert again.repeated
    assert join(pack(again.refresh), TAG) == join(pack(first.refresh), TAG)
    assert again.scope == first.scope


@given(st.integers(0, 2**31), st.integers(NOW - 100, FAR), scopes)
def test_no_refresh_is_answered_by_a_token_of_another_generation(
    generation: int, now: int, scope: tuple[str, ...] | None
) -> None:
    grant = live(7)
    token = Handle(
        refresh_handle(grant).kind, grant.grant_id, generation, FAR, 7, 0, KEY
    )

    outcome = refresh(grant, token, RefreshRequest(scope, 30), LIVES, KEY, now)

    if isinstance(outcome, Issued):
        assert generation in (6, 7)
        assert outcome.repeated == (generation == 6)
    elif outcome.kills:
        assert generation < 7
    else:
        assert isinstance(outcome, Refusal)
