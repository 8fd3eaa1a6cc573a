"""Secrets in files."""

import json

import pytest

from bridge.settings.load import load_settings
from tests.settings.configurations import LEAST, FaultsOf, Load, Write

FROM_FILE = LEAST.replace('client_secret = "s3cret"', 'client_secret_file = "secret"')
LONG = "x" * 16
CLIENT = """
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example/"]
"""
PLAIN = f'{CLIENT}client_secret = "{LONG}"\n'


@pytest.mark.parametrize(
    ("text", "secret"),
    [("x", "x"), ("x\n", "x"), ("x\r\n", "x"), (" x \n\n", " x \n"), ("é", "é")],
)
def test_one_line_end_is_dropped(
    load: Load, write: Write, text: str, secret: str
) -> None:
    write("secret", text).chmod(0o600)

    upstream = load(least=FROM_FILE).settings.upstream

    assert upstream.client_secret is not None
    assert upstream.client_secret.reveal() == secret


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_secret_file_is_a_fault(
    faults_of: FaultsOf, write: Write, text: str
) -> None:
    write("secret", text)

    faults = faults_of(least=FROM_FILE)

    assert faults[0].key == "upstream.client_secret_file"
    assert faults[0].message.endswith("is empty")


def test_a_missing_secret_file_is_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of(least=FROM_FILE)

    assert "No such file" in faults[0].message


def test_a_secret_file_that_is_no_text_is_a_fault(
    faults_of: FaultsOf, write: Write
) -> None:
    write("secret", "").write_bytes(b"\xff\xfe")

    faults = faults_of(least=FROM_FILE)

    assert "not text in UTF-8" in faults[0].message


def test_value_and_file_in_one_configuration_are_a_fault(
    faults_of: FaultsOf, write: Write
) -> None:
    write("secret", "x")

    faults = faults_of(least=LEAST + 'client_secret_file = "secret"\n')

    assert [f.key for f in faults] == ["upstream.client_secret"]


def test_a_secret_file_that_everybody_may_read_is_a_warning(
    load: Load, write: Write
) -> None:
    write("secret", "x").chmod(0o644)

    loaded = load(least=FROM_FILE)

    assert [w.key for w in loaded.warnings] == ["upstream.client_secret_file"]


def test_secrets_in_plain_text_are_warnings(load: Load) -> None:
    loaded = load(
        least=LEAST
        + f'[[clients]]\nclient_id = "a"\nclient_secret = "{LONG}"\n'
        + 'redirect_uris = ["https://a.example/"]\n'
    )

    assert [(w.key, w.line) for w in loaded.warnings] == [
        ("upstream.client_secret", 7),
        ("clients[0].client_secret", 10),
    ]


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o640, False)])
@pytest.mark.parametrize("place", ["main", "included", "json"])
def test_plain_secret_in_a_file_that_everybody_may_read_is_told(
    write: Write, place: str, mode: int, is_told: bool
) -> None:
    members = {"client_id": "j", "client_secret": LONG, "redirect_uris": ["https://j"]}
    files = {
        "json": write("clients.json", json.dumps([members])),
        "included": write("more.toml", PLAIN),
        "main": write(
            "bridge.toml",
            f'clients_file = "clients.json"\ninclude = ["more.toml"]\n{LEAST}',
        ),
    }
    for path in files.values():
        path.chmod(0o600)
    files[place].chmod(mode)

    warnings = load_settings(files["main"], {}).warnings

    told = {w.source for w in warnings if "everybody may read" in w.message}
    assert told == ({str(files[place])} if is_told else set())
    assert len(warnings) == 3


@pytest.mark.parametrize(("length", "is_told"), [(15, True), (16, False)])
@pytest.mark.parametrize("name", ["client_secret", "client_secret_file"])
def test_short_secret_of_a_client_is_a_warning(
    load: Load, write: Write, name: str, length: int, is_told: bool
) -> None:
    secret = "x" * length
    write("short", secret).chmod(0o600)
    value = secret if name == "client_secret" else "short"

    warnings = load(least=f'{LEAST}{CLIENT}{name} = "{value}"\n').warnings

    told = [w.key for w in warnings if "16 characters" in w.message]
    assert told == ([f"clients[0].{name}"] if is_told else [])


def test_the_source_of_a_secret_is_the_file_it_was_read_from(
    load: Load, write: Write
) -> None:
    upstream = write("secret", "x")
    client = write("client.secret", "y")
    for path in (upstream, client):
        path.chmod(0o600)

    loaded = load(
        least=FROM_FILE + '[[clients]]\nclient_id = "a"\n'
        'redirect_uris = ["https://a.example/"]\n'
        'client_secret_file = "client.secret"\n'
    )

    assert loaded.sources["upstream.client_secret"] == str(upstream)
    assert loaded.sources["clients[0].client_secret"] == str(client)
