"""All faults at once, each with its key, its line and what to write instead."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.errors import ConfigurationError
from bridge.settings.load import load_settings, values
from tests.settings.configurations import LEAST, FaultsOf, Load, Write

CLIENT = """
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example.ch/callback"]
token_endpoint_auth_method = "none"
"""
HTTP_FAULT = (
    "http is allowed for 127.0.0.1, [::1] and localhost only; write https://..."
)
SECRET_FAULT = (
    "is missing; write the SHA-256 of the client's secret, or client_secret_file, "
    'or for a public client token_endpoint_auth_method = "none"'
)
POLICY_FAULT = (
    "there is no such policy. Did you mean valais? Define a table under policies"
)
MANY = """issuer = "https://login.example.ch/"
sope = 1
[upstream]
id = "RERO"
base_url = "http://bib.rero.ch"
client_idd = "x"
deadline_s = "abc"
[server]
threads = 0
listen = ""
[pages]
languages = ["fr", "rm"]
title = 3
[log]
format = "xml"
[[clients]]
client_id = "a"
redirect_uris = ["https://a.example.ch/#x"]
policy = "valias"
[policies.valais]
grace_days = 1.5
"""


def test_all_faults_come_at_once_with_their_lines(faults_of: FaultsOf) -> None:
    faults = faults_of(least=MANY)

    assert [(f.key, f.line, f.message) for f in faults] == [
        ("issuer", 1, "must not end with a slash"),
        ("sope", 2, "unknown key."),
        (
            "upstream.client_id",
            3,
            'is missing; write client_id = "rero-oidc-bridge"',
        ),
        (
            "upstream.client_secret_file",
            3,
            "is missing; write the path of a file that holds the secret of RERO+",
        ),
        (
            "upstream.id",
            4,
            'is not of the form that this key takes, such as "rero"',
        ),
        (
            "upstream.base_url",
            5,
            HTTP_FAULT,
        ),
        ("upstream.client_idd", 6, "unknown key. Did you mean client_id?"),
        ("upstream.deadline_s", 7, "must be a number of seconds, such as 10"),
        ("server.threads", 9, "must be at least 1"),
        (
            "server.listen",
            10,
            'must be an address and a port, such as "127.0.0.1:8080"',
        ),
        ("pages.languages[1]", 12, 'must be one of "fr", "de", "it", "en"'),
        ("pages.title", 13, 'must be a text in quotes, such as "RERO+"'),
        ("log.format", 15, 'must be one of "json", "text", "auto"'),
        (
            "clients[0].client_secret_sha256",
            16,
            SECRET_FAULT,
        ),
        ("clients[0].redirect_uris[0]", 18, "must not have a fragment (#...)"),
        (
            "clients[0].policy",
            19,
            POLICY_FAULT,
        ),
        ("policies.valais.grace_days", 21, "must be a whole number of days, such as 0"),
    ]


@pytest.mark.parametrize(
    ("added", "key", "words"),
    [
        ("listen = '1.2.3.4:1'\n", "listen", "Did you mean server.listen?"),
        ("server = 3\n", "server", "must be a table, such as [server]"),
        ("clients = 3\n", "clients", "must be a list"),
        ("clients = [3]\n", "clients[0]", "must be a table, such as [[clients]]"),
        ("issuer = 2020-01-01\n", "issuer", "must be a text in quotes"),
        ('log.level = "\\u0000"\n', "log.level", "no valid text"),
        ("include = 'x'\n", "include", "must be a list"),
        ("clients_file = 3\n", "clients_file", "must be a text in quotes"),
        ("support = 'x@y'\n", "support", "mailto:"),
        ("policies.'a b'.grace_days = 3\n", "policies.a b", "not a policy's name"),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(
    faults_of: FaultsOf, added: str, key: str, words: str
) -> None:
    least = LEAST.replace('issuer = "https://login.example.ch"', "")

    faults = faults_of(added, least=least)

    assert words in next(f.message for f in faults if f.key == key)


@pytest.mark.parametrize(
    ("added", "key", "words"),
    [
        ("[session]\nidle_s = 99999\n", "session.idle_s", "session.lifetime_s"),
        ("[lives]\nrefresh_idle_s = 9999999\n", "lives.refresh_idle_s", "at most"),
        ("[lives]\ncode_s = 601\n", "lives.code_s", "must be at most 600"),
        ("[server]\ntls_key_file = 'k'\n", "server.tls_key_file", "cannot be read"),
        (
            "[server]\ntls_key_file = 'k'\n",
            "server.tls_key_file",
            "needs tls_certificate_file",
        ),
        ("[server]\nthreads = true\n", "server.threads", "whole number"),
        ("[server]\nlisten = '1.2.3.4'\n", "server.listen", "a port"),
        ("[server]\nlisten = '1.2.3.4:99999'\n", "server.listen", "a port"),
        (
            "[server]\nlisten = '127.0.0.1:9090'\n",
            "server.management_listen",
            "must differ",
        ),
        (
            "[server]\ntrusted_proxies = ['10.0.0.1/8']\n",
            "server.trusted_proxies[0]",
            "network",
        ),
        ("[store]\nurl = 'postgresql://x'\n", "store.url", "sqlite:///bridge.db"),
        ("[keys]\nalgorithms = ['ES256']\n", "keys.algorithms", 'must hold "RS256"'),
        ("[keys]\nalgorithms = ['none']\n", "keys.algorithms[0]", "must be one of"),
        ("[limits]\nrequest_bytes = 'x'\n", "limits.request_bytes", "of bytes"),
        ("[pages]\nlanguages = []\n", "pages.languages", "at least one"),
        (
            "[client_defaults]\nscope = 'profile'\n" + CLIENT,
            "client_defaults.scope",
            "openid",
        ),
    ],
)
def test_values_that_do_not_fit_are_faults(
    faults_of: FaultsOf, added: str, key: str, words: str
) -> None:
    faults = faults_of(least=LEAST + added)

    assert any(f.key == key and words in f.message for f in faults), faults


def test_a_fault_of_client_defaults_is_told_once(faults_of: FaultsOf) -> None:
    other = CLIENT.replace('client_id = "a"', 'client_id = "b"')

    faults = faults_of(
        least=LEAST + "[client_defaults]\npolicy = 'x'\n" + CLIENT + other
    )

    assert [f.key for f in faults] == ["client_defaults.policy"]


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


LINES = [line for line in MANY.splitlines() if line] + [
    "[[server]]",
    "clients = 3",
    "policies = []",
    "[policies.valais.grace_days]",
    "upstream = {}",
    "name = 2020-01-01",
    "include = [3, 'x[', '../*', '/*/*']",
    "store.url = 'memory:'",
    '"\\ud7ff" = "\\u0000"',
]


@given(st.lists(st.sampled_from(LINES), max_size=8))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_configuration_fails_otherwise_than_by_its_faults(
    tmp_path: Path, lines: list[str]
) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text("\n".join(lines))

    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})

    assert caught.value.faults


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["client_id", "scope", "name", "client_name#fr", "redirect_uris"]
            )
            | st.text(max_size=3),
            below,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["\\ud800", "x"]))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_list_of_clients_fails_otherwise_than_by_its_faults(
    tmp_path: Path, value: object, text: str
) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text('clients_file = "clients.json"\n' + LEAST)
    (tmp_path / "clients.json").write_text(
        json.dumps([value, {"client_id": "?", "name": {"?": "?"}}]).replace("?", text)
    )

    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})

    assert len(caught.value.faults) == len(set(caught.value.faults))


def test_sorting_keeps_each_file_together(faults_of: FaultsOf, write: Write) -> None:
    write("x.toml", "[server]\nthreads = 0\n[log]\nlevel = 1\n")

    faults = faults_of('include = ["x.toml"]\nx = 1\n', {"BRIDGE_X": ""})

    sources = [key for key, _ in itertools.groupby(f.source for f in faults)]
    assert [Path(source).name for source in sources] == [
        "bridge.toml",
        "x.toml",
        "environment",
    ]
