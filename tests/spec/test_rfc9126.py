"""RFC 9126: Pushed Authorization Requests."""

import re

import pytest

from bridge.flow.pushing import MAX_LIVE
from tests.support.flow_browser import request_pairs
from tests.support.signer import assertion, signer
from tests.support.trial import CONFIGURATION, SECRET, Trial, client
from tests.support.visitor import Answer, Visitor

REQUEST_URI = re.compile(r"urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}")
START = "https://service.example/start"
BASIC = {"Authorization": "Basic c2VydmljZTphLXNlY3JldC1vZi10aGUtc2VydmljZQ=="}


def push(
    browser: Visitor, client_id: str = "service", /, **changes: str | None
) -> Answer:
    """Push a good request, or one with *changes*."""
    with_secret = {"client_secret": SECRET, **changes}
    return browser.post("/par", dict(request_pairs(client_id, with_secret)))


def pushed(browser: Visitor, client_id: str = "service", /, **changes: str) -> str:
    return str(push(browser, client_id, **changes).members["request_uri"])


def come_with(browser: Visitor, request_uri: str, **others: str) -> Answer:
    """Come to /authorize with a reference."""
    query = {"client_id": "service", "request_uri": request_uri, **others}
    return browser.get("/authorize", query)


def sign_in_with(browser: Visitor, request_uri: str, **others: str) -> Answer:
    return browser.come_back(come_with(browser, request_uri, **others))


def is_start_again(answer: Answer) -> bool:
    return (answer.status, answer.page) == (400, "ticket")


def test_2_1_client_authenticates_as_at_the_token_endpoint(trial: Trial) -> None:
    trial.configure(CONFIGURATION + signer())
    browser = Visitor(trial)
    request = dict(request_pairs("service"))
    signers = dict(request_pairs("signer"))

    assert push(browser).status == 201
    assert browser.post("/par", request, BASIC).status == 201
    assert browser.post("/par", {**signers, **assertion("1")}).status == 201


@pytest.mark.parametrize("secret", ["wrong", None])
def test_2_1_client_that_fails_to_authenticate_is_refused(
    browser: Visitor, secret: str | None
) -> None:
    answer = push(browser, client_secret=secret)

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")


def test_2_1_public_client_is_refused_for_it_cannot_authenticate(
    browser: Visitor,
) -> None:
    answer = push(browser, "app", client_secret=None)

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")


def test_2_1_request_uri_is_refused(browser: Visitor) -> None:
    answer = push(browser, request_uri=pushed(browser))

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"claims": "junk"}, "invalid_request"),
        ({"claims": '{"userinfo": null, "userinfo": {}}'}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"id_token_hint": "e30.e30.x"}, "invalid_request"),
    ],
)
def test_2_1_request_is_validated_as_at_the_authorization_endpoint(
    browser: Visitor, changes: dict[str, str | None], error: str
) -> None:
    answer = push(browser, **changes)

    assert (answer.status, answer.members["error"]) == (400, error)


def test_2_1_client_id_is_that_of_the_authenticated_client(browser: Visitor) -> None:
    request = dict(request_pairs("other"))

    answer = browser.post("/par", request, BASIC)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_2_1_client_id_may_be_left_to_the_header(browser: Visitor) -> None:
    request = dict(request_pairs("service", {"client_id": None}))

    answer = browser.post("/par", request, BASIC)

    assert "code" in sign_in_with(browser, str(answer.members["request_uri"])).query


def test_2_1_parameter_that_comes_twice_is_refused(browser: Visitor) -> None:
    pairs = [*request_pairs(), ("scope", "openid")]
    body = "&".join(f"{name}={value}" for name, value in pairs).encode()

    answer = browser.post("/par", body.replace(b" ", b"+"), BASIC)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_2_1_unknown_parameters_are_ignored_and_never_repeated(
    browser: Visitor,
) -> None:
    request = dict(request_pairs())
    body = "&".join(f"{name}={value}" for name, value in request.items())

    answer = browser.post(
        "/par", f"{body}&odd=1&odd=2".encode().replace(b" ", b"+"), BASIC
    )

    assert answer.status == 201


def test_2_2_answer_is_201_with_reference_and_life(browser: Visitor) -> None:
    answer = push(browser)

    assert answer.status == 201
    assert set(answer.members) == {"request_uri", "expires_in"}
    assert REQUEST_URI.fullmatch(str(answer.members["request_uri"]))
    assert answer.members["expires_in"] == 60
    assert "no-store" in answer.headers["Cache-Control"]


def test_2_2_references_differ_and_cannot_be_guessed(browser: Visitor) -> None:
    references = {pushed(browser) for _ in range(20)}

    assert len(references) == 20


def test_2_2_reference_is_good_for_a_minute(browser: Visitor) -> None:
    request_uri = pushed(browser)

    browser.trial.clock.advance(59)
    assert come_with(browser, request_uri).status == 303
    browser.trial.clock.advance(1)
    assert is_start_again(come_with(browser, request_uri))


def test_2_3_only_post_with_a_form_is_answered(browser: Visitor) -> None:
    assert browser.get("/par").status == 405
    json_body = browser.post("/par", b"{}", BASIC, "application/json")
    assert (json_body.status, json_body.members["error"]) == (400, "invalid_request")


def test_2_3_request_that_is_too_large_is_413(browser: Visitor) -> None:
    answer = push(browser, login_hint="x" * 16_384)

    assert (answer.status, answer.members["error"]) == (413, "invalid_request")


def test_2_3_too_many_requests_are_429(browser: Visitor) -> None:
    for _ in range(MAX_LIVE):
        assert push(browser).status == 201

    answer = push(browser)

    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert push(browser, "other").status == 201
    browser.trial.clock.advance(60)
    assert push(browser).status == 201


def test_4_reference_leads_through_the_login(browser: Visitor) -> None:
    request_uri = pushed(browser, state="pushed state", nonce="pushed nonce")

    answer = sign_in_with(browser, request_uri)

    assert answer.query["state"] == "pushed state"
    assert browser.token(answer.query["code"]).status == 200


def test_4_parameters_beside_the_reference_do_not_count(browser: Visitor) -> None:
    request_uri = pushed(browser, state="pushed state", scope="openid")
    others = {
        "state": "another",
        "scope": "openid profile",
        "redirect_uri": "https://evil.example/",
        "response_type": "token",
    }

    answer = sign_in_with(browser, request_uri, **others)

    assert answer.location.startswith("https://service.example/callback?")
    assert answer.query["state"] == "pushed state"
    assert browser.token(answer.query["code"]).members["scope"] == "openid"


@pytest.mark.parametrize("client_id", ["other", "unknown", ""])
def test_4_reference_is_bound_to_the_client_that_pushed(
    browser: Visitor, client_id: str
) -> None:
    answer = come_with(browser, pushed(browser), client_id=client_id)

    assert is_start_again(answer)


def test_4_client_id_is_required(browser: Visitor) -> None:
    answer = browser.get("/authorize", {"request_uri": pushed(browser)})

    assert is_start_again(answer)


@pytest.mark.parametrize("end", ["", "A" * 43, "x" * 42, "=" * 43, "é" * 43])
def test_4_unknown_reference_is_a_page(browser: Visitor, end: str) -> None:
    answer = come_with(browser, f"urn:ietf:params:oauth:request_uri:{end}")

    assert is_start_again(answer)


def test_4_reference_is_used_up_by_the_code(browser: Visitor) -> None:
    request_uri = pushed(browser)
    assert "code" in sign_in_with(browser, request_uri).query

    assert is_start_again(come_with(Visitor(browser.trial), request_uri))


def test_4_reference_may_be_opened_again_before_the_code(browser: Visitor) -> None:
    request_uri = pushed(browser)
    come_with(browser, request_uri)

    assert "code" in sign_in_with(browser, request_uri).query


def test_4_of_two_browsers_with_one_reference_one_gets_a_code(
    browser: Visitor,
) -> None:
    request_uri = pushed(browser)
    second = Visitor(browser.trial)
    first_sent = come_with(browser, request_uri)
    second_sent = come_with(second, request_uri)

    answers = [browser.come_back(first_sent), second.come_back(second_sent, "anna")]

    codes = [a for a in answers if "code=" in a.headers.get("Location", "")]
    assert len(codes) == 1


def test_5_other_request_uris_stay_refused(browser: Visitor) -> None:
    answer = browser.authorize(request_uri="https://service.example/request")

    assert answer.query["error"] == "request_uri_not_supported"


def test_6_client_can_be_made_to_push(trial: Trial) -> None:
    must = client("service", require_pushed_authorization_requests=True)
    trial.configure(CONFIGURATION.replace(client("service", client_uri=START), must))
    browser = Visitor(trial)

    plain = browser.authorize()

    assert plain.query["error"] == "invalid_request"
    assert "code" in sign_in_with(browser, pushed(browser)).query


def test_7_log_is_told_who_pushed_and_nothing_of_the_request(browser: Visitor) -> None:
    request_uri = pushed(browser, login_hint="jean@example")

    (event,) = browser.trial.events("request:pushed")

    assert event["client_id"] == "service"
    assert request_uri.rpartition(":")[2] not in browser.trial.lines.getvalue()
    assert "jean@example" not in browser.trial.lines.getvalue()
