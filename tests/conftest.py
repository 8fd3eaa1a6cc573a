"""What all tests share: only loopback is reached, and hypothesis has no stop-watch."""

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

# The machines that run these tests are shared and noisy: a deadline would flake.
settings.register_profile(
    "bridge", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("bridge")


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    """Refuse every connection that leaves this machine."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
