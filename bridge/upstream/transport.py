"""HTTP to RERO+: kept connections, one deadline, bounded answers, no redirects.

`requests` is used by its transport adapter alone. A Session would add a cookie jar, the
environment's proxies and .netrc, redirects, and two thirds of the cost.
"""

import logging
import socket
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from bridge.core.errors import UpstreamFault, UpstreamGarbled, UpstreamUnavailable
from bridge.upstream.deadline import Breaker, Deadline, Watchdog
from bridge.upstream.settings import ReroSettings

# Firewalls forget idle connections without telling: what lay longer is opened anew.
MAX_IDLE_S: Final = 30


class Call:
    """One request on its way, as its connection must know it."""

    __slots__ = ("deadline", "is_refused")

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.is_refused = False  # no connection came about, so nothing was sent


# urllib3 hands a connection nothing of ours, so the thread carries the call.
_CALL: Final[ContextVar[Call]] = ContextVar("upstream_call")


class _WatchedConnection(HTTPConnection):
    """A connection that can be cut at its call's deadline, from the first byte on."""

    _breaker: Breaker | None = None
    _used_at: float = 0.0

    def _new_conn(self) -> socket.socket:
        call = _CALL.get()
        try:
            connected = _connect(self.host, self.port, call.deadline)
        except ConnectionRefusedError as error:
            call.is_refused = True
            raise NewConnectionError(self, "refused") from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except (OSError, UnicodeError) as error:  # UnicodeError: an impossible name
            raise NewConnectionError(self, "no connection") from error
        self._breaker = call.deadline.guard(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Put a kept connection under the deadline of its new call."""
        self._used_at = time.monotonic()
        if self._breaker is not None:
            _CALL.get().deadline.watch(self._breaker)
        super().request(*args, **kwargs)

    @property
    def is_connected(self) -> bool:
        """Tell whether the pool may use the connection again."""
        return super().is_connected and time.monotonic() - self._used_at < MAX_IDLE_S

    def close(self) -> None:
        """Close the connection, and its breaker when nobody needs it any more."""
        breaker, self._breaker = self._breaker, None
        super().close()
        if breaker is not None:
            breaker.retire()


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    """The same over TLS; the handshake is under the deadline, too."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


_POOLS: Final = {"http": _Pool, "https": _TlsPool}


def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
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


class _Adapter(HTTPAdapter):
    """requests' adapter with connections that can be cut, and without cookies."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_response(self, req: PreparedRequest, resp: BaseHTTPResponse) -> Response:
        """Keep status and stream: no cookie of RERO+ is ever read or kept."""
        response = Response()
        response.status_code = resp.status
        response.raw = resp
        return response


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: any status, and a body of bounded size."""

    status: int
    body: bytes


class Transport:
    """Sends requests to RERO+; safe for many threads."""

    def __init__(self, settings: ReroSettings) -> None:
        # Its warning of a damaged header quotes what RERO+ sent; a level on the parent
        # holds for all loggers beneath it.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)
        self._max_bytes = settings.max_answer_bytes
        self._verify: bool | str = settings.ca_file or True
        self._proxies: Mapping[str, str] | None = (
            {"http": settings.proxy, "https": settings.proxy}
            if settings.proxy
            else None
        )
        self._adapter = _Adapter(pool_maxsize=settings.concurrent_calls, max_retries=0)
        self._watchdog = Watchdog(settings.deadline_s)

    def start_deadline(self) -> Deadline:
        """Start the time that a whole sign-in has; end it by its `with` block."""
        return self._watchdog.start()

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    def send(self, request: PreparedRequest, deadline: Deadline) -> Answer:
        """Send *request* and read its whole answer.

        A refused connection is tried once more, since nothing was sent by it. Whatever
        else fails may have reached RERO+: the caller decides.

        Raises:
            UpstreamUnavailable: DOWN or DEADLINE.
            UpstreamGarbled: TOO_LARGE.
        """
        call = Call(deadline)
        try:
            return self._try_once(request, call)
        except UpstreamUnavailable:
            if not call.is_refused:
                raise
        return self._try_once(request, Call(deadline))

    def _try_once(self, request: PreparedRequest, call: Call) -> Answer:
        answer, failure = None, ""
        token = _CALL.set(call)
        try:
            left_s = call.deadline.left_s
            response = self._adapter.send(
                request,
                stream=True,
                timeout=(left_s, left_s),
                verify=self._verify,
                proxies=self._proxies,
            )
            answer = Answer(response.status_code, self._read(response.raw))
        except (RequestException, HTTPError, OSError) as error:
            # The text may quote what RERO+ sent: only the kind goes on, and what is
            # raised below has not even a context.
            failure = type(error).__name__
        finally:
            _CALL.reset(token)
        # After the deadline nothing counts: a cut answer can look like a whole one.
        if call.deadline.is_over:
            raise UpstreamUnavailable(UpstreamFault.DEADLINE)
        if answer is None:
            raise UpstreamUnavailable(UpstreamFault.DOWN, failure)
        if len(answer.body) > self._max_bytes:
            raise UpstreamGarbled(UpstreamFault.TOO_LARGE)
        return answer

    def _read(self, stream: BaseHTTPResponse) -> bytes:
        """Read up to one byte more than allowed, counted after decompression."""
        is_whole = False
        try:
            body = stream.read(self._max_bytes + 1, decode_content=True)
            is_whole = len(body) <= self._max_bytes
            return body
        finally:
            if not is_whole:
                stream.close()  # what is left in the socket must not be read later
            stream.release_conn()
