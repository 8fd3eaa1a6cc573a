"""ClaimMapping: a patron and the granted scopes become standard claims.

A claim is given only where it is true: RERO+ knows no user name, no locale and no time
of the last change, so there is no preferred_username, locale or updated_at.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bridge.core.client import Client, EmailMode
from bridge.core.eligibility import is_current
from bridge.core.errors import InvalidRequest, UnmetAuthenticationRequirements
from bridge.core.patron import JsonObject, JsonValue, Membership, Patron

# What each scope gives. birthdate is not in `profile` here: it is personal beyond need,
# so it comes only by the claims parameter or where the client's registration lists it.
SCOPE_CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("name", "given_name", "family_name"),
    "email": ("email", "email_verified"),
    "rero": ("rero_memberships", "rero_institutions", "rero_patron_types"),
}
CLAIMS: Final = (
    "sub",
    "name",
    "given_name",
    "family_name",
    "birthdate",
    "email",
    "email_verified",
    "rero_memberships",
    "rero_institutions",
    "rero_patron_types",
)
# Which scopes of RERO+ a claim is made from.
UPSTREAM_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("fullname",),
    "given_name": ("fullname",),
    "family_name": ("fullname",),
    "birthdate": ("birthdate",),
    "rero_memberships": (
        "institution",
        "patron_type",
        "expiration_date",
        "patron_types",
    ),
    "rero_institutions": ("institution", "patron_types"),
    "rero_patron_types": ("institution", "patron_type", "patron_types"),
}
EMAIL_UPSTREAM_SCOPE: Final = "user:email"
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


def parse_claims_parameter(text: str) -> ClaimsRequest:
    """Read the `claims` parameter.

    Raises:
        InvalidRequest: it is not JSON, or not of the form of OIDC Core §5.5.
        UnmetAuthenticationRequirements: an acr value is essential.
    """
    if len(text) > MAX_CLAIMS_CHARACTERS:
        raise InvalidRequest("the claims parameter is too long")
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise InvalidRequest("the claims parameter is not JSON") from cause
    if not isinstance(asked, dict):
        raise InvalidRequest("the claims parameter is not a JSON object")
    members = {place: _member(asked, place) for place in ("id_token", "userinfo")}
    _check_acr(members["id_token"])
    return ClaimsRequest(
        id_token=tuple(name for name in CLAIMS if name in members["id_token"]),
        userinfo=tuple(name for name in CLAIMS if name in members["userinfo"]),
        subjects=_asked_subjects(members.values()),
    )


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

    birthdate belongs to the scope profile (OIDC Core §5.4), though not in its set here.

    Raises:
        InvalidRequest: as parse_claims_parameter.
    """
    if text is None:
        return ANYTHING
    asked = parse_claims_parameter(text)
    names = {name for value in client.scopes for name in SCOPE_CLAIMS.get(value, ())}
    names |= client.claims | ({"birthdate"} if "profile" in client.scopes else set())
    return ClaimsRequest(
        tuple(name for name in asked.id_token if name in names),
        tuple(name for name in asked.userinfo if name in names),
        asked.subjects,
    )


def requested_claims(
    client: Client, scope: Iterable[str], asked: ClaimsRequest
) -> frozenset[str]:
    """Return the names of all claims a login may give *client*, at either place."""
    names = {name for value in scope for name in SCOPE_CLAIMS.get(value, ())}
    names.update(asked.id_token, asked.userinfo, client.claims)
    if client.email is EmailMode.OMIT:
        names -= {"email", "email_verified"}
    return frozenset(names)


def upstream_scopes(
    client: Client, claims: Iterable[str], offered: Iterable[str]
) -> frozenset[str]:
    """Return the scopes to ask RERO+ for: what *claims* and the policy need, no more.

    *offered* are those that the bridge's registration at RERO+ has. RERO+ fails without
    any scope, so there is always one.
    """
    names = frozenset(claims)
    needed = {scope for name in names for scope in UPSTREAM_SCOPES.get(name, ())}
    if client.policy.institutions:
        needed.update(UPSTREAM_SCOPES["rero_institutions"])
    if client.policy.requires_membership:
        needed.update(("institution", "expiration_date", "patron_types"))
    asked = needed & set(offered)
    if not asked:
        least = sorted(offered, key=lambda s: (s != LEAST_UPSTREAM_SCOPE, s))[:1]
        asked = set(least or [LEAST_UPSTREAM_SCOPE])
    if client.email is EmailMode.UPSTREAM and "email" in names:
        asked.add(EMAIL_UPSTREAM_SCOPE)
    return frozenset(asked)


def patron_claims(patron: Patron, client: Client, sub: str, today: date) -> JsonObject:
    """Return every claim that is true of *patron*; the engine picks those asked for.

    `active` is computed here and now, never stored. *today* is that of Europe/Zurich.
    """
    claims: JsonObject = {"sub": sub}
    claims.update(name_claims(patron.fullname))
    if patron.birthdate is not None:
        claims["birthdate"] = patron.birthdate.isoformat()
    claims.update(_email_claims(patron, client, sub))
    if patron.memberships:
        claims.update(_membership_claims(patron.memberships, client, today))
    return claims


def name_claims(fullname: str | None) -> JsonObject:
    """Split "Last, First" (rero.md: a given name hardly holds a comma, so the last)."""
    if fullname is None:
        return {}
    family_name, comma, given_name = fullname.rpartition(", ")
    if not comma:
        # One part is empty at RERO+, or its older form "First Last": which part is
        # which cannot be told, so the whole stands as the family name.
        return {"name": fullname, "family_name": fullname}
    return {
        "name": f"{given_name} {family_name}",
        "given_name": given_name,
        "family_name": family_name,
    }


def _email_claims(patron: Patron, client: Client, sub: str) -> JsonObject:
    """Give an address that is never called verified: RERO+ does not vouch for it."""
    if client.email is EmailMode.UPSTREAM and patron.email is not None:
        return {"email": patron.email, "email_verified": False}
    if client.email is EmailMode.PLACEHOLDER and client.email_placeholder_domain:
        return {
            "email": f"{sub}@{client.email_placeholder_domain}",
            "email_verified": False,
        }
    return {}


def _membership_claims(
    memberships: tuple[Membership, ...], client: Client, today: date
) -> JsonObject:
    records: list[JsonValue] = []
    for membership in memberships:
        record: JsonObject = {}
        if membership.institution is not None:
            record["institution"] = membership.institution
        if membership.patron_type is not None:
            record["patron_type"] = membership.patron_type
        if membership.expires_on is not None:
            record["expiration_date"] = membership.expires_on.isoformat()
        record["active"] = is_current(membership, today, client.policy.day_rule)
        records.append(record)
    claims: JsonObject = {"rero_memberships": records}
    for claim, values in (
        ("rero_institutions", (m.institution for m in memberships)),
        ("rero_patron_types", (m.patron_type for m in memberships)),
    ):
        distinct = dict.fromkeys(value for value in values if value is not None)
        if distinct:
            claims[claim] = list(distinct)
    return claims
