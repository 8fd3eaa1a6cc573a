"""`bridge.wsgi:app` under gunicorn, with /health on the main port."""

import sys
from collections.abc import Iterator

import pytest
import requests

from tests.e2e.support import Place, Process, get
from tests.e2e.visitor import Service, Visitor


@pytest.fixture
def gunicorn(place: Place) -> Iterator[Process]:
    place.write(management_listen="")
    command = [
        *(sys.executable, "-m", "gunicorn", "bridge.wsgi:app"),
        *("--worker-class", "gthread", "--threads", "8"),
        *("--bind", f"127.0.0.1:{place.port}", "--no-control-socket"),
    ]
    with Process(place, command) as process:
        yield process.await_ready(url=f"{place.issuer}/health/ready")


def test_whole_login_works_under_gunicorn(gunicorn: Process, place: Place) -> None:
    tokens = Service(place.issuer).log_in(Visitor())

    userinfo = Service(place.issuer).userinfo(tokens["access_token"])
    assert userinfo.json()["name"] == "Jean Simon"


def test_health_is_on_the_main_port_and_metrics_are_nowhere(
    gunicorn: Process, place: Place
) -> None:
    assert get(f"{place.issuer}/health/live") == 200
    assert get(f"{place.issuer}/metrics") == 404


def test_another_server_says_nothing_of_where_it_listens(
    gunicorn: Process, place: Place
) -> None:
    answer = requests.get(f"{place.issuer}/health/ready", timeout=5)

    assert "listen" not in answer.json()["checks"]


def test_gunicorn_ends_at_sigterm(gunicorn: Process) -> None:
    gunicorn.terminate()

    assert gunicorn.await_exit() == 0
    assert gunicorn.members() == []
