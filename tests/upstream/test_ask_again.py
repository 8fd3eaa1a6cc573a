"""RERO+ asked again by the tokens of an earlier login."""

from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs

import pytest

from bridge.core.errors import UpstreamError, UpstreamFault
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.ports import UpstreamLogin
from tests.upstream.support import (
    ACCESS_TOKEN,
    INFO,
    NOW,
    TOKEN,
    Bridge,
    Rero,
    bridge_at,
    json_answer,
)

PAIR: Final = {**TOKEN, "refresh_token": "R2", "expires_in": 1800, "scope": "fullname"}
LIVE: Final = UpstreamTokens(
    "A1", NOW + 600, "R1", frozenset({"fullname"}), frozenset({"fullname"}), user_id="3"
)
OVER: Final = replace(LIVE, access_ends_at=NOW)


def ask(
    bridge: Bridge, tokens: UpstreamTokens, *, allow_barcode: bool = True
) -> tuple[UpstreamLogin | UpstreamFault, list[UpstreamTokens]]:
    """Ask again; return the answer or the fault, and what was to be kept."""
    kept: list[UpstreamTokens] = []
    try:
        answer = bridge.upstream.ask_again(
            tokens, allow_barcode=allow_barcode, keep=kept.append
        )
    except UpstreamError as error:
        return error.fault, kept
    return answer, kept


def renewed(bridge: Bridge, tokens: UpstreamTokens = OVER) -> UpstreamTokens:
    """Ask again with tokens that are over; return the new ones."""
    _, [kept] = ask(bridge, tokens)
    return kept


def test_sign_in_tells_no_tokens_unless_they_are_kept(bridge: Bridge) -> None:
    assert bridge.sign_in().tokens is None


def test_sign_in_tells_the_tokens_where_they_are_kept(rero: Rero) -> None:
    rero.token = [json_answer(PAIR)]

    tokens = bridge_at(rero.server.url_for("/"), keep_tokens=True).sign_in().tokens

    assert tokens == UpstreamTokens(
        ACCESS_TOKEN, NOW + 1800, "R2", frozenset({"fullname"}), user_id="3"
    )


def test_no_token_is_shown_by_what_carries_it(rero: Rero) -> None:
    rero.token = [json_answer({**PAIR, "user": {"id": "3", "email": "a@b.example"}})]

    login = bridge_at(rero.server.url_for("/"), keep_tokens=True).sign_in()

    for shown in (repr(login.tokens), repr(UpstreamLogin(login.patron, frozenset()))):
        assert ACCESS_TOKEN not in shown
        assert "R2" not in shown
    assert "a@b.example" not in repr(login.tokens)


def test_live_token_asks_for_the_patron_alone(rero: Rero, bridge: Bridge) -> None:
    answer, kept = ask(bridge, LIVE)

    assert isinstance(answer, UpstreamLogin)
    assert answer.patron.fullname == "Simon, Jean"
    assert kept == []
    [request] = rero.requests
    assert request.path == "/api/patrons/info"
    assert request.headers["Authorization"] == "Bearer A1"


@pytest.mark.parametrize("ends_at", [NOW - 1, NOW, NOW + 60])
def test_token_that_is_over_is_exchanged_by_form(
    rero: Rero, bridge: Bridge, ends_at: int
) -> None:
    rero.token = [json_answer(PAIR)]

    ask(bridge, replace(LIVE, access_ends_at=ends_at))

    exchange, info = rero.requests
    assert (exchange.method, exchange.path) == ("POST", "/oauth/token")
    assert exchange.query_string == b""
    assert "Authorization" not in exchange.headers
    assert parse_qs(exchange.get_data(as_text=True), strict_parsing=True) == {
        "client_id": ["rero-oidc-bridge"],
        "client_secret": ["s3cr&t %"],
        "grant_type": ["refresh_token"],
        "refresh_token": ["R1"],
    }
    assert info.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_new_tokens_are_kept_before_the_patron_is_fetched(
    rero: Rero, bridge: Bridge
) -> None:
    rero.token = [json_answer(PAIR)]
    rero.info = [json_answer({}, 401)]

    fault, kept = ask(bridge, OVER)

    assert fault is UpstreamFault.TOKEN_KILLED
    assert kept == [
        replace(
            OVER,
            access_token=ACCESS_TOKEN,
            access_ends_at=NOW + 1800,
            refresh_token="R2",
        )
    ]


def test_refresh_token_that_is_not_replaced_stays(rero: Rero, bridge: Bridge) -> None:
    rero.token = [json_answer(TOKEN)]

    assert renewed(bridge).refresh_token == "R1"


@pytest.mark.parametrize(
    ("expires_in", "life_s"),
    [(60, 60), ("90", 90), (0, 0), (-1, 3600), (None, 3600), ("x", 3600), (True, 3600)],
)
def test_life_of_a_token_is_read_or_an_hour(
    rero: Rero, bridge: Bridge, expires_in: object, life_s: int
) -> None:
    rero.token = [json_answer({**PAIR, "expires_in": expires_in})]

    assert renewed(bridge).access_ends_at == NOW + life_s


def test_scope_that_is_lost_is_no_longer_held(rero: Rero, bridge: Bridge) -> None:
    both = frozenset({"fullname", "birthdate"})
    tokens = replace(OVER, scopes=both, held=both | {"user:email"})
    rero.token = [json_answer(PAIR)]

    kept = renewed(bridge, tokens)

    assert kept.scopes == {"fullname"}
    assert kept.held == {"fullname", "user:email"}


@pytest.mark.parametrize(
    ("user", "email"),
    [
        ({"id": "3", "email": "new@b.example"}, "new@b.example"),
        ({"id": "3", "email": None}, None),
        (None, "old@b.example"),
    ],
)
def test_email_is_the_one_of_the_last_answer_that_names_somebody(
    rero: Rero, bridge: Bridge, user: object, email: str | None
) -> None:
    rero.token = [json_answer({**PAIR, "user": user})]

    answer, _ = ask(bridge, replace(OVER, email="old@b.example"))

    assert isinstance(answer, UpstreamLogin)
    assert answer.patron.email == email


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"error": "invalid_grant"}, 400, UpstreamFault.CODE_OVER),
        ({"error": "invalid_client"}, 401, UpstreamFault.REGISTRATION),
        ({}, 503, UpstreamFault.DOWN),
        ([], 200, UpstreamFault.SHAPE),
    ],
)
def test_exchange_that_fails_is_told_and_not_repeated(
    rero: Rero, bridge: Bridge, body: object, status: int, fault: UpstreamFault
) -> None:
    rero.token = [json_answer(body, status)]

    assert ask(bridge, OVER) == (fault, [])
    assert len(rero.requests) == 1


def test_tokens_without_a_refresh_token_end_by_themselves(
    rero: Rero, bridge: Bridge
) -> None:
    assert ask(bridge, replace(OVER, refresh_token=None)) == (
        UpstreamFault.CODE_OVER,
        [],
    )
    assert rero.requests == []


def test_answer_about_somebody_else_is_no_answer(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer({**INFO, "user_id": 4})]

    assert ask(bridge, LIVE)[0] is UpstreamFault.IDENTITY_DIFFERS


def test_barcode_counts_only_where_it_may(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer({"barcode": "2050124311"})]

    fault, _ = ask(bridge, replace(LIVE, user_id=None), allow_barcode=False)

    assert fault is UpstreamFault.IDENTITY_LOST


def test_half_of_the_slots_are_left_to_people_who_sign_in(rero: Rero) -> None:
    rero.token = [json_answer(PAIR)]
    bridge = bridge_at(rero.server.url_for("/"), concurrent_calls=2)
    inner: list[object] = []

    def keep(_: UpstreamTokens) -> None:
        inner.append(ask(bridge, LIVE)[0])
        inner.append(bridge.sign_in().patron.fullname)

    bridge.upstream.ask_again(OVER, allow_barcode=True, keep=keep)

    assert inner == [UpstreamFault.BUSY, "Simon, Jean"]


def test_calls_are_recorded_by_name(rero: Rero, bridge: Bridge) -> None:
    rero.token = [json_answer(PAIR)]

    ask(bridge, OVER)

    assert bridge.audit.outcomes() == [("refresh", "ok"), ("info", "ok")]
