"""One exercise for each list of the provider metadata: it shows that a value works."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tests.support.signer import assertion, signer
from tests.support.tokens import verified
from tests.support.trial import HEAD, SECRET, client
from tests.support.visitor import Visitor

Form: TypeAlias = Mapping[str, str]


def scope(browser: Visitor, value: str) -> None:
    tokens = browser.tokens("jean", "mail", scope=f"openid {value}".strip())
    assert value in str(tokens["scope"]).split()


def response_type(browser: Visitor, value: str) -> None:
    assert browser.sign_in(response_type=value).query["code"]


def response_mode(browser: Visitor, value: str) -> None:
    answer = browser.sign_in(response_mode=value)
    if value == "query":
        assert answer.query["code"]
        return
    assert (
        '<form method="post" action="https://service.example/callback">' in answer.text
    )
    assert '<input type="hidden" name="code" value="' in answer.text


def grant_type(browser: Visitor, value: str) -> None:
    tokens = browser.tokens(scope="openid offline_access")
    if value == "refresh_token":
        token = str(tokens["refresh_token"])
        answer = browser.token("", grant_type=value, refresh_token=token)
        assert answer.status == 200
    assert value in {"authorization_code", "refresh_token"}


def subject_type(browser: Visitor, value: str) -> None:
    configured = HEAD + client("service", subject_type=value)
    browser.trial.configure(configured + client("other", subject_type=value))
    subjects = {
        str(browser.userinfo(browser.tokens("jean", c)["access_token"]).members["sub"])
        for c in ("service", "other")
    }
    assert len(subjects) == {"public": 1, "pairwise": 2}[value]


def signing_alg(browser: Visitor, value: str) -> None:
    configured = client("service", id_token_signed_response_alg=value)
    browser.trial.configure(HEAD + configured)
    assert verified(browser, browser.tokens()["id_token"]).header["alg"] == value


def userinfo_alg(browser: Visitor, value: str) -> None:
    configured = client("service", userinfo_signed_response_alg=value)
    browser.trial.configure(HEAD + configured)
    answer = browser.userinfo(browser.tokens()["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    assert verified(browser, answer.text).header["alg"] == value


def _credentials(browser: Visitor, method: str) -> tuple[str, Form, Form]:
    """Register a client of *method*; return its id, form fields and headers."""
    if method == "private_key_jwt":
        browser.trial.configure(HEAD + signer())
        return "signer", assertion("1"), {}
    configured = client("service", token_endpoint_auth_method=method)
    browser.trial.configure(HEAD + configured)
    if method == "client_secret_basic":
        return "service", {}, BASIC
    secret = {} if method == "none" else {"client_secret": SECRET}
    return "service", {"client_id": "service", **secret}, {}


def token_auth_method(browser: Visitor, value: str) -> None:
    client_id, fields, headers = _credentials(browser, value)
    form = {
        "grant_type": "authorization_code",
        "code": browser.sign_in("jean", client_id, **PKCE).query["code"],
        "redirect_uri": f"https://{client_id}.example/callback",
        "code_verifier": VERIFIER,
    }
    assert browser.post("/token", {**form, **fields}, headers).status == 200


def revocation_auth_method(browser: Visitor, value: str) -> None:
    _, fields, headers = _credentials(browser, value)
    assert browser.post("/revoke", {"token": "x", **fields}, headers).status == 200


def introspection_auth_method(browser: Visitor, value: str) -> None:
    _, fields, headers = _credentials(browser, value)
    answer = browser.post("/introspect", {"token": "x", **fields}, headers)
    assert answer.members == {"active": False}


def _sign_by(path: str) -> Callable[[Visitor, str], None]:
    def assertion_alg(browser: Visitor, value: str) -> None:
        browser.trial.configure(HEAD + signer(alg=value))
        form = {"token": "x", **assertion(value, alg=value)}
        answer = browser.post(path, {"grant_type": "x", **form})
        assert answer.status == (400 if path == "/token" else 200)  # but never 401

    return assertion_alg


def challenge_method(browser: Visitor, value: str) -> None:
    code = browser.sign_in(**{**PKCE, "code_challenge_method": value}).query["code"]
    assert browser.token(code, code_verifier=VERIFIER).status == 200


def claim_type(browser: Visitor, value: str) -> None:
    claims = browser.userinfo(browser.tokens()["access_token"]).members
    assert value == "normal"
    assert "_claim_names" not in claims


def claim(browser: Visitor, value: str) -> None:
    asked = '{"userinfo": {"birthdate": null}}'
    tokens = browser.tokens(
        "jean", "mail", scope="openid profile email rero", claims=asked
    )
    known = {
        *verified(browser, tokens["id_token"]).claims,
        *browser.userinfo(tokens["access_token"]).members,
    }
    assert value in known


def prompt(browser: Visitor, value: str) -> None:
    browser.sign_in()
    answer = browser.authorize(prompt=value)
    assert {
        "none": "code" in answer.headers.get("Location", ""),
        "login": "/signout?" in answer.headers.get("Location", ""),
        "select_account": "/signout?" in answer.headers.get("Location", ""),
        "consent": answer.status == 200,
    }[value]


def display(browser: Visitor, value: str) -> None:
    page = browser.sign_in("jean", "once", display=value)
    assert (page.status, "<form" in page.text) == (200, True)


def ui_locale(browser: Visitor, value: str) -> None:
    page = browser.sign_in("jean", "once", ui_locales=value)
    assert f'<html lang="{value}">' in page.text


VERIFIER: Final = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PKCE: Final = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
BASIC: Final = {"Authorization": "Basic c2VydmljZTphLXNlY3JldC1vZi10aGUtc2VydmljZQ=="}
LISTS: Final[Mapping[str, Callable[[Visitor, str], None]]] = {
    "scopes_supported": scope,
    "response_types_supported": response_type,
    "response_modes_supported": response_mode,
    "grant_types_supported": grant_type,
    "subject_types_supported": subject_type,
    "id_token_signing_alg_values_supported": signing_alg,
    "userinfo_signing_alg_values_supported": userinfo_alg,
    "token_endpoint_auth_methods_supported": token_auth_method,
    "token_endpoint_auth_signing_alg_values_supported": _sign_by("/token"),
    "revocation_endpoint_auth_methods_supported": revocation_auth_method,
    "revocation_endpoint_auth_signing_alg_values_supported": _sign_by("/revoke"),
    "introspection_endpoint_auth_methods_supported": introspection_auth_method,
    "introspection_endpoint_auth_signing_alg_values_supported": _sign_by("/introspect"),
    "code_challenge_methods_supported": challenge_method,
    "claim_types_supported": claim_type,
    "claims_supported": claim,
    "prompt_values_supported": prompt,
    "display_values_supported": display,
    "ui_locales_supported": ui_locale,
}
