"""TLS outwards: the name of the URL is verified, at the address that was checked."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from bridge.outgoing.errors import OutgoingFault
from tests.outgoing.support import (
    Names,
    fault_of,
    http_on_loopback,
    write_certificate,
)

HERE = Names(["127.0.0.1"])


@dataclass
class Receiver:
    """A server with a certificate for rp.example, and the names it was asked for."""

    server: HTTPServer
    certificate: Path
    names: list[str] = field(default_factory=list)

    def url(self, host: str) -> str:
        return f"https://{host}:{self.server.port}/keys"


@pytest.fixture(scope="module")
def shared_receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    certificate = write_certificate(tmp_path_factory.mktemp("tls") / "rp", "rp.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer("127.0.0.1", ssl_context=context, threaded=True) as server:
        receiver = Receiver(server, certificate)

        def note(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
            receiver.names.append(name or "")

        context.sni_callback = note
        yield receiver


@pytest.fixture
def receiver(shared_receiver: Receiver) -> Receiver:
    shared_receiver.server.clear()
    shared_receiver.names.clear()
    shared_receiver.server.expect_request("/keys").respond_with_data("{}")
    return shared_receiver


def test_certificate_for_the_name_of_the_url_is_taken(receiver: Receiver) -> None:
    http = http_on_loopback(HERE, ca_file=receiver.certificate)

    answer = http.get(receiver.url("rp.example"))

    assert answer.status == 200
    assert receiver.names == ["rp.example"]
    request, _ = receiver.server.log[0]
    assert request.headers["Host"] == f"rp.example:{receiver.server.port}"


def test_certificate_for_another_name_is_refused(receiver: Receiver) -> None:
    http = http_on_loopback(HERE, ca_file=receiver.certificate)

    fault = fault_of(http, receiver.url("sso.example"))

    assert fault is OutgoingFault.TLS
    assert receiver.server.log == []


def test_certificate_for_a_name_is_none_for_its_address(receiver: Receiver) -> None:
    http = http_on_loopback(ca_file=receiver.certificate)

    fault = fault_of(http, receiver.url("127.0.0.1"))

    assert fault is OutgoingFault.TLS


def test_certificate_of_a_stranger_is_refused(receiver: Receiver) -> None:
    fault = fault_of(http_on_loopback(HERE), receiver.url("rp.example"))

    assert fault is OutgoingFault.TLS
    assert receiver.server.log == []


def test_usual_certificates_are_trusted_beside_those_of_the_file(
    receiver: Receiver,
) -> None:
    alone = http_on_loopback(HERE)
    beside = http_on_loopback(HERE, ca_file=receiver.certificate)

    usual, more = (
        len(http._tls.get_ca_certs())  # nothing public tells what is trusted
        for http in (alone, beside)
    )

    assert usual > 50
    assert more == usual + 1
