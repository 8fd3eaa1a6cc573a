"""HTTP to RERO+: one deadline for a sign-in, bounded answers, and faults by our names.

`requests` is used by its transport adapter alone. A Session would add a cookie jar, the
environment's proxies and .netrc, redirects, and two thirds of the cost.
"""

import math
import time
from dataclasses import dataclass

from requests import Response

from bridge.core.errors import UpstreamFault, UpstreamGarbled, UpstreamUnavailable
from bridge.upstream.adapter import KeptConnections
from bridge.upstream.deadline import Deadline
from bridge.upstream.settings import ReroSettings
from bridge.upstream.writing import CompletedRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: any status, and a body of bounded size."""

    status: int
    body: bytes


class Transport:
    """Sends requests to RERO+; safe for many threads."""

    def __init__(self, settings: ReroSettings) -> None:
        self._max_bytes = settings.max_answer_bytes
        self._adapter = KeptConnections(settings)
        self._deadline_s = settings.deadline_s

    def start_deadline(self, at_most_s: float = math.inf) -> Deadline:
        """Start the time that a whole sign-in has; *at_most_s* shortens it."""
        return Deadline(time.monotonic() + min(self._deadline_s, at_most_s))

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    def send(self, request: CompletedRequest, deadline: Deadline) -> Answer:
        """Send *request* and read its whole answer.

        A refused connection is tried once more, since nothing was sent by it. Whatever
        else fails may have reached RERO+: the caller decides.

        Raises:
            UpstreamUnavailable: DOWN or DEADLINE.
            UpstreamGarbled: TOO_LARGE.
        """
        answer, failure = None, ""
        try:
            response = self._ask(request, deadline)
            answer = Answer(response.status_code, response.raw.read())
        except OSError as error:
            # The text may quote what RERO+ sent: only the kind goes on, and what is
            # raised below has not even a context.
            failure = type(error).__name__
        # After the deadline nothing counts: a cut answer can look like a whole one.
        if deadline.is_over:
            raise UpstreamUnavailable(UpstreamFault.DEADLINE)
        if answer is None:
            raise UpstreamUnavailable(UpstreamFault.DOWN, failure)
        if len(answer.body) > self._max_bytes:
            raise UpstreamGarbled(UpstreamFault.TOO_LARGE)
        return answer

    def _ask(self, request: CompletedRequest, deadline: Deadline) -> Response:
        try:
            return self._adapter.send(request, timeout=deadline)
        except ConnectionRefusedError:
            return self._adapter.send(request, timeout=deadline)
