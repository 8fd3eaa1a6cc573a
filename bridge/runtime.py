"""A bridge at work in one process: its app and the threads beside it.

Everything is opened in the process that serves (after a fork): the store, the
management port, the watcher that takes up changed files, the cleaner, and the sender
of logout notices.
"""

import gc
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from bridge import __version__
from bridge.app import Bridge, open_bridge
from bridge.core.errors import ConfigurationError, Fault, StoreError
from bridge.flow.ports import Event
from bridge.readiness import check_listening, check_ready
from bridge.settings.addresses import split_listen
from bridge.settings.load import Loaded, load_settings
from bridge.settings.model import Settings
from bridge.web.management import Checks, Management, add_health
from bridge.wiring import key_files, now

WATCH_S: Final = 5.0
CLEAN_S: Final = 30.0
FAULTS_LOGGED: Final = 5
RESTART_ONLY: Final = ("issuer", "server", "store", "limits", "log", "outgoing")
COLLECT_AFTER: Final = 20_000  # objects more than before: a few megabytes at most

Signature = tuple[tuple[str, int, int, int], ...]


def signature(paths: Iterable[Path]) -> Signature:
    """Return what tells whether files changed: name, time, size and inode of each."""
    entries: list[tuple[str, int, int, int]] = []
    for path in sorted({*paths}):
        try:
            status = path.stat()
        except OSError:
            entries.append((str(path), 0, 0, 0))
        else:
            entries.append(
                (str(path), status.st_mtime_ns, status.st_size, status.st_ino)
            )
    return tuple(entries)


def watched_files(loaded: Loaded) -> list[Path]:
    """Return the files and folders whose change is taken up without a restart."""
    files = key_files(loaded.settings)
    keys = [files.directory, files.sealing_file, files.tokens_file, files.salt_file]
    return [*loaded.files, *keys, *files.directory.glob("*.pem")]


class Runtime:
    """Runs the threads beside a bridge; `close` ends them.

    *serves* says that server.listen is where this process serves: readiness looks.
    """

    def __init__(
        self,
        bridge: Bridge,
        path: Path | None,
        environ: Mapping[str, str],
        *,
        serves: bool = False,
    ) -> None:
        self.bridge = bridge
        self._serves = serves
        self._path = path
        self._environ = environ
        self._seen = signature(watched_files(bridge.services.loaded))
        self._tried = frozenset[Path]()  # read by the last look
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.management: Management | None = None

    def start(self) -> None:
        """Open the management port and start watcher, cleaner and logout sender.

        Without that port /health is served on the main one, and metrics nowhere.

        Raises:
            ConfigurationError: the management port is taken.
        """
        settings = self.bridge.foundation.settings
        listen = settings.server.management_listen
        if listen:
            self.management = _open_management(listen, self.bridge, self.ready)
            self.management.start()
        else:
            add_health(self.bridge.app, self.ready)
        self._every("watcher", WATCH_S, self.look)
        self._every("cleaner", CLEAN_S, self.clean)
        self.bridge.foundation.deliveries.sender.start()
        self.bridge.foundation.log.record(
            Event.SERVER_STARTED,
            version=__version__,
            listen=settings.server.listen,
            clients=len(self.bridge.services.web.clients),
        )

    def close(self) -> None:
        """End the threads and close the store."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.bridge.foundation.deliveries.sender.close()
        if self.management is not None:
            self.management.close()
        self.bridge.foundation.log.record(Event.SERVER_STOPPED)
        self.bridge.close()

    def ready(self) -> dict[str, str]:
        """Return the checks of readiness; a thread that a bug has ended counts, too."""
        sender = self.bridge.foundation.deliveries.sender
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        if not sender.is_alive():
            dead.append("sender")
        threads = f"ended: {', '.join(dead)}; restart the bridge" if dead else "ok"
        checks = {**check_ready(self.bridge), "threads": threads}
        if self._serves:
            # The management port is opened before the main one, and closed after it.
            checks["listen"] = check_listening(
                self.bridge.foundation.settings.server.listen
            )
        return checks

    def look(self) -> None:
        """Take up changed files; a faulty one keeps the old services and says so."""
        watched = self._watched()
        current = signature(watched)
        if current == self._seen:
            return
        self._seen = current
        foundation = self.bridge.foundation
        self._tried = frozenset()
        try:
            self._reload()
        except (ConfigurationError, StoreError) as error:
            foundation.metrics.reload_success.set(0)
            foundation.log.record(Event.CONFIG_REFUSED, reason=_reason(error))
            if isinstance(error, StoreError):
                self._seen = ()  # no file has to change for the store to come back
        else:
            foundation.metrics.reload_success.set(1)
            foundation.log.record(
                Event.CONFIG_LOADED, clients=len(self.bridge.services.web.clients)
            )
        if self._watched() != watched:
            # What was written to a new file since it was read is not known: once more.
            self._seen = ()

    def _watched(self) -> set[Path]:
        return {*watched_files(self.bridge.services.loaded), *self._tried}

    def _reload(self) -> None:
        """Build the services anew; where that fails, watch what was read for it, too.

        Raises:
            ConfigurationError, StoreError: the old services stay.
        """
        try:
            loaded = load_settings(self._path, self._environ)
        except ConfigurationError as error:
            self._tried = frozenset(map(Path, error.files))
            raise
        self._tried = frozenset(watched_files(loaded))
        _check_restart(self.bridge.foundation.settings, loaded.settings)
        self.bridge.replace(loaded)

    def clean(self) -> None:
        """Delete what is over; a bounded number of rows at a time."""
        foundation = self.bridge.foundation
        try:
            count = foundation.store.clean(now())
        except StoreError as error:
            foundation.log.bug(error)
            return
        if count:
            foundation.log.record(Event.STORE_CLEANED, count=count)

    def _every(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        def loop() -> None:
            while not self._stop.wait(seconds):
                work()

        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)


def open_runtime(
    path: Path | None,
    environ: Mapping[str, str] = os.environ,
    *,
    is_demonstration: bool = False,
    serves: bool = False,
) -> Runtime:
    """Load the configuration, open the bridge and start its threads; see `Runtime`.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
    """
    bridge = open_bridge(
        load_settings(path, environ), is_demonstration=is_demonstration
    )
    runtime = Runtime(bridge, path, environ, serves=serves)
    try:
        runtime.start()
    except BaseException:
        bridge.close()
        raise
    _calm_the_collector()
    return runtime


def _check_restart(running: Settings, changed: Settings) -> None:
    """Refuse what cannot change under open ports, an open store and sent links.

    Raises:
        ConfigurationError: with each such setting.
    """
    faults = [
        Fault(name, "was changed: that needs a restart")
        for name in RESTART_ONLY
        if getattr(running, name) != getattr(changed, name)
    ]
    if faults:
        raise ConfigurationError(faults)


def _calm_the_collector() -> None:
    """Have the collector look seldom, and never at what stays for ever.

    A login makes some thousands of short-lived objects, nearly all of which go by
    counting references; at the default of 700 the collector ran a dozen times a login.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def _open_management(listen: str, bridge: Bridge, checks: Checks) -> Management:
    try:
        return Management(
            split_listen(listen),
            checks,
            bridge.foundation.metrics.exposition,
        )
    except OSError as cause:
        message = f"{listen} cannot be listened on: {cause.strerror}"
        raise ConfigurationError(
            [Fault("server.management_listen", message)]
        ) from cause


def _reason(error: ConfigurationError | StoreError) -> str:
    """Say what is wrong in one field of the log; faults never hold a secret."""
    if isinstance(error, StoreError):
        return str(error)
    faults = [_told(fault) for fault in error.faults]
    more = len(faults) - FAULTS_LOGGED
    return "; ".join(faults[:FAULTS_LOGGED]) + (f"; {more} more" if more > 0 else "")


def _told(fault: Fault) -> str:
    line = "" if fault.line is None else f":{fault.line}"
    where = f"{fault.source}{line}: " if fault.source else ""
    return f"{where}{fault.key}: {fault.message}"
