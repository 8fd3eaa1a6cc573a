"""Connections to RERO+ by the standard library's http.client, each under a deadline.

A connection is made here in three steps (TCP, tunnel, TLS) and then handed to
http.client, which writes requests and reads answers. Nothing here knows of OAuth.
"""

import select
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from requests import PreparedRequest

from bridge.upstream.deadline import Breaker, Deadline

# Firewalls forget idle connections without telling: what lay longer is opened anew.
MAX_IDLE_S: Final = 30
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class Connection(HTTPConnection):
    """A socket that speaks HTTP to one host, and can be cut from its first byte on."""

    def __init__(
        self,
        address: SplitResult,
        connected: socket.socket,
        breaker: Breaker,
        plain_proxy: SplitResult | None,
    ) -> None:
        super().__init__(_host(address), _port(address))
        self.default_port = _PORTS[address.scheme]  # it is not told in Host
        self.sock = connected
        self._breaker = breaker
        self._plain_proxy = plain_proxy
        self._rests_since = 0.0
        self._body = b""
        self._arrivals = select.poll()
        self._arrivals.register(connected, select.POLLIN)

    def ask(self, request: PreparedRequest) -> HTTPResponse:
        """Send *request* and read the head of its answer."""
        body = request.body or b""
        self._body = body if isinstance(body, bytes) else body.encode()
        proxy = self._plain_proxy
        # RFC 9112 §3.2: a proxy without a tunnel wants the whole URL.
        target = request.path_url if proxy is None else request.url
        self.putrequest(request.method or "", target or "", skip_accept_encoding=True)
        for name, value in request.headers.items():
            self.putheader(name, value)
        for name, value in _authorization(proxy).items():
            self.putheader(name, value)
        self.endheaders()
        return self.getresponse()

    def send(self, data: Any) -> None:
        """Send the head, as http.client hands it over, in one packet with the body."""
        body, self._body = self._body, b""
        super().send(data + body)

    def rest(self) -> None:
        """Wait for a next call, now that the answer was read to its end."""
        self._rests_since = time.monotonic()

    def wake(self, deadline: Deadline) -> bool:
        """Come under the deadline of a next call, or tell that a new one is better.

        Nothing was asked, so what there is to read can only be the server's goodbye:
        a code that is sent now would be lost.
        """
        if time.monotonic() - self._rests_since >= MAX_IDLE_S or self._arrivals.poll(0):
            return False
        deadline.watch(self._breaker)
        self.sock.settimeout(deadline.left_s)
        return True

    def close(self) -> None:
        """Close the connection, and its breaker when nobody needs it any more."""
        super().close()
        self._breaker.retire()


class Dialler:
    """Opens connections: straight, or by a proxy, and over TLS where the URL says so.

    The proxy itself is spoken to without TLS; TLS to RERO+ goes through its tunnel.
    """

    def __init__(self, ca_file: str, proxy: str | None) -> None:
        self._ca_file = ca_file
        self._proxy = urlsplit(proxy) if proxy else None
        self._tls: ssl.SSLContext | None = None

    def dial(self, address: SplitResult, deadline: Deadline) -> Connection:
        """Open a connection to the host of *address*, within the deadline.

        Raises:
            ConnectionRefusedError: nobody listens, so nothing was sent.
            OSError, HTTPException: any other failure.
        """
        peer = self._proxy or address
        try:
            connected = connect(_host(peer), _port(peer), deadline)
            breaker = deadline.guard(connected)
            try:
                if address.scheme == "http":
                    return Connection(address, connected, breaker, self._proxy)
                if self._proxy is not None:
                    _open_tunnel(connected, self._proxy, address)
                connected = self._context().wrap_socket(
                    connected, server_hostname=_host(address)
                )
                return Connection(address, connected, breaker, None)
            except BaseException:
                connected.close()
                breaker.retire()
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
    connected: socket.socket, proxy: SplitResult, address: SplitResult
) -> None:
    """Ask the proxy for a tunnel (RFC 9110 §9.3.6).

    http.client closes the socket under an answer that has no length. So it works on a
    duplicate, and the tunnel stays.
    """
    asking = HTTPConnection(_host(proxy), _port(proxy))
    asking.sock = connected.dup()
    asking.sock.settimeout(connected.gettimeout())
    host = _host(address)
    authority = f"[{host}]" if ":" in host else host
    authority += f":{_port(address)}"
    headers = {"Host": authority, **_authorization(proxy)}
    try:
        asking.request("CONNECT", authority, headers=headers)
        with asking.getresponse() as answer:
            if answer.status != 200:
                raise OSError("the proxy refuses the tunnel")
    finally:
        asking.close()


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address that answers, all of them within the deadline.

    The lookup of the name itself cannot be interrupted: the system's resolver has its
    own time limit.
    """
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        if deadline.is_over:
            raise TimeoutError("the deadline is over")
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connecting.settimeout(deadline.left_s)
            connecting.connect(address)
        except OSError as error:
            connecting.close()
            failure = error
        else:
            return connecting
    raise failure


def _host(address: SplitResult) -> str:
    return address.hostname or ""


def _port(address: SplitResult) -> int:
    return address.port or _PORTS[address.scheme]


def _authorization(proxy: SplitResult | None) -> Mapping[str, str]:
    if proxy is None or proxy.username is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    encoded = b64encode(credentials.encode()).decode()
    return {"Proxy-Authorization": f"Basic {encoded}"}
