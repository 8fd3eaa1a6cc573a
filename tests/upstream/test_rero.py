"""Where the browser goes, what RERO+ is sent, and who signed in."""

from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.core.errors import (
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
)
from bridge.core.patron import IdentityKind
from tests.upstream.support import (
    ACCESS_TOKEN,
    CODE,
    INFO,
    Bridge,
    Rero,
    bridge_at,
    json_answer,
)

STATE = "AQ-_az09"
SCOPES = frozenset({"fullname", "user:email", "institution"})


def test_authorization_url_carries_what_rero_wants() -> None:
    upstream = bridge_at("https://bib.example/").upstream

    url = urlsplit(upstream.authorization_url(STATE, SCOPES))

    assert url.scheme + "://" + url.netloc + url.path == (
        "https://bib.example/oauth/authorize"
    )
    assert parse_qs(url.query, strict_parsing=True) == {
        "client_id": ["rero-oidc-bridge"],
        "response_type": ["code"],
        "redirect_uri": ["https://bridge.example/callback"],
        "scope": ["fullname institution user:email"],
        "state": [STATE],
    }


def test_signing_in_again_leads_through_sign_out_to_the_same_place() -> None:
    upstream = bridge_at("https://bib.example").upstream

    again = upstream.authorization_url(STATE, SCOPES, sign_in_again=True)

    url = urlsplit(again)
    plain = upstream.authorization_url(STATE, SCOPES)
    assert again.startswith("https://bib.example/signout/?next=%2Foauth%2Fauthorize%3F")
    assert parse_qs(url.query) == {"next": [plain.removeprefix("https://bib.example")]}


def test_sign_out_keeps_the_path_that_rero_lives_under() -> None:
    upstream = bridge_at("http://127.0.0.1:8091/rero").upstream

    url = urlsplit(upstream.authorization_url(STATE, SCOPES, sign_in_again=True))

    assert url.path == "/rero/signout/"
    assert parse_qs(url.query)["next"][0].startswith("/rero/oauth/authorize?")


def test_signing_in_again_is_plain_where_the_way_through_sign_out_is_off() -> None:
    upstream = bridge_at(
        "https://bib.example", sign_in_again_via_signout=False
    ).upstream

    again = upstream.authorization_url(STATE, SCOPES, sign_in_again=True)

    assert again == upstream.authorization_url(STATE, SCOPES)


def test_code_is_exchanged_by_form_without_query_or_basic(
    rero: Rero, bridge: Bridge
) -> None:
    bridge.sign_in()

    [request] = rero.asked("/oauth/token")
    assert request.method == "POST"
    assert request.query_string == b""
    assert "Authorization" not in request.headers
    assert request.form.to_dict(flat=False) == {
        "client_id": ["rero-oidc-bridge"],
        "client_secret": ["s3cr&t %"],
        "redirect_uri": ["https://bridge.example/callback"],
        "grant_type": ["authorization_code"],
        "code": [CODE],
    }


def test_patron_is_fetched_by_header_without_query(rero: Rero, bridge: Bridge) -> None:
    bridge.sign_in()

    [request] = rero.asked("/api/patrons/info")
    assert request.method == "GET"
    assert request.query_string == b""
    assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_one_sign_in_leaves_nothing_for_the_next(rero: Rero, bridge: Bridge) -> None:
    rero.token[0].headers["Set-Cookie"] = "rero_session=jean; Path=/"

    bridge.sign_in()
    bridge.sign_in()

    assert all("Cookie" not in request.headers for request in rero.requests)
    assert all(
        "Authorization" not in request.headers for request in rero.asked("/oauth/token")
    )


@pytest.mark.parametrize("code", ["", "a b", "é", "\ud800", "a" * 1_001, "a\r\nX: y"])
def test_code_that_rero_cannot_have_made_is_not_sent(
    code: str, rero: Rero, bridge: Bridge
) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        bridge.upstream.sign_in(code, allow_barcode=True, address="192.0.2.1")

    assert caught.value.fault is UpstreamFault.CODE_OVER
    assert rero.requests == []


def test_proxy_of_the_environment_is_not_used(
    rero: Rero, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    bridge.sign_in()

    assert len(rero.requests) == 2


def test_configured_proxy_is_used(rero: Rero) -> None:
    bridge = bridge_at("http://rero.invalid", proxy=rero.server.url_for("/"))

    bridge.sign_in()

    assert {request.host for request in rero.requests} == {"rero.invalid"}


def test_user_id_of_the_token_answer_serves_where_info_has_none(
    rero: Rero, bridge: Bridge
) -> None:
    rero.info = [json_answer({"barcode": "2050124311"})]

    login = bridge.sign_in()

    assert login.patron.identity.kind is IdentityKind.USER
    assert login.patron.identity.value == "3"


def test_two_answers_about_two_people_are_no_login(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer(INFO | {"user_id": 4})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.IDENTITY_DIFFERS


def test_barcode_is_never_taken_once_user_ids_were_seen(
    rero: Rero, bridge: Bridge
) -> None:
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({"barcode": "2050124311"})]

    with pytest.raises(UpstreamGarbled) as caught:
        bridge.sign_in(allow_barcode=False)

    assert caught.value.fault is UpstreamFault.IDENTITY_LOST


def test_barcode_is_not_taken_where_the_setting_refuses_it(rero: Rero) -> None:
    bridge = bridge_at(rero.server.url_for("/"), accept_barcode=False)
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({"barcode": "2050124311"})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.NO_IDENTITY


@pytest.mark.parametrize("body", [{}, {"fullname": "Role, Nora", "patron_types": []}])
def test_reader_without_user_id_and_card_is_refused(
    body: dict[str, object], rero: Rero, bridge: Bridge
) -> None:
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer(body)]

    error = bridge.failure()

    assert isinstance(error, UpstreamRefused)
    assert error.fault is UpstreamFault.NO_CARD


def test_card_without_a_barcode_is_no_identity(rero: Rero, bridge: Bridge) -> None:
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({"patron_types": [{"institution": "VS"}]})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.NO_IDENTITY
