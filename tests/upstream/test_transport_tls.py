"""TLS to RERO+: verified by the configured authorities, and under the deadline."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.core.errors import UpstreamFault, UpstreamUnavailable
from tests.upstream.support import (
    INFO,
    TOKEN,
    Rero,
    bridge_at,
    http,
    raw_server,
    read_request,
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a key and a self-signed certificate for 127.0.0.1 to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rero")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "rero.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="module")
def tls_server(certificate: Path) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer("127.0.0.1", ssl_context=context, threaded=True) as server:
        yield server


def test_certificate_of_the_configured_authority_is_taken(
    tls_server: HTTPServer, certificate: Path
) -> None:
    rero = Rero(tls_server)
    bridge = bridge_at(tls_server.url_for("/"), ca_file=str(certificate))

    login = bridge.sign_in()

    bridge.transport.close()
    assert login.patron.identity.value == "3"
    assert len(rero.requests) == 2


def test_certificate_of_a_stranger_is_down_and_sees_no_code(
    tls_server: HTTPServer,
) -> None:
    rero = Rero(tls_server)

    error = bridge_at(tls_server.url_for("/")).failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DOWN
    assert rero.requests == []


def test_server_that_stalls_over_tls_is_cut_at_the_deadline(
    tls_server: HTTPServer, certificate: Path
) -> None:
    tls_server.clear()
    may_answer = threading.Event()

    def stall(_: Request) -> Response:
        may_answer.wait(10)
        return Response("")

    tls_server.expect_request("/oauth/token").respond_with_handler(stall)
    bridge = bridge_at(
        tls_server.url_for("/"), ca_file=str(certificate), deadline_s=0.3
    )

    error = bridge.failure()

    may_answer.set()
    assert error.fault is UpstreamFault.DEADLINE


def test_one_tls_connection_serves_both_calls_and_the_next_sign_in(
    certificate: Path,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handshakes: list[str | None] = []

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as speaking:
            handshakes.append(speaking.version())
            while True:
                is_token = read_request(speaking).startswith(b"POST")
                speaking.sendall(http(TOKEN if is_token else INFO))

    with raw_server(talk) as url:
        tls_url = url.replace("http://", "https://")
        bridge = bridge_at(tls_url, ca_file=str(certificate))
        bridge.sign_in()
        bridge.sign_in()
        bridge.transport.close()

    assert handshakes == ["TLSv1.3"]


def relay(source: socket.socket, target: socket.socket) -> None:
    """Copy until *source* ends, and end *target* with it."""
    try:
        while received := source.recv(65_536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the other direction ended both


def tunnel(connection: socket.socket) -> bytes:
    """Play a proxy that opens every tunnel; return what it was asked."""
    asked = read_request(connection)
    host, _, port = asked.split(b" ")[1].partition(b":")
    with socket.create_connection((host.decode(), int(port))) as onward:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=relay, args=(onward, connection))
        back.start()
        relay(connection, onward)
        back.join(10)
    return asked


def test_tls_goes_through_the_tunnel_of_a_proxy(
    tls_server: HTTPServer, certificate: Path
) -> None:
    tls_server.clear()
    rero = Rero(tls_server)
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(tunnel(connection))

    with raw_server(talk) as proxy:
        bridge = bridge_at(
            tls_server.url_for("/"), ca_file=str(certificate), proxy=proxy
        )
        login = bridge.sign_in()
        bridge.transport.close()

    assert login.patron.identity.value == "3"
    assert [request.path for request in rero.requests] == [
        "/oauth/token",
        "/api/patrons/info",
    ]
    host = f"127.0.0.1:{tls_server.port}"
    assert asked[0].startswith(f"CONNECT {host} HTTP/1.1\r\n".encode())
