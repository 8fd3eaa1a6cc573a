"""Errors: one class for each OAuth code, and what each may say."""

import inspect

import pytest

from bridge.core import errors
from bridge.core.errors import (
    BridgeError,
    ConfigurationError,
    Fault,
    InvalidGrant,
    PageReason,
    ProtocolError,
    StoreError,
    TooManyRequests,
    UnsafeRequest,
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)

# class -> error code, HTTP status where it is answered directly
CODES = {
    "AccessDenied": ("access_denied", 403),
    "ConsentRequired": ("consent_required", 400),
    "InsufficientScope": ("insufficient_scope", 403),
    "InteractionRequired": ("interaction_required", 400),
    "InvalidClient": ("invalid_client", 401),
    "InvalidGrant": ("invalid_grant", 400),
    "InvalidRequest": ("invalid_request", 400),
    "InvalidScope": ("invalid_scope", 400),
    "InvalidToken": ("invalid_token", 401),
    "LoginRequired": ("login_required", 400),
    "ProtocolError": ("server_error", 400),
    "RegistrationNotSupported": ("registration_not_supported", 400),
    "RequestNotSupported": ("request_not_supported", 400),
    "RequestUriNotSupported": ("request_uri_not_supported", 400),
    "TemporarilyUnavailable": ("temporarily_unavailable", 503),
    "TooManyRequests": ("temporarily_unavailable", 429),
    "UnauthorizedClient": ("unauthorized_client", 400),
    "UnmetAuthenticationRequirements": ("unmet_authentication_requirements", 400),
    "UnsafeRequest": ("invalid_request", 400),
    "UnsupportedGrantType": ("unsupported_grant_type", 400),
    "UnsupportedResponseType": ("unsupported_response_type", 400),
}


def classes_of(base: type[BridgeError]) -> dict[str, type[BridgeError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, base)
    }


def test_every_protocol_error_has_its_code_and_status() -> None:
    found = {
        name: (kind.error, kind.status)
        for name, kind in classes_of(ProtocolError).items()
        if issubclass(kind, ProtocolError)
    }

    assert found == CODES


def test_every_code_has_one_class_of_its_own() -> None:
    narrower = {"TooManyRequests", "UnsafeRequest", "ProtocolError"}
    codes = [code for name, (code, _) in CODES.items() if name not in narrower]

    assert len(set(codes)) == len(codes)


def test_every_error_is_cited_or_explained_by_its_docstring() -> None:
    for kind in classes_of(ProtocolError).values():
        assert inspect.getdoc(kind)


def test_the_detail_of_an_error_is_not_in_its_text() -> None:
    error = InvalidGrant("may be read", detail="for the log")

    assert str(error) == "may be read"
    assert "for the log" not in repr(error)
    assert error.detail == "for the log"


def test_a_page_and_a_limit_carry_what_they_need() -> None:
    page = UnsafeRequest(PageReason.TICKET, "over", client_id="c", restart="r")
    limit = TooManyRequests("slow down", retry_after_s=7)

    assert (page.reason, page.client_id, page.restart) == (PageReason.TICKET, "c", "r")
    assert limit.retry_after_s == 7


@pytest.mark.parametrize(
    "kind", [UpstreamUnavailable, UpstreamRefused, UpstreamGarbled]
)
def test_what_the_login_did_is_told_by_a_word(kind: type[UpstreamError]) -> None:
    error = kind(UpstreamFault.SHAPE, "user id")

    assert (error.fault, str(error)) == (UpstreamFault.SHAPE, "shape: user id")
    assert str(kind(UpstreamFault.DOWN)) == "down"


def test_a_faulty_configuration_tells_every_fault_at_once() -> None:
    error = ConfigurationError([Fault("issuer", "is missing"), Fault("a.b", "is odd")])

    assert str(error) == "issuer: is missing; a.b: is odd"
    assert [fault.key for fault in error.faults] == ["issuer", "a.b"]


def test_every_error_of_ours_is_a_bridge_error_and_no_built_in_kind() -> None:
    for kind in (*classes_of(BridgeError).values(), StoreError):
        assert not issubclass(kind, ValueError | OSError | LookupError)
