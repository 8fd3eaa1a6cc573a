"""The adapter that `requests` goes through: kept connections, bounded answers.

requests lets an adapter carry its requests (requests.adapters.BaseAdapter). This one
has what the bridge needs of HTTP and no more: no redirects, no cookies, no retries, no
environment. Its price and its reasons: docs/decisions/0005-upstream-transport.md.
"""

import weakref
import zlib
from collections import defaultdict
from gzip import GzipFile
from http.client import HTTPResponse
from io import BytesIO
from urllib.parse import SplitResult, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ContentDecodingError
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bridge.upstream.connections import Connection, Dialler
from bridge.upstream.deadline import Deadline
from bridge.upstream.settings import ReroSettings

_Kept = defaultdict[tuple[str, str], list[Connection]]


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
        """Send *request* once and read its answer, up to a byte over the limit.

        *timeout* is the Deadline of the sign-in. The other arguments are requests' and
        of no effect: what they say of a call, the settings say of all.

        Raises:
            ConnectionRefusedError: nothing was sent.
            OSError, HTTPException: any other failure.
        """
        if not isinstance(timeout, Deadline):
            raise TypeError("the timeout must be a Deadline")
        address = urlsplit(request.url or "")
        kept = self._kept[address.scheme, address.netloc]
        connection = self._open(kept, address, timeout)
        is_reusable = False
        try:
            with connection.ask(request) as answer:
                body = self._read(answer)
                # Closed: it was read to its end, so nothing of it is on its way.
                is_reusable = answer.isclosed() and not answer.will_close
        finally:
            if is_reusable and len(kept) < self._max_kept:
                connection.rest()
                kept.append(connection)
            else:
                connection.close()
        response = Response()
        response.status_code = answer.status
        response.raw = BytesIO(body)
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
            if connection.wake(deadline):
                return connection
            connection.close()
        return self._dialler.dial(address, deadline)

    def _read(self, answer: HTTPResponse) -> bytes:
        """Read up to one byte more than allowed, counted after decompression.

        Raises:
            OSError, HTTPException: it is cut, or not compressed as it says.
        """
        limit = self._max_bytes
        if answer.length is not None and answer.length <= limit:
            body = answer.read()  # notices where it is shorter than it said
        else:
            body = answer.read(limit + 1)
        coding = answer.getheader("Content-Encoding")
        if coding is None or len(body) > limit:
            return body
        try:
            return _decoded(body, coding.strip().lower(), limit + 1)
        except (EOFError, zlib.error) as error:
            raise ContentDecodingError from error


def _close_all(kept: _Kept) -> None:
    for connections in list(kept.values()):
        while connections:
            connections.pop().close()


def _decoded(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Undo the coding of a server that compresses unasked (RFC 9110 §8.4.1)."""
    if coding in ("gzip", "x-gzip"):
        return GzipFile(fileobj=BytesIO(body)).read(max_bytes)
    if coding == "deflate":
        return zlib.decompressobj().decompress(body, max_bytes)
    return body
