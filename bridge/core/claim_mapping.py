"""ClaimMapping: which scope gives which claim, made from which source, and how.

A rule is a value: source, steps, scopes. The built-in mapping gives what docs/claims.md
lists; the configuration adds rules, replaces them and takes them out, for all clients
or for one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bridge.core.claim_functions import Function, Step, apply_step, result_kind
from bridge.core.claim_sources import SOURCES, ClaimFacts, Kind, Source
from bridge.core.patron import JsonObject, JsonValue

Constant: TypeAlias = str | bool | int | tuple[str, ...]

# Scopes that mean something else and can give no claim (OIDC Core §3.1.2.1, §11).
PROTOCOL_SCOPES: Final = ("openid", "offline_access")
# Claims that the protocol itself sets or reads, and one that is an object of its own
# form (OIDC Core §5.1.1): no rule may name them.
PROTOCOL_CLAIMS: Final = frozenset(
    "iss sub aud exp iat nbf jti nonce at_hash c_hash s_hash auth_time acr amr azp sid"
    " address events cnf act may_act scope client_id sub_jwk sub_id toe txn".split()
)
# What the standard claims are (OIDC Core §5.1): a rule may not make them anything else.
STANDARD_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        "name given_name family_name middle_name nickname preferred_username profile"
        " picture website email gender zoneinfo locale phone_number".split(),
        Kind.TEXT,
    ),
    "birthdate": Kind.DAY,
    "email_verified": Kind.BOOLEAN,
    "phone_number_verified": Kind.BOOLEAN,
    "updated_at": Kind.NUMBER,
}
# An address or its being verified is never made up: services link accounts by it.
OWN_SOURCES: Final = {
    "email": Source.EMAIL,
    "email_verified": Source.EMAIL_VERIFIED,
}


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """A claim: from which source, through which steps, by which scopes."""

    name: str
    source: Source
    scopes: tuple[str, ...] = ()  # each of them gives it
    steps: tuple[Step, ...] = ()
    constant: Constant | None = None
    on_request: tuple[str, ...] = ()  # with these the claims parameter may ask for it
    label: Mapping[str, str] = field(default_factory=dict)  # language -> for patrons

    @property
    def source_kind(self) -> Kind:
        """Return what the source gives."""
        if self.source is not Source.CONSTANT:
            return SOURCES[self.source].kind
        match self.constant:
            case bool():
                return Kind.BOOLEAN
            case int():
                return Kind.NUMBER
            case tuple():
                return Kind.TEXTS
        return Kind.TEXT

    @property
    def kind(self) -> Kind | None:
        """Return what the claim is; None: a step cannot take what comes before it."""
        kind: Kind | None = self.source_kind
        for step in self.steps:
            kind = None if kind is None else result_kind(kind, step)
        return kind

    def value(self, facts: ClaimFacts) -> JsonValue:
        """Return the claim's value; None: it is not known, and left out."""
        value = self._constant()
        if self.source is not Source.CONSTANT:
            value = SOURCES[self.source].read(facts)
        for step in self.steps:
            if value is None:
                return None
            value = apply_step(value, step, facts.today)
        return value

    def _constant(self) -> JsonValue:
        constant = self.constant
        return [*constant] if isinstance(constant, tuple) else constant


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """The rules of one client, in the order in which discovery lists the claims."""

    rules: tuple[ClaimRule, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all claims, `sub` first."""
        return ("sub", *(rule.name for rule in self.rules))

    @property
    def scopes(self) -> frozenset[str]:
        """Return every scope that gives a claim."""
        return frozenset(scope for rule in self.rules for scope in rule.scopes)

    def rule(self, name: str) -> ClaimRule | None:
        """Return the rule of the claim *name*."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def given_by(self, scopes: Collection[str]) -> tuple[str, ...]:
        """Return the claims that *scopes* give."""
        given = frozenset(scopes)
        return tuple(r.name for r in self.rules if not given.isdisjoint(r.scopes))

    def askable_by(self, scopes: Collection[str]) -> frozenset[str]:
        """Return the claims that the claims parameter may ask for, with *scopes*."""
        given = frozenset(scopes)
        return frozenset(
            rule.name
            for rule in self.rules
            if not given.isdisjoint((*rule.scopes, *rule.on_request))
        )

    def labels(self, language: str) -> dict[str, str]:
        """Return what patrons read for claims that the bridge has no words for."""
        return {
            rule.name: rule.label.get(language)
            or next(iter(rule.label.values()), rule.name)
            for rule in self.rules
            if rule.label or DEFAULT_MAPPING.rule(rule.name) is None
        }

    def made_from(self, sources: Collection[Source]) -> frozenset[str]:
        """Return the claims that are made from one of *sources*."""
        return frozenset(rule.name for rule in self.rules if rule.source in sources)

    def upstream_scopes(self, names: Collection[str]) -> frozenset[str]:
        """Return the scopes of RERO+ that the claims *names* are made from."""
        return frozenset(
            scope
            for rule in self.rules
            if rule.name in names
            for scope in SOURCES[rule.source].upstream_scopes
        )

    def claims(
        self, facts: ClaimFacts, names: Collection[str] | None = None
    ) -> JsonObject:
        """Return every claim that is known, of *names* or of all, without `sub`."""
        values = (
            (rule.name, rule.value(facts))
            for rule in self.rules
            if names is None or rule.name in names
        )
        return {name: value for name, value in values if value is not None}

    def changed(
        self, changes: Iterable[tuple[str, ClaimRule | None]]
    ) -> "ClaimMapping":
        """Return a mapping with rules added or, in their place, replaced; None: out."""
        rules = {rule.name: rule for rule in self.rules}
        for name, rule in changes:
            if rule is None:
                rules.pop(name, None)
            else:
                rules[name] = rule
        return ClaimMapping(tuple(rules.values()))


_DISTINCT: Final = (Step(Function.DISTINCT),)
# birthdate is not in `profile` here: it is personal beyond need, so it comes only by
# the claims parameter or where the client's registration lists it.
DEFAULT_MAPPING: Final = ClaimMapping(
    (
        ClaimRule("name", Source.NAME, ("profile",)),
        ClaimRule("given_name", Source.GIVEN_NAME, ("profile",)),
        ClaimRule("family_name", Source.FAMILY_NAME, ("profile",)),
        ClaimRule("birthdate", Source.BIRTHDATE, on_request=("profile",)),
        ClaimRule("email", Source.EMAIL, ("email",)),
        ClaimRule("email_verified", Source.EMAIL_VERIFIED, ("email",)),
        ClaimRule("rero_memberships", Source.MEMBERSHIPS, ("rero",)),
        ClaimRule("rero_institutions", Source.INSTITUTIONS, ("rero",), _DISTINCT),
        ClaimRule("rero_patron_types", Source.PATRON_TYPES, ("rero",), _DISTINCT),
    )
)
