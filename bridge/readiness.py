"""Whether the bridge can do its work: the checks behind /health/ready."""

import socket
from typing import Final

from bridge.app import Bridge
from bridge.core.errors import StoreError
from bridge.settings.addresses import own_address
from bridge.wiring import now

CONNECT_S: Final = 1.0


def check_ready(bridge: Bridge) -> dict[str, str]:
    """Return the checks of readiness: "ok", or what is wrong.

    RERO+ being down does not count: discovery and /token go on without it.
    """
    results = {"configuration": "ok", "store": "ok", "keys": "ok"}
    try:
        bridge.foundation.store.check_writable()
    except StoreError as error:
        results["store"] = str(error)
    services = bridge.services
    for alg in services.loaded.settings.keys.algorithms:
        try:
            services.keys.ring.active(alg, now())
        except KeyError:
            results["keys"] = f"no active key for {alg}"
    return results


def check_listening(listen: str) -> str:
    """Return "ok" if what listens on *listen* takes a connection within a second."""
    try:
        with socket.create_connection(own_address(listen), timeout=CONNECT_S):
            return "ok"
    except OSError:
        return f"{listen} takes no connection"
