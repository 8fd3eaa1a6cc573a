"""No exception of pyop or pyoidc passes the door: each becomes one of ours."""

import inspect

import oic.exception
import pyop.exceptions
import pytest
from oic.oauth2 import message
from pyop.message import AuthorizationRequest as PyopRequest

from bridge.core.errors import InvalidGrant, InvalidToken, ProtocolError
from bridge.provider.engine import BridgeProvider
from bridge.provider.service import translate
from tests.provider.world import World, make_request

TEXT = "a text of the library, perhaps with a token in it"


def exceptions_of(module: object) -> list[type[Exception]]:
    return [
        member
        for member in vars(module).values()
        if inspect.isclass(member)
        and issubclass(member, Exception)
        and member.__module__.partition(".")[0] in {"pyop", "oic"}
    ]


def make(kind: type[Exception]) -> Exception:
    """Make an exception, whatever its constructor asks for."""
    arguments = {
        "message": TEXT,
        "oauth_error": "invalid_grant",
        "parsed_request": PyopRequest(),
        "errmsg": TEXT,
        "attr": TEXT,
    }
    if kind.__init__ is Exception.__init__ or kind.__init__ is ValueError.__init__:
        return kind(TEXT)
    names = inspect.signature(kind).parameters
    given = {name: arguments[name] for name in names if name in arguments}
    return kind(**given) if given else kind(TEXT)


KINDS = list(
    dict.fromkeys(
        kind
        for module in (pyop.exceptions, oic.exception, message)
        for kind in exceptions_of(module)
    )
)


def name_of(kind: type[Exception]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def test_walk_finds_the_exceptions_of_both_libraries() -> None:
    names = {kind.__name__ for kind in KINDS}

    assert {"OAuthError", "BearerTokenError", "InvalidSubjectIdentifier"} <= names
    assert {"PyoidcError", "UnSupported", "MissingRequiredAttribute"} <= names
    assert len(names) > 40


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_exception_becomes_a_protocol_error_without_its_text(
    kind: type[Exception],
) -> None:
    ours = translate(make(kind))

    assert isinstance(ours, ProtocolError)
    assert ours.error != "server_error"
    assert TEXT not in ours.description + ours.detail


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_no_door_of_the_engine_lets_the_exception_out(
    world: World, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise make(kind)

    _, code = world.log_in(make_request())
    access_token = world.redeem(code)["access_token"]
    sign_in = world.sign_in()
    for name in ("authorize", "handle_token_request", "handle_userinfo_request"):
        monkeypatch.setattr(BridgeProvider, name, fail)

    with pytest.raises(ProtocolError):
        world.engine.authorize(make_request(), world.client(), sign_in, 0)
    with pytest.raises(ProtocolError):
        world.redeem(code)
    with pytest.raises(ProtocolError):
        world.userinfo(access_token)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (pyop.exceptions.InvalidAuthorizationCode, InvalidGrant),
        (pyop.exceptions.InvalidRefreshToken, InvalidGrant),
        (pyop.exceptions.InvalidAccessToken, InvalidToken),
    ],
)
def test_oauth_code_of_the_exception_is_kept(
    theirs: type[Exception], ours: type[ProtocolError]
) -> None:
    assert type(translate(make(theirs))) is ours


def test_failed_client_authentication_stays_one() -> None:
    error = pyop.exceptions.InvalidClientAuthentication(TEXT)

    assert translate(error).error == "invalid_client"
