"""The adapter that `requests` goes through: kept connections, bounded answers.

requests lets an adapter carry its requests (requests.adapters.BaseAdapter). This one
has what the bridge needs of HTTP and no more: no redirects, no cookies, no retries, no
environment. Its price and its reasons: docs/decisions/0005-upstream-transport.md.
"""

import weakref
import zlib
from collections import defaultdict
from dataclasses import dataclass
from gzip import GzipFile
from io import BytesIO
from urllib.parse import SplitResult, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ContentDecodingError
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bridge.upstream.connections import Connection, Dialler
from bridge.upstream.deadline import Deadline
from bridge.upstream.reading import Answering
from bridge.upstream.settings import ReroSettings
from bridge.upstream.writing import CompletedRequest, fixed_head

_Kept = defaultdict[tuple[str, str], list[Connection]]


@dataclass(frozen=True, slots=True)
class _Written:
    """What all calls of one prepared request have in common."""

    address: SplitResult
    head: bytes


class KeptConnections(BaseAdapter):
    """Sends requests, each through a connection that no other call uses meanwhile."""

    def __init__(self, settings: ReroSettings) -> None:
        super().__init__()
        self._max_bytes = settings.max_answer_bytes
        self._max_kept = settings.concurrent_calls
        self._dialler = Dialler(
            settings.ca_file or DEFAULT_CA_BUNDLE_PATH, settings.proxy
        )
        # By scheme and host; the last one back is the first to go: the rest may age.
        self._kept: _Kept = defaultdict(list)
        self._written: weakref.WeakKeyDictionary[PreparedRequest, _Written] = (
            weakref.WeakKeyDictionary()
        )
        weakref.finalize(self, _close_all, self._kept)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: object = None,
    ) -> Response:
        """Send *request* once and read its answer; a body over the limit is not whole.

        *request* is a CompletedRequest and *timeout* the Deadline of the sign-in. The
        other arguments are requests' and of no effect: what they say of a call, the
        settings say of all.

        Raises:
            ConnectionRefusedError: nothing was sent.
            OSError: any other failure.
        """
        if not isinstance(timeout, Deadline):
            raise TypeError("the timeout must be a Deadline")
        if not isinstance(request, CompletedRequest):
            raise TypeError("the request must be a CompletedRequest")
        written = self._written.get(request.fixed) or self._write(request.fixed)
        kept = self._kept[written.address.scheme, written.address.netloc]
        connection = self._open(kept, written.address, timeout)
        answer = Answering()
        is_reusable = False
        try:
            connection.send(written.head + request.own_part(), timeout)
            body = answer.receive(connection.socket, timeout, self._max_bytes)
            is_reusable = answer.is_whole and not answer.is_last
        finally:
            if is_reusable and len(kept) < self._max_kept:
                connection.rest()
                kept.append(connection)
            else:
                connection.close()
        response = Response()
        response.status_code = answer.status
        response.raw = BytesIO(self._decoded(body, answer))
        return response

    def close(self) -> None:
        """Close the kept connections."""
        _close_all(self._kept)

    def _open(
        self, kept: list[Connection], address: SplitResult, deadline: Deadline
    ) -> Connection:
        """Take the connection that rested last, if it is still good, or a new one."""
        while kept:
            try:
                connection = kept.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_awake():
                return connection
            connection.close()
        return self._dialler.dial(address, deadline)

    def _write(self, request: PreparedRequest) -> _Written:
        address = urlsplit(request.url or "")
        head = fixed_head(request, self._dialler.plain_proxy(address))
        self._written[request] = written = _Written(address, head)
        return written

    def _decoded(self, body: bytes, answer: Answering) -> bytes:
        """Undo the coding of a body, up to one byte more than allowed.

        Raises:
            OSError: it is not compressed as it says.
        """
        coding = answer.headers.get(b"content-encoding")
        if coding is None or len(body) > self._max_bytes:
            return body
        try:
            return _decoded(body, coding.strip().lower(), self._max_bytes + 1)
        except (EOFError, zlib.error) as error:
            raise ContentDecodingError from error


def _close_all(kept: _Kept) -> None:
    for connections in list(kept.values()):
        while connections:
            connections.pop().close()


def _decoded(body: bytes, coding: bytes, max_bytes: int) -> bytes:
    """Undo the coding of a server that compresses unasked (RFC 9110 §8.4.1)."""
    if coding in (b"gzip", b"x-gzip"):
        return GzipFile(fileobj=BytesIO(body)).read(max_bytes)
    if coding == b"deflate":
        return zlib.decompressobj().decompress(body, max_bytes)
    return body
