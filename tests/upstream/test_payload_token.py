"""What a token answer may hold, and what of it is taken."""

import json
from typing import Any

import pytest

from bridge.core.errors import UpstreamFault, UpstreamGarbled
from bridge.upstream.payload import (
    TokenAnswer,
    parse_token_answer,
)


def token(**members: Any) -> TokenAnswer:
    answer = {"access_token": "t0ken", "token_type": "Bearer"} | members
    return parse_token_answer(json.dumps(answer).encode())


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", None])
def test_bearer_token_is_taken_in_any_case(token_type: str | None) -> None:
    assert token(token_type=token_type).access_token == "t0ken"


@pytest.mark.parametrize("token_type", ["mac", "", 1, ["Bearer"]])
def test_other_token_types_are_garbled(token_type: object) -> None:
    with pytest.raises(UpstreamGarbled):
        token(token_type=token_type)


@pytest.mark.parametrize(
    "access_token",
    [None, "", 1, True, [], {}, "t\r\nX: y", "jetön", "a b", "x" * 5_000],
)
def test_access_token_that_fits_no_header_is_garbled(access_token: object) -> None:
    with pytest.raises(UpstreamGarbled) as caught:
        token(access_token=access_token)

    assert caught.value.fault is UpstreamFault.SHAPE


@pytest.mark.parametrize("expires_in", [None, "3600", 0, -1, [], 3600])
def test_lifetime_of_the_upstream_token_does_not_matter(expires_in: object) -> None:
    assert token(expires_in=expires_in).access_token == "t0ken"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("fullname user:email", {"fullname", "user:email"}),
        ("", set()),
        (None, set()),
        (["fullname"], set()),
        ("a\x00b", set()),
        ("x" * 3_000, set()),
    ],
)
def test_scopes_are_those_that_the_answer_names(
    scope: object, expected: set[str]
) -> None:
    assert token(scope=scope).scopes == expected


@pytest.mark.parametrize("user", [None, {}, [], "", {"id": None}, {"id": ""}])
def test_token_answer_may_name_nobody(user: object) -> None:
    assert token(user=user).user_id is None


@pytest.mark.parametrize("user", [[1], "3", 3, True])
def test_user_that_is_no_object_is_garbled(user: object) -> None:
    with pytest.raises(UpstreamGarbled):
        token(user=user)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jean@mail.example", "jean@mail.example"),
        ("JEAN@Mail.Example", "JEAN@Mail.Example"),
        (
            "a" * 64 + "@" + "b" * 180 + ".example",
            "a" * 64 + "@" + "b" * 180 + ".example",
        ),
        (None, None),
        ("", None),
        ("jean", None),
        ("a@b@c", None),
        ("@b", None),
        ("a@", None),
        ("a b@c", None),
        ("a@b\n", None),
        ("a@b,c", None),
        ("Jean <a@b>", None),
        ("a@" + "b" * 253, None),
        ("jean+rero@mail.example", "jean+rero@mail.example"),
        ("o'neil@mail.example", "o'neil@mail.example"),
        ("jean@localhost", "jean@localhost"),
        ("jean@xn--bcher-kva.example", "jean@xn--bcher-kva.example"),
        ("jérôme@mail.example", None),  # no addr-spec of RFC 5322
        ("jean@bücher.example", None),
        ("j\u212aean@mail.example", None),
        (".jean@mail.example", None),
        ("jean.@mail.example", None),
        ("je..an@mail.example", None),
        ("jean@.example", None),
        ("jean@mail..example", None),
        ("jean@mail.example.", None),
        ("jean@-mail.example", None),
        ("jean@[127.0.0.1]", None),
        ('"jean"@mail.example', None),
        ("jean@mail.example\u2028", None),
        ("a" * 65 + "@mail.example", None),
        (["a@b"], None),
        (3, None),
    ],
)
def test_email_is_one_plausible_address_or_none(
    email: object, expected: str | None
) -> None:
    assert token(user={"id": "3", "email": email}).email == expected


@pytest.mark.parametrize(
    ("email", "verified", "expected"),
    [
        ("a@b.example", True, True),
        ("a@b.example", False, False),
        ("a@b.example", "true", False),
        ("a@b.example", 1, False),
        (None, True, False),
        ("odd", True, False),
    ],
)
def test_only_a_true_beside_an_address_says_verified(
    email: object, verified: object, expected: bool
) -> None:
    answer = token(user={"id": "3", "email": email, "email_verified": verified})

    assert answer.email_verified is expected
