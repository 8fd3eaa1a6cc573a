"""Make the core's clients and policies of the settings."""

from collections.abc import Mapping
from types import MappingProxyType

from bridge.core.client import (
    AuthMethod,
    CardMode,
    Client,
    ConsentMode,
    EmailMode,
    SubjectType,
)
from bridge.core.policy import Policy
from bridge.settings.checks import sector_of
from bridge.settings.claims import known_scopes, mapping_of
from bridge.settings.credentials import public_keys
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientSettings
from bridge.settings.policies import build_policy


def build_clients(settings: Settings) -> Mapping[str, Client]:
    """Return every registered client by its client_id."""
    policies = build_policies(settings)
    clients = {
        client.client_id: _client(client, settings, policies)
        for client in settings.clients
    }
    return MappingProxyType(clients)


def build_policies(settings: Settings) -> Mapping[str, Policy]:
    """Return every policy by its name."""
    return MappingProxyType(
        {
            name: build_policy(name, policy, settings)
            for name, policy in settings.policies.items()
        }
    )


def _client(
    client: ClientSettings, settings: Settings, policies: Mapping[str, Policy]
) -> Client:
    methods = _auth_methods(client)
    mapping = mapping_of(settings, client)
    leeway_s = client.refresh_leeway_s
    if leeway_s is None:
        leeway_s = settings.lives.refresh_leeway_s
    return Client(
        client_id=client.client_id,
        redirect_uris=client.redirect_uris,
        sector=sector_of(client) or "",  # empty for public subjects only
        name=dict(client.name),
        secret_digests=_digests(client),
        client_secret_expires_at=client.client_secret_expires_at,
        token_endpoint_auth_methods=methods,
        token_endpoint_auth_signing_alg=client.token_endpoint_auth_signing_alg,
        jwks=public_keys(client),
        jwks_uri=client.jwks_uri,
        scopes=frozenset(client.scope.split()) & known_scopes(mapping),
        grant_types=frozenset(client.grant_types),
        require_pkce=client.require_pkce or methods == frozenset({AuthMethod.NONE}),
        require_pushed_authorization_requests=(
            client.require_pushed_authorization_requests
        ),
        id_token_signed_response_alg=client.id_token_signed_response_alg,
        userinfo_signed_response_alg=client.userinfo_signed_response_alg,
        subject_type=SubjectType(client.subject_type),
        policy=policies[client.policy] if client.policy else Policy(),
        consent=ConsentMode(client.consent),
        card=CardMode(client.card),
        email=EmailMode(client.email),
        email_placeholder_domain=client.email_placeholder_domain,
        passes_email_verified=client.email_verified == "upstream",
        mapping=mapping,
        claims=frozenset(client.claims),
        id_token_claims=frozenset(client.id_token_claims),
        refresh_tokens=client.refresh_tokens,
        refresh_leeway_s=leeway_s,
        claims_max_age_s=client.claims_max_age_s,
        default_max_age=client.default_max_age,
        require_auth_time=client.require_auth_time,
        backchannel_logout_uri=client.backchannel_logout_uri,
        backchannel_logout_to_initiator=client.backchannel_logout_to_initiator,
        post_logout_redirect_uris=client.post_logout_redirect_uris,
        client_uri=client.client_uri,
    )


def _auth_methods(client: ClientSettings) -> frozenset[AuthMethod]:
    """Return how the client may authenticate.

    Keycloak sends client_secret_post where nobody chose, so a registration that names
    no method allows both ways of sending the secret.
    """
    if client.token_endpoint_auth_method is None:
        return frozenset({AuthMethod.BASIC, AuthMethod.POST})
    return frozenset({AuthMethod(client.token_endpoint_auth_method)})


def _digests(client: ClientSettings) -> tuple[bytes, ...]:
    digests = [bytes.fromhex(digest) for digest in client.client_secret_sha256]
    if client.client_secret is not None:
        digests.insert(0, client.client_secret.digest())
    return tuple(digests)
