"""What is found out about ports and certificate before the server starts."""

import pytest

from bridge.cli.serve import check_server
from bridge.core.errors import ConfigurationError
from bridge.settings.model_sections import ServerSettings
from tests.e2e.support import free_port


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
