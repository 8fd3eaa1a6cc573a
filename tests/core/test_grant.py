"""Transitions of a grant at their edges: the leeway, the ends, the scope."""

from dataclasses import replace

import pytest

from bridge.core.grant import (
    AuditReason,
    Grant,
    Issued,
    RefreshRequest,
    Refusal,
    end_with_session,
    granted_scope,
    is_access_live,
    is_refresh_live,
    issue,
    redeem,
    refresh,
    refresh_handle,
    revoke_access,
)
from bridge.core.handle import Handle, Kind
from bridge.core.lives import Lives
from tests.core.grants import FAR, KEY, NEW_KEY, NOW, drafted, live, opened

LIVES = Lives()
ALL = RefreshRequest(None, leeway_s=30)
OVER = LIVES.capped(NOW, NOW)  # the policy refuses the patron


def previous(grant: Grant) -> Handle:
    """Return the refresh token before the present one, not expired."""
    return replace(refresh_handle(grant), generation=grant.generation - 1)


def test_an_issued_code_ends_after_a_minute_and_carries_the_whole_scope() -> None:
    grant, code = issue(drafted(), LIVES, KEY)

    assert (code.kind, code.generation, code.end) == (Kind.CODE, 0, NOW + 60)
    assert granted_scope(grant, code) == grant.scope
    assert (grant.version, grant.generation, grant.expires_at) == (1, 0, NOW + 60)


def test_a_code_may_be_used_in_its_last_second_and_not_at_its_end() -> None:
    grant, code = opened()

    last = redeem(grant, code, LIVES, KEY, NOW + 59)
    late = redeem(grant, code, LIVES, KEY, NOW + 60)

    assert isinstance(last, Issued)
    assert late == Refusal("the code has expired")


def test_a_redeemed_code_gives_an_access_token_and_refresh_token_of_its_grant() -> None:
    grant, code = opened()

    issued = redeem(grant, code, LIVES, NEW_KEY, NOW + 5)

    assert isinstance(issued, Issued)
    every = (1 << len(grant.scope)) - 1
    access = Handle(Kind.ACCESS, grant.grant_id, 1, NOW + 605, every, 0, NEW_KEY)
    end = NOW + 5 + LIVES.refresh_idle_s
    assert issued.access == access
    assert issued.refresh == Handle(
        Kind.REFRESH, grant.grant_id, 1, end, every, 0, NEW_KEY
    )
    assert issued.grant == replace(
        grant,
        version=grant.version + 1,
        generation=1,
        swapped_at=NOW + 5,
        swapped_scope=every,
        refresh_end=end,
        key_id=NEW_KEY,
        expires_at=end,
    )


@pytest.mark.parametrize("limit", [0, NOW, NOW + 5])
def test_a_grant_without_time_for_refreshing_gets_no_refresh_token(limit: int) -> None:
    grant, code = issue(drafted(refresh_limit=limit), LIVES, KEY)

    issued = redeem(grant, code, LIVES, KEY, NOW + 5)

    assert isinstance(issued, Issued)
    assert issued.refresh is None
    assert (issued.grant.refresh_end, issued.grant.expires_at) == (0, NOW + 605)


def test_no_refresh_token_outlives_the_limit_of_its_grant() -> None:
    limit = NOW + 3_600

    issued = redeem(*issue(drafted(refresh_limit=limit), LIVES, KEY), LIVES, KEY, NOW)

    assert isinstance(issued, Issued)
    assert issued.refresh is not None
    assert issued.refresh.end == limit
    again = refresh(issued.grant, issued.refresh, ALL, LIVES, KEY, limit - 1)
    assert isinstance(again, Issued)
    assert again.refresh is not None
    assert again.refresh.end == limit
    assert isinstance(
        refresh(again.grant, again.refresh, ALL, LIVES, KEY, limit), Refusal
    )


@pytest.mark.parametrize(
    ("refresh_limit", "expires_at"),
    [
        pytest.param(0, NOW + 600, id="the access token's end"),
        pytest.param(NOW + 9_000, NOW + 9_000, id="the refresh token's end"),
    ],
)
def test_a_row_expires_with_the_last_that_hangs_on_it(
    refresh_limit: int, expires_at: int
) -> None:
    draft = drafted(refresh_limit=refresh_limit, logout_until=FAR)

    issued = redeem(*issue(draft, LIVES, KEY), LIVES, KEY, NOW)

    assert isinstance(issued, Issued)
    assert issued.grant.expires_at == expires_at


def test_an_open_row_expires_with_its_code() -> None:
    grant, code = issue(drafted(logout_until=FAR), LIVES, KEY)

    assert grant.expires_at == code.end


@pytest.mark.parametrize(
    ("leeway_s", "after_s", "is_repeated"),
    [
        (30, 0, True),
        (30, 30, True),
        (30, 31, False),
        (30, -1, False),
        (0, 0, True),
        (0, 1, False),
    ],
)
def test_the_token_before_repeats_from_the_swap_to_the_end_of_the_leeway(
    leeway_s: int, after_s: int, is_repeated: bool
) -> None:
    grant = live(generation=5, swapped_at=NOW)
    request = replace(ALL, leeway_s=leeway_s)

    outcome = refresh(grant, previous(grant), request, LIVES, NEW_KEY, NOW + after_s)

    if is_repeated:
        assert isinstance(outcome, Issued)
        assert (outcome.repeated, outcome.grant) == (True, grant)
        assert outcome.refresh == refresh_handle(grant)
        assert outcome.audit is AuditReason.REFRESH_LEEWAY
    else:
        assert outcome == Refusal(
            "the refresh token was used before", True, AuditReason.REFRESH_REUSE
        )


def test_a_repeated_access_token_never_outlives_its_row() -> None:
    grant = live(generation=2, swapped_at=NOW, expires_at=NOW + 605)

    outcome = refresh(grant, previous(grant), ALL, LIVES, KEY, NOW + 20)

    assert isinstance(outcome, Issued)
    assert outcome.access.end == NOW + 605


def test_a_repeated_request_is_for_the_scope_of_the_first_in_any_order() -> None:
    first = refresh(
        live(generation=4),
        refresh_handle(live(generation=4)),
        replace(ALL, scope=("email", "openid")),
        LIVES,
        KEY,
        NOW,
    )
    assert isinstance(first, Issued)
    before = previous(first.grant)

    def again(*scope: str) -> Issued | Refusal:
        asked = replace(ALL, scope=scope or None)
        return refresh(first.grant, before, asked, LIVES, KEY, NOW + 1)

    same, all_of_it = again("openid", "email", "openid"), again()
    assert isinstance(same, Issued)
    assert same.scope == first.scope == ("openid", "email")
    assert same.access.scope_bits == first.access.scope_bits
    assert all_of_it == Refusal("a repeated request must ask the same scope")


def test_a_repeated_request_of_a_patron_who_may_no_longer_ends_the_grant() -> None:
    grant = live(generation=2, swapped_at=NOW)

    outcome = refresh(grant, previous(grant), ALL, OVER, KEY, NOW)

    assert isinstance(outcome, Refusal)
    assert (outcome.kills, outcome.audit) == (True, AuditReason.NOT_ELIGIBLE)


def test_a_narrowed_access_token_leaves_the_refresh_token_whole() -> None:
    grant = live(generation=1)
    request = replace(ALL, scope=("openid",))

    outcome = refresh(grant, refresh_handle(grant), request, LIVES, KEY, NOW)

    assert isinstance(outcome, Issued)
    assert outcome.refresh is not None
    assert granted_scope(outcome.grant, outcome.access) == ("openid",)
    assert granted_scope(outcome.grant, outcome.refresh) == grant.scope
    assert outcome.grant.scope == grant.scope


def test_a_wider_scope_kills_nothing_even_where_the_patron_may_no_longer() -> None:
    grant = live(generation=1)
    request = RefreshRequest(("openid", "rero"), leeway_s=30)

    outcome = refresh(grant, refresh_handle(grant), request, OVER, KEY, NOW)

    assert outcome == Refusal("the scope is wider than granted", error="invalid_scope")


def test_an_access_token_is_live_to_its_last_second_whatever_came_after_it() -> None:
    grant = live(generation=7)
    token = Handle(Kind.ACCESS, grant.grant_id, 3, NOW + 600, 1, 0, KEY)

    assert is_access_live(grant, token, NOW + 599)
    assert not is_access_live(grant, token, NOW + 600)
    assert not is_access_live(grant, replace(token, generation=8), NOW)
    assert not is_access_live(replace(grant, access_epoch=1), token, NOW)


def test_only_the_present_refresh_token_is_active_inside_the_leeway_too() -> None:
    grant = live(generation=7, swapped_at=NOW)

    assert is_refresh_live(grant, refresh_handle(grant), NOW)
    assert not is_refresh_live(grant, previous(grant), NOW)
    assert not is_refresh_live(grant, refresh_handle(grant), grant.refresh_end)


def test_revoking_an_access_token_ends_its_siblings_and_not_the_refresh_token() -> None:
    grant = live(generation=2)
    token = Handle(Kind.ACCESS, grant.grant_id, 1, NOW + 600, 1, 0, KEY)

    revoked = revoke_access(grant, token)

    assert revoked == replace(grant, version=grant.version + 1, access_epoch=1)
    assert not is_access_live(revoked, replace(token, generation=2), NOW)
    assert is_refresh_live(revoked, refresh_handle(revoked), NOW)
    assert revoke_access(revoked, token) is None


def test_an_ended_session_leaves_only_what_is_offline() -> None:
    online = live(generation=1)
    offline = replace(online, scope=("openid", "offline_access"))

    assert end_with_session(online) is None
    assert end_with_session(replace(offline, generation=0)) is None
    assert end_with_session(offline) == replace(
        offline, version=offline.version + 1, session_id=None, sid=None
    )
