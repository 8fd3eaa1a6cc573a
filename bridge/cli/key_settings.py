"""What the configuration says of keys, read before any other secret is there."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.cli.output import Options
from bridge.settings.draft import Draft
from bridge.settings.environment import apply_environment
from bridge.settings.files import find_file, read_clients_file, read_files
from bridge.settings.members import prepare_clients
from bridge.settings.model import Settings
from bridge.settings.resolve import with_paths
from bridge.settings.validate import validate
from bridge.signing.inventory import Keeping
from bridge.signing.key_files import KeyFiles
from bridge.wiring import key_files

# Services may still look at an ID token that is over, and send it back as a hint.
HINTS_S: Final = 14 * 86_400
# Rows are deleted an hour after their end.
CLEANED_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class KeySettings:
    """Where keys lie, and how long they stay after they have made the last thing."""

    files: KeyFiles
    keeping: Keeping
    store: Path | None  # the file of the store; None: it is in memory


def key_settings(options: Options) -> KeySettings:
    """Take places and lives of all keys from the configuration.

    Secrets of others (upstream, clients) are not read: keys can be made before them.

    Raises:
        ConfigurationError: with every fault that the files and variables show alone.
    """
    draft = Draft(find_file(options.config, os.environ))
    read_files(draft)
    apply_environment(draft, os.environ)
    read_clients_file(draft)
    prepare_clients(draft)
    settings = with_paths(draft, validate(draft).settings)
    if draft.faults:
        raise draft.error()
    return KeySettings(key_files(settings), _keeping(settings), settings.store.path)


def _keeping(settings: Settings) -> Keeping:
    lives, session = settings.lives, settings.session
    row_s = max(lives.refresh_total_s, session.lifetime_s, lives.ticket_s)
    handle_s = max(lives.refresh_total_s, lives.access_token_s, lives.code_s)
    return Keeping(
        sign_s=lives.id_token_s + HINTS_S,
        seal_s=row_s + CLEANED_S,
        tag_s=handle_s + CLEANED_S,
    )
