"""`bridge serve` with something wrong: one clear text, exit status 2, nothing left."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support import HOST, Place, Process, stand_in_for


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with stand_in_for(tmp_path) as (_, made):
        yield made


def refused(place: Place, **environ: str) -> str:
    """Return what a bridge that does not start says, without the warnings."""
    with Process(place, environ=environ) as bridge:
        assert bridge.await_exit() == 2
        assert bridge.members() == []
        assert bridge.output == ""
        assert "Traceback" not in bridge.errors
        return bridge.errors


def test_missing_key_is_told_with_what_makes_it(place: Place) -> None:
    (place.folder / "keys" / "tokens.key").unlink()

    errors = refused(place)

    assert "tokens.key_file" in errors
    assert "run `bridge keys new`" in errors


def test_missing_salt_stops_the_start(place: Place) -> None:
    (place.folder / "keys" / "subjects.salt").unlink()

    errors = refused(place)

    assert "subjects.salt_file" in errors


def test_all_faults_of_the_configuration_are_told_at_once(place: Place) -> None:
    place.write("[sesion]\n[lives]\ncode_s = 0")

    errors = refused(place)

    assert "Did you mean session?" in errors
    assert "lives.code_s" in errors


def test_both_ports_that_are_taken_are_told(place: Place) -> None:
    with (
        socket.create_server((HOST, place.port)),
        socket.create_server((HOST, place.management_port)),
    ):
        errors = refused(place)

    taken = "cannot be listened on: Address already in use"
    assert f"server.listen             {HOST}:{place.port} {taken}" in errors
    assert f"server.management_listen  {HOST}:{place.management_port} {taken}" in errors


def test_second_bridge_does_not_share_the_port_of_the_first(place: Place) -> None:
    with Process(place) as first:
        first.await_ready()

        errors = refused(place, BRIDGE_SERVER__MANAGEMENT_LISTEN="")

        assert "server.listen" in errors
        assert first.popen.poll() is None


def test_store_of_another_program_is_told(place: Place) -> None:
    (place.folder / "bridge.db").write_bytes(b"no database" * 100)

    errors = refused_by_store(place)

    assert "store" in errors


def test_certificate_that_is_none_is_told(place: Place) -> None:
    wrong = place.folder / "wrong.pem"
    wrong.write_text("no certificate", encoding="utf-8")
    place.write(tls_certificate_file=str(wrong), tls_key_file=str(wrong))

    errors = refused(place)

    assert "server.tls_certificate_file  certificate and key cannot be used" in errors


def test_demonstration_with_a_real_issuer_is_refused(place: Place) -> None:
    text = place.configuration.read_text(encoding="utf-8")
    real = text.replace(place.issuer, "https://login.example.ch", 1)
    place.configuration.write_text(real, encoding="utf-8")
    command = Process(place).arguments

    with Process(place, [*command, "--demonstration"]) as bridge:
        assert bridge.await_exit() == 2

    assert "a demonstration has none but 127.0.0.1" in bridge.errors


def refused_by_store(place: Place) -> str:
    with Process(place) as bridge:
        assert bridge.await_exit() in {1, 2}
        assert bridge.members() == []
        assert "Traceback" not in bridge.errors
        return bridge.errors
