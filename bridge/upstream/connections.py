"""Connections to RERO+, each opened and used under the deadline of a sign-in.

A connection is made in three steps: TCP, tunnel, TLS. Nothing here knows of OAuth.
"""

import select
import socket
import ssl
import time
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bridge.upstream.deadline import Deadline
from bridge.upstream.reading import Answering
from bridge.upstream.writing import host_of, port_of, tunnel_request

# Firewalls forget idle connections without telling: what lay longer is opened anew.
MAX_IDLE_S: Final = 30


class Connection:
    """A socket to RERO+ that may serve one call after the other."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._rests_since = 0.0
        self._arrivals = select.poll()
        self._arrivals.register(connected, select.POLLIN)

    def send(self, request: bytes, deadline: Deadline) -> None:
        """Send a whole request, in one packet where it fits."""
        # For TLS it holds for each 16 kB alone; a request has less.
        self.socket.settimeout(deadline.left_s)
        self.socket.sendall(request)

    def rest(self) -> None:
        """Wait for a next call, now that the answer was read to its end."""
        self._rests_since = time.monotonic()

    def is_awake(self) -> bool:
        """Tell whether the connection serves a next call, or a new one is better.

        Nothing was asked, so what there is to read can only be the server's goodbye:
        a code that is sent now would be lost.
        """
        rested_s = time.monotonic() - self._rests_since
        return rested_s < MAX_IDLE_S and not self._arrivals.poll(0)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


class Dialler:
    """Opens connections: straight, or by a proxy, and over TLS where the URL says so.

    The proxy itself is spoken to without TLS; TLS to RERO+ goes through its tunnel.
    """

    def __init__(self, ca_file: str, proxy: str | None) -> None:
        self._ca_file = ca_file
        self._proxy = urlsplit(proxy) if proxy else None
        self._tls: ssl.SSLContext | None = None

    def plain_proxy(self, address: SplitResult) -> SplitResult | None:
        """Return the proxy that is asked without a tunnel, if there is one."""
        return self._proxy if address.scheme == "http" else None

    def dial(self, address: SplitResult, deadline: Deadline) -> Connection:
        """Open a connection to the host of *address*, within the deadline.

        Raises:
            ConnectionRefusedError: nobody listens, so nothing was sent.
            OSError: any other failure.
        """
        peer = self._proxy or address
        try:
            connected = connect(host_of(peer), port_of(peer), deadline)
            try:
                if address.scheme == "http":
                    return Connection(connected)
                if self._proxy is not None:
                    _open_tunnel(connected, self._proxy, address, deadline)
                connected.settimeout(deadline.left_s)  # one for the whole handshake
                connected = self._context().wrap_socket(
                    connected, server_hostname=host_of(address)
                )
                return Connection(connected)
            except BaseException:
                connected.close()
                raise
        except UnicodeError as error:  # no name at all, such as a label of 100 letters
            raise OSError("the name is impossible") from error

    def _context(self) -> ssl.SSLContext:
        """Make the context at the first use: a missing file fails calls, not starts."""
        if self._tls is None:
            context = ssl.create_default_context(cafile=self._ca_file)
            context.set_alpn_protocols(["http/1.1"])
            self._tls = context
        return self._tls


def _open_tunnel(
    connected: socket.socket,
    proxy: SplitResult,
    address: SplitResult,
    deadline: Deadline,
) -> None:
    """Ask the proxy for a tunnel; its answer has no body (RFC 9110 §9.3.6)."""
    connected.settimeout(deadline.left_s)
    connected.sendall(tunnel_request(proxy, address))
    answer = Answering()
    answer.receive_head(connected, deadline)
    if answer.status != 200 or answer.size_bytes:
        raise OSError("the proxy refuses the tunnel")


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address that answers, all of them within the deadline.

    The lookup of the name itself cannot be interrupted: the system's resolver has its
    own time limit.
    """
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        left_s = deadline.left_s
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connecting.settimeout(left_s)
            connecting.connect(address)
        except OSError as error:
            connecting.close()
            failure = error
        else:
            return connecting
    raise failure
