"""The tables of the configuration: each setting with type, unit and safe default.

The sentences make docs/configuration.md and the JSON Schema. Relative paths are those
of the file that names them; `resolve.py` makes them absolute.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from bridge.core.colours import ACCENT, ACCENT_DARK, COLOUR
from bridge.settings.addresses import split_listen
from bridge.settings.fields import (
    Listen,
    Network,
    PageAddress,
    Section,
    Text,
)
from bridge.settings.model_clients import SigningAlgorithm


def check_colour(text: str) -> str:
    """Return *text*.

    Raises:
        ValueError: it is no colour in six digits.
    """
    if not COLOUR.fullmatch(text):
        raise ValueError('must be a colour in six digits, such as "#0a5796"')
    return text


Language = Literal["fr", "de", "it", "en"]
Colour = Annotated[str, AfterValidator(check_colour)]
Seconds = Annotated[int, Field(ge=1, le=400 * 86_400)]


class ServerSettings(Section):
    """Where and how the bridge listens."""

    listen: Listen = Field(
        default="127.0.0.1:8080", description="IP address and port of the service."
    )
    management_listen: Listen = Field(
        default="127.0.0.1:9090",
        description="IP address and port of /health and /metrics; never publish it. "
        'With "" there is no such port.',
    )
    trusted_proxies: tuple[Network, ...] = Field(
        default=(),
        description="Networks of proxies whose X-Forwarded-For is believed.",
    )
    threads: int = Field(
        default=32, ge=1, le=512, description="Requests answered at a time."
    )
    backpressure: int = Field(
        default=8_192, ge=1, le=100_000, description="Connections taken at a time."
    )
    tls_certificate_file: Path | None = Field(
        default=None,
        description="Certificate chain (PEM), if no proxy in front speaks TLS; a "
        "renewed one needs a restart.",
    )
    tls_key_file: Path | None = Field(
        default=None, description="Private key (PEM) of the certificate."
    )

    @field_validator("listen")
    @classmethod
    def _is_somewhere(cls, listen: str) -> str:
        split_listen(listen)  # "" would do for management_listen alone
        return listen


class StoreSettings(Section):
    """Where sessions and grants are kept."""

    url: Annotated[
        str, StringConstraints(pattern=r"^(sqlite:///[^\x00-\x1f?#]+|memory:)$")
    ] = Field(
        default="sqlite:///bridge.db",
        description='"sqlite:///relative.db", "sqlite:////absolute.db", or "memory:", '
        "which forgets everything at each start.",
    )
    durability: Literal["normal", "full"] = Field(
        default="normal",
        description='"full" loses nothing in a power cut; "normal" the last moments.',
    )

    @property
    def path(self) -> Path | None:
        """Return the file of a SQLite store, or None: in memory."""
        return None if self.url == "memory:" else Path(self.url[len("sqlite:///") :])


class KeysSettings(Section):
    """The signing keys; `bridge keys new` makes what is missing."""

    directory: Path = Field(
        default=Path("keys"),
        description="Folder of the signing keys and other key files.",
    )
    algorithms: tuple[SigningAlgorithm, ...] = Field(
        default=("RS256", "ES256"),
        description="Algorithms that ID tokens can be signed with: RS256 (a must), "
        "PS256, ES256, EdDSA.",
    )

    @field_validator("algorithms")
    @classmethod
    def _holds_rs256(cls, algorithms: tuple[str, ...]) -> tuple[str, ...]:
        # Discovery §3: id_token_signing_alg_values_supported MUST include RS256.
        if "RS256" not in algorithms:
            raise ValueError('must hold "RS256", which every client understands')
        return algorithms


class SealingSettings(Section):
    """The key that seals tickets and personal data at rest."""

    key_file: Path = Field(
        default=Path("sealing.key"),
        description="Sealing key; default inside keys.directory.",
    )


class TokensSettings(Section):
    """The key that tags codes and tokens."""

    key_file: Path = Field(
        default=Path("tokens.key"),
        description="Tag key; default inside keys.directory.",
    )


class SubjectsSettings(Section):
    """The salt that all subjects hang on: its loss changes every one of them."""

    salt_file: Path = Field(
        default=Path("subjects.salt"),
        description="Salt; default inside keys.directory.",
    )


class SessionSettings(Section):
    """How long a patron stays signed in at the bridge."""

    lifetime_s: Seconds = Field(
        default=28_800, description="Longest session, in seconds."
    )
    idle_s: Seconds = Field(default=1_800, description="Longest pause, in seconds.")


class LivesSettings(Section):
    """How long codes, tokens and tickets live."""

    code_s: int = Field(
        default=60, ge=1, le=600, description="Authorization code, in seconds."
    )
    access_token_s: int = Field(
        default=600, ge=30, le=86_400, description="Access token, in seconds."
    )
    id_token_s: int = Field(
        default=300, ge=30, le=86_400, description="ID token, in seconds."
    )
    refresh_idle_s: Seconds = Field(
        default=30 * 86_400, description="Refresh token that nobody uses, in seconds."
    )
    refresh_total_s: Seconds = Field(
        default=90 * 86_400,
        description="Refresh tokens of one login in all, in seconds.",
    )
    ticket_s: int = Field(
        default=900,
        ge=60,
        le=7_200,
        description="Time to sign in at RERO+, in seconds.",
    )
    refresh_leeway_s: int = Field(
        default=30,
        ge=0,
        le=300,
        description="How long a used refresh token gets the same answer again, "
        "in seconds; a client may have its own.",
    )


class LimitsSettings(Section):
    """What one browser, session, address or patron may use up."""

    authorize_per_session: int = Field(
        default=30,
        ge=1,
        le=100_000,
        description="Authorizations a minute in one session.",
    )
    callback_per_ticket: int = Field(
        default=10, ge=1, le=100_000, description="Callbacks a minute with one ticket."
    )
    callback_per_address: int = Field(
        default=30, ge=1, le=100_000, description="Callbacks a minute from one address."
    )
    grants_per_subject_and_client: int = Field(
        default=20,
        ge=1,
        le=1_000,
        description="Live logins of one patron at one client.",
    )
    sessions_per_subject: int = Field(
        default=20, ge=1, le=1_000, description="Live sessions of one patron."
    )
    request_bytes: int = Field(
        default=65_536,
        ge=8_192,
        le=1_048_576,
        description="Longest header, and longest body, in bytes.",
    )


class PagesSettings(Section):
    """What the pages show."""

    languages: tuple[Language, ...] = Field(
        default=("fr", "de", "it", "en"),
        min_length=1,
        description="Languages of the pages; the first is the fallback.",
    )
    title: Text = Field(
        default="RERO+", description="Name of the login, in every title."
    )
    privacy_url: PageAddress = Field(
        default="",
        description="Address of the privacy statement, linked on every page.",
    )
    accent: Colour = Field(
        default=ACCENT, description="Colour of buttons and links on light pages."
    )
    accent_dark: Colour = Field(
        default=ACCENT_DARK, description="The same on dark pages."
    )
    logo_file: Path | None = Field(
        default=None,
        description="Picture (PNG or SVG, 100,000 bytes at most) that stands in the "
        "place of the title at the top.",
    )
    logo_alt: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="",
        description='What the logo says, for those who do not see it; "" is the title.',
    )


class LogSettings(Section):
    """What is written to standard output."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least weight of what is logged."
    )
    format: Literal["json", "text", "auto"] = Field(
        default="auto", description='"auto" is text on a terminal, else JSON.'
    )
