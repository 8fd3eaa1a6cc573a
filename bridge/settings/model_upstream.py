"""The table [upstream]: RERO+, where patrons sign in."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from bridge.settings.fields import (
    AmrWord,
    BaseAddress,
    Callback,
    Proxy,
    ScopeWord,
    Section,
    Word,
)
from bridge.settings.secret import Secret


class UpstreamSettings(Section):
    """RERO+, where patrons sign in: one registration for the bridge."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = Field(
        description="Word that is part of every subject: never change it.",
        examples=["rero"],
    )
    base_url: BaseAddress = Field(
        description="Address of RERO+.", examples=["https://bib.rero.ch"]
    )
    client_id: Word = Field(
        description="The bridge's client id at RERO+.", examples=["rero-oidc-bridge"]
    )
    client_secret: Secret | None = Field(
        default=None,
        description="The bridge's secret at RERO+; better: client_secret_file.",
    )
    client_secret_file: Path | None = Field(
        default=None, description="File that holds the bridge's secret at RERO+."
    )
    scopes: tuple[ScopeWord, ...] = Field(
        default=(
            "fullname",
            "birthdate",
            "institution",
            "expiration_date",
            "patron_type",
            "patron_types",
        ),
        min_length=1,
        description="Scopes the registration has; each login asks for those it needs.",
    )
    deadline_s: float = Field(
        default=10,
        gt=0,
        le=60,
        description="Longest time of one call in all, in seconds.",
    )
    max_answer_bytes: int = Field(
        default=1_000_000,
        ge=1_000,
        le=100_000_000,
        description="Longest answer, in bytes.",
    )
    concurrent_calls: int = Field(
        default=32,
        ge=1,
        le=512,
        description="Calls to RERO+ at a time; more are refused.",
    )
    keep_tokens: bool = Field(
        default=False,
        description="Whether RERO+'s tokens of each patron are kept, sealed, so that "
        "refreshed tokens rest on a fresh answer of RERO+.",
    )
    refresh_after_s: int = Field(
        default=3_600,
        ge=60,
        le=30 * 86_400,
        description="How old claims must be for RERO+ to be asked anew at a refresh "
        "(keep_tokens).",
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust instead of the usual ones.",
    )
    proxy: Proxy = Field(
        default="", description="Proxy for the calls to RERO+, if any."
    )
    redirect_uri: Callback = Field(
        default="",
        description='Redirect URI registered at RERO+; "" is issuer + "/callback".',
    )
    accept_barcode: bool = Field(
        default=True,
        description="Whether the barcode identifies a patron where RERO+ gives no "
        "user id.",
    )
    amr: tuple[AmrWord, ...] = Field(
        default=("pwd",),
        max_length=10,
        description="How patrons sign in at RERO+ (RFC 8176), told in ID tokens; [] "
        "tells nothing.",
    )
    pass_language: bool = Field(
        default=True,
        description="Whether a language that the service asked for or the patron chose "
        "is passed on to RERO+'s pages.",
    )
    sign_in_again_via_signout: bool = Field(
        default=True,
        description="Whether a forced sign-in (prompt=login, max_age) leads through "
        "RERO+'s sign-out, so that it asks for the password.",
    )
