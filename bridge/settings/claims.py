"""Checks across the keys of claims, and the mapping that each client goes by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bridge.core.claim_functions import Table
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimMapping
from bridge.core.claim_sources import (
    EMAIL_UPSTREAM_SCOPE,
    OLD_FORM_UPSTREAM_SCOPE,
    SOURCES,
    Source,
)
from bridge.core.client import SCOPES
from bridge.core.eligibility import RefusalReason
from bridge.core.handle import MAX_SCOPES
from bridge.settings.claim_rules import (
    build_mapping,
    build_table,
    rule_faults,
    table_faults,
)
from bridge.settings.draft import Draft
from bridge.settings.model import Settings
from bridge.settings.model_claims import (
    NO_SOURCE,
    ClaimRuleSettings,
    ExampleSettings,
    name_fault,
)
from bridge.settings.model_clients import ClientDefaults, ClientSettings
from bridge.settings.policies import known_aliases
from bridge.settings.similar import did_you_mean
from bridge.settings.toml_lines import KeyPath
from bridge.settings.validate import Checked

_REASONS: Final = tuple(reason.value for reason in RefusalReason)


def build_tables(settings: Settings) -> Mapping[str, Table]:
    """Return every table of texts by its name."""
    aliases = known_aliases(settings)
    return {
        name: build_table(name, table, aliases)
        for name, table in settings.tables.items()
    }


def mapping_of(settings: Settings, holder: ClientDefaults) -> ClaimMapping:
    """Return the mapping of a client: the built-in one, [claims], and its own rules.

    Rules with faults are left out: by then they have been told.
    """
    tables = build_tables(settings)
    mapping = DEFAULT_MAPPING
    own = holder.claim_rules if isinstance(holder, ClientSettings) else {}
    for rules in (settings.claims, own):
        good = {
            name: rule
            for name, rule in rules.items()
            if not any(rule_faults(name, rule, tables))
        }
        mapping = build_mapping(mapping, good, tables)
    return mapping


def known_scopes(mapping: ClaimMapping) -> frozenset[str]:
    """Return what a client may ask: the usual scopes, and those its rules name."""
    return frozenset(SCOPES) | mapping.scopes


def check_claims(draft: Draft, checked: Checked) -> None:
    """Note what is wrong with tables, rules and examples."""
    settings = checked.settings
    aliases = known_aliases(settings)
    for name, table in settings.tables.items():
        if _is_good(("tables", name), checked):
            for below, message in table_faults(table, aliases):
                draft.fault(("tables", name, *below), message)
    _check_rules(draft, checked)
    for path in _lone_addresses(settings):
        message = "email_verified is always beside email: take both out, or none"
        draft.fault((*path, "source"), message)
    _check_built_in_offered(draft, settings)
    _check_reachable(draft, settings)
    for number, example in enumerate(settings.examples):
        if _is_good(("examples", number), checked):
            for key, message in _example_faults(example, settings):
                draft.fault(("examples", number, key), message)


def _check_rules(draft: Draft, checked: Checked) -> None:
    settings = checked.settings
    tables = build_tables(settings)
    for path, rule in _all_rules(settings):
        if _is_good(path, checked):
            for below, message in rule_faults(str(path[-1]), rule, tables):
                draft.fault((*path, *below), message)
            _check_offered(draft, path, rule, settings)
        elif fault := name_fault(str(path[-1])):
            draft.fault(path, fault)


def _all_rules(settings: Settings) -> Iterator[tuple[KeyPath, ClaimRuleSettings]]:
    for name, rule in settings.claims.items():
        yield ("claims", name), rule
    for number, client in enumerate(settings.clients):
        for name, rule in client.claim_rules.items():
            yield ("clients", number, "claim_rules", name), rule


def _lone_addresses(settings: Settings) -> Iterator[KeyPath]:
    """Find the rules that leave `email` alone: many take it for verified then."""
    if _is_lone(settings.claims):
        yield ("claims", "email_verified")
    for number, client in enumerate(settings.clients):
        own = client.claim_rules
        name = "email_verified" if "email_verified" in own else "email"
        if name in own and _is_lone({**settings.claims, **own}):
            yield ("clients", number, "claim_rules", name)


def _is_lone(rules: Mapping[str, ClaimRuleSettings]) -> bool:
    out = {name for name, rule in rules.items() if rule.source == NO_SOURCE}
    return "email_verified" in out and "email" not in out


def _is_good(path: KeyPath, checked: Checked) -> bool:
    """Tell whether no key of the table at *path* is faulty by itself."""
    return not any(known[: len(path)] == path for known in checked.left_out)


def _check_offered(
    draft: Draft, path: KeyPath, rule: ClaimRuleSettings, settings: Settings
) -> None:
    """Warn of a claim that RERO+ is never asked for: it would not be true, or never."""
    if rule.source in {*Source}:
        for scope in _missing_scopes(Source(rule.source), settings):
            draft.warn((*path, "source"), f"needs {scope} among upstream.scopes")


def _missing_scopes(source: Source, settings: Settings) -> list[str]:
    offered = {*settings.upstream.scopes, EMAIL_UPSTREAM_SCOPE, OLD_FORM_UPSTREAM_SCOPE}
    if OLD_FORM_UPSTREAM_SCOPE in settings.upstream.scopes:  # it gave whole records
        offered |= {"institution", "patron_type", "expiration_date"}
    return [s for s in SOURCES[source].upstream_scopes if s not in offered]


def _check_built_in_offered(draft: Draft, settings: Settings) -> None:
    """Warn of built-in claims, by scopes and by lists, that RERO+ is not asked for."""
    lacking: dict[str, set[str]] = {}
    for number, client in enumerate(settings.clients):
        written = {*settings.claims, *client.claim_rules}  # warned of where they stand
        mapping = mapping_of(settings, client)
        rules = {rule.name: rule for rule in mapping.rules if rule.name not in written}
        for name in mapping.given_by(client.scope.split()):
            if name in rules:
                for scope in _missing_scopes(rules[name].source, settings):
                    lacking.setdefault(scope, set()).add(name)
        for place, name in enumerate(client.claims):
            if name in rules:
                for scope in _missing_scopes(rules[name].source, settings):
                    message = f"needs {scope} among upstream.scopes"
                    draft.warn(("clients", number, "claims", place), message)
    for scope, names in sorted(lacking.items()):
        message = f"lacks {scope}, needed by {', '.join(sorted(names))}"
        draft.warn(("upstream", "scopes"), message)


def _check_reachable(draft: Draft, settings: Settings) -> None:
    """Warn of claims that no client can get: a scope is missing somewhere."""
    reached: set[str] = set()
    for client in settings.clients:
        scopes = {*client.scope.split()}
        reached |= {*mapping_of(settings, client).given_by(scopes), *client.claims}
    for name, rule in settings.claims.items():
        if settings.clients and rule.source in {*Source} and name not in reached:
            message = "no client gets it: its scopes are not in any client's scope"
            draft.warn(("claims", name), message)
    for number, client in enumerate(settings.clients):
        scopes = {*client.scope.split()}
        given = {*mapping_of(settings, client).given_by(scopes), *client.claims}
        for name, rule in client.claim_rules.items():
            if rule.source in {*Source} and name not in given:
                message = "this client does not get it: add its scope to scope"
                draft.warn(("clients", number, "claim_rules", name), message)


def check_claim_names(
    draft: Draft, path: KeyPath, client: ClientDefaults, checked: Checked
) -> None:
    """See that the claims that a client lists are there."""
    settings = checked.settings
    known = {*mapping_of(settings, client).names}
    known |= _written(settings, client)  # those with faults of their own, too
    for key in ("claims", "id_token_claims"):
        names: Iterable[str] = getattr(client, key)
        for number, name in enumerate(names):
            if name not in known:
                guess = did_you_mean(name, known)
                message = f"there is no such claim.{guess} It is one of "
                draft.fault((*path, key, number), message + ", ".join(sorted(known)))


def _written(settings: Settings, client: ClientDefaults) -> set[str]:
    own = client.claim_rules if isinstance(client, ClientSettings) else {}
    rules = {**settings.claims, **own}
    return {name for name, rule in rules.items() if rule.source != NO_SOURCE}


def check_scope(
    draft: Draft, path: KeyPath, client: ClientDefaults, checked: Checked
) -> None:
    """See that openid is among a client's scopes, and warn of unknown ones."""
    scopes = client.scope.split()
    if "openid" not in scopes:
        draft.fault((*path, "scope"), "must hold openid (OIDC Core 3.1.2.1)")
    known = known_scopes(mapping_of(checked.settings, client))
    if len(known.intersection(scopes)) > MAX_SCOPES:
        draft.fault((*path, "scope"), f"holds more than {MAX_SCOPES} scopes")
    for scope in scopes:
        if scope not in known:
            guess = did_you_mean(scope, known)
            message = f"one of its scopes is not known here and never granted.{guess}"
            draft.warn((*path, "scope"), message)


def _example_faults(
    example: ExampleSettings, settings: Settings
) -> Iterator[tuple[str, str]]:
    clients = [client.client_id for client in settings.clients]
    if example.client not in clients:
        guess = did_you_mean(example.client, clients)
        yield "client", f"there is no such client.{guess}"
    if example.refused is not None and example.refused not in _REASONS:
        guess = did_you_mean(example.refused, _REASONS)
        known = ", ".join(_REASONS)
        yield "refused", f"there is no such reason.{guess} It is one of {known}"
    if example.refused is not None and example.allowed is not None:
        yield "allowed", "stands beside refused: keep one of the two"
    expected = (example.refused, example.allowed, example.claims, example.id_token)
    if all(value is None for value in expected):
        yield "client", "this example expects nothing: write allowed, refused or claims"
    is_claims = example.claims is not None or example.id_token is not None
    if is_claims and (example.refused is not None or example.allowed is False):
        key = "claims" if example.claims is not None else "id_token"
        yield key, "a patron who is refused brings no claims: leave them out"
    if example.scope is not None and "openid" not in example.scope.split():
        yield "scope", "must hold openid (OIDC Core 3.1.2.1)"
