"""Which claims a login gives a client, and what RERO+ is asked for them.

A claim is given only where it is true: RERO+ knows no user name, no locale and no time
of the last change, so there is no preferred_username, locale or updated_at.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bridge.core.claim_mapping import DEFAULT_MAPPING
from bridge.core.claim_sources import (
    EMAIL_SOURCES,
    EMAIL_UPSTREAM_SCOPE,
    SOURCES,
    ClaimFacts,
    Source,
)
from bridge.core.client import CardMode, Client, EmailMode
from bridge.core.errors import InvalidRequest, UnmetAuthenticationRequirements
from bridge.core.patron import JsonObject, Patron
from bridge.core.policy import Policy

EMAIL_FROM_UPSTREAM: Final = frozenset({EmailMode.UPSTREAM, EmailMode.REQUIRED})
LEAST_UPSTREAM_SCOPE: Final = "institution"  # RERO+ wants one; this tells least
MAX_CLAIMS_CHARACTERS: Final = 4_000
MAX_CLAIM_REQUESTS: Final = 50


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What the `claims` parameter asks (OIDC Core §5.5): names we know, and a sub."""

    id_token: tuple[str, ...] = ()
    userinfo: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()  # the patron must be one of these; empty: anybody


ANYTHING: Final = ClaimsRequest()


def parse_claims_parameter(
    text: str, known: Iterable[str] = DEFAULT_MAPPING.names
) -> ClaimsRequest:
    """Read the `claims` parameter; of names only the *known* are kept.

    Raises:
        InvalidRequest: it is not JSON, not of the form of OIDC Core §5.5, or a member
            comes twice: another reader of the request might take the other one.
        UnmetAuthenticationRequirements: an acr value is essential.
    """
    if len(text) > MAX_CLAIMS_CHARACTERS:
        raise InvalidRequest("the claims parameter is too long")
    try:
        asked = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as cause:
        raise InvalidRequest("the claims parameter is not JSON") from cause
    if not isinstance(asked, dict):
        raise InvalidRequest("the claims parameter is not a JSON object")
    members = {place: _member(asked, place) for place in ("id_token", "userinfo")}
    _check_acr(members["id_token"])
    return ClaimsRequest(
        id_token=tuple(name for name in known if name in members["id_token"]),
        userinfo=tuple(name for name in known if name in members["userinfo"]),
        subjects=_asked_subjects(members.values()),
    )


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidRequest("a member of the claims parameter is doubled")
    return members


def _member(asked: Mapping[str, object], place: str) -> Mapping[str, object]:
    member = asked.get(place)
    if member is None:  # "id_token": null is legal
        return {}
    if not isinstance(member, dict) or len(member) > MAX_CLAIM_REQUESTS:
        raise InvalidRequest("a member of the claims parameter is not a JSON object")
    for request in member.values():
        if request is not None and not isinstance(request, dict):
            raise InvalidRequest("a claim request is neither null nor a JSON object")
    return member


def _check_acr(member: Mapping[str, object]) -> None:
    """Refuse an essential acr: RERO+ vouches for none (OIDC Core §5.5.1.1)."""
    request = member.get("acr")
    if not isinstance(request, dict) or request.get("essential") is not True:
        return
    if "value" in request or "values" in request:
        raise UnmetAuthenticationRequirements("no acr value can be given")


def _asked_subjects(members: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """Return the sub values that both members allow (OIDC Core §5.5.1)."""
    allowed: set[str] | None = None
    for member in members:
        request = member.get("sub")
        if not isinstance(request, dict):
            continue
        values = request.get("values", [])
        if "value" in request:
            values = [request["value"]]
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise InvalidRequest("a requested sub is not a string")
        if values:
            allowed = set(values) if allowed is None else allowed & set(values)
            if not allowed:
                raise InvalidRequest("the claims parameter asks for two subjects")
    return tuple(sorted(allowed or ()))


def asked_claims(text: str | None, client: Client) -> ClaimsRequest:
    """Read the `claims` parameter as far as the client's registration allows it.

    birthdate belongs to the scope profile (OIDC Core §5.4), though that alone does not
    give it here.

    Raises:
        InvalidRequest: as parse_claims_parameter.
    """
    if text is None:
        return ANYTHING
    asked = parse_claims_parameter(text, client.mapping.names)
    names = client.mapping.askable_by(client.scopes) | client.claims
    return ClaimsRequest(
        tuple(name for name in asked.id_token if name in names),
        tuple(name for name in asked.userinfo if name in names),
        asked.subjects,
    )


def requested_claims(
    client: Client, scope: Iterable[str], asked: ClaimsRequest
) -> frozenset[str]:
    """Return the names of all claims a login may give *client*, at either place."""
    given = client.mapping.given_by([*scope])
    return _may_have(client, {*given, *client.claims, *asked.userinfo, *asked.id_token})


def userinfo_names(
    client: Client, scope: Iterable[str], asked: ClaimsRequest
) -> frozenset[str]:
    """Return the claims of userinfo: by scope, registration and `claims` parameter."""
    given = client.mapping.given_by([*scope])
    return _may_have(client, {*given, *client.claims, *asked.userinfo})


def id_token_names(
    client: Client, scope: Iterable[str], asked: ClaimsRequest
) -> frozenset[str]:
    """Return the claims of the ID token: those asked for there, and copies.

    What the registration has copied is only what userinfo gives by the same scope.
    """
    copied = client.id_token_claims
    if copied:
        copied &= userinfo_names(client, scope, asked)
    return _may_have(client, copied.union(asked.id_token))


def _may_have(client: Client, names: Collection[str]) -> frozenset[str]:
    """Leave an address out where the client gets none, and never alone elsewhere.

    Keycloak takes an address for verified where email_verified does not say otherwise.
    """
    if client.email is EmailMode.OMIT:
        return frozenset(names) - client.mapping.made_from(EMAIL_SOURCES)
    if "email" in names and client.mapping.rule("email_verified") is not None:
        return frozenset((*names, "email_verified"))
    return frozenset(names)


def upstream_scopes(
    client: Client, claims: Iterable[str], offered: Iterable[str]
) -> frozenset[str]:
    """Return the scopes to ask RERO+ for: what *claims*, policy and cards need.

    *offered* are those that the bridge's registration at RERO+ has. RERO+ fails without
    any scope, so there is always one.
    """
    needed = client.mapping.upstream_scopes(frozenset(claims))
    sources = policy_sources(client.policy)
    if client.card is CardMode.ONE:
        sources |= {Source.MEMBERSHIPS}  # what the patron chooses by
    for source in sources:
        needed |= frozenset(SOURCES[source].upstream_scopes)
    asked = set(needed & frozenset(offered)) - {EMAIL_UPSTREAM_SCOPE}
    if not asked:
        least = sorted(offered, key=lambda s: (s != LEAST_UPSTREAM_SCOPE, s))[:1]
        asked = set(least or [LEAST_UPSTREAM_SCOPE])
    if client.email in EMAIL_FROM_UPSTREAM and EMAIL_UPSTREAM_SCOPE in needed:
        asked.add(EMAIL_UPSTREAM_SCOPE)
    return frozenset(asked)


def policy_sources(policy: Policy) -> frozenset[Source]:
    """Return what *policy* is decided by, as sources of claims name it."""
    asks_age = policy.minimum_age is not None or policy.maximum_age is not None
    needed = {
        Source.INSTITUTIONS: bool(policy.institutions) or policy.requires_membership,
        Source.PATRON_TYPES: bool(policy.patron_types),
        Source.EXPIRATION_DATES: policy.requires_membership,
        Source.BIRTHDATE: asks_age,
    }
    return frozenset(source for source, is_needed in needed.items() if is_needed)


def patron_claims(
    patron: Patron,
    client: Client,
    sub: str,
    today: date,
    names: Collection[str] | None = None,
) -> JsonObject:
    """Return `sub` and every claim that is true of *patron*, of *names* or of all.

    `active` is computed here and now, never stored. *today* is that of Europe/Zurich.
    """
    facts = ClaimFacts(
        patron,
        sub,
        today,
        client.policy.day_rule,
        client_email(patron, client, sub),
        is_email_verified=(
            client.passes_email_verified
            and client.email in EMAIL_FROM_UPSTREAM
            and patron.email_verified
        ),
    )
    return {"sub": sub, **client.mapping.claims(facts, names)}


def lacks_email(patron: Patron, client: Client, names: Collection[str]) -> bool:
    """Tell whether *client*, which cannot do without, would get no address."""
    wanted = client.mapping.made_from({Source.EMAIL})
    return (
        client.email is EmailMode.REQUIRED
        and patron.email is None
        and not wanted.isdisjoint(names)
    )


def client_email(patron: Patron, client: Client, sub: str) -> str | None:
    """Return the address of *patron* that *client* may have, or its placeholder."""
    if client.email in EMAIL_FROM_UPSTREAM:
        return patron.email
    if client.email is EmailMode.PLACEHOLDER and client.email_placeholder_domain:
        return f"{sub}@{client.email_placeholder_domain}"
    return None
