"""Files, includes, JSON clients and where each value comes from."""

from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.settings.load import load_settings
from tests.settings.configurations import LEAST, FaultsOf, Load, Write

CLIENT = """
[[clients]]
client_id = "{}"
redirect_uris = ["https://{}.example.ch/callback"]
token_endpoint_auth_method = "none"
"""


def test_defaults_hold_where_nothing_is_written(load: Load, tmp_path: Path) -> None:
    settings = load().settings

    assert settings.server.listen == "127.0.0.1:8080"
    assert settings.keys.directory == tmp_path / "keys"
    assert settings.sealing.key_file == tmp_path / "keys" / "sealing.key"
    assert settings.subjects.salt_file == tmp_path / "keys" / "subjects.salt"
    assert settings.store.path == tmp_path / "bridge.db"
    assert settings.upstream.redirect_uri == "https://login.example.ch/callback"
    assert settings.upstream.deadline_s == 10


def test_key_files_follow_keys_directory(load: Load, tmp_path: Path) -> None:
    settings = load(least=LEAST + '[keys]\ndirectory = "k"\n[sealing]\n').settings

    assert settings.sealing.key_file == tmp_path / "k" / "sealing.key"


def test_a_placed_key_file_is_relative_to_its_own_file(
    load: Load, write: Write, tmp_path: Path
) -> None:
    write("more/keys.toml", '[tokens]\nkey_file = "t.key"\n')

    settings = load('include = ["more/*.toml"]\n').settings

    assert settings.tokens.key_file == tmp_path / "more" / "t.key"


def test_the_first_usual_place_is_taken(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("config/bridge.toml", LEAST)
    monkeypatch.chdir(tmp_path)

    loaded = load_settings(None, {})

    assert loaded.path == tmp_path / "config" / "bridge.toml"


def test_the_variable_goes_before_usual_places(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bridge.toml", LEAST)
    other = write("other.toml", LEAST)
    monkeypatch.chdir(tmp_path)

    loaded = load_settings(None, {"BRIDGE_CONFIG": str(other)})

    assert loaded.path == other


def test_no_file_at_all_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError, match="no configuration file"):
        load_settings(None, {})


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file"):
        load_settings(tmp_path / "no.toml", {})


def test_included_clients_are_put_together(load: Load, write: Write) -> None:
    write("clients.d/a.toml", CLIENT.format("a", "a"))
    write("clients.d/b.toml", CLIENT.format("b", "b"))

    settings = load('include = ["clients.d/*.toml"]\n').settings

    assert [client.client_id for client in settings.clients] == ["a", "b"]


def test_the_same_key_in_two_files_is_a_fault(
    faults_of: FaultsOf, write: Write, tmp_path: Path
) -> None:
    write("x.toml", '[upstream]\nid = "other"\n[server]\nthreads = 3\n')

    faults = faults_of('include = ["x.toml"]\n')

    assert [(f.key, f.source, f.line) for f in faults] == [
        ("upstream.id", str(tmp_path / "x.toml"), 2)
    ]
    assert "bridge.toml:5" in faults[0].message


def test_a_named_file_that_is_missing_is_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of('include = ["x.toml"]\n')

    assert faults[0].key == "include[0]"
    assert faults[0].line == 1


def test_a_pattern_in_a_folder_that_is_not_there_is_a_fault(
    faults_of: FaultsOf, tmp_path: Path
) -> None:
    faults = faults_of('include = ["cleints.d/*.toml"]\n')

    assert [(f.key, f.line, f.message) for f in faults] == [
        ("include[0]", 1, f"there is no folder {tmp_path / 'cleints.d'}")
    ]


@pytest.mark.parametrize(
    ("patterns", "key", "name"),
    [
        ('["*.toml"]', "include[0]", "bridge.toml"),
        ('["more/a.toml", "more/*.toml"]', "include[1]", "more/a.toml"),
    ],
)
def test_a_file_that_is_read_already_is_told_by_one_fault(
    faults_of: FaultsOf,
    write: Write,
    tmp_path: Path,
    patterns: str,
    key: str,
    name: str,
) -> None:
    write("more/a.toml", "[server]\nthreads = 3\n")

    faults = faults_of(f"include = {patterns}\n")

    assert [(f.key, f.message) for f in faults] == [
        (key, f"takes in {tmp_path / name}, which is read already")
    ]


def test_a_folder_that_is_still_empty_is_no_fault(load: Load, tmp_path: Path) -> None:
    (tmp_path / "clients.d").mkdir()

    loaded = load('include = ["clients.d/*.toml"]\n')

    assert loaded.settings.clients == ()


def test_an_included_file_cannot_include_more(
    faults_of: FaultsOf, write: Write
) -> None:
    write("x.toml", 'include = ["y.toml"]\n')

    faults = faults_of('include = ["x.toml"]\n')

    assert [f.key for f in faults] == ["include"]
    assert "cannot include more" in faults[0].message


def test_broken_toml_tells_file_and_line(faults_of: FaultsOf, tmp_path: Path) -> None:
    faults = faults_of('\nlisten = = "x"\n')

    assert [(f.source, f.line) for f in faults] == [(str(tmp_path / "bridge.toml"), 2)]


def test_a_file_that_cannot_be_parsed_brings_no_other_faults_along(
    faults_of: FaultsOf, write: Write
) -> None:
    path = write("policies.toml", "[policies.valais\n")

    faults = faults_of(
        'include = ["policies.toml"]\n',
        least=LEAST + CLIENT.format("a", "a") + 'policy = "valais"\n',
    )

    assert [f.source for f in faults] == [str(path)]


def test_a_fault_in_an_included_client_is_named_as_its_file_has_it(
    faults_of: FaultsOf, write: Write
) -> None:
    path = write("b.toml", CLIENT.format("b", "b") + 'consent = "maybe"\n')

    faults = faults_of('include = ["b.toml"]\n', least=LEAST + CLIENT.format("a", "a"))

    assert [(f.key, f.source, f.line) for f in faults] == [
        ("clients[0].consent", str(path), 6)
    ]


def test_sources_tell_where_each_value_comes_from(load: Load, tmp_path: Path) -> None:
    loaded = load(
        'support = "mailto:a@example.ch"\n',
        {"BRIDGE_SERVER__THREADS": "4"},
        LEAST + CLIENT.format("a", "a") + '[client_defaults]\nconsent = "never"\n',
    )

    file = tmp_path / "bridge.toml"
    assert loaded.sources["support"] == f"{file}:1"
    assert loaded.sources["server.threads"] == "BRIDGE_SERVER__THREADS"
    assert loaded.sources["server.listen"] == "default"
    assert loaded.sources["clients[0].consent"] == f"{file}:15"


def test_every_file_read_is_listed_for_the_watcher(
    load: Load, write: Write, tmp_path: Path
) -> None:
    write("clients.d/a.toml", CLIENT.format("a", "a"))
    write("clients.json", "[]")
    (write("secret", "x\n")).chmod(0o600)

    loaded = load(
        'include = ["clients.d/*.toml"]\nclients_file = "clients.json"\n',
        least=LEAST.replace(
            'client_secret = "s3cret"', 'client_secret_file = "secret"'
        ),
    )

    assert set(loaded.files) == {
        tmp_path / name
        for name in (
            "bridge.toml",
            "clients.d",
            "clients.d/a.toml",
            "clients.json",
            "secret",
        )
    }


def test_faults_tell_which_files_could_be_mended(write: Write, tmp_path: Path) -> None:
    write("more/faulty.toml", "x = 1\n")
    main = write(
        "bridge.toml",
        'include = ["more/*.toml"]\n'
        + LEAST.replace('client_secret = "s3cret"', 'client_secret_file = "no"'),
    )

    with pytest.raises(ConfigurationError) as caught:
        load_settings(main, {})

    names = ("bridge.toml", "more", "more/faulty.toml", "no")
    assert set(caught.value.files) == {str(tmp_path / name) for name in names}


def test_a_file_that_cannot_be_read_is_a_fault(
    faults_of: FaultsOf, tmp_path: Path
) -> None:
    (tmp_path / "clients.json").mkdir()

    faults = faults_of('clients_file = "clients.json"\n')

    assert "cannot be read" in faults[0].message


def test_a_name_that_no_file_can_have_is_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of(
        'clients_file = "a\\u0000b"\ninclude = ["c\\u0000d", "e/\\u0000/*"]\n'
    )

    assert {f.key for f in faults} == {"clients_file", "include[0]", "include[1]"}
