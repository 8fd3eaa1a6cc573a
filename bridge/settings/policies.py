"""Checks across the keys of policies, and the core's policies made of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bridge.core.policy import ALIASES, DayRule, Policy, names_of, normalise_institution
from bridge.settings.draft import Draft
from bridge.settings.model import Settings
from bridge.settings.model_policies import PolicySettings
from bridge.settings.toml_lines import KeyPath
from bridge.settings.validate import Checked

ALIAS_PATH: Final = ("institutions", "aliases")


def build_policy(name: str, policy: PolicySettings, settings: Settings) -> Policy:
    """Make the core's policy, with every name that its institutions have."""
    aliases = known_aliases(settings)
    return Policy(
        name=name,
        deny=frozenset(policy.deny),
        allow=frozenset(policy.allow),
        requires_patron_record=policy.patron_record,
        institutions=names_of(policy.institutions, aliases),
        patron_types=frozenset(
            pair for text in policy.patron_types for pair in _pairs(text, aliases)
        ),
        requires_membership=policy.membership == "current",
        grace_days=policy.grace_days,
        day_rule=DayRule(policy.day_rule),
        requires_all=policy.memberships == "all",
        minimum_age=policy.minimum_age,
        maximum_age=policy.maximum_age,
    )


def _pairs(text: str, aliases: Mapping[str, str]) -> Iterable[tuple[str | None, str]]:
    institution, _, code = text.rpartition(":")
    names = names_of([institution], aliases) if institution else (None,)
    return [(name, code.casefold()) for name in names]


def known_aliases(settings: Settings) -> Mapping[str, str]:
    """Return every other name of an institution: the built-in ones, and those given."""
    given = {
        alias.casefold(): code.casefold()
        for alias, code in settings.institutions.aliases.items()
    }
    # Where the institution was renamed once more, its oldest name follows.
    built_in = {alias: given.get(code, code) for alias, code in ALIASES.items()}
    return built_in | given


def check_aliases(draft: Draft, settings: Settings) -> None:
    """See that each alias leads to a name that is none, and stands once."""
    aliases = settings.institutions.aliases
    folded = [alias.casefold() for alias in aliases]
    known = {*folded, *ALIASES}
    for alias, code in aliases.items():
        path = (*ALIAS_PATH, alias)
        if alias.casefold() == code.casefold():
            draft.fault(path, "is an alias of itself: leave it out")
        elif code.casefold() in known:
            draft.fault(path, "leads to another alias: write where that one leads")
        elif folded.count(alias.casefold()) > 1:
            draft.fault(path, "is written twice, in other letters: keep one of the two")


def check_policies(draft: Draft, checked: Checked) -> None:
    """Note what does not fit together in a policy, and policies that nothing uses."""
    settings = checked.settings
    for name, policy in settings.policies.items():
        path: KeyPath = ("policies", name)
        for check, keys in POLICY_CHECKS:
            read = {path[:1], path, ALIAS_PATH, ALIAS_PATH[:1]}
            read |= {(*path, key) for key in keys}
            if checked.left_out.isdisjoint(read):
                check(draft, path, policy, settings)
    check_use(draft, checked)


def check_use(draft: Draft, checked: Checked) -> None:
    """Warn of policies that no client names: perhaps one should."""
    holders = [checked.settings.client_defaults, *checked.settings.clients]
    used = {holder.policy for holder in holders}
    for name in checked.settings.policies:
        if name not in used:
            message = f'no client names it; write policy = "{name}" where it should'
            draft.warn(("policies", name), message)


def check_ages(
    draft: Draft, path: KeyPath, policy: PolicySettings, _: Settings
) -> None:
    low, high = policy.minimum_age, policy.maximum_age
    if low is not None and high is not None and low > high:
        message = f"must be at most maximum_age ({high}), else nobody is let in"
        draft.fault((*path, "minimum_age"), message)


def check_grace(
    draft: Draft, path: KeyPath, policy: PolicySettings, _: Settings
) -> None:
    if policy.grace_days and policy.membership == "any":
        message = 'changes nothing without membership = "current" beside it'
        draft.fault((*path, "grace_days"), message)


def check_all(draft: Draft, path: KeyPath, policy: PolicySettings, _: Settings) -> None:
    asks = policy.membership == "current" or policy.patron_types
    if policy.memberships == "all" and not asks:
        message = 'changes nothing without membership = "current" or patron_types'
        draft.fault((*path, "memberships"), message)


def check_subjects(
    draft: Draft, path: KeyPath, policy: PolicySettings, _: Settings
) -> None:
    for number, sub in enumerate(policy.allow):
        if sub in policy.deny:
            message = "stands in deny, too, which goes first: keep one of the two"
            draft.fault((*path, "allow", number), message)


def check_types(
    draft: Draft, path: KeyPath, policy: PolicySettings, settings: Settings
) -> None:
    """See that a patron type of one institution can be met."""
    aliases = known_aliases(settings)
    counted = {normalise_institution(code, aliases) for code in policy.institutions}
    for number, text in enumerate(policy.patron_types):
        institution = text.rpartition(":")[0]
        known = (
            not institution or normalise_institution(institution, aliases) in counted
        )
        if counted and not known:
            message = "is of an institution that is not among institutions"
            draft.fault((*path, "patron_types", number), message)


def check_upstream_scopes(
    draft: Draft, path: KeyPath, policy: PolicySettings, settings: Settings
) -> None:
    """See that RERO+ can be asked what the policy is decided by."""
    offered = settings.upstream.scopes
    needed = {
        "patron_types": ("patron_type", bool(policy.patron_types)),
        "membership": ("expiration_date", policy.membership == "current"),
        "minimum_age": ("birthdate", policy.minimum_age is not None),
        "maximum_age": ("birthdate", policy.maximum_age is not None),
    }
    for key, (scope, is_needed) in needed.items():
        # An older RERO+ gives whole records by the scope patron_types.
        is_given = scope in offered or (
            scope != "birthdate" and "patron_types" in offered
        )
        if is_needed and not is_given:
            draft.fault((*path, key), f"needs {scope} among upstream.scopes")


PolicyCheck = Callable[[Draft, KeyPath, PolicySettings, Settings], None]

POLICY_CHECKS: Final[Iterable[tuple[PolicyCheck, tuple[str, ...]]]] = (
    (check_ages, ("minimum_age", "maximum_age")),
    (check_grace, ("grace_days", "membership")),
    (check_all, ("memberships", "membership", "patron_types")),
    (check_subjects, ("allow", "deny")),
    (check_types, ("patron_types", "institutions")),
    (
        check_upstream_scopes,
        ("patron_types", "membership", "minimum_age", "maximum_age"),
    ),
)
