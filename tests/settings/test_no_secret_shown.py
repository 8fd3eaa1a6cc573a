"""No secret is ever printed, wherever it was written."""

import json

import pytest

from bridge.core.errors import ConfigurationError
from bridge.settings.load import values
from tests.settings.configurations import LEAST, FaultsOf, Load, Write

CLIENT = """
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example.ch/callback"]
token_endpoint_auth_method = "none"
"""

SECRETS = [f"PLANTED-{number}" for number in range(40)]


def test_no_secret_is_ever_printed(faults_of: FaultsOf, write: Write) -> None:
    plant = iter(SECRETS)
    json_clients = [
        {"client_id": 3, "client_secret": next(plant), "client_secretx": next(plant)},
        {"client_secret": [next(plant)], "redirect_uris": [next(plant), "http://x"]},
        {
            "client_secret_sha256": next(plant),
            "scope": [next(plant)],
            "name": next(plant),
        },
        next(plant),
    ]
    write("clients.json", json.dumps(json_clients))
    least = "".join(
        f"{line}\n" if line.startswith("[") else f'{line} = "{next(plant)}"\n'
        for line in (
            "clients_file [upstream] id base_url client_secret client_secretx scopes"
            " deadline_s accept_barcode proxy redirect_uri [server] listen threads"
            " trusted_proxies management_listen [store] url durability [sealing]"
            " key_file key [log] level [pages] languages privacy_url [keys] algorithms"
            " [client_defaults] claims consent email [policies.x] membership"
            " institutions"
        ).split()
    ).replace(SECRETS[8], "clients.json", 1)
    environ = {
        "BRIDGE_SERVER__BACKPRESSURE": next(plant),
        "BRIDGE_UPSTREAM__CLIENT_SECRET": next(plant),
        "BRIDGE_UPSTREAM__CLIENT_SECRET_FILE": next(plant),
        "BRIDGE_SECRET": next(plant),
    }

    faults = faults_of(least=least, environ=environ)

    assert len(faults) > 20
    printed = repr(faults) + str(ConfigurationError(faults))
    assert [
        secret for secret in SECRETS if secret in printed and secret != SECRETS[8]
    ] == []


TABLE = """
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example.ch/callback"]
client_secret_file = {}
"""


@pytest.mark.parametrize(
    "secret", ["LEAK", "LEAK/LEAK", "/LEAK", "//LEAK", "~LEAK", "~LEAK/x", "LEAK" * 99]
)
@pytest.mark.parametrize("place", ["upstream", "environment", "table", "json", "list"])
def test_secret_in_the_place_of_its_file_is_not_printed(
    faults_of: FaultsOf, write: Write, place: str, secret: str
) -> None:
    told = json.dumps(secret)
    upstream = LEAST.replace('client_secret = "s3cret"', f"client_secret_file = {told}")
    client = {"client_id": "a", "redirect_uris": ["https://a.example.ch/"]}
    clients = json.dumps([{**client, "client_secret_file": secret}])
    write("clients.json", clients)

    faults = {
        "upstream": lambda: faults_of(least=upstream),
        "environment": lambda: faults_of(
            environ={"BRIDGE_UPSTREAM__CLIENT_SECRET_FILE": secret}
        ),
        "table": lambda: faults_of(least=LEAST + TABLE.format(told)),
        "json": lambda: faults_of('clients_file = "clients.json"\n'),
        "list": lambda: faults_of(environ={"BRIDGE_CLIENTS": clients}),
    }[place]()

    assert "LEAK" not in repr(faults) + str(ConfigurationError(faults))
    assert [fault.key[-18:].lower() for fault in faults] == ["client_secret_file"]


def test_secret_file_that_is_missing_in_its_folder_is_named(
    faults_of: FaultsOf, write: Write
) -> None:
    beside = write("secrets/other", "x")
    given = 'client_secret_file = "secrets/upstream"'

    faults = faults_of(least=LEAST.replace('client_secret = "s3cret"', given))

    assert str(beside.with_name("upstream")) in faults[0].message


def test_secrets_of_good_settings_do_not_show(load: Load) -> None:
    loaded = load(
        least=LEAST
        + CLIENT.replace(
            'token_endpoint_auth_method = "none"', 'client_secret = "s3cret"'
        )
    )

    printed = (
        repr(loaded)
        + loaded.settings.model_dump_json()
        + str(list(values(loaded.settings)))
    )

    assert loaded.settings.upstream.client_secret is not None
    assert loaded.settings.upstream.client_secret.reveal() == "s3cret"
    assert "s3cret" not in printed
