"""The documents: true, whole, and bytes that do not change."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.client import SCOPES, AuthMethod, Client, EmailMode
from bridge.provider.metadata import (
    discovery_paths,
    document,
    issuer_path,
    provider_metadata,
    raw_document,
)
from tests.provider.web_world import WebWorld, query_of
from tests.provider.world import ISSUER, make_client

GOLDEN = Path(__file__).parents[1] / "golden" / "discovery.json"
WITH_EMAIL = make_client("with-email", email=EmailMode.UPSTREAM)


def metadata(*clients: Client) -> Mapping[str, object]:
    return provider_metadata(ISSUER, clients, ("RS256", "ES256"), ("fr", "de"), ["pwd"])


def discovery(web: WebWorld) -> Mapping[str, object]:
    answer = web.get("/.well-known/openid-configuration").json
    assert isinstance(answer, dict)
    return answer


def listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def test_document_is_the_golden_one() -> None:
    text = json.dumps(metadata(WITH_EMAIL), indent=1) + "\n"

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_email_is_hidden_where_no_client_may_have_it() -> None:
    hidden, shown = metadata(make_client()), metadata(make_client(), WITH_EMAIL)

    assert "email" not in listed(hidden["scopes_supported"])
    assert not {"email", "email_verified"} & {*listed(hidden["claims_supported"])}
    assert "email" in listed(shown["scopes_supported"])
    assert {"email", "email_verified"} <= {*listed(shown["claims_supported"])}


def test_every_scope_and_claim_is_named() -> None:
    shown = metadata(WITH_EMAIL)

    assert listed(shown["scopes_supported"]) == list(SCOPES)
    assert {*DEFAULT_MAPPING.names, "sid", "at_hash"} <= {
        *listed(shown["claims_supported"])
    }


def test_scopes_and_claims_of_clients_own_rules_are_named() -> None:
    mapping = DEFAULT_MAPPING.changed(
        [
            ("card", ClaimRule("card", Source.BARCODE, ("desk", "unused"))),
            ("contact", ClaimRule("contact", Source.EMAIL, ("desk",))),
            ("rero_memberships", None),
        ]
    )
    desk = make_client("desk", mapping=mapping, scopes=frozenset({"openid", "desk"}))

    alone, both = metadata(desk), metadata(make_client(), desk)

    assert listed(alone["scopes_supported"])[-1] == "desk"
    assert "unused" not in listed(alone["scopes_supported"])
    assert "card" in listed(alone["claims_supported"])
    assert "contact" not in listed(alone["claims_supported"])
    assert "rero_memberships" not in listed(alone["claims_supported"])
    assert "rero_memberships" in listed(both["claims_supported"])


def test_amr_is_hidden_where_it_is_not_told() -> None:
    shown = provider_metadata(ISSUER, [WITH_EMAIL], ("RS256",), ("fr",), [])

    assert "amr" not in listed(shown["claims_supported"])
    assert "amr" in listed(metadata(WITH_EMAIL)["claims_supported"])


def test_claim_names_are_listed_once() -> None:
    names = listed(metadata(WITH_EMAIL)["claims_supported"])

    assert len(names) == len(set(names))


def test_etag_is_of_the_bytes() -> None:
    first, second = document({"a": 1}), document({"a": 2})

    assert re.fullmatch(r'"[0-9a-f]{32}"', first.etag)
    assert first.etag == document({"a": 1}).etag != second.etag
    assert first.content_type == "application/json"
    assert json.loads(first.body) == {"a": 1}


def test_raw_document_keeps_its_bytes() -> None:
    made = raw_document(b"body {}", "text/css", 60)

    assert (made.body, made.content_type, made.max_age_s) == (
        b"body {}",
        "text/css",
        60,
    )


@pytest.mark.parametrize(
    ("issuer", "path", "paths"),
    [
        (
            "https://a.example",
            "",
            (
                "/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server",
            ),
        ),
        (
            "https://a.example/sso/rero",
            "/sso/rero",
            (
                "/sso/rero/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server/sso/rero",
            ),
        ),
    ],
)
def test_paths_follow_or_precede_the_path_of_the_issuer(
    issuer: str, path: str, paths: tuple[str, str]
) -> None:
    assert issuer_path(issuer) == path
    assert discovery_paths(issuer) == paths


def test_both_addresses_give_the_same_bytes(web: WebWorld) -> None:
    first = web.get("/.well-known/openid-configuration")
    second = web.get("/.well-known/oauth-authorization-server")

    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]


def test_every_endpoint_that_is_named_is_there(web: WebWorld) -> None:
    named = {
        name: str(value)
        for name, value in discovery(web).items()
        if name.endswith(("_endpoint", "_uri"))
    }

    assert len(named) >= 4
    for name, address in named.items():
        assert address.startswith(f"{ISSUER}/"), name
        assert web.get(address.removeprefix(ISSUER)).status_code != 404, name


def test_every_response_type_mode_and_prompt_is_taken(web: WebWorld) -> None:
    document = discovery(web)

    for prompt in listed(document["prompt_values_supported"]):
        answer = query_of(web.authorize(prompt=prompt))
        assert answer.get("error") in {None, "login_required"}, prompt
    for mode in listed(document["response_modes_supported"]):
        assert "error" not in query_of(web.authorize(response_mode=mode)), mode
    for kind in listed(document["response_types_supported"]):
        assert "error" not in query_of(web.authorize(response_type=kind)), kind


def test_every_grant_type_is_taken_and_no_other(web: WebWorld) -> None:
    supported = listed(discovery(web)["grant_types_supported"])

    for grant_type in [*supported, "password", "client_credentials", "implicit"]:
        answer = web.token(
            grant_type=grant_type, code="x", redirect_uri="x", refresh_token="x"
        )
        assert answer.json is not None
        is_taken = answer.json["error"] != "unsupported_grant_type"
        assert is_taken == (grant_type in supported), grant_type


def test_every_signing_key_that_is_named_is_published(web: WebWorld) -> None:
    keys = web.get("/jwks").json

    assert keys is not None
    assert {key["alg"] for key in keys["keys"]} == {
        *listed(discovery(web)["id_token_signing_alg_values_supported"])
    }


def test_published_keys_have_no_private_member(web: WebWorld) -> None:
    keys = web.get("/jwks").json

    assert keys is not None
    for key in keys["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} & set(key)


def test_methods_of_client_authentication_are_those_of_the_code() -> None:
    shown = listed(metadata()["token_endpoint_auth_methods_supported"])

    assert shown == [method.value for method in AuthMethod]


@pytest.mark.parametrize("parameter", ["request", "request_uri", "registration"])
def test_what_is_said_to_be_unsupported_is_refused(
    web: WebWorld, parameter: str
) -> None:
    answer = query_of(web.authorize(**{parameter: "x"}))

    assert answer["error"] == f"{parameter}_not_supported"


def test_members_whose_absence_means_yes_are_written_out() -> None:
    shown = metadata()

    assert shown["request_uri_parameter_supported"] is False
    assert shown["request_parameter_supported"] is False
