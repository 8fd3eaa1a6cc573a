"""GET and POST /authorize at the HTTP edge: pages, errors at the client, links."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.support.flow_browser import noise, request_pairs
from tests.support.trial import HEAD, Trial, client
from tests.support.visitor import FORM, Visitor

ERRORS = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"code_challenge": "a" * 43}, "invalid_request"),
    (
        {"code_challenge": "a" * 43, "code_challenge_method": "plain"},
        "invalid_request",
    ),
    ({"claims": "{"}, "invalid_request"),
    ({"nonce": "a\x00b"}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), ERRORS)
def test_error_goes_to_the_client_with_state_and_issuer_and_nothing_else(
    trial: Trial, changes: dict[str, str | None], error: str
) -> None:
    answer = Visitor(trial).authorize(state="a/b?c&d=e%20+\u00e9", **changes)

    assert answer.status == 303
    assert answer.location.startswith("https://service.example/callback?")
    query = answer.query
    assert set(query) == {"error", "error_description", "state", "iss"}
    assert query["error"] == error
    assert query["state"] == "a/b?c&d=e%20+\u00e9"
    assert query["iss"] == "https://login.example"
    assert answer.set_cookies == []


def test_doubled_state_is_an_error_without_a_state(trial: Trial) -> None:
    pairs = [*request_pairs(), ("state", "second")]

    answer = Visitor(trial).send("GET", "/authorize", query=urlencode(pairs).encode())

    assert answer.query["error"] == "invalid_request"
    assert "state" not in answer.query


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_doubled_client_or_redirect_uri_is_a_page(trial: Trial, name: str) -> None:
    pairs = request_pairs()
    pairs.append((name, dict(pairs)[name]))

    answer = Visitor(trial).send("GET", "/authorize", query=urlencode(pairs).encode())

    assert (answer.status, answer.page) == (400, "bad_request")


def test_query_of_a_registered_redirect_uri_is_kept(trial: Trial) -> None:
    address = "https://service.example/callback?tenant=a&x=%2F"
    trial.configure(HEAD + client("service", redirect_uris=[address]))

    answer = Visitor(trial).authorize(redirect_uri=address, prompt="none")

    assert answer.location.startswith(f"{address}&error=login_required&")


@pytest.mark.parametrize(
    "address",
    ["https://service.example/cal%6Cback", "https://service.example/caf%C3%A9?a=%7E"],
)
def test_registered_redirect_uri_goes_out_byte_for_byte(
    trial: Trial, address: str
) -> None:
    trial.configure(HEAD + client("service", redirect_uris=[address]))

    answer = Visitor(trial).sign_in(redirect_uri=address)

    assert answer.location.startswith(address)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_page_of_a_wrong_redirect_uri_links_only_to_the_client(
    trial: Trial, changes: dict[str, str | None]
) -> None:
    answer = Visitor(trial).authorize(prompt="none", **changes)

    assert (answer.status, answer.page) == (400, "redirect_uri")
    assert answer.restart == "https://service.example/start"
    assert 'href="https://evil' not in answer.text
    assert 'href="javascript' not in answer.text


def test_post_becomes_a_get_with_the_request_sealed(trial: Trial) -> None:
    browser = Visitor(trial)

    answer = browser.post("/authorize", dict(request_pairs()))

    assert answer.status == 303
    assert answer.location.startswith("/authorize?r=")
    for word in ("service", "the-state", "the-nonce", "openid"):
        assert word not in answer.location
    assert browser.get(answer.location).location.startswith("https://rero.example/")


def test_posted_request_reaches_the_client_whole(trial: Trial) -> None:
    browser = Visitor(trial)
    link = browser.post("/authorize", dict(request_pairs(changes={"state": "a&b"})))

    back = browser.come_back(browser.get(link.location))

    assert back.query["state"] == "a&b"
    assert back.query["code"]


def test_link_of_a_post_is_good_for_a_minute(trial: Trial) -> None:
    browser = Visitor(trial)
    link = browser.post("/authorize", dict(request_pairs())).location
    trial.clock.advance(59)
    assert browser.get(link).status == 303

    trial.clock.advance(1)

    assert browser.get(link).page == "ticket"


@pytest.mark.parametrize("name", ["state", "scope", "prompt", "nonce"])
def test_parameter_in_query_and_body_is_doubled(trial: Trial, name: str) -> None:
    browser = Visitor(trial)
    body = urlencode(request_pairs(changes={"prompt": "login"})).encode()

    link = browser.send(
        "POST",
        "/authorize",
        query=f"{name}=x".encode(),
        body=body,
        headers={"Content-Type": FORM},
    )

    answer = browser.get(link.location)
    assert answer.query["error"] == "invalid_request"


def test_client_in_query_and_body_is_a_page(trial: Trial) -> None:
    answer = Visitor(trial).send(
        "POST",
        "/authorize",
        query=b"client_id=service",
        body=urlencode(request_pairs()).encode(),
        headers={"Content-Type": FORM},
    )

    assert answer.page == "bad_request"


def test_post_that_is_too_long_is_refused_at_the_client(trial: Trial) -> None:
    pairs = request_pairs(changes={"state": noise(6_000)})
    body = urlencode([*pairs, ("x", noise(40))]).encode()
    assert len(body) > 6_144

    answer = Visitor(trial).post("/authorize", body)

    assert answer.location.startswith("https://service.example/callback?")
    assert answer.query["error"] == "invalid_request"


def test_post_of_an_unknown_client_is_a_page(trial: Trial) -> None:
    pairs = dict(request_pairs(changes={"client_id": "unknown"}))

    assert Visitor(trial).post("/authorize", pairs).page == "unknown_client"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_post_of_another_type_is_a_page(trial: Trial, content_type: str) -> None:
    body = urlencode(request_pairs()).encode()

    answer = Visitor(trial).post("/authorize", body, content_type=content_type)

    assert (answer.status, answer.page) == (400, "bad_request")


def test_link_beside_a_client_id_is_not_read(trial: Trial) -> None:
    browser = Visitor(trial)
    link = browser.post("/authorize", dict(request_pairs())).location
    sealed = parse_qs(urlsplit(link).query)["r"][0]

    answer = browser.authorize("other", r=sealed)

    assert "rero.example" in answer.location


@pytest.mark.parametrize("link", ["x", "A" * 200, "%00", "\u00e9"])
def test_damaged_link_is_a_page(trial: Trial, link: str) -> None:
    assert Visitor(trial).get("/authorize", {"r": link}).page == "ticket"


def test_start_again_begins_the_same_request(trial: Trial) -> None:
    browser = Visitor(trial)
    gone = browser.sign_in("nobody", state="kept")
    assert gone.page == "upstream_code"

    back = browser.come_back(browser.get(gone.restart))

    assert back.query["state"] == "kept"


def test_link_of_a_removed_client_is_a_page(trial: Trial) -> None:
    browser = Visitor(trial)
    link = browser.post("/authorize", dict(request_pairs())).location
    trial.configure(HEAD + client("other"))

    assert browser.get(link).page == "unknown_client"


def test_limit_of_a_session_is_429_with_retry_after(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.sign_in()
    for _ in range(30):
        assert browser.authorize().status == 303

    answer = browser.authorize()

    assert (answer.status, answer.page) == (429, "busy")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("more", [b"&x=%ff", b"&x=\xff", b"&x=1" * 101])
def test_query_that_cannot_be_read_is_told_to_its_client(
    trial: Trial, more: bytes
) -> None:
    query = urlencode(request_pairs("service", {"prompt": "none"})).encode()

    answer = Visitor(trial).send("GET", "/authorize", query=query + more)

    assert answer.query["error"] == "invalid_request"
    assert answer.query["state"] == "the-state"


@pytest.mark.parametrize("more", [b"&x=%ff", b"&x=1" * 101])
def test_query_that_cannot_be_read_is_a_page_where_no_client_is_named(
    trial: Trial, more: bytes
) -> None:
    answer = Visitor(trial).send("GET", "/authorize", query=b"client_id=a" + more)

    assert answer.status == 400
    assert answer.page == "unknown_client"


@pytest.mark.parametrize("name", ["ui_locales", "acr_values", "display", "login_hint"])
def test_optional_parameter_never_stops_a_login(trial: Trial, name: str) -> None:
    answer = Visitor(trial).sign_in(**{name: "odd \u00e9 value"})

    assert answer.query["code"]
