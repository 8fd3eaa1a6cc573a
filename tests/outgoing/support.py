"""What the tests of outgoing calls share: names, certificates, slow servers."""

import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge.outgoing.addresses import AddressRules
from bridge.outgoing.errors import OutgoingError, OutgoingFault
from bridge.outgoing.http import GuardedHttp, OutgoingRules
from bridge.outgoing.names import Resolver, system_resolver

NOW = 1_795_561_200
ON_LOOPBACK = AddressRules(allow_loopback=True)
SHORT_S = 0.3


class Names:
    """A resolver that gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def http_on_loopback(
    resolve: Resolver = system_resolver,
    *,
    ca_file: Path | None = None,
    deadline_s: float = 5,
) -> GuardedHttp:
    """Make the client of a bridge that is on loopback itself."""
    rules = OutgoingRules(
        ON_LOOPBACK, None if ca_file is None else str(ca_file), deadline_s
    )
    return GuardedHttp(rules, resolve)


def fault_of(http: GuardedHttp, url: str) -> OutgoingFault:
    """Fetch *url* and return what it fails by."""
    return failure_of(http, url).fault


def failure_of(http: GuardedHttp, url: str) -> OutgoingError:
    """Fetch *url* and return the error."""
    try:
        answer = http.get(url)
    except OutgoingError as error:
        return error
    raise AssertionError(f"answered {answer.status}")


def write_certificate(path: Path, name: str) -> Path:
    """Write a key and a self-signed certificate for *name* to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    try:
        names: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        names = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def drip(connection: socket.socket, content: bytes) -> None:
    """Send a byte every 20 ms until the bridge hangs up."""
    hung_up = threading.Event()
    for position in range(len(content)):
        connection.sendall(content[position : position + 1])
        hung_up.wait(0.02)
