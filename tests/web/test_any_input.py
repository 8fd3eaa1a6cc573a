"""No input gives a 500, and no input sends a browser anywhere but where it may go."""

import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.authorization import PARAMETERS
from bridge.core.logout import PARAMETERS as LOGOUT_PARAMETERS
from bridge.provider.client_auth import PARAMETERS as CLIENT_PARAMETERS
from bridge.provider.service import PARAMETERS as TOKEN_PARAMETERS
from tests.support.flow_browser import request_pairs
from tests.support.trial import SECRET, Trial
from tests.support.upstream import UPSTREAM
from tests.support.visitor import FORM, Answer, Visitor

GOOD: Final = dict(request_pairs()) | {
    "max_age": "60",
    "prompt": "login",
    "code_challenge_method": "S256",
    "code_challenge": "a" * 43,
    "claims": '{"userinfo": {"name": null}}',
    "ui_locales": "fr de",
    "grant_type": "authorization_code",
    "client_secret": SECRET,
    "error": "access_denied",
    "decision": "allow",
}
DECISIONS: Final = ["allow", "refuse", "other", "sign_out", "stay"]
NAMES: Final = sorted(
    PARAMETERS
    | CLIENT_PARAMETERS
    | TOKEN_PARAMETERS
    | LOGOUT_PARAMETERS
    | {"r", "error", "iss", "ticket", "decision", "remember", "access_token"}
)
ENDPOINTS: Final = [
    "/authorize",
    "/callback",
    "/consent",
    "/refusal",
    "/logout",
    "/logout/confirm",
    "/token",
    "/userinfo",
    "/revoke",
    "/introspect",
    "/par",
    "/jwks",
    "/static/bridge.css",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/",
]
# Page with a button -> who signs in at which client to see it.
BUTTONS: Final = {
    "/consent": ("jean", "once"),
    "/refusal": ("luca", "members"),
    "/logout/confirm": ("jean", "service"),
}
ALLOWED: Final = (
    *(f"https://{name}.example/callback?" for _, name in BUTTONS.values()),
    f"{UPSTREAM}/",
    "/authorize?r=",
    "/logout?r=",
)

raw_values = st.one_of(
    st.sampled_from(
        [
            "",
            "%00",
            "%0D%0ASet-Cookie%3A%20a%3Db",
            "%FF%FE",
            "%C0%AF",
            "%ED%A0%80",  # half of a surrogate pair
            "%F4%90%80%80",
            "%zz%",
            "%",
            "https%3A%2F%2Fevil.example%2F",
            "%2F%2Fevil.example",
            "javascript:alert(1)",
            "%7B%22userinfo%22%3A%7B%22sub%22%3A%7B%22value%22%3A1%7D%7D%7D",
            "%5B" * 3_000,
            "9" * 400,
            "-1",
            "none",
            "A" * 22,
            "A" * 72,
        ]
    ),
    st.text(max_size=30).map(lambda text: quote_plus(text, errors="replace")),
    st.binary(max_size=30).map(quote),
    st.integers(1, 9_000).map(lambda size: "x" * size),
)
good_pairs = st.sampled_from(sorted(GOOD)).map(lambda n: f"{n}={quote(GOOD[n])}")
odd_pairs = st.builds(
    lambda name, value: f"{name}={value}",
    st.one_of(st.sampled_from(NAMES), st.text(string.printable, max_size=8).map(quote)),
    raw_values,
)
junk = st.binary(max_size=60).map(
    # No server hands on a header with a line break inside.
    lambda raw: raw.decode("latin-1").translate({10: "", 13: ""})
)


@st.composite
def parameters(draw: st.DrawFn) -> bytes:
    """Draw a query or a body: a good request with junk, doubled or left out members."""
    pairs = [f"{name}={quote(value)}" for name, value in request_pairs()]
    if draw(st.booleans()):
        pairs = [pair for pair in pairs if draw(st.booleans())]
    pairs += draw(st.lists(st.one_of(odd_pairs, good_pairs), max_size=6))
    text = "&".join(draw(st.permutations(pairs)))
    return text.encode("latin-1") + draw(st.one_of(st.just(b""), st.binary(max_size=9)))


headers = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": st.one_of(
            junk,
            junk.map(lambda text: f"Bearer {text}"),
            junk.map(lambda text: f"Basic {text}"),
            st.sampled_from(["Basic c2VydmljZTo=", "Basic /w==", "Basic Og=="]),
        ),
        "Cookie": junk,
        "Accept-Language": junk,
        "Origin": junk,
        "Sec-Fetch-Site": junk,
        "If-None-Match": junk,
        "X-Forwarded-For": junk,
        "traceparent": junk,
        "Content-Type": st.one_of(st.just(FORM), junk),
        "Content-Length": st.sampled_from(["0", "3", "-1", "x", "", "9" * 30]),
        "Host": junk,
    },
)


@pytest.fixture(scope="module")
def open_trial() -> Trial:
    """Give one bridge to all examples: what they leave behind is junk as well."""
    with TemporaryDirectory() as folder:
        return Trial(Path(folder), limits=dict.fromkeys(_LIMITS, 1_000_000))


_LIMITS: Final = ("authorize_session", "callback_ticket", "callback_address")


def see_no_bug(trial: Trial) -> None:
    """See that no unforeseen error was logged, and begin a new log."""
    assert trial.events("error") == []
    trial.lines.seek(0)
    trial.lines.truncate()


def check(answer: Answer) -> None:
    """See that *answer* is one that any input may get."""
    assert answer.status < 500, answer.body
    assert b"Traceback" not in answer.body
    location = answer.headers.get("Location")
    if location is not None:
        assert location.startswith(ALLOWED), location
    for name, value in answer.headers:
        assert "\r" not in name + value
        assert "\n" not in name + value


@settings(max_examples=250)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]),
    path=st.sampled_from(ENDPOINTS),
    query=parameters(),
    body=parameters(),
    headers=headers,
)
def test_no_input_gives_a_500(
    open_trial: Trial,
    method: str,
    path: str,
    query: bytes,
    body: bytes,
    headers: dict[str, str],
) -> None:
    check(
        Visitor(open_trial).send(method, path, query=query, body=body, headers=headers)
    )
    see_no_bug(open_trial)


@settings(max_examples=150)
@given(query=parameters(), is_signed_in=st.booleans())
def test_authorize_sends_nobody_astray(
    open_trial: Trial, query: bytes, is_signed_in: bool
) -> None:
    browser = Visitor(open_trial)
    if is_signed_in:
        browser.sign_in()

    answer = browser.send("GET", "/authorize", query=query)

    check(answer)
    see_no_bug(open_trial)


@settings(max_examples=150)
@given(query=parameters(), is_known=st.booleans())
def test_unknown_client_or_redirect_uri_is_never_redirected(
    open_trial: Trial, query: bytes, is_known: bool
) -> None:
    parts = [part for part in query.split(b"&") if b"client_id" not in part]
    if is_known:
        parts = [part for part in parts if b"redirect_uri" not in part]
        parts += [b"client_id=service", b"redirect_uri=https://evil.example/"]
    else:
        parts += [b"client_id=unknown"]

    answer = Visitor(open_trial).send("GET", "/authorize", query=b"&".join(parts))

    check(answer)
    assert "Location" not in answer.headers


@settings(max_examples=100)
@given(odd=st.lists(odd_pairs, max_size=4))
def test_callback_of_a_login_takes_any_junk(open_trial: Trial, odd: list[str]) -> None:
    browser = Visitor(open_trial)
    state = browser.authorize().query["state"]
    query = "&".join([f"state={state}", *odd]).encode("latin-1")

    answer = browser.send("GET", "/callback", query=query)

    # 502: RERO+ sent no usable code, and the page says so.
    if answer.status not in {502, 503}:
        check(answer)
    see_no_bug(open_trial)


@settings(max_examples=150)
@given(
    path=st.sampled_from(sorted(BUTTONS)),
    decision=st.one_of(st.sampled_from(DECISIONS), raw_values),
    odd=st.lists(st.one_of(odd_pairs, good_pairs), max_size=3),
    draw=st.data(),
)
def test_buttons_with_a_good_ticket_take_any_junk(
    open_trial: Trial, path: str, decision: str, odd: list[str], draw: st.DataObject
) -> None:
    browser = Visitor(open_trial)
    page = browser.sign_in(*BUTTONS[path])
    if path == "/logout/confirm":
        page = browser.get("/logout")
    good = [f"ticket={quote(page.ticket)}", f"decision={decision}"]
    body = "&".join(draw.draw(st.permutations([*good, *odd]))).encode("latin-1")

    assert page.form_action == path
    check(browser.post(path, body))
    see_no_bug(open_trial)


@settings(max_examples=200)
@given(
    path=st.sampled_from(["/token", "/revoke", "/introspect", "/par"]),
    body=parameters(),
    good=st.lists(st.sampled_from(sorted(GOOD)), unique=True),
)
def test_programs_get_an_oauth_error_for_every_bad_body(
    open_trial: Trial, path: str, body: bytes, good: list[str]
) -> None:
    pairs = "&".join(f"{name}={quote(GOOD[name])}" for name in good)

    answer = Visitor(open_trial).post(path, pairs.encode() + b"&" + body)

    assert answer.status in {400, 401, 413} or path != "/token"
    if answer.status < 300:
        return
    assert answer.status in {400, 401, 413, 429}
    assert set(answer.members) == {"error", "error_description"}
    assert str(answer.members["error_description"]).isascii()


@settings(max_examples=100)
@given(
    path=st.text(max_size=40).map(lambda text: "/" + text),
    method=st.sampled_from(["GET", "POST", "FOO"]),
)
def test_any_path_is_answered(open_trial: Trial, path: str, method: str) -> None:
    environ_path = path.encode("utf-8", "surrogatepass").decode("latin-1")

    check(Visitor(open_trial).send(method, environ_path.replace("?", "")))
