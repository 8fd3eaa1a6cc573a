"""`bridge serve` that speaks TLS itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.e2e.support import Place, Process
from tests.e2e.visitor import Service, Visitor


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of localhost, signed by itself, and its key."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, SHA256())
    )
    places = folder / "tls.crt", folder / "tls.key"
    places[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    places[1].write_bytes(key.private_bytes(*form))
    return places


@pytest.fixture
def certificate(place: Place) -> Iterator[str]:
    """A bridge at https://localhost, and the file that its certificate is in."""
    certificate, key = make_certificate(place.folder)
    place.write(tls_certificate_file=str(certificate), tls_key_file=str(key))
    text = place.configuration.read_text(encoding="utf-8")
    https = text.replace(place.issuer, f"https://localhost:{place.port}", 1)
    place.configuration.write_text(https, encoding="utf-8")
    with Process(place) as process:
        process.await_ready()
        yield str(certificate)


def test_whole_login_works_over_tls(place: Place, certificate: str) -> None:
    issuer = f"https://localhost:{place.port}"

    tokens = Service(issuer, verify=certificate).log_in(Visitor(verify=certificate))

    assert "id_token" in tokens


def test_certificate_is_the_configured_one(place: Place, certificate: str) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        requests.get(f"https://localhost:{place.port}/jwks", timeout=20)


def test_plain_http_is_not_answered(place: Place, certificate: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://localhost:{place.port}/jwks", timeout=20)
