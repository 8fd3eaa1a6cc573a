"""OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.3, §15.1: prompts, ages, hints, wishes."""

from collections.abc import Callable

import pytest

from tests.spec.support import claims_of, form_fields, posted, pushed
from tests.support.flow_browser import request_pairs
from tests.support.trial import HEAD, NOW, Trial, client
from tests.support.visitor import Answer, Visitor


def test_3_1_2_1_prompt_none_shows_no_page(browser: Visitor) -> None:
    assert browser.authorize(prompt="none").query["error"] == "login_required"
    browser.sign_in()
    assert browser.authorize(prompt="none").query["code"]


def test_3_1_2_1_prompt_none_with_another_value_is_an_error(browser: Visitor) -> None:
    answer = browser.authorize(prompt="none consent")

    assert answer.query["error"] == "invalid_request"


@pytest.mark.parametrize("client_id", ["once", "always"])
def test_3_1_2_1_prompt_none_that_needs_consent_is_consent_required(
    browser: Visitor, client_id: str
) -> None:
    browser.sign_in()

    answer = browser.authorize(client_id, prompt="none")

    assert answer.query["error"] == "consent_required"


def test_3_1_2_1_prompt_none_that_needs_more_is_interaction_required(
    browser: Visitor,
) -> None:
    browser.sign_in(scope="openid")

    answer = browser.authorize(scope="openid rero", prompt="none")

    assert answer.query["error"] == "interaction_required"


def test_3_1_2_1_prompt_none_answers_by_form_post(browser: Visitor) -> None:
    browser.sign_in()

    page = browser.authorize(prompt="none", response_mode="form_post")

    assert form_fields(page)["code"]


@pytest.mark.parametrize("prompt", ["login", "select_account", "select_account login"])
def test_3_1_2_1_prompt_login_and_select_account_sign_in_again(
    browser: Visitor, prompt: str
) -> None:
    browser.sign_in()

    assert "/signout?" in browser.authorize(prompt=prompt).location


def test_3_1_2_1_auth_time_is_later_after_prompt_login(
    trial: Trial, browser: Visitor
) -> None:
    first = claims_of(browser, browser.tokens())
    trial.clock.advance(5)

    second = claims_of(browser, browser.tokens(prompt="login"))

    assert (first["auth_time"], second["auth_time"]) == (NOW, NOW + 5)
    assert first["sub"] == second["sub"]


def test_3_1_2_1_auth_time_is_the_same_after_prompt_none(
    trial: Trial, browser: Visitor
) -> None:
    first = claims_of(browser, browser.tokens())
    trial.clock.advance(5)

    second = claims_of(browser, browser.tokens(prompt="none"))

    assert second["auth_time"] == first["auth_time"]
    assert second["sub"] == first["sub"]


def test_3_1_2_1_prompt_consent_asks_where_consent_was_given(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")
    browser.press(page, "allow", remember="yes")
    assert browser.authorize("once").query["code"]

    assert browser.authorize("once", prompt="consent").status == 200
    assert browser.authorize("service", prompt="consent").status == 200


def test_3_1_2_1_login_consent_does_both(browser: Visitor) -> None:
    browser.sign_in()
    sent = browser.authorize(prompt="login consent")
    page = browser.come_back(sent)

    assert "/signout?" in sent.location
    assert browser.press(page, "allow").query["code"]


def test_3_1_2_1_unknown_prompt_is_an_error(browser: Visitor) -> None:
    assert browser.authorize(prompt="create").query["error"] == "invalid_request"


def test_3_1_2_1_max_age_that_is_exceeded_signs_in_again(
    trial: Trial, browser: Visitor
) -> None:
    browser.sign_in()
    trial.clock.advance(2)
    sent = browser.authorize(max_age="1")
    code = browser.come_back(sent).query["code"]

    claims = claims_of(browser, browser.token(code).members)

    assert "/signout?" in sent.location
    assert claims["auth_time"] == NOW + 2


def test_3_1_2_1_max_age_that_is_not_exceeded_goes_straight_on(
    trial: Trial, browser: Visitor
) -> None:
    first = claims_of(browser, browser.tokens(max_age="15000"))
    trial.clock.advance(2)

    code = browser.authorize(max_age="10000").query["code"]

    assert claims_of(browser, browser.token(code).members)["auth_time"] == NOW
    assert first["auth_time"] == NOW


def test_3_1_2_1_max_age_of_zero_is_prompt_login(browser: Visitor) -> None:
    browser.sign_in()

    assert "/signout?" in browser.authorize(max_age="0").location
    silent = browser.authorize(max_age="0", prompt="none")
    assert silent.query["error"] == "login_required"


def test_registration_2_default_max_age_is_obeyed(trial: Trial) -> None:
    trial.configure(HEAD + client("service", default_max_age=10))
    browser = Visitor(trial)
    browser.sign_in()
    trial.clock.advance(11)

    assert "/signout?" in browser.authorize().location
    assert browser.authorize(max_age="60").query["code"]


def hint_of(browser: Visitor, who: str = "jean") -> str:
    return str(browser.tokens(who)["id_token"])


def test_3_1_2_1_id_token_hint_of_who_is_signed_in_succeeds(browser: Visitor) -> None:
    hint = hint_of(browser)

    assert browser.authorize(prompt="none", id_token_hint=hint).query["code"]
    assert browser.authorize(id_token_hint=hint).query["code"]


def test_3_1_2_1_id_token_hint_may_have_expired(trial: Trial, browser: Visitor) -> None:
    hint = hint_of(browser)
    trial.clock.advance(1_000)

    assert browser.authorize(prompt="none", id_token_hint=hint).query["code"]


def test_3_1_2_1_id_token_hint_of_somebody_else_is_login_required(
    trial: Trial, browser: Visitor
) -> None:
    hint = hint_of(Visitor(trial), "anna")
    browser.sign_in("jean")

    silent = browser.authorize(prompt="none", id_token_hint=hint)

    assert silent.query["error"] == "login_required"


def test_3_1_2_1_id_token_hint_of_somebody_else_lets_that_one_sign_in(
    trial: Trial, browser: Visitor
) -> None:
    hint = hint_of(Visitor(trial), "anna")
    browser.sign_in("jean")

    sent = browser.authorize(id_token_hint=hint)

    assert "/signout?" in sent.location
    assert browser.come_back(sent, "jean").query["error"] == "login_required"
    assert browser.come_back(sent, "anna").query["code"]


def test_3_1_2_1_id_token_hint_comes_by_post_and_is_not_shown(
    trial: Trial, browser: Visitor
) -> None:
    hint = hint_of(Visitor(trial), "anna")
    form = dict(request_pairs(changes={"id_token_hint": hint}))

    link = browser.post("/authorize", form).location

    assert hint not in link
    assert browser.come_back(browser.get(link), "jean").query["error"]


def test_3_1_2_1_id_token_hint_comes_by_a_pushed_request(
    trial: Trial, browser: Visitor
) -> None:
    hint = hint_of(Visitor(trial), "anna")

    sent = pushed(browser, id_token_hint=hint)

    assert browser.come_back(sent, "jean").query["error"] == "login_required"
    assert browser.come_back(sent, "anna").query["code"]


def test_3_1_2_1_id_token_hint_for_another_client_is_refused(browser: Visitor) -> None:
    hint = str(browser.tokens("jean", "other")["id_token"])

    answer = browser.authorize(id_token_hint=hint)

    assert answer.query["error"] == "invalid_request"


def got(browser: Visitor, **changes: str) -> Answer:
    return browser.authorize(**changes)


@pytest.mark.parametrize("come", [got, posted])  # of a pushed one, /par says so
def test_3_1_2_1_id_token_hint_that_we_did_not_issue_is_refused(
    browser: Visitor, come: Callable[..., Answer]
) -> None:
    header, claims, _ = hint_of(browser).split(".")

    answer = come(browser, id_token_hint=f"{header}.{claims}.AAAA")

    assert answer.query["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("display", "page"),
        ("display", "popup"),
        ("display", "touch"),
        ("display", "wap"),
        ("display", "unheard-of"),
        ("login_hint", "buffy@login.example"),
        ("login_hint", "\u00e9\u0000<script>"),
        ("ui_locales", "se"),
        ("ui_locales", "fr-CH fr_CH <b> x"),
        ("claims_locales", "se"),
        ("acr_values", "1 2"),
        ("acr_values", "urn:mace:incommon:iap:silver"),
    ],
)
def test_15_1_parameter_must_at_least_be_no_error(
    browser: Visitor, name: str, value: str
) -> None:
    assert browser.sign_in(**{name: value}).query["code"]


@pytest.mark.parametrize(
    "name", ["display", "login_hint", "ui_locales", "claims_locales", "acr_values"]
)
def test_15_1_parameter_of_any_length_is_not_carried_along(
    browser: Visitor, name: str
) -> None:
    short, long = browser.authorize(), browser.authorize(**{name: "x" * 20_000})

    assert len(long.location) <= len(short.location) + 64
    assert len("".join(long.set_cookies)) <= len("".join(short.set_cookies))


def test_15_1_ui_locales_choose_the_language_of_pages(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once", ui_locales="se de")

    assert '<html lang="de">' in page.text


def test_3_1_2_1_login_hint_stands_nowhere(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once", login_hint="buffy@login.example")

    assert "buffy" not in page.text
    assert not any("buffy" in str(line) for line in browser.trial.log)
