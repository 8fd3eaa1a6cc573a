"""Every row of the table in docs/grants.md happens to a grant, in every state named.

RERO+'s tokens are not kept here: a fresh answer of RERO+ changes what a swap writes and
what the policy decides by, no row of the table (tests/flow/test_asked_anew.py).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from bridge.core.grant import Grant
from bridge.core.handle import Kind
from bridge.core.patron import JsonObject
from bridge.core.policy import Policy
from tests.core import grant_rows as rows
from tests.core.grant_bench import (
    CALLBACK,
    CLIENT,
    DAY_S,
    LEEWAY_S,
    NOW,
    OFFLINE,
    VERIFIER,
    Bench,
)
from tests.core.grant_rows import ROWS, Row

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "grants.md"
ONLINE: Final = ("openid", "profile")
MONTH_S: Final = 31 * DAY_S
LATER: Final = NOW + LEEWAY_S + 1
Play = Callable[[Bench], str]  # lets the event happen; says what was answered


def answered(answer: JsonObject) -> str:
    """Name the kind of an answer of the token or userinfo endpoint."""
    if "error" in answer:
        return str(answer["error"])
    if "access_token" in answer:
        assert answer["id_token"] == f"signed at {NOW}"
        assert answer["refresh_token"]
        return "tokens"
    assert answer["sub"]
    return "claims"


def issue(bench: Bench) -> str:
    bench.issue()
    assert bench.row.generation == 0
    return "code"


def redeem(
    now: int = NOW, *, redirect_uri: str = CALLBACK, verifier: str = VERIFIER
) -> Play:
    return lambda bench: answered(bench.redeem(now, redirect_uri, verifier))


def refresh(generation: int, now: int = NOW, scope: str = "") -> Play:
    """Use the refresh token that was given with *generation*."""

    def play(bench: Bench) -> str:
        token = bench.refresh_tokens[generation]
        return answered(bench.refresh(token, now, scope))

    return play


def no_longer_eligible(play: Play) -> Play:
    """Let the operator change the client's policy first."""

    def change_and_play(bench: Bench) -> str:
        elsewhere = Policy(institutions=frozenset({"ge"}))
        bench.clients[CLIENT.client_id] = replace(CLIENT, policy=elsewhere)
        return play(bench)

    return change_and_play


def refresh_made_up(generation: int, now: int = NOW) -> Play:
    """Use a refresh token that the bridge made in a time that the store forgot."""

    def play(bench: Bench) -> str:
        token = bench.text(Kind.REFRESH, generation, NOW + DAY_S)
        return answered(bench.refresh(token, now))

    return play


def repeat_in_leeway(bench: Bench) -> str:
    answer = bench.refresh(bench.refresh_tokens[1], NOW)
    assert answer["refresh_token"] == bench.refresh_tokens[2]
    return answered(answer)


def refresh_narrower(bench: Bench) -> str:
    answer = bench.refresh(bench.refresh_tokens[2], NOW, "openid")
    assert answer["scope"] == "openid"
    return answered(answer)


def userinfo(generation: int, end: int = NOW + 9, epoch: int = 0) -> Play:
    def play(bench: Bench) -> str:
        token = bench.text(Kind.ACCESS, generation, end, epoch)
        return answered(bench.userinfo(token))

    return play


def userinfo_of_lost_client(bench: Bench) -> str:
    token = bench.text(Kind.ACCESS, 0, NOW + 9)
    bench.clients.clear()
    return answered(bench.userinfo(token))


def revoke(kind: Kind, generation: int, end: int = NOW + 9) -> Play:
    def play(bench: Bench) -> str:
        bench.revoke(bench.text(kind, generation, end))
        return "200"

    return play


def introspect(kind: Kind, generation: int, *, end: int = NOW + 9, active: int) -> Play:
    def play(bench: Bench) -> str:
        token = bench.text(kind, generation, end)
        is_active = bench.introspect(token)
        assert is_active is bool(active)
        return "active" if is_active else "inactive"

    return play


def introspect_all(bench: Bench) -> str:
    """Hold introspection against every kind of token, live and not."""
    present = bench.row.generation
    for generation in (present - 1, present, present + 1):
        if generation < 0:
            continue
        is_present = generation == present
        introspect(Kind.REFRESH, generation, active=is_present)(bench)
        introspect(Kind.REFRESH, generation, end=NOW, active=False)(bench)
        introspect(Kind.ACCESS, generation, active=generation <= present)(bench)
        introspect(Kind.ACCESS, generation, end=NOW, active=False)(bench)
    return "active"


def end_session(bench: Bench) -> str:
    sid, generation = bench.row.sid, bench.row.generation
    notices = bench.store.end_session("session-1", NOW)
    assert notices is not None
    assert [notice.sid for notice in notices] == [sid]
    assert bench.grant is None or bench.grant.generation == generation
    return "-"


def clean(bench: Bench) -> str:
    bench.store.clean(bench.row.expires_at + 3_600)
    assert bench.grant is not None, "not yet: it is over for an hour, not for longer"
    bench.store.clean(bench.row.expires_at + 3_601)
    return "-"


CASES: Final[tuple[tuple[Row, str, str, Play], ...]] = (
    (rows.ISSUE, "∅", "", issue),
    (rows.CODE_GONE, "∅", "", redeem()),
    (rows.REFRESH_GONE, "∅", "", refresh(2)),
    (rows.ACCESS_GONE, "∅", "", userinfo(2)),
    (rows.REVOKE_GONE, "∅", "access", revoke(Kind.ACCESS, 2)),
    (rows.REVOKE_GONE, "∅", "refresh", revoke(Kind.REFRESH, 2)),
    (rows.INTROSPECT_GONE, "∅", "access", introspect(Kind.ACCESS, 2, active=0)),
    (rows.INTROSPECT_GONE, "∅", "refresh", introspect(Kind.REFRESH, 2, active=0)),
    *(
        (rows.CODE_MISFIT, state, name, play)
        for state in ("O", "L")
        for name, play in (
            ("other address", redeem(redirect_uri=CALLBACK + "/other")),
            ("wrong verifier", redeem(verifier=VERIFIER + "x")),
            ("no verifier", redeem(verifier="")),
        )
    ),
    (rows.CODE_EXPIRED, "O", "at its end", redeem(NOW + 58)),
    (rows.CODE_EXPIRED, "O", "a day later", redeem(NOW + DAY_S)),
    (rows.CODE_NOT_ELIGIBLE, "O", "", no_longer_eligible(redeem())),
    (rows.CODE, "O", "", redeem()),
    (rows.CODE_AGAIN, "L", "at once", redeem()),
    (rows.CODE_AGAIN, "L", "expired", redeem(NOW + DAY_S)),
    (rows.REFRESH_EXPIRED, "O", "", refresh_made_up(1, NOW + MONTH_S)),
    (rows.REFRESH_EXPIRED, "L", "g", refresh(2, NOW + MONTH_S)),
    (rows.REFRESH_EXPIRED, "L", "g - 1", refresh(1, NOW + MONTH_S)),
    (rows.REFRESH_WIDER, "L", "", refresh(2, scope="openid email")),
    (rows.REFRESH_NOT_ELIGIBLE, "L", "", no_longer_eligible(refresh(2))),
    (rows.REFRESH, "L", "", refresh(2)),
    (rows.REFRESH, "L", "narrower", refresh_narrower),
    (rows.REFRESH_LEEWAY, "L", "", repeat_in_leeway),
    (rows.REFRESH_OTHER_SCOPE, "L", "narrower", refresh(1, scope="openid")),
    (rows.REFRESH_OTHER_SCOPE, "L", "wider", refresh(1, scope="openid email")),
    (rows.REFRESH_REUSED, "L", "after the leeway", refresh(1, LATER)),
    (rows.REFRESH_REUSED, "L", "clock went back", refresh(1, NOW - 1)),
    (rows.REFRESH_REUSED, "L", "g - 2, in the leeway", refresh_made_up(0)),
    (rows.REFRESH_AHEAD, "O", "", refresh_made_up(1)),
    (rows.REFRESH_AHEAD, "L", "", refresh_made_up(3)),
    (rows.ACCESS, "O", "", userinfo(0)),
    (rows.ACCESS, "L", "g", userinfo(2)),
    (rows.ACCESS, "L", "g - 1", userinfo(1)),
    (rows.ACCESS_OTHERWISE, "O", "above g", userinfo(1)),
    (rows.ACCESS_OTHERWISE, "L", "above g", userinfo(3)),
    (rows.ACCESS_OTHERWISE, "L", "expired", userinfo(2, NOW)),
    (rows.ACCESS_OTHERWISE, "L", "other epoch", userinfo(2, epoch=1)),
    (rows.ACCESS_OTHERWISE, "L", "client gone", userinfo_of_lost_client),
    (rows.REVOKE_ACCESS, "L", "g", revoke(Kind.ACCESS, 2)),
    (rows.REVOKE_ACCESS, "L", "g - 1", revoke(Kind.ACCESS, 1)),
    (rows.REVOKE_REFRESH, "O", "", revoke(Kind.REFRESH, 1)),
    (rows.REVOKE_REFRESH, "L", "g", revoke(Kind.REFRESH, 2)),
    (rows.REVOKE_REFRESH, "L", "long used", revoke(Kind.REFRESH, 0, NOW - 1)),
    (rows.INTROSPECT, "O", "", introspect_all),
    (rows.INTROSPECT, "L", "", introspect_all),
    *((rows.SESSION_ENDED, state, "", end_session) for state in ("O", "L")),
    (rows.SESSION_ENDED_OPEN, "O", "", end_session),
    (rows.SESSION_ENDED_OFFLINE, "L", "", end_session),
    *((rows.CLEANER, state, "", clean) for state in ("O", "L")),
)


@pytest.mark.parametrize(
    ("row", "start", "play"),
    [
        pytest.param(row, start, play, id=f"{row.event}: {start} {variant}".strip())
        for row, start, variant, play in CASES
    ],
)
def test_event_does_what_its_row_says(row: Row, start: str, play: Play) -> None:
    bench = Bench(ONLINE if row is rows.SESSION_ENDED else OFFLINE)
    if row is not rows.ISSUE:
        bench.bring_to(start)
    before = bench.grant

    answer = play(bench)

    assert answer == re.split(r"[:,]", row.answer)[0]
    assert bench.store.writes == ([] if row.writes == "none" else [row.writes])
    assert bench.audit.reasons == ([row.audit] if row.audit else [])
    after = bench.grant
    if row.next == "∅":
        assert after is None
    elif row.next == "same":
        assert after == before
    elif row.next == "same, without sid":
        assert before is not None
        detached = replace(before, version=bench.row.version, session_id=None, sid=None)
        assert after == detached
    else:
        generation, epoch = (0, 0) if before is None else _counts(before)
        expected = {
            "O": (0, 0),
            "L, g = 1": (1, 0),
            "L, g + 1": (generation + 1, epoch),
            "L, e + 1": (generation, epoch + 1),
        }
        assert _counts(bench.row) == expected[row.next]


def _counts(grant: Grant) -> tuple[int, int]:
    return grant.generation, grant.access_epoch


def test_every_row_is_walked_in_every_state_it_names() -> None:
    walked = {(row, start) for row, start, _, _ in CASES}

    named = {(row, start) for row in ROWS for start in row.starts}

    assert walked == named


def test_document_and_table_have_the_same_rows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split("| event | state | next | answer | writes | audit |\n")[1]
    lines = table.split("\n\n")[0].splitlines()[1:]

    documented = [
        Row(*(cell.strip().replace("`", "") for cell in line.strip("|").split("|")))
        for line in lines
    ]

    assert documented == list(ROWS)
