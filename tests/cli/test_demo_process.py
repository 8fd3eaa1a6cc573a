"""`bridge demo` as a process: the proof for the README and for images."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli.demo import BRIDGE_PORT, STAND_IN_PORT
from bridge.demo.serving import free_port

DEMO = (sys.executable, "-m", "bridge", "demo")
TIMEOUT_S = 60


def check(*arguments: str, **environ: str) -> list[str]:
    """Return the lines that `bridge demo --check` prints."""
    done = subprocess.run(
        [*DEMO, "--check", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_last_line_is_the_verified_claims() -> None:
    lines = check()

    claims = json.loads(lines[-1])
    assert claims["name"] == "Jean Simon"
    assert claims["aud"] == "demo-service"
    assert claims["rero_institutions"] == ["vs"]
    assert any("verified by joserfc" in line for line in lines)


@pytest.mark.parametrize("shape", ["2024", "2021", "help"])
def test_login_succeeds_whatever_shape_rero_answers_in(shape: str) -> None:
    claims = json.loads(check("--shape", shape)[-1])

    assert claims["name"] == "Jean Simon"


def test_settings_of_a_real_bridge_are_not_taken() -> None:
    lines = check(
        BRIDGE_SERVER__LISTEN="0.0.0.0:1",
        BRIDGE_ISSUER="https://login.example.ch",
        BRIDGE_CONFIG="/there/is/none.toml",
    )

    assert json.loads(lines[-1])["iss"].startswith("http://127.0.0.1:")


def test_busy_ports_are_left_to_their_owners() -> None:
    busy = free_port(BRIDGE_PORT)
    with socket.create_server(("127.0.0.1", busy)):
        claims = json.loads(check()[-1])

    assert claims["iss"] != f"http://127.0.0.1:{busy}"
    assert claims["iss"] != f"http://127.0.0.1:{STAND_IN_PORT}"


def test_bridge_that_does_not_start_is_quoted_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'serve' in sys.orig_argv:\n"
        "    os.write(2, b'first words\\nlast words\\n')\n"
        "    os._exit(3)\n",
        encoding="utf-8",
    )

    done = subprocess.run(
        [*DEMO, "--check"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "first words",
        "last words",
        "bridge: the bridge did not start; its last words are above",
    ]


def test_missing_extra_is_told_with_what_installs_it() -> None:
    code = (
        "import sys\n"
        "sys.modules['joserfc'] = None\n"
        "from bridge.cli.main import main\n"
        "main(['demo'])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == (
        "bridge: `bridge demo` needs the package joserfc:"
        ' pip install "rero-oidc-bridge[demo]"\n'
    )


def test_nothing_is_left_when_it_is_stopped(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        DEMO, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        while "Stop with Ctrl-C" not in demo.stdout.readline():
            assert demo.poll() is None
        folders = list(tmp_path.iterdir())

        demo.send_signal(signal.SIGINT)

        assert demo.wait(TIMEOUT_S) == 0
    assert len(folders) == 1
    assert list(tmp_path.iterdir()) == []
