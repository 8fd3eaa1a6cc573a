"""The faults are in pyop: where one is gone after an upgrade, a fence may go, too.

Each test shows a finding of docs/pyop.md in pyop as it comes, so that the tests of the
same number at our door are known to be able to fail.
"""

import logging
import threading
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from oic.exception import PyoidcError
from pyop.exceptions import (
    InvalidAuthenticationRequest,
    InvalidAuthorizationCode,
    InvalidClientAuthentication,
    InvalidSubjectIdentifier,
)

from bridge.signing.keys import KeyRing
from tests.provider.plain import (
    REDIRECT,
    plain_code,
    plain_provider,
    plain_tokens,
)


class SlowDict(dict[str, object]):
    """Answers after 10 ms, as a database does."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        time.sleep(0.01)
        return dict(value) if isinstance(value, dict) else value


def test_plain_01_refresh_token_works_for_another_client(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={}, two={})
    tokens = plain_tokens(provider, plain_code(provider, "one"), "one")

    form = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": "two",
        "client_secret": "secret",
    }

    assert "access_token" in provider.handle_token_request(urlencode(form))


def test_plain_02_code_is_redeemed_more_than_once(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    code = plain_code(provider, "one")
    state = provider.authz_state
    state.authorization_codes = SlowDict(state.authorization_codes)
    barrier = threading.Barrier(8)
    answers: list[object] = []

    def redeem() -> None:
        barrier.wait()
        try:
            answers.append(state.exchange_code_for_token(code))
        except InvalidAuthorizationCode:
            return

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) > 1


def test_plain_03_tokens_outlive_the_reuse_of_their_code(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    code = plain_code(provider, "one")
    tokens = plain_tokens(provider, code, "one")
    with pytest.raises(InvalidAuthorizationCode):
        plain_tokens(provider, code, "one")

    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert provider.handle_userinfo_request("", headers)["sub"]


def test_plain_04_error_url_leads_to_any_address(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    query = {
        "client_id": "one",
        "redirect_uri": "https://evil.example/",
        "response_type": "code",
        "scope": "profile",
    }

    with pytest.raises(InvalidAuthenticationRequest) as caught:
        provider.parse_authentication_request(urlencode(query))

    assert caught.value.to_error_url().startswith("https://evil.example/")


@pytest.mark.parametrize("claims", ["[]", "junk"])
def test_plain_05_junk_is_no_oauth_error(ring: KeyRing, claims: str) -> None:
    provider = plain_provider(ring, one={})
    query = {
        "client_id": "one",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "claims": claims,
    }

    with pytest.raises((AttributeError, TypeError, ValueError, PyoidcError)) as caught:
        provider.parse_authentication_request(urlencode(query))

    assert not hasattr(caught.value, "oauth_error")


def test_plain_06_verifier_without_a_challenge_is_taken(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    code = plain_code(provider, "one")

    assert plain_tokens(provider, code, "one", code_verifier="v" * 43)


def test_plain_07_refresh_token_is_never_renewed(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    tokens = plain_tokens(provider, plain_code(provider, "one"), "one")

    refreshed = provider.authz_state.use_refresh_token(tokens["refresh_token"])

    assert refreshed[1] is None


def test_plain_12_public_login_wipes_the_pairwise_subjects(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={}, two={"subject_type": "public"})
    tokens = plain_tokens(provider, plain_code(provider, "one"), "one")
    plain_code(provider, "two")

    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    with pytest.raises(InvalidSubjectIdentifier):
        provider.handle_userinfo_request("", headers)


def test_plain_13_two_hosts_of_one_client_have_two_subjects(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})

    subjects = {
        provider._create_subject_identifier("jean", "one", uri)
        for uri in ("https://a.example/cb", "https://b.example/cb")
    }

    assert len(subjects) == 2


def test_plain_13_sector_and_user_run_together(ring: KeyRing) -> None:
    factory = plain_provider(ring).authz_state._subject_identifier_factory

    assert factory.create_pairwise_identifier(
        "11", "ab.ch"
    ) == factory.create_pairwise_identifier("1", "ab.ch1")


def test_plain_16_lower_case_basic_is_refused(ring: KeyRing) -> None:
    provider = plain_provider(
        ring, one={"token_endpoint_auth_method": "client_secret_basic"}
    )
    credentials = b64encode(b"one:secret").decode()

    with pytest.raises(InvalidClientAuthentication):
        provider.handle_token_request("", {"Authorization": f"basic {credentials}"})


def test_plain_17_access_token_in_the_query_is_taken(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={})
    tokens = plain_tokens(provider, plain_code(provider, "one"), "one")

    query = urlencode({"access_token": tokens["access_token"]})

    assert provider.handle_userinfo_request(query)["sub"]


def test_plain_18_algorithm_none_signs_nothing(ring: KeyRing) -> None:
    provider = plain_provider(ring, one={"id_token_signed_response_alg": "none"})

    tokens = plain_tokens(provider, plain_code(provider, "one"), "one")

    assert tokens["id_token"].endswith(".")


def test_plain_21_javascript_addresses_are_registered(ring: KeyRing) -> None:
    provider = plain_provider(ring)

    answer = provider.handle_client_registration_request(
        '{"redirect_uris": ["javascript:alert(1)"]}'
    )

    assert answer["redirect_uris"] == ["javascript:alert(1)"]


def test_plain_23_code_is_logged(
    ring: KeyRing, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("pyop")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, "pyop"):
        code = plain_code(plain_provider(ring, one={}), "one")

    assert code in caplog.text
