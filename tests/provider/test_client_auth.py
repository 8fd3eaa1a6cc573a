"""Client authentication: one registered method, whatever way secrets are written."""

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from bridge.core.client import AuthMethod, Client
from bridge.core.errors import InvalidClient, InvalidRequest
from bridge.provider.client_auth import MAX_HEADER_CHARACTERS, client_of_secret
from tests.provider.world import NOW, make_client

SECRETS = [
    "plain",
    "with:colon",
    "50%25off%",
    "a+b",
    "salt & pepper",
    "two words",
    "clé-ümläut",
    "%zz",
    "=?/~",
    "日本",
]
BASIC = frozenset({AuthMethod.BASIC})
POST = frozenset({AuthMethod.POST})
PUBLIC = make_client(
    "app", token_endpoint_auth_methods=frozenset({AuthMethod.NONE}), secret_digests=()
)


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def client_with(
    *secrets: str,
    methods: frozenset[AuthMethod] = BASIC,
    client_id: str = "library",
) -> Client:
    return make_client(
        client_id,
        secret_digests=tuple(map(digest, secrets)),
        token_endpoint_auth_methods=methods,
    )


def basic(client_id: str, secret: str, scheme: str = "Basic") -> str:
    pair = f"{client_id}:{secret}".encode()
    return f"{scheme} {base64.b64encode(pair).decode()}"


def ask(
    *clients: Client, authorization: str | None = None, now: int = NOW, **form: str
) -> str:
    by_id = {client.client_id: client for client in clients}
    return client_of_secret(form, authorization, by_id, now).client_id


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encode", [quote_plus, quote, str], ids=["plus", "%", "raw"])
def test_basic_secret_is_taken_encoded_and_raw(
    secret: str, encode: Callable[[str], str]
) -> None:
    client = client_with(secret)

    header = basic("library", encode(secret))

    assert ask(client, authorization=header) == "library"


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_in_the_body_is_taken_as_it_is(secret: str) -> None:
    client = client_with(secret, methods=POST)

    assert ask(client, client_id="library", client_secret=secret) == "library"


@pytest.mark.parametrize("encode", [quote_plus, str], ids=["encoded", "raw"])
def test_basic_client_id_is_taken_encoded_and_raw(
    encode: Callable[[str], str],
) -> None:
    client = client_with("secret", client_id="library+vs 50%25")

    header = basic(encode("library+vs 50%25"), "secret")

    assert ask(client, authorization=header) == "library+vs 50%25"


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_scheme_is_read_in_any_case(scheme: str) -> None:
    header = basic("library", "secret", scheme)

    assert ask(client_with("secret"), authorization=header) == "library"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"library:\xff").decode(),
        "Basic bGlicmFyeTpzZWNyZXQ",  # padding is missing
        "Basic !!!!",
        "Basic ü",
        "Bearer abc",
        "Digest username=library",
        basic("library", "secret") + " " + "x" * MAX_HEADER_CHARACTERS,
        basic("library", "s" * MAX_HEADER_CHARACTERS),
    ],
)
def test_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(InvalidClient):
        ask(client_with("secret"), authorization=header)


@pytest.mark.parametrize("wrong", ["", "Secret", "secret ", "secret\0", "secre"])
def test_wrong_secret_is_refused_by_either_method(wrong: str) -> None:
    client = client_with("secret", methods=BASIC | POST)

    with pytest.raises(InvalidClient):
        ask(client, authorization=basic("library", wrong))
    with pytest.raises(InvalidClient):
        ask(client, client_id="library", client_secret=wrong)


def test_refusal_does_not_tell_whether_the_client_is_known() -> None:
    client = client_with("secret")

    with pytest.raises(InvalidClient) as known:
        ask(client, authorization=basic("library", "wrong"))
    with pytest.raises(InvalidClient) as unknown:
        ask(client, authorization=basic("nobody", "wrong"))

    assert known.value.description == unknown.value.description
    assert known.value.detail != unknown.value.detail  # the log may know


def test_method_that_is_not_registered_is_refused() -> None:
    with pytest.raises(InvalidClient):
        ask(client_with("s"), client_id="library", client_secret="s")
    with pytest.raises(InvalidClient):
        ask(client_with("s", methods=POST), authorization=basic("library", "s"))


def test_two_methods_at_once_are_an_invalid_request() -> None:
    client = client_with("secret", methods=BASIC | POST)

    with pytest.raises(InvalidRequest):
        ask(
            client,
            authorization=basic("library", "secret"),
            client_id="library",
            client_secret="secret",
        )


def test_client_id_of_the_body_must_be_that_of_the_header() -> None:
    client, other = client_with("secret"), client_with("other", client_id="museum")
    header = basic("library", "secret")

    assert ask(client, authorization=header, client_id="library") == "library"
    with pytest.raises(InvalidRequest):
        ask(client, other, authorization=header, client_id="museum")


def test_request_without_any_credentials_is_refused() -> None:
    with pytest.raises(InvalidClient):
        ask(client_with("secret"), grant_type="refresh_token")


def test_confidential_client_without_its_secret_is_refused() -> None:
    with pytest.raises(InvalidClient):
        ask(client_with("secret", methods=BASIC | POST), client_id="library")


def test_public_client_names_itself() -> None:
    assert ask(PUBLIC, client_id="app") == "app"


def test_public_client_may_not_show_a_secret() -> None:
    with pytest.raises(InvalidClient):
        ask(PUBLIC, client_id="app", client_secret="anything")
    with pytest.raises(InvalidClient):
        ask(PUBLIC, authorization=basic("app", ""))


@pytest.mark.parametrize("secret", ["old", "new"])
def test_two_secrets_are_good_while_one_is_changed(secret: str) -> None:
    client = client_with("new", "old")

    assert ask(client, authorization=basic("library", secret)) == "library"


@pytest.mark.parametrize("secret", ["", "x"])
def test_client_without_a_digest_has_no_secret_at_all(secret: str) -> None:
    with pytest.raises(InvalidClient):
        ask(client_with(), authorization=basic("library", secret))


def test_secret_is_none_from_the_second_of_its_end() -> None:
    secrets = (digest("secret"), digest("old"))
    client = make_client(secret_digests=secrets, client_secret_expires_at=NOW)
    header = basic("library", "secret")

    assert ask(client, authorization=header, now=NOW - 1) == "library"
    with pytest.raises(InvalidClient):
        ask(client, authorization=header, now=NOW)
    with pytest.raises(InvalidClient):
        ask(client, client_id="library", client_secret="old", now=NOW)
