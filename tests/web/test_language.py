"""Every page offers the other languages, and none loses its way on by it."""

import re
from html import unescape

import pytest

from bridge.upstream.language import in_language
from tests.support.trial import CONFIGURATION, Trial, client
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Answer, Visitor

COOKIE = r"__Host-bridge_language_[0-9a-f]{6}"


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    return Visitor(trial)


def choose(browser: Visitor, page: Answer, language: str, **fields: str) -> Answer:
    """Press a language in the footer of *page*."""
    match = re.search(r'name="page" value="([^"]+)"', page.text)
    assert match is not None
    form = {"page": unescape(match.group(1)), "to": language, **fields}
    return browser.post("/language", form)


def language_of(page: Answer) -> str:
    match = re.search(r'<html lang="(\w+)">', page.text)
    assert match is not None
    return match.group(1)


@pytest.mark.parametrize("language", ["fr", "de", "it"])
def test_consent_page_comes_in_the_chosen_language_and_goes_on(
    browser: Visitor, language: str
) -> None:
    asked = browser.sign_in("jean", "once")

    again = choose(browser, asked, language)

    assert (again.status, language_of(again)) == (200, language)
    assert again.ticket == asked.ticket
    assert "Jean Simon" in again.text
    policy = "Content-Security-Policy"
    assert again.headers[policy] == asked.headers[policy]
    assert "code" in browser.press(again, "allow").query


def test_language_can_be_changed_many_times(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    for language in ("fr", "it", "de", "en"):
        page = choose(browser, page, language)

    assert language_of(page) == "en"
    assert "code" in browser.press(page, "allow").query


def test_choice_of_a_card_keeps_the_cards(trial: Trial) -> None:
    trial.configure(CONFIGURATION + client("carded", card="one"))
    browser = Visitor(trial)
    asked = browser.sign_in("marie", "carded")

    again = choose(browser, asked, "fr")

    assert again.text.count('type="radio"') == asked.text.count('type="radio"') > 1
    assert "code" in browser.press(again, "choose", card="0").query


def test_refusal_keeps_its_facts_and_its_buttons(browser: Visitor) -> None:
    refused = browser.sign_in("luca", "members")

    again = choose(browser, refused, "de")

    assert (again.status, language_of(again)) == (403, "de")
    assert re.search(r"\d\d\.\d\d\.\d{4}", again.text)
    assert browser.press(again, "refuse").query["error"] == "access_denied"


def test_error_page_keeps_its_reference_and_its_way_on(browser: Visitor) -> None:
    stopped = browser.sign_in("nobody")

    again = choose(browser, stopped, "it")

    reference = stopped.headers["X-Request-Id"]
    assert (again.status, language_of(again)) == (stopped.status, "it")
    assert again.restart == stopped.restart
    assert reference in again.text


def test_error_of_a_form_can_be_read_in_another_language(browser: Visitor) -> None:
    stopped = browser.post("/consent", {"ticket": "x", "decision": "allow"})

    again = choose(browser, stopped, "fr")

    assert (again.status, language_of(again)) == (stopped.status, "fr")


def test_details_for_the_administrator_stay(browser: Visitor) -> None:
    stopped = browser.authorize("nobody-knows")

    again = choose(browser, stopped, "de")

    assert "nobody-knows" in again.text


def test_signed_out_page_tells_the_same_again(browser: Visitor) -> None:
    browser.sign_in("jean")
    asked = browser.get("/logout")
    in_german = choose(browser, asked, "de")
    ended = browser.press(in_german, "sign_out")

    again = choose(browser, ended, "it")

    assert (language_of(in_german), language_of(ended)) == ("de", "de")
    assert language_of(again) == "it"
    assert "https://rero.example" in again.text or "/signout/" in again.text


def test_chosen_language_is_kept_for_the_next_pages(browser: Visitor) -> None:
    choose(browser, browser.sign_in("jean", "once"), "it")

    assert language_of(browser.get("/")) == "it"
    assert language_of(browser.get("/nowhere")) == "it"
    assert language_of(browser.get("/?ui_locales=de")) == "de"


def test_cookie_of_the_language_names_nobody(browser: Visitor) -> None:
    kept = choose(browser, browser.get("/nowhere"), "fr").set_cookies

    assert len(kept) == 1
    assert re.match(COOKIE + "=fr; ", kept[0])
    wanted = {"Max-Age=31536000", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert wanted <= {*kept[0].split("; ")}


def test_front_page_links_to_the_languages(browser: Visitor) -> None:
    front = browser.get("/")
    assert 'href="/language?to=it"' in front.text

    sent = browser.get("/language?to=it")

    assert (sent.status, sent.location) == (303, "/")
    assert language_of(browser.get("/")) == "it"


def test_language_is_chosen_in_a_login_that_goes_on_after_it(browser: Visitor) -> None:
    sent = browser.authorize("once")
    browser.get("/language?to=de")

    asked = browser.come_back(sent, "jean")

    assert language_of(asked) == "de"


@pytest.mark.parametrize(
    "form",
    [
        {"to": "de"},
        {"to": "de", "page": "AAAA"},
        {"to": "de", "page": "not base64!"},
        {"to": "de", "page": "é"},
        {"to": "xx", "page": "AAAA"},
        {"page": "AAAA"},
    ],
)
def test_what_was_not_sealed_here_is_a_page_that_says_so(
    browser: Visitor, form: dict[str, str]
) -> None:
    answer = browser.post("/language", form)

    assert answer.status == 400
    assert answer.page == "bad_request"
    assert answer.set_cookies == []


def test_ticket_of_a_form_does_not_pass_for_a_page(browser: Visitor) -> None:
    asked = browser.sign_in("jean", "once")

    answer = browser.post("/language", {"to": "de", "page": asked.ticket})

    assert answer.page == "bad_request"


def test_another_site_cannot_show_our_page(browser: Visitor) -> None:
    page = browser.get("/nowhere")
    match = re.search(r'name="page" value="([^"]+)"', page.text)
    assert match is not None
    form = {"page": match.group(1), "to": "de"}

    answer = browser.post("/language", form, {"Origin": "https://evil.example"})

    assert answer.page == "other_browser"


def test_unknown_language_on_the_front_page_is_a_bad_request(browser: Visitor) -> None:
    assert browser.get("/language?to=xx").page == "bad_request"
    assert browser.get("/language").page == "bad_request"


def test_one_language_needs_no_choice(trial: Trial) -> None:
    trial.configure(CONFIGURATION + '\n[pages]\nlanguages = ["de"]\n')

    page = Visitor(trial).sign_in("jean", "once")

    assert "/language" not in page.text
    assert "/language" not in Visitor(trial).get("/").text


def test_page_holds_no_name_that_can_be_read_in_its_seal(browser: Visitor) -> None:
    asked = browser.sign_in("jean", "once")
    match = re.search(r'name="page" value="([^"]+)"', asked.text)

    assert match is not None
    assert "Jean" not in match.group(1)
    assert len(match.group(1)) < 6_000


@pytest.mark.parametrize(
    ("ui_locales", "cookie", "told"),
    [
        ("it", None, "it"),
        ("xx it-CH", None, "it"),
        (None, "fr", "fr"),
        ("de", "fr", "de"),
    ],
)
def test_language_that_was_asked_for_or_chosen_is_told_to_rero(
    browser: Visitor, ui_locales: str | None, cookie: str | None, told: str
) -> None:
    if cookie is not None:
        browser.get("/language", {"to": cookie})

    sent = browser.authorize(ui_locales=ui_locales)

    begin = f"{UPSTREAM}/lang/{told}?next=%2Fauthorize%3Fstate%3D"
    assert sent.location.startswith(begin)
    assert "code" in browser.come_back(sent).query


def test_language_of_the_browser_rero_reads_by_itself(browser: Visitor) -> None:
    sent = browser.authorize(ui_locales=None)

    assert sent.location.startswith(f"{UPSTREAM}/authorize?")


def test_language_is_told_before_reros_sign_out(browser: Visitor) -> None:
    refused = browser.sign_in("luca", "members", ui_locales="de")

    sent = browser.press(refused, "other")

    assert sent.location.startswith(f"{UPSTREAM}/lang/de?next=%2Fsignout%3Fstate%3D")


def test_operator_may_keep_the_language_from_rero(trial: Trial) -> None:
    head, rest = CONFIGURATION.split("[upstream]\n", 1)
    trial.configure(f"{head}[upstream]\npass_language = false\n{rest}")

    sent = Visitor(trial).authorize(ui_locales="it")

    assert sent.location.startswith(f"{UPSTREAM}/authorize?")


@pytest.mark.parametrize(
    "base_url", ["https://rero.example/ils", "https://rero.example/ils/"]
)
def test_rero_under_a_path_is_led_to_under_it(base_url: str) -> None:
    url = "https://rero.example/ils/signout/?next=%2Fils"

    told = in_language(base_url, url, "fr")

    begin = "https://rero.example/ils/lang/fr?next="
    assert told == f"{begin}%2Fils%2Fsignout%2F%3Fnext%3D%252Fils"
