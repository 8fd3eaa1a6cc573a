"""The table [outgoing]: calls to addresses that a client's registration names."""

from pathlib import Path

from pydantic import Field

from bridge.settings.fields import Section


class OutgoingSettings(Section):
    """Calls to addresses of clients: jwks_uri, backchannel_logout_uri."""

    allow_private: bool = Field(
        default=False,
        description="Whether clients may be at private addresses (10.0.0.0/8, "
        "172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7).",
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust beside the usual ones.",
    )
