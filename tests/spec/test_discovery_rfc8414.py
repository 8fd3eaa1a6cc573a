"""OpenID Connect Discovery 1.0 and RFC 8414: every advertised value is exercised."""

from collections.abc import Mapping
from typing import Final

import pytest

from bridge.core.authorization import PROMPTS
from bridge.core.client import ASSERTION_ALGORITHMS, AuthMethod
from bridge.core.return_address import ResponseMode
from bridge.web.routes import ROUTES, STATIC_PATH
from tests.spec.exercises import LISTS
from tests.support.tokens import verified
from tests.support.trial import CONFIGURATION, HEAD, ISSUER, Trial, client
from tests.support.visitor import Visitor

DISCOVERY: Final = "/.well-known/openid-configuration"
RFC_8414: Final = "/.well-known/oauth-authorization-server"
PREFIXED: Final = f"{ISSUER}/sso/rero"


@pytest.fixture
def metadata(browser: Visitor) -> dict[str, object]:
    return browser.get(DISCOVERY).members


def test_4_3_issuer_is_that_of_the_address_and_of_id_tokens(
    browser: Visitor, metadata: dict[str, object]
) -> None:
    claims = verified(browser, browser.tokens()["id_token"]).claims

    assert metadata["issuer"] == claims["iss"] == ISSUER


def test_3_members_are_those_that_tests_exercise(metadata: dict[str, object]) -> None:
    assert set(metadata) == {*ENDPOINTS, *LISTS, *BOOLEANS, "issuer"}


def test_3_required_members_are_there(metadata: dict[str, object]) -> None:
    required = {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    }
    assert required <= set(metadata)
    assert "RS256" in [*_texts(metadata["id_token_signing_alg_values_supported"])]


ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoint_is_there(
    browser: Visitor, metadata: dict[str, object], name: str
) -> None:
    address = str(metadata[name])

    assert address.startswith(f"{ISSUER}/")
    assert browser.get(address).status != 404


def test_every_route_for_clients_is_advertised(metadata: dict[str, object]) -> None:
    our_own = {"/", "/callback", "/card", "/consent", "/language", "/refusal"}
    our_own |= {"/logout/confirm"}
    paths = {path for path, *_ in ROUTES if not path.startswith(STATIC_PATH)}

    advertised = {str(metadata[name]).removeprefix(ISSUER) for name in ENDPOINTS}

    assert advertised == paths - our_own


def test_whatever_can_be_configured_is_advertised(metadata: dict[str, object]) -> None:
    methods = {method.value for method in AuthMethod}
    algorithms = {*ASSERTION_ALGORITHMS}

    for endpoint in ("token", "revocation", "introspection"):
        name = f"{endpoint}_endpoint_auth_methods_supported"
        known = methods - ({"none"} if endpoint == "introspection" else set())
        assert {*_texts(metadata[name])} == known
        name = f"{endpoint}_endpoint_auth_signing_alg_values_supported"
        assert {*_texts(metadata[name])} == algorithms
    assert {*_texts(metadata["response_modes_supported"])} == {*ResponseMode}
    assert {*_texts(metadata["prompt_values_supported"])} == PROMPTS


def test_acr_values_are_not_advertised_for_none_can_be_given(
    metadata: dict[str, object],
) -> None:
    assert "acr_values_supported" not in metadata


BOOLEANS: Final[Mapping[str, bool]] = {
    "claims_parameter_supported": True,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,  # its absence would mean true
    "require_request_uri_registration": False,
    "require_pushed_authorization_requests": False,
    "authorization_response_iss_parameter_supported": True,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
}


@pytest.mark.parametrize(("name", "value"), BOOLEANS.items())
def test_switch_is_said(metadata: dict[str, object], name: str, *, value: bool) -> None:
    assert metadata[name] is value


def test_switched_off_parameters_are_refused(browser: Visitor) -> None:
    for name in ("request", "request_uri"):
        assert (
            browser.authorize(**{name: "x"}).query["error"] == f"{name}_not_supported"
        )


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("name", LISTS)
def test_every_value_of_the_list_works(
    trial: Trial, metadata: dict[str, object], name: str
) -> None:
    values = _texts(metadata[name])

    assert values
    assert len(values) == len(set(values))
    for value in values:
        LISTS[name](Visitor(trial), value)


def test_rfc8414_3_1_metadata_stands_at_both_addresses(
    browser: Visitor, metadata: dict[str, object]
) -> None:
    other = browser.get(RFC_8414)

    assert other.members == metadata


@pytest.fixture
def prefixed(trial: Trial) -> Visitor:
    trial.configure(CONFIGURATION.replace(f'"{ISSUER}"', f'"{PREFIXED}"', 1))
    trial.app = trial.new_app()
    return Visitor(trial)


def test_rfc8414_3_1_path_of_the_issuer_follows_the_well_known_part(
    prefixed: Visitor,
) -> None:
    members = prefixed.get(f"{ISSUER}{RFC_8414}/sso/rero").members

    assert members["issuer"] == PREFIXED
    assert members == prefixed.get(f"{PREFIXED}{DISCOVERY}").members
    assert prefixed.get(f"{ISSUER}{RFC_8414}").status == 404
    assert prefixed.get(f"{PREFIXED}{RFC_8414}").status == 404


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rfc8414_2_endpoint_is_there_under_the_path_of_the_issuer(
    prefixed: Visitor, name: str
) -> None:
    members = prefixed.get(f"{ISSUER}{RFC_8414}/sso/rero").members

    assert str(members[name]).startswith(f"{PREFIXED}/")
    assert prefixed.get(str(members[name])).status != 404


def test_email_is_advertised_only_where_a_client_gets_it(trial: Trial) -> None:
    trial.configure(HEAD + client("service"))

    members = Visitor(trial).get(DISCOVERY).members

    assert "email" not in _texts(members["scopes_supported"])
    assert "email" not in _texts(members["claims_supported"])


def test_jwks_holds_public_keys_alone(browser: Visitor) -> None:
    keys = browser.get("/jwks").members["keys"]

    assert isinstance(keys, list)
    for key in keys:
        assert {"kty", "kid", "use", "alg"} <= set(key)
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}
