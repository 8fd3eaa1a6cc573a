"""What a relying party asks its provider for: JSON over HTTP, metadata, keys."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bridge.demo.relying_party_checks import (
    CheckFailed,
    ProviderAnsweredError,
    ProviderUnusable,
)

TIMEOUT_S: Final = 15
DISCOVERY_PATH: Final = "/.well-known/openid-configuration"
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What this client needs of the discovery document (Discovery §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    algorithms: frozenset[str]
    sends_iss: bool  # authorization_response_iss_parameter_supported
    end_session_endpoint: str | None  # RP-Initiated Logout §2.1


class Wire:
    """One login's requests to the provider, timed by name."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}
        self._http = requests.Session()
        # A .netrc would replace our Authorization header, a proxy would not find us.
        self._http.trust_env = False

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long the block takes, in milliseconds."""
        began_ns = time.perf_counter_ns()
        yield
        self.timings_ms[step] = round((time.perf_counter_ns() - began_ns) / 1e6, 1)

    def json(
        self, step: str, url: str, headers: Mapping[str, str], form: str | None = None
    ) -> tuple[requests.Response, dict[str, object]]:
        """GET, or POST *form*, and return the answer with its JSON object.

        Raises:
            ProviderUnusable: no connection, no JSON object.
            ProviderAnsweredError: the object is an OAuth error.
        """
        try:
            with self.timed(step):
                answer = self._http.request(
                    "GET" if form is None else "POST",
                    url,
                    data=form,
                    headers={"Accept": "application/json", **headers},
                    timeout=TIMEOUT_S,
                    allow_redirects=False,
                )
            content: object = answer.json()
        except requests.JSONDecodeError as error:
            reason = f"status {answer.status_code}, no JSON"
            raise ProviderUnusable(step, reason) from error
        except requests.RequestException as error:
            raise ProviderUnusable(step, type(error).__name__) from error
        if not isinstance(content, dict):
            raise ProviderUnusable(step, "its JSON is no object")
        if answer.status_code != 200:
            if isinstance(error_code := content.get("error"), str):
                description = str(content.get("error_description", ""))
                raise ProviderAnsweredError(error_code, description)
            raise ProviderUnusable(step, f"status {answer.status_code}")
        return answer, content

    def close(self) -> None:
        """Close the connections to the provider."""
        self._http.close()


@contextmanager
def open_wire() -> Iterator[Wire]:
    """Give connections for the requests of one step, and close them."""
    wire = Wire()
    try:
        yield wire
    finally:
        wire.close()


def discover(wire: Wire, discovery_url: str) -> ProviderMetadata:
    """Fetch the provider metadata; refuse a provider that lacks what we rely on.

    Raises:
        CheckFailed: another issuer's document (Discovery §4.3), no S256, no basic.
        ProviderUnusable: no answer, or a member is missing.
    """
    _, document = wire.json("discovery", discovery_url, {})

    def text(name: str) -> str:
        value = document.get(name)
        if not isinstance(value, str) or not value:
            raise ProviderUnusable("discovery", f"{name} is missing")
        return value

    def names(name: str, default: tuple[str, ...] = ()) -> frozenset[str]:
        value = document.get(name, default)
        return frozenset(map(str, value if isinstance(value, list | tuple) else ()))

    issuer = text("issuer")
    if discovery_url != issuer.rstrip("/") + DISCOVERY_PATH:
        raise CheckFailed("issuer", f"{discovery_url} is not where {issuer} publishes")
    if "S256" not in names("code_challenge_methods_supported"):
        raise CheckFailed("PKCE", "the provider does not list S256")
    if "client_secret_basic" not in names(
        "token_endpoint_auth_methods_supported", ("client_secret_basic",)
    ):
        raise CheckFailed("client_secret_basic", "the provider does not list it")
    return ProviderMetadata(
        issuer,
        text("authorization_endpoint"),
        text("token_endpoint"),
        text("userinfo_endpoint"),
        text("jwks_uri"),
        names("id_token_signing_alg_values_supported"),
        document.get("authorization_response_iss_parameter_supported") is True,
        text("end_session_endpoint") if "end_session_endpoint" in document else None,
    )


def fetch_keys(wire: Wire, jwks_uri: str) -> KeySet:
    """Fetch the provider's public keys (RFC 7517 §5)."""
    _, document = wire.json("keys", jwks_uri, {})
    members = document.get("keys")
    if not isinstance(members, list) or not all(isinstance(k, dict) for k in members):
        raise ProviderUnusable("keys", "it is no key set")
    if any(PRIVATE_MEMBERS & key.keys() for key in members):
        raise CheckFailed("keys", "the provider publishes a private key")
    try:
        return KeySet.import_key_set({"keys": members})
    except (JoseError, ValueError) as error:
        raise ProviderUnusable("keys", f"joserfc cannot read it: {error}") from error
