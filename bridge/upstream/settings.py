"""What the upstream adapter must know to reach RERO+."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.core.policy import ALIASES


@dataclass(frozen=True, slots=True)
class ReroSettings:
    """One registration of the bridge at one RERO+ instance; already validated."""

    base_url: str  # such as https://bib.rero.ch, with or without a slash at its end
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str  # byte for byte as registered at RERO+
    deadline_s: float = 10.0  # for the whole sign-in: connecting, both calls, bodies
    max_answer_bytes: int = 1_000_000  # of one answer, after decompression
    concurrent_calls: int = 32
    keep_tokens: bool = False  # tell the flow which tokens a login came with
    accept_barcode: bool = True  # recognise patrons by barcode where no user id is
    sign_in_again_via_signout: bool = True
    ca_file: str | None = None  # PEM; default: the authorities that requests ships
    proxy: str | None = None  # http URL; the environment's proxies are not read
    # Other names of institutions, folded: a record may have one, its key another.
    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)
