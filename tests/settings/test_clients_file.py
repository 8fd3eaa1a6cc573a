"""The JSON list of clients: every member has its line."""

import pytest

from tests.settings.configurations import FaultsOf, Write


def test_broken_json_tells_file_and_line(faults_of: FaultsOf, write: Write) -> None:
    path = write("clients.json", '[\n{"client_id": }\n]')

    faults = faults_of('clients_file = "clients.json"\n')

    assert (faults[0].source, faults[0].line) == (str(path), 2)


@pytest.mark.parametrize("text", ["{}", "3", '[[["x"]]]', '["x"]', "[" * 100_000])
def test_json_that_is_no_list_of_clients_is_a_fault(
    faults_of: FaultsOf, write: Write, text: str
) -> None:
    path = write("clients.json", text)

    faults = faults_of('clients_file = "clients.json"\n')

    assert faults[0].source == str(path)


def test_a_member_written_twice_is_a_fault_on_its_second_line(
    faults_of: FaultsOf, write: Write
) -> None:
    path = write(
        "clients.json",
        '[{"client_id": "a",\n"name": {"fr": "x",\n"fr": "y"},\n'
        '"redirect_uris": ["https://a.example/",\n"x"],\n"scope": "x",\n'
        '"scope": "openid", "token_endpoint_auth_method": "none"}]',
    )

    faults = faults_of('clients_file = "clients.json"\n')

    twice = "is written twice: keep one of the two"
    assert [(f.key, f.source, f.line) for f in faults] == [
        ("clients[0].name.fr", str(path), 3),
        ("clients[0].redirect_uris[1]", str(path), 5),
        ("clients[0].scope", str(path), 7),
    ]
    assert faults[0].message == faults[2].message == twice


@pytest.mark.parametrize("depth", [30, 300, 900, 100_000])
def test_what_is_nested_too_deep_is_a_fault(
    faults_of: FaultsOf, write: Write, depth: int
) -> None:
    text = "[" * depth + "]" * depth
    write("clients.json", text)

    faults = [
        *faults_of(f"x = {text}\n"),
        *faults_of('clients_file = "clients.json"\n'),
        *faults_of(environ={"BRIDGE_CLIENTS": text}),
    ]

    assert len({f.source for f in faults}) == 3


def test_a_number_that_nobody_can_read_is_a_fault(
    faults_of: FaultsOf, write: Write
) -> None:
    path = write("clients.json", f"[{'1' * 5_000}]")
    more = write("more.toml", f"x = {'1' * 5_000}")

    faults = faults_of('clients_file = "clients.json"\ninclude = ["more.toml"]\n')

    assert [f.source for f in faults] == [str(more), str(path)]


def test_a_fault_in_a_json_client_has_the_line_of_its_member(
    faults_of: FaultsOf, write: Write
) -> None:
    write(
        "clients.json",
        '[\n  {"client_id": "a", "redirect_uris": ["https://a.example/"],\n'
        '   "token_endpoint_auth_method": "none",\n   "redirect_urls": []}\n]',
    )

    faults = faults_of('clients_file = "clients.json"\n')

    assert [(f.key, f.line) for f in faults] == [("clients[0].redirect_urls", 4)]
    assert faults[0].message == "unknown key. Did you mean redirect_uris?"
