"""Findings 9, 10 and 11: what an answer says of the request (docs/pyop.md)."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import parse_claims_parameter
from bridge.core.errors import LoginRequired
from tests.provider.tokens import claims_of
from tests.provider.web_world import WebWorld, query_of
from tests.provider.world import CALLBACK, ISSUER, World, make_request


def asking(claims: str) -> AuthorizationRequest:
    return replace(make_request(), claims=parse_claims_parameter(claims))


def sub_of(world: World) -> str:
    _, code = world.log_in(make_request())
    return str(claims_of(world.redeem(code)["id_token"])["sub"])


def test_pyop_09_prompt_none_without_a_session_is_login_required(
    web: WebWorld,
) -> None:
    answer = web.authorize(prompt="none")

    assert query_of(answer)["error"] == "login_required"


def test_pyop_09_prompt_none_with_a_session_answers_at_once(web: WebWorld) -> None:
    web.log_in()

    answer = web.authorize(prompt="none")

    assert answer.headers["Location"].startswith(CALLBACK)
    assert "code" in query_of(answer)


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_pyop_09_prompt_login_goes_to_rero_again(web: WebWorld, prompt: str) -> None:
    web.log_in()

    answer = web.authorize(prompt=prompt)

    assert answer.headers["Location"].startswith("https://rero.example/")


def test_pyop_09_older_sign_in_than_max_age_goes_to_rero_again(web: WebWorld) -> None:
    web.log_in()
    assert "code" in query_of(web.authorize(max_age="600"))

    web.clock.ahead_s = 601
    again = web.authorize(max_age="600")

    assert again.headers["Location"].startswith("https://rero.example/")


def test_pyop_09_ui_locales_choose_the_language_of_the_page(web: WebWorld) -> None:
    answer = web.authorize(redirect_uri="https://evil.example/", ui_locales="it")

    assert '<html lang="it"' in answer.text


def test_pyop_09_id_token_tells_auth_time_azp_and_sid(world: World) -> None:
    grant, code = world.log_in(make_request())

    claims = claims_of(world.redeem(code)["id_token"])

    assert claims["auth_time"] == grant.auth_time
    assert claims["azp"] == "library"
    assert claims["sid"] == grant.sid


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_pyop_10_requested_sub_value_is_taken(world: World, place: str) -> None:
    sub = sub_of(world)

    _, code = world.log_in(asking(f'{{"{place}": {{"sub": {{"value": "{sub}"}}}}}}'))

    assert claims_of(world.redeem(code)["id_token"])["sub"] == sub


def test_pyop_10_requested_sub_values_are_taken(world: World) -> None:
    sub = sub_of(world)
    values = f'["somebody", "{sub}"]'

    _, code = world.log_in(asking(f'{{"id_token": {{"sub": {{"values": {values}}}}}}}'))

    assert claims_of(world.redeem(code)["id_token"])["sub"] == sub


def test_pyop_10_another_sub_than_the_requested_is_login_required(
    world: World,
) -> None:
    request = asking('{"id_token": {"sub": {"value": "somebody"}}}')

    with pytest.raises(LoginRequired):
        world.log_in(request)


def test_pyop_10_essential_claim_is_given_where_it_was_asked(world: World) -> None:
    request = asking('{"id_token": {"birthdate": {"essential": true}}}')
    _, code = world.log_in(request)

    tokens = world.redeem(code)

    assert claims_of(tokens["id_token"])["birthdate"] == "1987-06-05"
    assert "birthdate" not in world.userinfo(tokens["access_token"])


@pytest.mark.parametrize("mode", ["fragment", "query.jwt", "form_post.jwt", "banana"])
def test_pyop_11_unsupported_response_mode_is_refused(web: WebWorld, mode: str) -> None:
    answer = web.authorize(response_mode=mode)

    assert query_of(answer)["error"] == "invalid_request"


def test_pyop_11_form_post_sends_the_answer_in_a_form(web: WebWorld) -> None:
    state = query_of(web.authorize(response_mode="form_post"))["state"]

    page = web.get(f"/callback?{urlencode({'state': state, 'code': 'x'})}").text

    assert f'<form method="post" action="{CALLBACK}">' in page
    assert '<input type="hidden" name="code" value="' in page


def test_pyop_11_answer_and_error_name_the_issuer(web: WebWorld) -> None:
    error = query_of(web.authorize(max_age="abc"))
    success = web.log_in()

    assert error["iss"] == ISSUER
    assert success["iss"] == ISSUER


def test_pyop_11_state_comes_back_byte_for_byte(web: WebWorld) -> None:
    state = "/auth?x=1&y=2%20 +é/=~"

    answer = web.log_in(state=state)

    assert answer["state"] == state


def test_pyop_11_token_answer_names_the_scope(world: World) -> None:
    _, code = world.log_in(make_request(scope="openid profile rero"))

    tokens = world.redeem(code)

    assert tokens["scope"] == "openid profile rero"
