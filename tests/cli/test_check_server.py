"""What is found out about ports and certificate before the server starts."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bridge.cli.serve import check_server
from bridge.core.errors import ConfigurationError
from bridge.settings.model_sections import ServerSettings
from tests.e2e.support import free_port
from tests.e2e.test_tls import make_certificate


def faulty(server: ServerSettings) -> list[str]:
    """Return the keys of what is at fault."""
    with pytest.raises(ConfigurationError) as caught:
        check_server(server)
    return [fault.key for fault in caught.value.faults]


@pytest.mark.parametrize("management", ["127.0.0.1", "[::]"])
def test_port_of_all_addresses_is_not_free_on_one_of_them(management: str) -> None:
    port = free_port()
    server = ServerSettings(
        listen=f"0.0.0.0:{port}", management_listen=f"{management}:{port}"
    )

    assert faulty(server) == ["server.management_listen"]


def test_ports_are_free_again_after_the_check() -> None:
    server = ServerSettings(
        listen=f"127.0.0.1:{free_port()}", management_listen=f"[::1]:{free_port()}"
    )

    check_server(server)
    check_server(server)


def test_key_with_a_passphrase_is_refused_with_what_takes_it_off(
    tmp_path: Path,
) -> None:
    certificate, key = make_certificate(tmp_path)
    plain = load_pem_private_key(key.read_bytes(), None)
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase"))
    key.write_bytes(plain.private_bytes(*form))
    server = ServerSettings(
        listen=f"127.0.0.1:{free_port()}",
        management_listen="",
        tls_certificate_file=certificate,
        tls_key_file=key,
    )

    with pytest.raises(ConfigurationError) as caught:
        check_server(server)

    (fault,) = caught.value.faults
    assert fault.key == "server.tls_key_file"
    assert f"openssl pkey -in {key} -out" in fault.message
