"""Start the bridge for run.py as an operator would: files, keys, then `bridge serve`.

Everything is on: SQLite on disk, logs, metrics, limits (high: one address makes all
requests). The store holds what $PATRONS past logins would have left. Run by the Python
of the project's virtual environment, with FOLDER, PORT, ISSUER, UPSTREAM and ALG set.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from prefill import prefill

from bridge.core.patron import Identity, IdentityKind
from bridge.core.subject import internal_subject

FOLDER = Path(os.environ["FOLDER"])
ISSUER, PORT = os.environ["ISSUER"], int(os.environ["PORT"])
BRIDGE = str(Path(sys.executable).parent / "bridge")
CONFIG, DATABASE = FOLDER / "bridge.toml", FOLDER / "bridge.db"
START_LIMIT_S = 30
UPSTREAM_ID = "bench"

CLIENT = {
    "client_id": "bench",
    "client_secret": "bench-secret-0123456789-0123456789-0123456789",
    "redirect_uris": ["http://127.0.0.1:22099/cb"],
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "id_token_signed_response_alg": os.environ["ALG"],
    "subject_type": "pairwise",
    "sector": "bench.example",
}

# TODO hook up: the limits of one address and one session, far above what the load asks.
LIMITS = """
"""

SETTINGS = f"""\
issuer = "{ISSUER}"
support = "mailto:help@library.example"
clients_file = "clients.json"

[server]
listen = "127.0.0.1:{PORT}"
management_listen = "127.0.0.1:{PORT + 1}"

[upstream]
id = "{UPSTREAM_ID}"
base_url = "{os.environ["UPSTREAM"]}"
client_id = "bench"
client_secret = "bench-upstream-secret"

[store]
url = "sqlite:///{DATABASE}"

[keys]
directory = "{FOLDER / "keys"}"

[client_defaults]
consent = "never"

[log]
level = "info"
format = "json"
{LIMITS}"""


def serve_command():
    return [BRIDGE, "serve", "--config", str(CONFIG)]


def make_schema():
    """Let the bridge make its store: serve until it answers, then stop."""
    process = subprocess.Popen(serve_command(), start_new_session=True)
    try:
        end = time.monotonic() + START_LIMIT_S
        while time.monotonic() < end:
            if process.poll() is not None:
                sys.exit(f"bridge serve ended with status {process.returncode}")
            try:
                url = f"http://127.0.0.1:{PORT}/.well-known/openid-configuration"
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"bridge serve did not answer within {START_LIMIT_S} s")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(START_LIMIT_S)


def main():
    for leftover in FOLDER.glob("bridge.db*"):
        leftover.unlink()
    CONFIG.write_text(SETTINGS)
    clients = FOLDER / "clients.json"
    clients.write_text(json.dumps([CLIENT], indent=2))
    for secret_file in (CONFIG, clients):
        secret_file.chmod(0o600)
    make_keys = [BRIDGE, "keys", "new", "--config", str(CONFIG)]
    if subprocess.run(make_keys, check=False).returncode:
        sys.exit("bridge keys new failed")
    make_schema()
    # TODO hook up: read the salt as bridge/signing does.
    salt = (FOLDER / "keys/subjects.salt").read_bytes()

    def subject_of(number):
        identity = Identity(IdentityKind.USER, str(number))
        return internal_subject(salt, UPSTREAM_ID, identity)

    prefill(DATABASE, int(os.environ["PATRONS"]), subject_of)
    os.execv(BRIDGE, serve_command())


if __name__ == "__main__":
    main()
