"""Start the bridge for run.py as an operator would: files, keys, then `bridge serve`.

Everything is on: SQLite on disk, logs, metrics, limits (high: one address makes all
requests). The store holds what $PATRONS past logins would have left. Run by the Python
of the project's virtual environment, with FOLDER, PORT, ISSUER, UPSTREAM and ALG set.
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from prefill import prefill

from bridge.core.patron import Identity, IdentityKind
from bridge.core.subject import internal_subject
from bridge.signing.places import Place
from bridge.signing.secret_files import parse_salt
from bridge.store.migrate import migrate

FOLDER = Path(os.environ["FOLDER"])
ISSUER, PORT = os.environ["ISSUER"], int(os.environ["PORT"])
BRIDGE = str(Path(sys.executable).parent / "bridge")
CONFIG, DATABASE = FOLDER / "bridge.toml", FOLDER / "bridge.db"
KEYS = FOLDER / "keys"
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
    # As the peers do: a refresh token in each answer, the birth date at userinfo.
    "refresh_tokens": True,
    "claims": ["birthdate"],
}

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
directory = "{KEYS}"

[client_defaults]
consent = "never"

[limits]
callback_per_address = 100_000  # one address makes all logins here

[log]
level = "info"
format = "json"
"""


def make_store(patrons):
    """Make the store as the bridge does, and fill it with past logins.

    The subjects are those that the bridge will compute for the same patrons.
    """
    # No implicit transactions: the migrations begin and commit their own.
    connection = sqlite3.connect(DATABASE, isolation_level=None)
    migrate(connection)
    connection.close()
    salt_file = Place("subjects.salt_file", KEYS / "subjects.salt")
    salt = parse_salt(salt_file, salt_file.path.read_bytes())

    def subject_of(number):
        identity = Identity(IdentityKind.USER, str(number))
        return internal_subject(salt, UPSTREAM_ID, identity)

    prefill(DATABASE, patrons, subject_of)


def main():
    for leftover in FOLDER.glob("bridge.db*"):
        leftover.unlink()
    CONFIG.write_text(SETTINGS)
    clients = FOLDER / "clients.json"
    clients.write_text(json.dumps([CLIENT], indent=2))
    for secret_file in (CONFIG, clients):
        secret_file.chmod(0o600)
    os.environ["BRIDGE_CONFIG"] = str(CONFIG)
    if subprocess.run([BRIDGE, "keys", "new"], check=False).returncode:
        sys.exit("bridge keys new failed")
    make_store(int(os.environ["PATRONS"]))
    os.execv(BRIDGE, [BRIDGE, "serve"])


if __name__ == "__main__":
    main()
