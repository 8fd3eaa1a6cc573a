"""The claims parameter (OIDC Core §5.5): every legal form, and no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.claims import ClaimsRequest, parse_claims_parameter
from bridge.core.errors import (
    InvalidRequest,
    ProtocolError,
    UnmetAuthenticationRequirements,
)

NAMES = ("name", "birthdate")


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("{}", ClaimsRequest()),
        ('{"id_token": null}', ClaimsRequest()),
        ('{"userinfo": null, "id_token": {}}', ClaimsRequest()),
        ('{"id_token": {"name": null}}', ClaimsRequest(("name",))),
        ('{"userinfo": {"name": {"essential": true}}}', ClaimsRequest((), ("name",))),
        ('{"userinfo": {"birthdate": {}, "name": null}}', ClaimsRequest((), NAMES)),
        ('{"id_token": {"acr": {"values": ["x"]}, "x": null}}', ClaimsRequest()),
        ('{"verified_claims": [], "id_token": {}}', ClaimsRequest()),
        ('{"id_token": {"sub": null}}', ClaimsRequest(("sub",))),
        (
            '{"id_token": {"sub": {"value": "a"}}}',
            ClaimsRequest(("sub",), (), ("a",)),
        ),
        (
            '{"userinfo": {"sub": {"values": ["b", "a"]}}}',
            ClaimsRequest((), ("sub",), ("a", "b")),
        ),
        (
            '{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"values":["a","b"]}}}',
            ClaimsRequest(("sub",), ("sub",), ("a",)),
        ),
        (
            '{"id_token": {"sub": {"essential": true}}}',
            ClaimsRequest(("sub",)),
        ),
    ],
)
def test_a_legal_form_is_read(text: str, request_: ClaimsRequest) -> None:
    assert parse_claims_parameter(text) == request_


@pytest.mark.parametrize(
    "text",
    [
        "junk",
        "{",
        "[]",
        "null",
        "1",
        '"text"',
        '{"id_token": []}',
        '{"id_token": "name"}',
        '{"userinfo": 1}',
        '{"id_token": {"name": true}}',
        '{"id_token": {"name": "Jean"}}',
        '{"id_token": {"name": []}}',
        '{"id_token": {"sub": {"value": null}}}',
        '{"id_token": {"sub": {"value": 4711}}}',
        '{"id_token": {"sub": {"values": "a"}}}',
        '{"id_token": {"sub": {"values": ["a", 1]}}}',
        '{"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}}',
        '{"id_token": {"sub": {"value": "a"}}, "id_token": {"sub": {"value": "b"}}}',
        '{"userinfo": {"name": null, "name": null}}',
        '{"id_token": {"sub": {"value": "a", "value": "b"}}}',
        '{"userinfo": {"name": {"value": [{"x": 1, "x": 2}]}}}',
        '{"verified_claims": 1, "verified_claims": 2}',
        "[" * 4_000,
        '{"a":' * 800,
        "1" * 5_000,
        '{"a": "' + "x" * 4_000 + '"}',
        json.dumps({"id_token": {f"c{i}": None for i in range(51)}}),
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_claims_parameter(text)

    assert refusal.value.description.isascii()


@pytest.mark.parametrize(
    "request_",
    [
        {"essential": True, "value": "urn:gold"},
        {"essential": True, "values": ["urn:gold", "urn:silver"]},
        {"essential": True, "value": None},
        {"essential": True, "values": []},
    ],
)
def test_an_essential_acr_value_cannot_be_given(request_: object) -> None:
    with pytest.raises(UnmetAuthenticationRequirements):
        parse_claims_parameter(json.dumps({"id_token": {"acr": request_}}))


@pytest.mark.parametrize(
    "asked",
    [
        {"id_token": {"acr": None}},
        {"id_token": {"acr": {}}},
        {"id_token": {"acr": {"essential": True}}},
        {"id_token": {"acr": {"value": "urn:gold"}}},
        {"id_token": {"acr": {"essential": False, "values": ["urn:gold"]}}},
        {"id_token": {"acr": {"essential": "true", "value": "urn:gold"}}},
        {"userinfo": {"acr": {"essential": True, "value": "urn:gold"}}},
    ],
)
def test_an_acr_that_is_not_essential_is_left_out(asked: object) -> None:
    assert parse_claims_parameter(json.dumps(asked)) == ClaimsRequest()


@pytest.mark.parametrize("name", ["name#de", "NAME", "phone_number", "a.b", ""])
def test_a_claim_that_is_not_known_is_left_out(name: str) -> None:
    asked = {"userinfo": {name: {"essential": True, "value": 1}, "name": None}}

    request_ = parse_claims_parameter(json.dumps(asked))

    assert request_ == ClaimsRequest((), ("name",))


def test_value_and_values_of_other_claims_are_wishes_alone() -> None:
    asked = {"id_token": {"name": {"value": "Anna"}, "birthdate": {"values": [1, {}]}}}

    assert parse_claims_parameter(json.dumps(asked)) == ClaimsRequest(NAMES)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id_token userinfo sub acr essential value values name".split()
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=9,
)


@given(json_values.map(json.dumps) | st.text(max_size=50))
def test_no_text_is_answered_by_anything_but_a_refusal(text: str) -> None:
    try:
        asked = parse_claims_parameter(text)
    except ProtocolError:
        return

    assert set(asked.id_token + asked.userinfo) <= {"sub", "name"}
