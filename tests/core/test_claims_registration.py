"""The claims parameter asks within what a client is registered for."""

import json

import pytest

from bridge.core.authorization import authorization_request
from bridge.core.client import Client
from bridge.core.return_address import Parameters, return_address

ASKED = ("name", "birthdate", "rero_memberships")


@pytest.mark.parametrize(
    ("scopes", "claims", "allowed"),
    [
        ({"openid"}, set(), ()),
        ({"openid", "profile"}, set(), ("name", "birthdate")),
        ({"openid", "rero"}, set(), ("rero_memberships",)),
        ({"openid"}, {"birthdate"}, ("birthdate",)),
    ],
)
def test_claims_beyond_the_registration_are_left_out(
    scopes: set[str], claims: set[str], allowed: tuple[str, ...]
) -> None:
    client = Client(
        "service",
        ("https://service.example/cb",),
        "service.example",
        scopes=frozenset(scopes),
        claims=frozenset(claims),
    )
    parameters = Parameters(
        [
            ("client_id", "service"),
            ("redirect_uri", "https://service.example/cb"),
            ("response_type", "code"),
            ("scope", "openid"),
            ("claims", json.dumps({"userinfo": dict.fromkeys(ASKED)})),
        ]
    )

    request = authorization_request(
        parameters, return_address(parameters, {"service": client})
    )

    assert request.claims.userinfo == allowed
