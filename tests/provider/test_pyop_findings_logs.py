"""Finding 23: no log record holds a token, a code, a secret or a name."""

import logging
from collections.abc import Iterator

import pytest

from bridge.core.errors import ProtocolError
from bridge.core.patron import JsonObject
from bridge.core.return_address import Parameters
from bridge.provider.engine import SILENT
from tests.provider.web_world import WebWorld
from tests.provider.world import JEAN, NOW, SECRET, World, make_request

LIBRARIES = ("pyop", "oic", "jwkest")
PERSONAL = ("Duprêt", "Dupr\\u00eat", "1987-06-05", "100200300", "jean.dupret")


class Collector(logging.Handler):
    """Keeps the text of every record that reaches it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage() + str(record.exc_info or ""))


@pytest.fixture
def collected() -> Iterator[list[str]]:
    """Collect all that is logged while the root logger stands at DEBUG."""
    root = logging.getLogger()
    before = root.level
    collector = Collector()
    root.addHandler(collector)
    root.setLevel(logging.DEBUG)
    yield collector.texts
    root.setLevel(before)
    root.removeHandler(collector)


def whole_life(world: World) -> list[str]:
    """Go through code, token, refresh, userinfo and errors; return all secrets."""
    _, code = world.log_in(make_request(scope="openid profile rero", nonce="a-nonce"))
    first = world.redeem(code)
    second = world.refresh(first["refresh_token"])
    told = world.userinfo(second["access_token"])
    wrong: list[dict[str, str]] = [
        {"code": code + "x"},
        {"code": code, "redirect_uri": "https://evil.example/"},
        {"client_secret": "a wrong secret", "code": code},
        {"code": code},
        {"grant_type": "refresh_token", "refresh_token": str(first["refresh_token"])},
        {"grant_type": "password"},
    ]
    for fields in wrong:
        form = Parameters({**credentials(), **fields}.items())
        with pytest.raises(ProtocolError):
            world.engine.token(form, None, NOW + 4)
    with pytest.raises(ProtocolError):
        world.userinfo(first["access_token"])
    return [code, SECRET, "a wrong secret", "a-nonce", *secrets_of(first, second, told)]


def credentials() -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": "library",
        "client_secret": SECRET,
        "redirect_uri": "https://library.example/callback",
    }


def secrets_of(*answers: JsonObject) -> list[str]:
    names = ("access_token", "refresh_token", "id_token", "name", "sub")
    return [str(answer[name]) for answer in answers for name in names if name in answer]


def test_pyop_23_whole_flow_at_debug_logs_no_secret(
    world: World, collected: list[str]
) -> None:
    logging.getLogger("bridge.tests").debug("the collector works")

    secrets = whole_life(world)

    assert collected[0] == "the collector works"
    leaks = {s for s in (*secrets, *PERSONAL) for text in collected if s in text}
    assert leaks == set()


def test_pyop_23_libraries_log_nothing_at_all(
    world: World, collected: list[str]
) -> None:
    whole_life(world)

    assert collected == []


def test_pyop_23_event_log_of_a_whole_login_holds_no_secret(
    web: WebWorld, collected: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    login = web.log_in()
    first = web.redeem(login["code"]).json
    assert first is not None
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    told = web.get("/userinfo", headers).json
    assert told is not None
    assert web.redeem(login["code"]).status_code == 400
    assert web.token(grant_type="password", client_secret="wrong!").status_code == 401

    printed = "".join(capfd.readouterr())

    assert '"code:redeemed"' in printed
    secrets = [login["code"], "code-of-rero", "wrong!", SECRET, *PERSONAL]
    secrets += [*secrets_of(first, told), str(JEAN.fullname)]
    texts = [printed, *collected]
    assert {s for s in secrets for text in texts if s in text} == set()


@pytest.mark.parametrize("name", LIBRARIES)
def test_pyop_23_loggers_of_the_libraries_are_closed(world: World, name: str) -> None:
    logger = logging.getLogger(name)

    assert logger.level == SILENT
    assert not logger.propagate


@pytest.mark.parametrize(
    "name", ["pyop.provider", "pyop.authz_state", "oic.oauth2.message", "jwkest.jws"]
)
def test_pyop_23_no_module_below_opens_its_logger_again(
    world: World, name: str
) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
