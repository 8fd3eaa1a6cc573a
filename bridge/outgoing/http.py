"""HTTP to addresses that a registration names: one guarded call at a time.

https only (http on loopback), no redirects, no proxies, no cookies, nothing of the
environment; one deadline over all; a small answer. The host is looked up once, all its
addresses are judged, and what is connected to is one of those very addresses, so that a
second, different answer of its DNS (rebinding) reaches nothing. TLS verifies the name.
"""

import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from socket import create_connection, socket
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bridge import __version__
from bridge.outgoing.addresses import AddressRules, is_acceptable, is_loopback
from bridge.outgoing.deadline import Deadline, start_deadline
from bridge.outgoing.errors import OutgoingError, OutgoingFault
from bridge.outgoing.names import Lookups, Resolver, system_resolver
from bridge.outgoing.wire import Wire

DEADLINE_S: Final = 5.0
MAX_ANSWER_BYTES: Final = 65_536
_MAX_RECEIVED_BYTES: Final = 2 * MAX_ANSWER_BYTES  # with head and framing
_MAX_ADDRESSES_TRIED: Final = 4
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class OutgoingRules:
    """What the settings say of outgoing calls."""

    addresses: AddressRules = field(default_factory=AddressRules)
    ca_file: str | None = None  # trusted beside the usual certificates
    deadline_s: float = DEADLINE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status: redirects are not followed."""

    status: int
    body: bytes  # whole; of the answer to a form nothing is read
    cache_control: str = ""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class GuardedHttp:
    """Calls addresses of registrations; safe for many threads."""

    def __init__(
        self, rules: OutgoingRules, resolve: Resolver = system_resolver
    ) -> None:
        self._rules = rules
        self._lookups = Lookups(resolve)

    def get(self, url: str) -> Answer:
        """Fetch a JSON document.

        Raises:
            OutgoingError: there is no whole answer.
        """
        return self._call(_Request("GET", url, {"Accept": "application/json"}))

    def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send *form* as application/x-www-form-urlencoded.

        The status is the answer: the body behind a whole header is not waited for.

        Raises:
            OutgoingError: there is no whole header; the form may have arrived.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call(_Request("POST", url, headers, urlencode(form).encode()))

    def _call(self, request: _Request) -> Answer:
        try:
            return self._exchange(request, start_deadline(self._rules.deadline_s))
        except (OSError, HTTPException, ValueError) as error:
            fault = _fault_of(error)
        # Raised out here it has no context: the text below may quote what came in.
        raise OutgoingError(fault)

    def _exchange(self, request: _Request, deadline: Deadline) -> Answer:
        target = _target_of(request.url)
        addresses = self._checked_addresses(target, deadline)
        with closing(self._connect(target, addresses, deadline)) as connected:
            connection = self._connection_to(target)
            connection.sock = Wire(connected, deadline, _MAX_RECEIVED_BYTES)
            connection.auto_open = 0  # it never connects by itself, and by a lookup
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            headers = {
                "User-Agent": f"rero-oidc-bridge/{__version__}",
                "Connection": "close",
                **request.headers,
            }
            connection.request(request.method, path, request.body, headers)
            response = connection.getresponse()
            body = b"" if request.method == "POST" else _whole_body(response)
            return Answer(
                response.status, body, response.getheader("Cache-Control") or ""
            )

    def _checked_addresses(
        self, target: SplitResult, deadline: Deadline
    ) -> Sequence[str]:
        """Look the host up, once, and refuse it for any address that is refused."""
        addresses = self._lookups.addresses(
            target.hostname or "", _port_of(target), deadline
        )
        if not addresses:
            raise OutgoingError(OutgoingFault.NAME)
        rules = self._rules.addresses
        for address in addresses:
            is_clear = target.scheme == "https" or is_loopback(address)
            if not is_clear or not is_acceptable(address, rules):
                raise OutgoingError(OutgoingFault.ADDRESS)
        return addresses[:_MAX_ADDRESSES_TRIED]

    def _connect(
        self, target: SplitResult, addresses: Sequence[str], deadline: Deadline
    ) -> socket:
        """Connect to the first of *addresses* that answers, and speak TLS there."""
        connected = _dial(addresses, _port_of(target), deadline)
        if target.scheme == "http":
            return connected
        try:
            connected.settimeout(deadline.left_s)  # one for the whole handshake
            return self._tls.wrap_socket(connected, server_hostname=target.hostname)
        except BaseException:
            connected.close()
            raise

    def _connection_to(self, target: SplitResult) -> HTTPConnection:
        """Return what writes requests, the header Host by itself, and reads answers."""
        host, port = target.hostname or "", _port_of(target)
        if target.scheme == "http":
            return HTTPConnection(host, port)
        return HTTPSConnection(host, port, context=self._tls)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made at the first use: a file that went missing fails calls, not reloads."""
        context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        if self._rules.ca_file is not None:
            context.load_verify_locations(self._rules.ca_file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def _target_of(url: str) -> SplitResult:
    """Take apart an address as the settings take it; checked here once more.

    Raises:
        OutgoingError: it may not be called, whatever its host resolves to.
    """
    target = urlsplit(url)
    host = target.hostname
    may_be_clear = host == "localhost" or is_loopback(host or "")
    is_good = target.scheme == "https" or (target.scheme == "http" and may_be_clear)
    if not is_good or not host or "@" in target.netloc:
        raise OutgoingError(OutgoingFault.URL)
    return target


def _port_of(target: SplitResult) -> int:
    return target.port or _PORTS[target.scheme]


def _whole_body(response: HTTPResponse) -> bytes:
    """Read a body that is neither too long nor cut: http.client does not tell both.

    Raises:
        OutgoingError, HTTPException
    """
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise OutgoingError(OutgoingFault.TOO_LARGE)
    if response.length:
        raise IncompleteRead(b"", response.length)
    return body


def _dial(addresses: Sequence[str], port: int, deadline: Deadline) -> socket:
    """Connect to the first address that answers; each has its share of the time."""
    failure = OSError("the name has no address")
    for number, address in enumerate(addresses):
        share_s = deadline.left_s / (len(addresses) - number)
        try:
            return create_connection((address, port), timeout=share_s)
        except OSError as error:
            failure = error
    raise failure


def _fault_of(error: Exception) -> OutgoingFault:
    if isinstance(error, TimeoutError):
        return OutgoingFault.DEADLINE
    if isinstance(error, ssl.SSLError):
        return OutgoingFault.TLS
    # http.client's RemoteDisconnected is both; ValueError comes of sizes below zero.
    is_broken_off = isinstance(error, OSError)
    return OutgoingFault.CONNECTION if is_broken_off else OutgoingFault.NO_HTTP
