"""Claims as they are written: rules, tables of texts, and examples that must hold."""

import re
from typing import Annotated, Final

from pydantic import Field, JsonValue, StringConstraints, field_validator

from bridge.core.claim_mapping import PROTOCOL_CLAIMS, PROTOCOL_SCOPES
from bridge.core.claim_sources import Source
from bridge.settings.fields import ScopeWord, Section, Text, Word
from bridge.settings.similar import did_you_mean

LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$")
]
# No "-": Moodle reads it as nesting. A letter first: _claim_names is the protocol's.
CLAIM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_:/.]{0,127}")
ClaimName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_:/.]{0,127}$")
]
TableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
NO_SOURCE: Final = "none"  # takes a rule out
_SOURCES: Final = (*(source.value for source in Source), NO_SOURCE)
_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"


class ClaimRuleSettings(Section):
    """One claim: from which source, through which functions, by which scopes."""

    source: str = Field(
        description="What it is made from; none takes the claim out.",
        examples=["institutions"],
    )
    scopes: tuple[ScopeWord, ...] | None = Field(
        default=None,
        description="Scopes that give it; by default those of the built-in claim of "
        "its name, else none: then a client's claims must list it.",
        examples=[["rero"]],
    )
    steps: tuple[Text, ...] = Field(
        default=(),
        description="Functions that its value goes through, in this order.",
        examples=[["distinct", "join:;"]],
    )
    constant: JsonValue = Field(
        default=None,
        description="Its value where the source is constant: a text, a whole number, "
        "true, false or a list of texts.",
        examples=["library"],
    )
    label: dict[LanguageTag, Text] = Field(
        default_factory=dict,
        description="What the consent page calls it, in each language.",
        examples=[{"fr": "Numéro de carte"}],
    )

    @field_validator("source")
    @classmethod
    def _is_known_source(cls, source: str) -> str:
        if source not in _SOURCES:
            guess = did_you_mean(source, _SOURCES)
            raise ValueError(
                f"there is no such source.{guess} It is one of {', '.join(_SOURCES)}"
            )
        return source

    @field_validator("scopes")
    @classmethod
    def _can_give_claims(cls, scopes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for scope in scopes or ():
            if scope in PROTOCOL_SCOPES:
                raise ValueError(f"{scope} gives no claims: write another scope")
        return scopes

    @field_validator("constant")
    @classmethod
    def _is_plain(cls, constant: JsonValue) -> JsonValue:
        is_list = isinstance(constant, list)
        texts = constant if isinstance(constant, list) else [constant]
        is_plain = (
            all(isinstance(text, str) and text for text in texts) and bool(texts)
            if is_list
            else isinstance(constant, bool | int) or bool(constant)
        )
        if isinstance(constant, dict | float) or not is_plain:
            raise ValueError(
                "must be a text, a whole number, true, false or a list of texts; "
                "no text may be empty"
            )
        return constant


class TableSettings(Section):
    """Readable texts for RERO+'s codes, for the function table."""

    texts: dict[Text, Text] = Field(
        min_length=1,
        description="Code and text; codes without regard to case.",
        examples=[{"vs": "Médiathèque Valais"}],
    )
    default: Text | None = Field(
        default=None,
        description="Text of every other code; without it such a value is left out.",
        examples=["RERO+"],
    )


class ExampleSettings(Section):
    """What a client must get for an answer of RERO+; checked at every start."""

    client: Word = Field(
        description="Whose policy and claims are tried.", examples=["keycloak-vs"]
    )
    patron: JsonValue = Field(
        description="The answer of RERO+, as a table or as JSON in quotes; also with "
        "the members info and token.",
        examples=[{"user_id": 3, "fullname": "Simon, Jean"}],
    )
    today: Annotated[str, StringConstraints(pattern=_DAY)] = Field(
        description="The day of the login.", examples=["2026-11-25"]
    )
    scope: Text | None = Field(
        default=None,
        description="Scopes that the client asks; by default all that it may.",
        examples=["openid profile"],
    )
    allowed: bool | None = Field(
        default=None, description="Whether the patron is let in: true or false."
    )
    refused: str | None = Field(
        default=None,
        description="Why the patron is refused.",
        examples=["membership_expired"],
    )
    claims: dict[str, JsonValue] | None = Field(
        default=None,
        description="All claims that the client gets at userinfo, without sub, which "
        "is forty zeros in examples.",
        examples=[{"name": "Jean Simon"}],
    )
    id_token: dict[str, JsonValue] | None = Field(
        default=None,
        description="All claims of the patron that its ID token holds, without sub.",
        examples=[{"name": "Jean Simon"}],
    )


def name_fault(name: str) -> str | None:
    """Say why no claim may be called *name*, or return None."""
    if not CLAIM_NAME.fullmatch(name):
        return (
            "is not a claim's name: write a letter, then letters, digits and _ : / . "
            "only (Moodle reads - as nesting)"
        )
    if name in PROTOCOL_CLAIMS:
        return "is a claim of the protocol itself: call yours otherwise"
    return None
