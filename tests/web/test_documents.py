"""Discovery and JWKS: ready bytes with an ETag, true under a prefix as well."""

import pytest

from tests.support.trial import CONFIGURATION, ISSUER, Trial
from tests.support.visitor import Visitor

DOCUMENTS = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/jwks",
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_document_may_be_kept_for_five_minutes(trial: Trial, path: str) -> None:
    answer = Visitor(trial).get(path)

    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.members


@pytest.mark.parametrize("path", [*DOCUMENTS, "/static/bridge.css"])
def test_known_document_is_304_without_a_body(trial: Trial, path: str) -> None:
    etag = Visitor(trial).get(path).headers["ETag"]

    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = Visitor(trial).get(path, headers={"If-None-Match": known})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == etag


def test_changed_document_is_sent_whole(trial: Trial) -> None:
    answer = Visitor(trial).get("/jwks", headers={"If-None-Match": '"other"'})

    assert answer.status == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_head_has_the_headers_of_get(trial: Trial, path: str) -> None:
    got, head = Visitor(trial).get(path), Visitor(trial).send("HEAD", path)

    assert head.body == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


def test_stylesheet_of_the_pages_is_there(trial: Trial) -> None:
    page = Visitor(trial).get("/").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]

    answer = Visitor(trial).get(address)

    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_both_addresses_of_the_metadata_say_the_same(trial: Trial) -> None:
    one, two = (Visitor(trial).get(path).body for path in DOCUMENTS[:2])

    assert one == two


@pytest.fixture
def prefixed(trial: Trial) -> Trial:
    trial.configure(CONFIGURATION.replace(ISSUER, "http://127.0.0.1:8090/oidc"))
    trial.app = trial.new_app()
    return trial


def test_issuer_with_a_path_has_its_documents_where_both_standards_look(
    prefixed: Trial,
) -> None:
    browser = Visitor(prefixed)

    first = browser.get("/oidc/.well-known/openid-configuration")
    second = browser.get("/.well-known/oauth-authorization-server/oidc")

    assert first.members["issuer"] == "http://127.0.0.1:8090/oidc"
    assert first.members["token_endpoint"] == "http://127.0.0.1:8090/oidc/token"
    assert second.body == first.body
    assert browser.get("/.well-known/openid-configuration").status == 404


def test_whole_login_works_under_a_path(prefixed: Trial) -> None:
    browser = Visitor(prefixed)

    tokens = browser.tokens()

    assert browser.userinfo(tokens["access_token"]).members["name"] == "Jean Simon"
    assert browser.get("/token").status == 404


def test_forms_and_links_of_pages_stay_under_the_path(prefixed: Trial) -> None:
    browser = Visitor(prefixed)
    asked = browser.sign_in("jean", "once")
    gone = browser.sign_in("nobody", "once", prompt="login")

    assert asked.form_action == "/oidc/consent"
    assert browser.press(asked, "allow").query["iss"] == "http://127.0.0.1:8090/oidc"
    assert gone.page == "upstream_code"
    assert gone.restart.startswith("/oidc/authorize?r=")
    assert '<link rel="stylesheet" href="/oidc/static/' in gone.text


def test_form_on_loopback_may_end_at_a_client_without_tls(prefixed: Trial) -> None:
    answer = Visitor(prefixed).sign_in("jean", "once")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' https: http:")
