"""Checks across keys: each is one function and one line in a table.

A check is left out for a client where one of the keys it reads is faulty by itself.
"""

from collections.abc import Callable, Iterable
from typing import Final

from bridge.settings import addresses, claims, credentials, pages, policies
from bridge.settings.draft import ENVIRONMENT, Draft
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientDefaults, ClientSettings
from bridge.settings.similar import did_you_mean
from bridge.settings.toml_lines import KeyPath
from bridge.settings.validate import Checked


def check_all(draft: Draft, checked: Checked) -> None:
    """Note what does not fit together in *checked*."""
    for check, keys in SETTINGS_CHECKS:
        if checked.left_out.isdisjoint(keys):
            check(draft, checked.settings)
    policies.check_policies(draft, checked)
    claims.check_claims(draft, checked)
    check_client_ids(draft, checked)
    clients = checked.settings.clients
    for number, client in enumerate(clients):
        path: KeyPath = ("clients", number)
        if path not in checked.left_out:
            for client_check, names in CLIENT_CHECKS:
                if _are_good(names, path, checked):
                    client_check(draft, path, client, checked)
            check_defaults(draft, path, client, checked)
    if not clients:
        defaults = checked.settings.client_defaults
        check_defaults(draft, ("client_defaults",), defaults, checked)


def check_defaults(
    draft: Draft, path: KeyPath, client: ClientDefaults, checked: Checked
) -> None:
    """Check what a client may take from [client_defaults], or those by themselves."""
    for check, names in DEFAULTS_CHECKS:
        if _are_good(names, path, checked):
            check(draft, path, client, checked)


def _are_good(names: Iterable[str], path: KeyPath, checked: Checked) -> bool:
    read = {p for n in names for p in ((*path, n), ("client_defaults", n))}
    return checked.left_out.isdisjoint(read)


def sector_of(client: ClientSettings) -> str | None:
    """Return what pairwise subjects hang on, or None: there are several hosts.

    OIDC Core §8.1. Redirect URIs with a scheme of their own have no host.
    """
    if client.sector is not None:
        return client.sector
    if client.sector_identifier_uri is not None:
        return addresses.host_of(client.sector_identifier_uri)
    hosts = {addresses.host_of(uri) for uri in client.redirect_uris}
    return hosts.pop() if len(hosts) == 1 else None


def check_upstream_secret(draft: Draft, settings: Settings) -> None:
    upstream = settings.upstream
    path = ("upstream", "client_secret")
    if upstream.client_secret and upstream.client_secret_file:
        draft.fault(path, "stands beside client_secret_file: keep one of the two")
    elif not upstream.client_secret and not upstream.client_secret_file:
        draft.fault(
            ("upstream", "client_secret_file"),
            "is missing; write the path of a file that holds the secret of RERO+",
        )
    elif upstream.client_secret and draft.place(path).line is not None:
        credentials.warn_of_plain_text(draft, path, "client_secret_file")


def check_session(draft: Draft, settings: Settings) -> None:
    if settings.session.idle_s > settings.session.lifetime_s:
        message = f"must be at most session.lifetime_s ({settings.session.lifetime_s})"
        draft.fault(("session", "idle_s"), message)


def check_lives(draft: Draft, settings: Settings) -> None:
    lives = settings.lives
    if lives.refresh_idle_s > lives.refresh_total_s:
        message = f"must be at most lives.refresh_total_s ({lives.refresh_total_s})"
        draft.fault(("lives", "refresh_idle_s"), message)


def check_tls(draft: Draft, settings: Settings) -> None:
    server = settings.server
    if (server.tls_certificate_file is None) != (server.tls_key_file is None):
        given, missing = "tls_certificate_file", "tls_key_file"
        if server.tls_certificate_file is None:
            given, missing = missing, given
        draft.fault(("server", given), f"needs {missing} beside it")


def check_ports(draft: Draft, settings: Settings) -> None:
    server = settings.server
    management = server.management_listen
    if management and addresses.is_port_shared(server.listen, management):
        message = "must have another port than server.listen: it must never be public"
        draft.fault(("server", "management_listen"), message)


def check_client_ids(draft: Draft, checked: Checked) -> None:
    """See that no client_id stands in two places."""
    first: dict[str, KeyPath] = {}
    for number, client in enumerate(checked.settings.clients):
        path: KeyPath = ("clients", number, "client_id")
        if client.client_id in first:
            other = draft.place(first[client.client_id])
            where = "" if other.source == ENVIRONMENT else f" in {other}"
            draft.fault(path, f"is that of {other.name}{where}, too")
        first.setdefault(client.client_id, path)


def check_sector(
    draft: Draft, path: KeyPath, client: ClientSettings, _: Checked
) -> None:
    if client.subject_type == "pairwise" and sector_of(client) is None:
        message = "is missing: redirect_uris do not have one host; write sector"
        example = next(filter(None, map(addresses.host_of, client.redirect_uris)), None)
        example = example or "app.example.ch"
        draft.fault((*path, "sector"), f'{message} = "{example}" (OIDC Core 8.1)')


def check_own_schemes(
    draft: Draft, path: KeyPath, client: ClientSettings, _: Checked
) -> None:
    if client.application_type == "native":
        return
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for number, uri in enumerate(getattr(client, member)):
            if addresses.has_own_scheme(uri):
                message = 'must begin with https:// unless application_type = "native"'
                draft.fault((*path, member, number), message)


def check_policy(
    draft: Draft, path: KeyPath, client: ClientDefaults, checked: Checked
) -> None:
    if client.policy is None or client.policy in checked.settings.policies:
        return
    if any(p[:2] == ("policies", client.policy) for p in checked.left_out):
        return
    guess = did_you_mean(client.policy, checked.settings.policies)
    message = f"there is no such policy.{guess} Define a table under policies"
    draft.fault((*path, "policy"), message)


def check_algorithm(
    draft: Draft, path: KeyPath, client: ClientDefaults, checked: Checked
) -> None:
    known = checked.settings.keys.algorithms
    for name in ("id_token_signed_response_alg", "userinfo_signed_response_alg"):
        if getattr(client, name) not in (None, *known):
            message = f"must be one of keys.algorithms: {', '.join(known)}"
            draft.fault((*path, name), message)


def check_grant_types(
    draft: Draft, path: KeyPath, client: ClientDefaults, _: Checked
) -> None:
    if "authorization_code" not in client.grant_types:
        draft.fault((*path, "grant_types"), 'must hold "authorization_code"')
    if client.refresh_tokens and "refresh_token" not in client.grant_types:
        message = 'needs "refresh_token" among grant_types'
        draft.fault((*path, "refresh_tokens"), message)


def check_email(
    draft: Draft, path: KeyPath, client: ClientDefaults, _: Checked
) -> None:
    if client.email == "placeholder" and client.email_placeholder_domain is None:
        message = 'email = "placeholder" needs a domain of yours, such as "example.ch"'
        draft.fault((*path, "email_placeholder_domain"), message)


SettingsCheck = Callable[[Draft, Settings], None]
ClientCheck = Callable[[Draft, KeyPath, ClientSettings, Checked], None]
DefaultsCheck = Callable[[Draft, KeyPath, ClientDefaults, Checked], None]

SETTINGS_CHECKS: Final[Iterable[tuple[SettingsCheck, frozenset[KeyPath]]]] = (
    (
        check_upstream_secret,
        frozenset(
            {
                ("upstream",),
                ("upstream", "client_secret"),
                ("upstream", "client_secret_file"),
            }
        ),
    ),
    (pages.check_colours, frozenset({("pages", "accent"), ("pages", "accent_dark")})),
    (
        check_session,
        frozenset({("session", "idle_s"), ("session", "lifetime_s")}),
    ),
    (
        check_lives,
        frozenset({("lives", "refresh_idle_s"), ("lives", "refresh_total_s")}),
    ),
    (
        check_tls,
        frozenset({("server", "tls_certificate_file"), ("server", "tls_key_file")}),
    ),
    (
        check_ports,
        frozenset({("server", "listen"), ("server", "management_listen")}),
    ),
    (policies.check_aliases, frozenset({policies.ALIAS_PATH})),
)
CLIENT_CHECKS: Final[Iterable[tuple[ClientCheck, tuple[str, ...]]]] = (
    (
        credentials.check_secret,
        (*credentials.SECRETS, "token_endpoint_auth_method"),
    ),
    (
        credentials.check_expiry,
        ("client_secret_expires_at", "token_endpoint_auth_method"),
    ),
    (
        credentials.check_pushing,
        ("require_pushed_authorization_requests", "token_endpoint_auth_method"),
    ),
    (
        credentials.check_keys,
        (
            *("jwks", "jwks_uri"),
            *("token_endpoint_auth_method", "token_endpoint_auth_signing_alg"),
        ),
    ),
    (
        check_sector,
        ("sector", "sector_identifier_uri", "redirect_uris", "subject_type"),
    ),
    (
        check_own_schemes,
        ("application_type", "redirect_uris", "post_logout_redirect_uris"),
    ),
)
DEFAULTS_CHECKS: Final[Iterable[tuple[DefaultsCheck, tuple[str, ...]]]] = (
    (check_policy, ("policy",)),
    (
        check_algorithm,
        ("id_token_signed_response_alg", "userinfo_signed_response_alg"),
    ),
    (check_grant_types, ("grant_types", "refresh_tokens")),
    (check_email, ("email", "email_placeholder_domain")),
    (claims.check_scope, ("scope", "claim_rules")),
    (claims.check_claim_names, ("claims", "id_token_claims", "claim_rules")),
)
