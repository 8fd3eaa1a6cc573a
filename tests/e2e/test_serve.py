"""`bridge serve` as systemd and containers see it: starts, serves, ends."""

import json
import os
import signal
import sys
import threading
from functools import partial
from ipaddress import IPv4Address, IPv6Address

import pytest
import requests

from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import Fault
from tests.e2e.support import (
    HOST,
    Place,
    Process,
    await_that,
    get,
    is_taken,
    service,
)
from tests.e2e.visitor import Service, Visitor


def worker(process: Process) -> int:
    """Return the process that answers."""
    (pid,) = set(process.members()) - {process.popen.pid}
    return pid


def test_whole_login_works_through_the_process(bridge: Process, place: Place) -> None:
    tokens = Service(place.issuer).log_in(Visitor())

    userinfo = Service(place.issuer).userinfo(tokens["access_token"]).json()
    assert userinfo["name"] == "Jean Simon"


def test_sigterm_ends_all_processes_with_status_0(bridge: Process) -> None:
    bridge.terminate()

    assert bridge.await_exit() == 0
    assert bridge.members() == []
    assert len(bridge.events("server:stopped")) == 1


def test_sigterm_lets_a_running_login_reach_its_service(
    bridge: Process, place: Place, stand_in: StandIn
) -> None:
    stand_in.faults.add(Fault("token", "delay", delay_s=2))
    answers: list[dict[str, str]] = []
    login = threading.Thread(
        target=lambda: answers.append(
            Visitor().sign_in(Service(place.issuer).request())
        )
    )
    login.start()
    # The stand-in takes the fault away when the token request has come in.
    await_that(lambda: not stand_in.faults.is_on, "the token request")

    bridge.terminate()

    assert bridge.await_exit() == 0
    login.join()
    assert [sorted(answer) for answer in answers] == [["code", "iss", "state"]]


def readiness(place: Place) -> requests.Response:
    url = f"http://{HOST}:{place.management_port}/health/ready"
    return requests.get(url, timeout=5)


def test_worker_is_not_ready_before_it_listens(place: Place) -> None:
    # What granian's worker does before it listens, and no further.
    opening = (
        "import signal\n"
        "from bridge.cli.serve import open_app\n"
        "open_app(None, False)\n"
        "signal.pause()\n"
    )

    with Process(place, [sys.executable, "-c", opening]) as process:
        await_that(lambda: process.events("server:started"), "the start")
        answer = readiness(place)

    assert answer.status_code == 503
    wrong = {k: v for k, v in answer.json()["checks"].items() if v != "ok"}
    assert wrong == {"listen": f"{HOST}:{place.port} takes no connection"}


def test_bridge_that_ends_is_not_ready_while_it_ends_a_login(
    bridge: Process, place: Place, stand_in: StandIn
) -> None:
    stand_in.faults.add(Fault("token", "delay", delay_s=4))
    url = Service(place.issuer).request()
    login = threading.Thread(target=lambda: Visitor().sign_in(url))
    login.start()
    await_that(lambda: not stand_in.faults.is_on, "the token request")

    bridge.terminate()

    await_that(lambda: not is_taken(place.port), "the end of listening")
    assert readiness(place).json()["status"] == "not ready"
    login.join()


@pytest.mark.parametrize("host", [str(IPv4Address(0)), f"[{IPv6Address(0)}]"])
def test_bridge_on_all_addresses_is_ready(place: Place, host: str) -> None:
    place.write(listen=f"{host}:{place.port}")

    with Process(place) as bridge:
        bridge.await_ready()
        checks = readiness(place).json()["checks"]

    assert "listen" in checks


def test_output_is_nothing_but_json_lines(bridge: Process, place: Place) -> None:
    Service(place.issuer).log_in(Visitor())
    bridge.terminate()
    bridge.await_exit()

    events = [json.loads(line)["event"] for line in bridge.output.splitlines()]

    assert events[0] == "server:started"
    assert "login:completed" in events
    assert events[-1] == "server:stopped"


def test_server_says_nothing_where_nothing_is_wrong(
    place: Place, stand_in: StandIn
) -> None:
    digest = "0" * 64
    members = service(client_secret_sha256=digest)
    del members["client_secret"]
    place.write_clients(members)
    secret = place.folder / "upstream"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o600)
    text = place.configuration.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "client_secret" not in line]
    place.configuration.write_text("\n".join(lines), encoding="utf-8")
    environ = {"BRIDGE_UPSTREAM__CLIENT_SECRET_FILE": str(secret)}

    with Process(place, environ=environ) as bridge:
        bridge.await_ready().terminate()
        bridge.await_exit()

    assert bridge.errors == ""


def test_death_of_the_worker_ends_the_bridge_with_a_failure(bridge: Process) -> None:
    os.kill(worker(bridge), signal.SIGKILL)

    assert bridge.await_exit() == 1
    assert bridge.members() == []
    assert "ERROR _granian: Unexpected exit from worker-1" in bridge.errors


def test_sighup_changes_nothing(bridge: Process, place: Place) -> None:
    pids = bridge.members()

    for pid in pids:
        os.kill(pid, signal.SIGHUP)

    # What is signed in after it goes through the same processes.
    assert "id_token" in Service(place.issuer).log_in(Visitor())
    assert bridge.members() == pids
    assert len(bridge.events("server:started")) == 1
    assert "ERROR" not in bridge.errors


def test_worker_ends_in_order_when_the_supervisor_is_killed(bridge: Process) -> None:
    bridge.popen.kill()

    await_that(lambda: not bridge.members(), "the end of the worker")
    assert len(bridge.events("server:stopped")) == 1


def test_refresh_token_survives_kill_9_of_everything(place: Place) -> None:
    relying_party = Service(place.issuer)
    with Process(place) as bridge:
        bridge.await_ready()
        tokens = relying_party.log_in(Visitor(), scope="openid offline_access")
        bridge.kill()

    with Process(place) as bridge:
        bridge.await_ready()
        answer = relying_party.refresh(tokens["refresh_token"])

    assert answer.status_code == 200
    assert "access_token" in answer.json()


def test_login_under_way_survives_a_restart(place: Place) -> None:
    visitor = Visitor()
    with Process(place) as bridge:
        bridge.await_ready()
        at_rero = visitor.open(Service(place.issuer).request())
        assert isinstance(at_rero, requests.Response)
    with Process(place) as bridge:
        bridge.await_ready()

        answer = visitor.sign_in(at_rero.url)

    assert "code" in answer


def test_client_that_is_added_is_taken_up_without_a_restart(
    bridge: Process, place: Place
) -> None:
    place.write_clients(service(), service("new"))

    await_that(lambda: bridge.events("config:loaded"), "the new configuration")
    answer = Visitor().sign_in(Service(place.issuer, "new").request())
    assert "code" in answer


def test_faulty_clients_file_keeps_the_old_clients_and_is_logged(
    bridge: Process, place: Place
) -> None:
    place.clients_file.write_text('[{"client_id": 7}]', encoding="utf-8")

    await_that(lambda: bridge.events("config:refused"), "the refusal")
    line = bridge.events("config:refused")[0]
    assert "clients[0].client_id" in line["reason"]
    assert "code" in Visitor().sign_in(Service(place.issuer).request())


def test_management_port_gives_metrics_and_the_main_port_does_not(
    bridge: Process, place: Place
) -> None:
    management = f"http://{HOST}:{place.management_port}"

    assert get(f"{management}/metrics") == 200
    assert get(f"{place.issuer}/metrics") == 404
    assert get(f"{place.issuer}/health/live") == 404


def test_both_ports_may_be_of_ipv6(place: Place) -> None:
    management = f"[::1]:{place.management_port}"
    place.write(listen=f"[::1]:{place.port}", management_listen=management)

    with Process(place):
        for url in (f"http://{management}/metrics", f"http://[::1]:{place.port}/jwks"):
            await_that(partial(answers, url), url)


def answers(url: str) -> bool:
    return get(url) == 200


def test_worker_that_is_spawned_serves_as_a_forked_one(place: Place) -> None:
    # Python 3.14 forks no more by itself: what the worker is given must be portable.
    spawning = (
        "import multiprocessing\n"
        "from bridge.cli.main import main\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    main()\n"
    )
    script = place.folder / "spawning.py"
    script.write_text(spawning, encoding="utf-8")

    with Process(place, [sys.executable, str(script), "serve"]) as bridge:
        bridge.await_ready()

    assert len(bridge.events("server:started")) == 1
