"""The tables [policies.NAME] and [institutions]: who may use a client."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from bridge.settings.fields import Section, Word

MAX_AGE: Final = 150
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TYPE: Final = re.compile(r"[^\x00-\x20\x7f:]{1,255}")


def check_institution(code: str) -> str:
    """Take the code of an institution of RERO+.

    Raises:
        ValueError: it is none.
    """
    if not _CODE.fullmatch(code):
        raise ValueError('is no code of an institution: write it as RERO+ does: "vs"')
    return code


def check_patron_type(text: str) -> str:
    """Take a patron type, alone or behind its institution and a colon.

    Raises:
        ValueError: it is neither.
    """
    institution, colon, code = text.rpartition(":")
    if not _TYPE.fullmatch(code) or (colon and not _CODE.fullmatch(institution)):
        raise ValueError('is no patron type: write "vs-std", or "vs:vs-std"')
    return text


def _is_not_empty(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("must hold at least one; without the key nothing is asked")
    return values


InstitutionCode = Annotated[str, AfterValidator(check_institution)]
PatronTypeCode = Annotated[str, AfterValidator(check_patron_type)]
Institutions = Annotated[tuple[InstitutionCode, ...], AfterValidator(_is_not_empty)]
PatronTypes = Annotated[tuple[PatronTypeCode, ...], AfterValidator(_is_not_empty)]
Subjects = Annotated[tuple[Word, ...], AfterValidator(_is_not_empty)]


class PolicySettings(Section):
    """Who may use a client: all lines must hold; docs/policies.md says it at length."""

    deny: Subjects = Field(
        default=(),
        description="Subjects (`sub` as the client knows them) that are refused.",
        examples=[["9f2c41d8a07be6535c1e4f0ab27d98613e5f70c4"]],
    )
    allow: Subjects = Field(
        default=(),
        description="Subjects that are let in whatever the lines below say.",
        examples=[["9f2c41d8a07be6535c1e4f0ab27d98613e5f70c4"]],
    )
    patron_record: bool = Field(
        default=True, description="Whether accounts without a library card are refused."
    )
    institutions: Institutions = Field(
        default=(),
        description="Codes of RERO+ institutions whose memberships count; without it, "
        "all.",
        examples=[["vs"]],
    )
    patron_types: PatronTypes = Field(
        default=(),
        description="Patron types that are let in, of any institution (vs-std) or of "
        "one (vs:vs-std).",
        examples=[["vs:vs-std"]],
    )
    membership: Literal["current", "any"] = Field(
        default="any", description="Whether an expired membership is refused (current)."
    )
    grace_days: int = Field(
        default=0,
        ge=0,
        le=3_650,
        description="Days that an expired membership counts on.",
    )
    day_rule: Literal["start", "end"] = Field(
        default="end", description="Whether the last day counts (end), or not (start)."
    )
    memberships: Literal["any", "all"] = Field(
        default="any",
        description="Whether one of the memberships that count must be of patron_types "
        "and current (any), or each (all).",
    )
    minimum_age: int | None = Field(
        default=None,
        ge=0,
        le=MAX_AGE,
        description="Age in whole years from which on patrons are let in.",
        examples=[16],
    )
    maximum_age: int | None = Field(
        default=None,
        ge=0,
        le=MAX_AGE,
        description="Age in whole years up to which patrons are let in.",
        examples=[25],
    )


class InstitutionsSettings(Section):
    """What institutions of RERO+ are called."""

    aliases: dict[InstitutionCode, InstitutionCode] = Field(
        default_factory=dict,
        description="Other codes of an institution, such as former ones; rbnj is known "
        "to be nj.",
        examples=[{"rbnj": "nj"}],
    )
