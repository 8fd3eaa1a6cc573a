"""[outgoing]: nothing inside is called unless the operator says so."""

from pathlib import Path

from tests.settings.configurations import FaultsOf, Load, Write


def test_private_addresses_and_own_certificates_are_off_by_default(load: Load) -> None:
    outgoing = load().settings.outgoing

    assert not outgoing.allow_private
    assert outgoing.ca_file is None


def test_certificates_lie_beside_the_file_that_names_them(
    load: Load, write: Write, tmp_path: Path
) -> None:
    write("ca.pem", "")

    settings = load('outgoing = { allow_private = true, ca_file = "ca.pem" }').settings

    assert settings.outgoing.allow_private
    assert settings.outgoing.ca_file == tmp_path / "ca.pem"


def test_certificates_that_cannot_be_read_are_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of('outgoing = { ca_file = "nowhere.pem" }')

    assert [fault.key for fault in faults] == ["outgoing.ca_file"]
