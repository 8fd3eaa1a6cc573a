"""Lives are capped where the policy will refuse the patron."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.grant import (
    AuditReason,
    Issued,
    RefreshRequest,
    Refusal,
    redeem,
    refresh,
    refresh_handle,
)
from bridge.core.lives import Lives
from tests.core.grants import FAR, KEY, NEW_KEY, NOW, live, opened

LIVES: Final = Lives()
ALL: Final = RefreshRequest(None, leeway_s=30)


def test_no_token_outlives_the_moment_at_which_the_policy_will_refuse() -> None:
    end = NOW + 120
    lives = LIVES.capped(end, NOW)

    issued = redeem(*opened(), lives, KEY, NOW)

    assert isinstance(issued, Issued)
    assert issued.refresh is not None
    assert (issued.access.end, issued.refresh.end) == (end, end)
    assert issued.id_token_s == 120
    assert issued.grant.expires_at == end


def test_a_repeated_access_token_does_not_outlive_it_either() -> None:
    grant = replace(live(generation=2, swapped_at=NOW), logout_until=FAR)
    before = replace(refresh_handle(grant), generation=1)
    lives = LIVES.capped(NOW + 25, NOW + 20)

    again = refresh(grant, before, ALL, lives, NEW_KEY, NOW + 20)

    assert isinstance(again, Issued)
    assert again.refresh == refresh_handle(grant)
    assert (again.access.end, again.id_token_s) == (NOW + 25, 5)


def test_a_moment_that_is_far_shortens_nothing() -> None:
    assert LIVES.capped(FAR, NOW) == LIVES.capped(None, NOW) == LIVES


@pytest.mark.parametrize(("not_after", "is_over"), [(NOW, True), (NOW + 1, False)])
def test_lives_are_over_from_the_second_at_which_the_policy_refuses(
    not_after: int, is_over: bool
) -> None:
    assert LIVES.capped(not_after, NOW).are_over is is_over


def test_a_code_of_a_patron_who_may_no_longer_ends_the_grant() -> None:
    outcome = redeem(*opened(), LIVES.capped(NOW, NOW), KEY, NOW)

    assert isinstance(outcome, Refusal)
    assert (outcome.kills, outcome.audit) == (True, AuditReason.NOT_ELIGIBLE)
