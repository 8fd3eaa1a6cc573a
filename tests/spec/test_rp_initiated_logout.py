"""OpenID Connect RP-Initiated Logout 1.0."""

from pathlib import Path
from typing import Final

import pytest

from bridge.core.errors import PageReason
from tests.spec.support import signed_by_the_bridge
from tests.support.tokens import verified
from tests.support.trial import HEAD, HOUR_S, ISSUER, Trial, client
from tests.support.visitor import Answer, Visitor

BYE: Final = "https://service.example/bye"
CONFIGURATION: Final = HEAD + "\n".join(
    [
        client("service", post_logout_redirect_uris=[BYE]),
        client("other", post_logout_redirect_uris=["https://other.example/bye"]),
    ]
)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, CONFIGURATION)


def hint_of(browser: Visitor) -> str:
    return str(browser.tokens()["id_token"])


def log_out(browser: Visitor, **parameters: str) -> Answer:
    return browser.get("/logout", parameters)


def is_signed_in(browser: Visitor) -> bool:
    return browser.authorize().location.startswith("https://service.example/callback?")


def is_asked(answer: Answer) -> bool:
    return 'action="/logout/confirm"' in answer.text


def test_2_get_and_post_are_supported(browser: Visitor) -> None:
    by_get = log_out(
        browser, id_token_hint=hint_of(browser), post_logout_redirect_uri=BYE
    )
    form = {"id_token_hint": hint_of(browser), "post_logout_redirect_uri": BYE}
    by_post = browser.get(browser.post("/logout", form).location)

    assert by_get.location == by_post.location == BYE


def test_2_post_is_serialized_as_a_form(browser: Visitor) -> None:
    answer = browser.post("/logout", b"{}", content_type="application/json")

    assert answer.page is PageReason.BAD_REQUEST


def resigned(browser: Visitor, **changes: object) -> str:
    """Change claims of a hint and sign it by the keys of the bridge itself."""
    claims = verified(browser, hint_of(browser)).claims
    return signed_by_the_bridge(browser, {**claims, **changes})


def test_2_hint_signed_by_the_bridge_ends_the_session(browser: Visitor) -> None:
    """So that those below fail by what they changed."""
    log_out(browser, id_token_hint=resigned(browser), post_logout_redirect_uri=BYE)

    assert not is_signed_in(browser)


@pytest.mark.parametrize("issuer", ["https://evil.example", f"{ISSUER}/", None])
def test_2_issuer_of_the_hint_is_validated(
    browser: Visitor, issuer: str | None
) -> None:
    hint = resigned(browser, iss=issuer)

    answer = log_out(browser, id_token_hint=hint)

    assert is_asked(answer)
    assert is_signed_in(browser)


def test_2_signed_userinfo_is_no_id_token_and_no_hint(browser: Visitor) -> None:
    answer = log_out(browser, id_token_hint=resigned(browser, exp=None))

    assert is_asked(answer)
    assert is_signed_in(browser)


def test_2_signature_of_the_hint_is_validated(browser: Visitor) -> None:
    header, payload, signature = hint_of(browser).split(".")
    forged = f"{header}.{payload}.{signature[::-1]}"

    answer = log_out(browser, id_token_hint=forged)

    assert is_asked(answer)
    assert is_signed_in(browser)


def test_2_expired_hint_of_a_current_session_is_accepted(
    browser: Visitor, trial: Trial
) -> None:
    hint = hint_of(browser)
    trial.clock.advance(HOUR_S)

    answer = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert answer.location == BYE
    assert not is_signed_in(browser)


def test_2_client_id_must_be_the_one_of_the_hint(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, client_id="other")

    assert answer.page is PageReason.BAD_REQUEST
    assert is_signed_in(browser)


def test_2_state_is_passed_back(browser: Visitor) -> None:
    answer = log_out(
        browser,
        id_token_hint=hint_of(browser),
        post_logout_redirect_uri=BYE,
        state="a b&c=d",
    )

    assert answer.query == {"state": "a b&c=d"}


def test_2_no_state_comes_back_where_none_was_sent(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)

    assert answer.location == BYE


def test_2_ui_locales_choose_the_language(browser: Visitor) -> None:
    assert '<html lang="it">' in log_out(browser, ui_locales="xx it").text


def test_2_parameters_that_are_not_understood_are_ignored(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, logout_hint="jean", foo="bar")

    assert answer.status == 200
    assert not is_signed_in(browser)


def test_2_patron_is_asked_where_no_hint_was_sent(browser: Visitor) -> None:
    browser.sign_in()

    assert is_asked(log_out(browser, client_id="service"))
    assert is_signed_in(browser)


def test_2_patron_is_asked_where_the_hint_is_not_of_the_current_session(
    browser: Visitor,
) -> None:
    hint = hint_of(browser)
    log_out(browser, id_token_hint=hint)
    browser.sign_in()

    assert is_asked(log_out(browser, id_token_hint=hint))
    assert is_signed_in(browser)


def test_2_hint_of_somebody_else_does_not_sign_the_patron_out(
    browser: Visitor, trial: Trial
) -> None:
    hint = hint_of(browser)
    other = Visitor(trial)
    other.sign_in("anna")

    log_out(other, id_token_hint=hint)

    assert is_signed_in(other)
    assert not is_signed_in(browser)  # whose session the hint names


def test_2_patron_is_not_asked_for_the_hint_of_somebody_else(
    browser: Visitor, trial: Trial
) -> None:
    hint = hint_of(browser)
    log_out(browser, id_token_hint=hint)
    other = Visitor(trial)
    other.sign_in("anna")

    answer = log_out(other, id_token_hint=hint)

    assert not is_asked(answer)
    assert is_signed_in(other)


def test_2_patron_who_says_yes_is_signed_out(browser: Visitor) -> None:
    browser.sign_in()

    browser.press(log_out(browser), "sign_out")

    assert not is_signed_in(browser)


def test_2_1_endpoint_is_published_as_an_https_address(browser: Visitor) -> None:
    members = browser.get("/.well-known/openid-configuration").members

    assert members["end_session_endpoint"] == f"{ISSUER}/logout"


@pytest.mark.parametrize(
    "uri",
    [f"{BYE}/", f"{BYE}?x=1", "https://SERVICE.example/bye", "https://evil.example/"],
)
def test_3_address_that_is_not_registered_exactly_is_not_redirected_to(
    browser: Visitor, uri: str
) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=uri)

    assert "Location" not in answer.headers


def test_3_address_of_another_client_is_not_redirected_to(browser: Visitor) -> None:
    uri = "https://other.example/bye"

    answer = log_out(
        browser, id_token_hint=hint_of(browser), post_logout_redirect_uri=uri
    )

    assert "Location" not in answer.headers


def test_3_address_without_hint_or_client_is_not_redirected_to(
    browser: Visitor,
) -> None:
    answer = log_out(browser, post_logout_redirect_uri=BYE)

    assert "Location" not in answer.headers


def test_3_address_beside_a_bad_hint_is_not_redirected_to(browser: Visitor) -> None:
    bad = hint_of(browser)[:-8] + "AAAAAAAA"

    asked = log_out(
        browser, id_token_hint=bad, client_id="service", post_logout_redirect_uri=BYE
    )

    assert "Location" not in browser.press(asked, "sign_out").headers


def test_3_1_registered_addresses_may_be_several(
    browser: Visitor, trial: Trial
) -> None:
    second = f"{BYE}/2"
    trial.configure(HEAD + client("service", post_logout_redirect_uris=[BYE, second]))

    answer = log_out(
        browser, id_token_hint=hint_of(browser), post_logout_redirect_uri=second
    )

    assert answer.location == second


def test_4_what_fails_to_validate_is_not_used(browser: Visitor) -> None:
    hint = hint_of(browser)

    answer = log_out(browser, id_token_hint=hint, client_id="nobody")

    assert answer.page is PageReason.UNKNOWN_CLIENT
    assert is_signed_in(browser)
