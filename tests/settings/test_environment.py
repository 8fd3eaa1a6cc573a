"""BRIDGE_... variables go before what the files say."""

import pytest

from tests.settings.configurations import LEAST, FaultsOf, Load, Write


def test_a_variable_goes_before_the_file(load: Load) -> None:
    loaded = load(
        least=LEAST + "[server]\nthreads = 3\n", environ={"BRIDGE_SERVER__THREADS": "5"}
    )

    assert loaded.settings.server.threads == 5


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("BRIDGE_PAGES__LANGUAGES", '["de", "fr"]', "languages=('de', 'fr')"),
        ("BRIDGE_PAGES__TITLE", "123", "title='123'"),
        ("BRIDGE_PAGES", '{"title": "X"}', "title='X'"),
        ("BRIDGE_UPSTREAM__DEADLINE_S", "2.5", "deadline_s=2.5"),
        ("BRIDGE_UPSTREAM__ACCEPT_BARCODE", "false", "accept_barcode=False"),
        ("BRIDGE_CLIENT_DEFAULTS__CLAIMS", '["birthdate"]', "claims=('birthdate',)"),
        ("BRIDGE_POLICIES__VALAIS__MINIMUM_AGE", "7", "minimum_age=7"),
        ("BRIDGE_LOG__FORMAT", "json", "format='json'"),
    ],
)
def test_values_are_read_as_their_setting_wants(
    load: Load, name: str, text: str, shown: str
) -> None:
    settings = load(environ={name: text}).settings

    assert shown in repr(settings)


def test_clients_in_the_environment_take_the_place_of_those_in_tables(
    load: Load,
) -> None:
    clients = (
        '[{"client_id": "x", "redirect_uris": ["https://x.example/"],'
        ' "token_endpoint_auth_method": "none"}]'
    )

    loaded = load(
        least=LEAST + '[[clients]]\nclient_id = "gone"\n',
        environ={"BRIDGE_CLIENTS": clients},
    )

    assert [client.client_id for client in loaded.settings.clients] == ["x"]
    assert loaded.sources["clients[0].client_id"] == "BRIDGE_CLIENTS[0].client_id"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "BRIDGE_CLIENTS",
            '[{"client_id": }]',
            "not valid JSON: Expecting value at character 16",
        ),
        (
            "BRIDGE_UPSTREAM",
            '{"id": "x"',
            "not valid JSON: Expecting ',' delimiter at character 11",
        ),
        ("BRIDGE_CLIENTS", "[" * 100_000, "is nested too deep"),
    ],
)
def test_a_list_or_table_that_breaks_off_is_told_as_such(
    faults_of: FaultsOf, name: str, text: str, message: str
) -> None:
    faults = faults_of(environ={name: text}, least='issuer = "https://x.example"\n')

    assert [(f.key, f.message) for f in faults] == [(name, message)]


def test_a_fault_inside_a_variable_names_client_and_key(faults_of: FaultsOf) -> None:
    clients = (
        '[{"client_id": "x", "redirect_uris": ["https://x.example/", "x"],'
        ' "token_endpoint_auth_method": "none", "client_name": "", "sector": "x",'
        ' "sector": "x"}, {"client_id": "x", "redirect_uris": ["https://x.example/"],'
        ' "token_endpoint_auth_method": "none", "scop": "x"}]'
    )

    faults = faults_of(environ={"BRIDGE_CLIENTS": clients})

    assert {f.key: f.message for f in faults} == {
        "BRIDGE_CLIENTS[0].sector": "is written twice: keep one of the two",
        "BRIDGE_CLIENTS[0].redirect_uris[1]": (
            "must be a whole address that begins with https://"
        ),
        "BRIDGE_CLIENTS[0].client_name": "must not be empty",
        "BRIDGE_CLIENTS[1].scop": "unknown key. Did you mean scope?",
        "BRIDGE_CLIENTS[1].client_id": "is that of BRIDGE_CLIENTS[0].client_id, too",
    }


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("BRIDGE_ISUER", " Did you mean BRIDGE_ISSUER?"),
        ("BRIDGE_SERVER_LISTEN", " Did you mean BRIDGE_SERVER__LISTEN?"),
        ("BRIDGE_SERVER__LISTEN__X", " Did you mean BRIDGE_SERVER__LISTEN?"),
        ("BRIDGE_CLIENTS__0__NAME", ""),
        ("BRIDGE_", ""),
    ],
)
def test_unknown_variables_are_faults(
    faults_of: FaultsOf, name: str, guess: str
) -> None:
    faults = faults_of(environ={name: "x"})

    assert [(f.key, f.source) for f in faults] == [(name, "environment")]
    assert faults[0].message.startswith(f"unknown variable.{guess}")


def test_include_cannot_be_set_by_a_variable(faults_of: FaultsOf) -> None:
    faults = faults_of(environ={"BRIDGE_INCLUDE": '["x.toml"]'})

    assert [f.key for f in faults] == ["BRIDGE_INCLUDE"]


def test_variables_of_others_are_left_alone(load: Load) -> None:
    others = {
        "BRIDGE_CONFIG": "x",
        "BRIDGE_VENV": "x",
        "BRIDGE_SERVICE_HOST": "10.0.0.1",
        "BRIDGE_SERVICE_PORT_HTTP": "8080",
        "BRIDGE_PORT": "tcp://10.0.0.1:8080",
        "BRIDGE_PORT_8080_TCP_ADDR": "10.0.0.1",
        "PATH": "/",
    }

    loaded = load(environ=others)

    assert loaded.settings.server.listen == "127.0.0.1:8080"


def test_a_wrong_value_names_its_variable(faults_of: FaultsOf) -> None:
    faults = faults_of(environ={"BRIDGE_SERVER__THREADS": "many"})

    assert [(f.key, f.message) for f in faults] == [
        ("BRIDGE_SERVER__THREADS", "must be a whole number, such as 32")
    ]


def test_bytes_that_are_no_text_are_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of(environ={"BRIDGE_PAGES__TITLE": "\udcff"})

    assert faults[0].key == "BRIDGE_PAGES__TITLE"


def test_a_secret_in_the_environment_replaces_its_file(
    load: Load, write: Write
) -> None:
    loaded = load(
        least=LEAST.replace('client_secret = "s3cret"', 'client_secret_file = "none"'),
        environ={"BRIDGE_UPSTREAM__CLIENT_SECRET": "mine"},
    )

    assert loaded.settings.upstream.client_secret is not None
    assert loaded.settings.upstream.client_secret.reveal() == "mine"
    assert loaded.warnings == ()


def test_a_secret_file_in_the_environment_replaces_the_value(
    load: Load, write: Write
) -> None:
    path = write("mine", "mine\n")
    path.chmod(0o600)

    loaded = load(environ={"BRIDGE_UPSTREAM__CLIENT_SECRET_FILE": str(path)})

    assert loaded.settings.upstream.client_secret is not None
    assert loaded.settings.upstream.client_secret.reveal() == "mine"


def test_value_and_file_together_in_the_environment_are_a_fault(
    faults_of: FaultsOf,
) -> None:
    faults = faults_of(
        environ={
            "BRIDGE_UPSTREAM__CLIENT_SECRET": "mine",
            "BRIDGE_UPSTREAM__CLIENT_SECRET_FILE": "x",
        }
    )

    assert [f.key for f in faults] == ["BRIDGE_UPSTREAM__CLIENT_SECRET_FILE"]


def test_an_empty_secret_in_the_environment_is_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of(environ={"BRIDGE_UPSTREAM__CLIENT_SECRET": ""})

    assert [(f.key, f.message) for f in faults] == [
        ("BRIDGE_UPSTREAM__CLIENT_SECRET", "must not be empty")
    ]
