"""All faults at once, each with its key, its line and what to write instead."""

import itertools
from pathlib import Path

import pytest

from tests.settings.configurations import LEAST, FaultsOf, Write

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
LISTEN_FAULT = (
    'must be an IP address and a port, such as "127.0.0.1:8080" or "[::1]:8080"'
    "; a name is not taken"
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

FAULTS = [
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
        LISTEN_FAULT,
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


def test_all_faults_come_at_once_with_their_lines(faults_of: FaultsOf) -> None:
    faults = faults_of(least=MANY)

    assert [(f.key, f.line, f.message) for f in faults] == FAULTS


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
        ("policies.'a b'.grace_days = 3\n", "policies.a b", "digits, - and _ only"),
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
        (
            "[lives]\nrefresh_idle_s = 0\n[session]\nidle_s = 99999\n",
            "session.idle_s",
            "session.lifetime_s",
        ),
        ("[session]\nidle_s = 1000000000\n", "session.idle_s", "at most 34560000"),
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
            "must have another port",
        ),
        (
            "[server]\nlisten = '0.0.0.0:9090'\n",
            "server.management_listen",
            "must have another port",
        ),
        ("[server]\nlisten = 'localhost:8080'\n", "server.listen", "127.0.0.1:8080"),
        (
            "[server]\ntrusted_proxies = ['10.0.0.1/8']\n",
            "server.trusted_proxies[0]",
            'write "10.0.0.0/8"',
        ),
        ("[server]\ntrusted_proxies = ['x']\n", "server.trusted_proxies[0]", "network"),
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


@pytest.mark.parametrize(
    ("added", "key"),
    [
        ("keys.algorithms = ['RS256', 'RS256']\n", "keys.algorithms"),
        ("pages.languages = ['fr', 'fr', 'de']\n", "pages.languages"),
        ("include = ['x/*.toml', 'x/*.toml']\n", "include"),
        ("server.trusted_proxies = ['::1', '::1']\n", "server.trusted_proxies"),
        ("client_defaults.claims = ['name', 'name']\n", "client_defaults.claims"),
        ("policies.a.institutions = ['VS', 'VS']\n", "policies.a.institutions"),
    ],
)
def test_a_list_holds_each_entry_once(
    faults_of: FaultsOf, added: str, key: str
) -> None:
    faults = faults_of(added)

    found = {(f.key, f.message) for f in faults if f.key == key}
    assert found == {(key, "entry 2 is the same as entry 1: keep one of the two")}


@pytest.mark.parametrize(
    ("added", "key", "words"),
    [
        ("policy = 'x'", "policy", "no such policy"),
        ("scope = 'profile'", "scope", "openid"),
        ("id_token_signed_response_alg = 'x'", "id_token_signed_response_alg", "RS256"),
        ("email = 'placeholder'", "email_placeholder_domain", "a domain"),
        ("grant_types = []", "grant_types", "authorization_code"),
    ],
)
def test_client_defaults_are_checked_where_there_is_no_client_yet(
    faults_of: FaultsOf, added: str, key: str, words: str
) -> None:
    faults = faults_of(least=f"{LEAST}[client_defaults]\n{added}\n")

    assert [f.key for f in faults] == [f"client_defaults.{key}"]
    assert words in faults[0].message


def test_a_fault_of_client_defaults_is_told_once(faults_of: FaultsOf) -> None:
    other = CLIENT.replace('client_id = "a"', 'client_id = "b"')

    faults = faults_of(
        least=LEAST + "[client_defaults]\npolicy = 'x'\n" + CLIENT + other
    )

    assert [f.key for f in faults] == ["client_defaults.policy"]


@pytest.mark.parametrize(
    ("added", "key"),
    [
        ("[client_defaults]\nredirect_uris = []\n", "client_defaults.redirect_uris"),
        ("[client_defaults]\nclient_id = 'x'\n", "client_defaults.client_id"),
        ("[base_url]\nx = 1\n", "base_url"),
        ("[[redirect_uris]]\nx = 1\n", "redirect_uris"),
        ("[policies.'a b']\ngrace_days = 1\n", "policies.a b"),
        ("[policies.a]\nclient_id = 'x'\n", "policies.a.client_id"),
        (CLIENT + "issuer = 'x'\n", "clients[0].issuer"),
    ],
)
def test_an_unknown_name_is_told_once_and_hides_nothing(
    faults_of: FaultsOf, added: str, key: str
) -> None:
    faults = faults_of(least=LEAST + "[session]\nidle_s = 99999\n" + added)

    assert [(f.key, f.line is None) for f in faults] == [
        ("session.idle_s", False),
        (key, False),
    ]


def test_sorting_keeps_each_file_together(faults_of: FaultsOf, write: Write) -> None:
    write("x.toml", "[server]\nthreads = 0\n[log]\nlevel = 1\n")

    faults = faults_of('include = ["x.toml"]\nx = 1\n', {"BRIDGE_X": ""})

    sources = [key for key, _ in itertools.groupby(f.source for f in faults)]
    assert [Path(source).name for source in sources] == [
        "bridge.toml",
        "x.toml",
        "environment",
    ]
