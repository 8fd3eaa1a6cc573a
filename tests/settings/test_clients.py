"""Registrations become the core's clients and policies."""

import hashlib
import json

from bridge.core.client import AuthMethod, Client, ConsentMode, EmailMode, SubjectType
from bridge.core.policy import Policy
from bridge.settings.clients import build_clients
from tests.settings.configurations import LEAST, FaultsOf, Load, Write

IN_JSON = 'clients_file = "clients.json"\n'
DIGEST = hashlib.sha256(b"x").hexdigest()


def registration(**members: object) -> dict[str, object]:
    return {
        "client_id": "a",
        "client_secret_sha256": DIGEST,
        "redirect_uris": ["https://a.example.ch/callback"],
    } | members


WHOLE = registration(
    client_name="Wiki",
    post_logout_redirect_uris=["https://a.example.ch/bye"],
    token_endpoint_auth_method="client_secret_post",
    grant_types=["authorization_code"],
    response_types=["code"],
    scope="openid profile",
    id_token_signed_response_alg="ES256",
    subject_type="public",
    default_max_age=60,
    require_auth_time=True,
    client_uri="http://a.example.ch/",
    backchannel_logout_uri="https://a.example.ch/logout",
    backchannel_logout_to_initiator=True,
    contacts=["a@example.ch"],
    logo_uri="https://a.example.ch/logo",
    jwks=None,
    consent=None,
    software_id="x",
    client_id_issued_at=1,
    client_secret_expires_at=32_503_680_000,
    registration_client_uri="https://login.example.ch/register",
) | {"client_name#fr": "Le wiki", "tos_uri#fr": "https://a.example.ch/fr"}


def test_a_registration_is_taken_as_it_is(load: Load, write: Write) -> None:
    write("clients.json", json.dumps([WHOLE]))

    clients = build_clients(load(IN_JSON).settings)

    assert dict(clients) == {
        "a": Client(
            client_id="a",
            redirect_uris=("https://a.example.ch/callback",),
            sector="a.example.ch",
            name={"": "Wiki", "fr": "Le wiki"},
            secret_digests=(hashlib.sha256(b"x").digest(),),
            client_secret_expires_at=32_503_680_000,
            token_endpoint_auth_methods=frozenset({AuthMethod.POST}),
            scopes=frozenset({"openid", "profile"}),
            grant_types=frozenset({"authorization_code"}),
            id_token_signed_response_alg="ES256",
            subject_type=SubjectType.PUBLIC,
            default_max_age=60,
            require_auth_time=True,
            backchannel_logout_uri="https://a.example.ch/logout",
            backchannel_logout_to_initiator=True,
            post_logout_redirect_uris=("https://a.example.ch/bye",),
            client_uri="http://a.example.ch/",
        )
    }


def test_our_own_members_work_in_json(load: Load, write: Write) -> None:
    members = registration(
        name={"fr": "Le wiki"},
        sector="example.ch",
        consent="never",
        email="placeholder",
        email_placeholder_domain="example.ch",
        claims=["birthdate"],
        require_pkce=True,
        refresh_tokens=True,
        refresh_leeway_s=0,
        claims_max_age_s=600,
        recipe="moodle",
    )
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.name == {"fr": "Le wiki"}
    assert client.sector == "example.ch"
    assert client.consent is ConsentMode.NEVER
    assert client.email is EmailMode.PLACEHOLDER
    assert client.email_placeholder_domain == "example.ch"
    assert client.claims == {"birthdate"}
    assert client.require_pkce
    assert client.refresh_tokens
    assert client.refresh_leeway_s == 0
    assert client.claims_max_age_s == 600


def test_client_defaults_hold_for_clients_of_both_places(
    load: Load, write: Write
) -> None:
    write("clients.json", json.dumps([registration(client_id="j", consent="once")]))
    tables = (
        f'[client_defaults]\nconsent = "always"\nclaims = ["birthdate"]\n[[clients]]\n'
        f'client_id = "t"\nclient_secret_sha256 = "{DIGEST}"\n'
        'redirect_uris = ["https://t.example/"]\n'
    )

    clients = build_clients(load(IN_JSON, least=LEAST + tables).settings)

    assert clients["t"].consent is ConsentMode.ALWAYS
    assert clients["j"].consent is ConsentMode.ONCE
    assert clients["j"].claims == {"birthdate"}


def test_one_client_id_in_two_places_is_a_fault(
    faults_of: FaultsOf, write: Write
) -> None:
    write("clients.json", json.dumps([registration()]))
    table = (
        f'[[clients]]\nclient_id = "a"\nclient_secret_sha256 = "{DIGEST}"\n'
        'redirect_uris = ["https://t.example/"]\n'
    )

    faults = faults_of(IN_JSON, least=LEAST + table)

    assert [(f.key, f.source.endswith("clients.json")) for f in faults] == [
        ("clients[0].client_id", True)
    ]
    assert "bridge.toml:10" in faults[0].message


def test_a_client_that_names_no_method_may_use_basic_and_post(
    load: Load, write: Write
) -> None:
    write("clients.json", json.dumps([registration()]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.token_endpoint_auth_methods == {AuthMethod.BASIC, AuthMethod.POST}
    assert not client.is_public


def test_a_public_client_must_use_pkce(load: Load, write: Write) -> None:
    members = registration(token_endpoint_auth_method="none")
    del members["client_secret_sha256"]
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.is_public
    assert client.require_pkce


def test_two_secrets_hold_while_one_is_changed(load: Load, write: Write) -> None:
    other = hashlib.sha256("é".encode()).digest()
    write(
        "clients.json",
        json.dumps([registration(client_secret="é", client_secret_sha256=DIGEST)]),
    )

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.secret_digests == (other, bytes.fromhex(DIGEST))


def test_scopes_that_nobody_knows_are_warned_about_and_never_granted(
    load: Load, write: Write
) -> None:
    write("clients.json", json.dumps([registration(scope="openid profil phone")]))

    loaded = load(IN_JSON)

    assert build_clients(loaded.settings)["a"].scopes == {"openid"}
    messages = [w.message for w in loaded.warnings if w.key == "clients[0].scope"]
    assert len(messages) == 2
    assert "Did you mean profile?" in messages[0]


def test_the_host_of_a_sector_identifier_uri_is_the_sector(
    load: Load, write: Write
) -> None:
    members = registration(
        redirect_uris=["https://a.example/", "https://b.example/"],
        sector_identifier_uri="https://Sector.example/uris.json",
    )
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.sector == "sector.example"


def test_public_subjects_need_no_sector(load: Load, write: Write) -> None:
    members = registration(
        redirect_uris=["https://a.example/", "https://b.example/"],
        subject_type="public",
    )
    write("clients.json", json.dumps([members]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.subject_type is SubjectType.PUBLIC


def test_a_client_without_a_policy_gets_the_default_one(
    load: Load, write: Write
) -> None:
    write("clients.json", json.dumps([registration()]))

    client = build_clients(load(IN_JSON).settings)["a"]

    assert client.policy == Policy()
