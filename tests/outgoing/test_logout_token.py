"""Logout tokens as OIDC Back-Channel Logout §2.4 wants them."""

import pytest

from bridge.core.client import Client
from bridge.core.records import LogoutNotice
from bridge.outgoing.logout_token import LogoutTokens
from tests.outgoing.receivers import ISSUER, PlainSigner, bytes_in_order, signed
from tests.outgoing.support import NOW

NOTICE = LogoutNotice(7, "rp", "the-sid", NOW - 5, tries=1)


def tokens_for(alg: str) -> LogoutTokens:
    client = Client(
        "rp",
        ("https://rp.example/cb",),
        "rp.example",
        id_token_signed_response_alg=alg,
        backchannel_logout_uri="https://rp.example/logout",
    )
    return LogoutTokens(ISSUER, {"rp": client}, PlainSigner(), bytes_in_order())


def test_logout_token_holds_what_the_specification_wants_and_no_more() -> None:
    token = tokens_for("ES256").token(NOTICE, NOW)

    assert signed(token) == {
        "typ": "logout+jwt",
        "alg": "ES256",  # that of the client's ID tokens
        "claims": {
            "iss": ISSUER,
            "aud": "rp",
            "iat": NOW,
            "exp": NOW + 120,
            "jti": "AAAAAAAAAAAAAAAAAAAAAAAB",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sid": "the-sid",
        },
    }


def test_each_try_has_a_jti_of_its_own() -> None:
    tokens = tokens_for("RS256")

    first, second = (signed(tokens.token(NOTICE, NOW)) for _ in range(2))

    assert first["claims"]["jti"] != second["claims"]["jti"]


def test_client_without_address_or_registration_has_none() -> None:
    client = Client("mute", ("https://rp.example/cb",), "rp.example")
    tokens = LogoutTokens(ISSUER, {"mute": client}, PlainSigner(), bytes_in_order())

    assert tokens.address_of("mute") is None
    assert tokens.address_of("gone") is None
    assert tokens_for("RS256").address_of("rp") == "https://rp.example/logout"


def test_missing_key_is_said() -> None:
    with pytest.raises(KeyError):
        tokens_for("PS256").token(NOTICE, NOW)
