"""Secrets in files."""

import pytest

from tests.settings.configurations import LEAST, FaultsOf, Load, Write

FROM_FILE = LEAST.replace('client_secret = "s3cret"', 'client_secret_file = "secret"')


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
        + '[[clients]]\nclient_id = "a"\nclient_secret = "x"\n'
        + 'redirect_uris = ["https://a.example/"]\n'
    )

    assert [(w.key, w.line) for w in loaded.warnings] == [
        ("upstream.client_secret", 7),
        ("clients[0].client_secret", 10),
    ]


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
