"""What an outgoing call fails by, in the words of the log."""

from enum import StrEnum

from bridge.core.errors import BridgeError


class OutgoingFault(StrEnum):
    """Why there is no answer."""

    URL = "url"  # neither https, nor http on loopback
    NAME = "name"  # the host's name has no address
    ADDRESS = "address"  # one of the host's addresses may not be called
    CONNECTION = "connection"  # refused, or broken off
    TLS = "tls"  # the certificate does not fit, or is nobody's that is trusted
    DEADLINE = "deadline"  # not whole within the deadline
    TOO_LARGE = "too_large"
    NO_HTTP = "no_http"


class OutgoingError(BridgeError):
    """A call has no answer. The text never holds anything that came in."""

    def __init__(self, fault: OutgoingFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
