"""Settings: the whole configuration, checked and frozen."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from bridge.settings.fields import BaseAddress, Section, Support, Text
from bridge.settings.model_claims import (
    ClaimRuleSettings,
    ExampleSettings,
    TableSettings,
)
from bridge.settings.model_clients import ClientDefaults, ClientSettings
from bridge.settings.model_outgoing import OutgoingSettings
from bridge.settings.model_policies import InstitutionsSettings, PolicySettings
from bridge.settings.model_sections import (
    KeysSettings,
    LimitsSettings,
    LivesSettings,
    LogSettings,
    PagesSettings,
    SealingSettings,
    ServerSettings,
    SessionSettings,
    StoreSettings,
    SubjectsSettings,
    TokensSettings,
)
from bridge.settings.model_upstream import UpstreamSettings

PolicyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Settings(Section):
    """The whole configuration."""

    issuer: BaseAddress = Field(
        description="Public address of the bridge, exactly what services enter; "
        "no slash at the end.",
        examples=["https://login.example.ch"],
    )
    support: Support = Field(
        default="",
        description="Where people may ask for help; shown on every error page.",
    )
    clients_file: Path | None = Field(
        default=None, description="JSON list of client metadata as in RFC 7591."
    )
    include: tuple[Text, ...] = Field(
        default=(), description="More files of this form, such as clients.d/*.toml."
    )
    server: ServerSettings = Field(default_factory=ServerSettings)
    upstream: UpstreamSettings
    outgoing: OutgoingSettings = Field(default_factory=OutgoingSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    keys: KeysSettings = Field(default_factory=KeysSettings)
    sealing: SealingSettings = Field(default_factory=SealingSettings)
    tokens: TokensSettings = Field(default_factory=TokensSettings)
    subjects: SubjectsSettings = Field(default_factory=SubjectsSettings)
    session: SessionSettings = Field(default_factory=SessionSettings)
    lives: LivesSettings = Field(default_factory=LivesSettings)
    limits: LimitsSettings = Field(default_factory=LimitsSettings)
    pages: PagesSettings = Field(default_factory=PagesSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    client_defaults: ClientDefaults = Field(default_factory=ClientDefaults)
    clients: tuple[ClientSettings, ...] = ()
    institutions: InstitutionsSettings = Field(default_factory=InstitutionsSettings)
    policies: dict[PolicyName, PolicySettings] = Field(default_factory=dict)
    claims: dict[str, ClaimRuleSettings] = Field(default_factory=dict)
    tables: dict[str, TableSettings] = Field(default_factory=dict)
    examples: tuple[ExampleSettings, ...] = ()
