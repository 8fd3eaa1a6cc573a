"""Cookies: their names, attributes and lives, and names that come twice."""

import pytest

from tests.support.flow_browser import noise
from tests.support.trial import CONFIGURATION, ISSUER, Trial
from tests.support.visitor import Answer, Visitor


def attributes(line: str) -> tuple[str, set[str]]:
    """Part a Set-Cookie line into the name and the attributes."""
    pair, *others = line.split("; ")
    return pair.partition("=")[0], set(others)


def names(answer: Answer) -> list[str]:
    return [attributes(line)[0] for line in answer.set_cookies]


def test_cookies_under_https_are_host_cookies(trial: Trial) -> None:
    browser = Visitor(trial)
    lines = browser.authorize().set_cookies + browser.sign_in().set_cookies

    assert len(lines) == 2
    for line in lines:
        name, given = attributes(line)
        assert name.startswith("__Host-bridge_")
        assert given == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost:8090", "[::1]:8090"])
def test_cookies_on_loopback_without_tls_go_without_secure(
    trial: Trial, host: str
) -> None:
    # Browsers drop __Host- cookies without Secure.
    trial.configure(CONFIGURATION.replace(ISSUER, f"http://{host}"))
    browser = Visitor(trial)

    lines = browser.authorize().set_cookies + browser.sign_in().set_cookies

    assert len(lines) == 2
    for line in lines:
        name, given = attributes(line)
        assert name.startswith("bridge_")
        assert given == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_cookies_of_two_issuers_on_one_host_do_not_meet(trial: Trial) -> None:
    one = names(Visitor(trial).authorize())
    trial.configure(CONFIGURATION.replace(ISSUER, f"{ISSUER}/second"))
    trial.app = trial.new_app()
    two = names(Visitor(trial).authorize())

    assert set(one).isdisjoint(two)


def test_authorize_sets_the_binding_cookie_once(trial: Trial) -> None:
    browser = Visitor(trial)

    first, second = browser.authorize(), browser.authorize()

    assert len(first.set_cookies) == 1
    assert second.set_cookies == []


def test_cookies_are_opaque_and_small(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.sign_in()

    assert len(browser.cookies) == 2
    for value in browser.cookies.values():
        assert len(value) in {22, 43}
        assert value.isascii()


def test_answer_with_cookies_is_not_stored(trial: Trial) -> None:
    browser = Visitor(trial)

    for answer in (browser.authorize(), browser.sign_in()):
        assert answer.set_cookies or answer.status == 303
        assert answer.headers["Cache-Control"] == "no-store"


def test_large_ticket_is_parted_into_cookies_that_browsers_keep(trial: Trial) -> None:
    browser = Visitor(trial)

    answer = browser.authorize(state=noise(4_000))

    sizes = [len(line.partition(";")[0]) for line in answer.set_cookies]
    assert len(sizes) == 3  # the binding cookie, and two chunks
    assert max(sizes) < 4_096
    back = browser.come_back(answer)
    assert back.query["state"] == noise(4_000)
    assert all("ticket" not in name for name in browser.cookies)


def test_doubled_session_cookie_is_believed_by_neither_and_deleted(
    trial: Trial,
) -> None:
    browser = Visitor(trial)
    browser.sign_in()
    session = next(name for name in browser.cookies if "session" in name)
    pairs = [*browser.cookies.items(), (session, "A" * 43)]

    for order in (pairs, pairs[::-1]):
        header = "; ".join(f"{name}={value}" for name, value in order)
        answer = Visitor(trial).send(
            "GET",
            "/authorize",
            query=b"client_id=service&response_type=code&scope=openid"
            b"&redirect_uri=https%3A%2F%2Fservice.example%2Fcallback",
            headers={"Cookie": header},
        )
        assert answer.location.startswith("https://rero.example/")
        deleted = [line for line in answer.set_cookies if "Max-Age=0" in line]
        assert [attributes(line)[0] for line in deleted] == [session]


def test_doubled_binding_cookie_finishes_no_login(trial: Trial) -> None:
    browser = Visitor(trial)
    sent = browser.authorize()
    ((name, value),) = browser.cookies.items()
    headers = {"Cookie": f"{name}={value}; {name}={value}"}

    answer = browser.get(
        "/callback", {"state": sent.query["state"], "code": "jean"}, headers
    )

    assert answer.page == "other_browser"
    assert trial.upstream.calls == []
    assert [cookie.partition("=")[0] for cookie in answer.set_cookies] == [name]
    assert "Max-Age=0" in answer.set_cookies[0]


@pytest.mark.parametrize(
    "junk",
    ["", ";;;", "=", "a", "\x00", "\xff=\xff", "a=b; " * 2_000, '"', "__Host-=; x"],
)
def test_junk_among_the_cookies_disturbs_nothing(trial: Trial, junk: str) -> None:
    browser = Visitor(trial)
    browser.sign_in()
    own = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Cookie": f"{junk}; {own}"}
    query = (
        b"client_id=service&response_type=code&scope=openid"
        b"&redirect_uri=https%3A%2F%2Fservice.example%2Fcallback"
    )

    answer = browser.send("GET", "/authorize", query=query, headers=headers)

    assert answer.location.startswith("https://service.example/callback?code=")


def test_old_session_cookie_is_dead_after_a_new_sign_in(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.sign_in()
    old = Visitor(trial)
    old.cookies = dict(browser.cookies)

    browser.sign_in(prompt="login")

    assert old.authorize().location.startswith("https://rero.example/")
    assert browser.authorize().location.startswith("https://service.example/")
