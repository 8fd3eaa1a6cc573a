"""The operator's desk: the store of the bridge, for a command beside it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bridge.core.errors import BridgeError, ConfigurationError
from bridge.core.grant import Grant
from bridge.core.patron import Identity
from bridge.flow.identities import SubjectSettings
from bridge.flow.subjects import SubjectParts
from bridge.observe.logs import EventLog
from bridge.provider.snapshot import open_snapshot
from bridge.settings.clients import build_clients
from bridge.settings.model import Settings
from bridge.signing.key_files import KeyFiles, load_keys
from bridge.store.contents import holds_subjects
from bridge.store.open import open_store
from bridge.wiring import (
    check_upstream,
    key_files,
    make_identities,
    now,
    upstream_record,
)

_NO_NEW_SALT: Final = (
    "the salt of the subjects does not exist, and the store {store} has patrons whose"
    " subjects were made with it. A new salt would make each of them a stranger: all"
    " accounts at all services would be lost. Put the salt back from the backup. Only"
    " where it is lost for ever, move the store away first and begin with an empty one"
)


def check_salt_may_be_made(files: KeyFiles, store: Path | None) -> None:
    """Refuse to make a salt beside a store whose patrons have subjects of another.

    Raises:
        ConfigurationError: the salt is to be put back; StoreError: nobody can tell.
    """
    if files.salt_file.exists() or store is None or not holds_subjects(store):
        return
    raise ConfigurationError([files.salt.fault(_NO_NEW_SALT.format(store=store))])


@contextmanager
def open_desk(settings: Settings) -> Iterator[SubjectParts]:
    """Open the configured store; a bridge at work reads there what is changed.

    Audit events go to standard error, as JSON: the log is the bridge's own.

    Raises:
        ConfigurationError, StoreError: it cannot be opened, or is not of this salt.
        BridgeError: it cannot be the one of a bridge at work.
    """
    keys = load_keys(key_files(settings))
    if settings.store.url == "memory:":
        raise BridgeError("store.url is memory:, which only `bridge serve` itself sees")
    store = open_store(settings.store.url, settings.store.durability)

    def open_grant(grant: Grant) -> tuple[Identity, str] | None:
        snapshot = open_snapshot(keys.sealer, grant.grant_id, grant.sealed)
        return None if snapshot is None else (snapshot.patron.identity, snapshot.sub)

    try:
        check_upstream(store, upstream_record(settings, keys.salt))
        yield SubjectParts(
            store=store,
            clients=build_clients(settings),
            identities=make_identities(settings, store, keys),
            settings=SubjectSettings(keys.salt, settings.upstream.id),
            sealer=keys.sealer,
            open_grant=open_grant,
            audit=EventLog(time.time, sys.stderr),
            now=now(),
        )
    finally:
        store.close()
