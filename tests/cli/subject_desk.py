"""A bridge at work and the operator's commands on subjects beside it."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.core.patron import Identity, IdentityKind
from bridge.flow.stores import WholeStore
from bridge.store.open import open_store
from tests.support.tokens import verified
from tests.support.trial import HEAD, SECRET, Trial, client
from tests.support.upstream import BARCODE
from tests.support.visitor import Answer, Visitor

CLIENTS: Final = "\n".join(
    [
        client("service"),
        client("moodle", grant_types=["authorization_code", "refresh_token"]),
        client("public", subject_type="public"),
        client("once", consent="once"),
    ]
)
CODE: Final = ("--barcode", "2050124311", "--institution", "VS")
# The reader of the barcode, once RERO+ shows user ids.
WITH_USER_ID: Final = replace(BARCODE, identity=Identity(IdentityKind.USER, "4711"))


class Desk:
    """A bridge over a SQLite store, by the clock of this machine."""

    def __init__(self, folder: Path, clients: str = CLIENTS) -> None:
        url = f"sqlite:///{folder}/bridge.db"
        self.store: WholeStore = open_store(url)
        table = f"[store]\nurl = {json.dumps(url)}\n"
        self.trial = Trial(folder, HEAD + table + clients, store=self.store)
        self.trial.clock.now = int(time.time())
        self.trial.upstream.answers["user"] = WITH_USER_ID

    def run(self, *arguments: str) -> Result:
        """Run `bridge subjects` with *arguments*."""
        config = str(self.trial.folder / "bridge.toml")
        command = ["--config", config, "subjects", *arguments]
        return CliRunner().invoke(main, command)

    def change(self, *arguments: str) -> Result:
        """Run a command that must succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result

    def file(self, text: str, name: str = "patrons.csv") -> str:
        """Write a file for a command; return its path."""
        path = self.trial.folder / name
        path.write_bytes(text.encode())
        return str(path)

    def tokens(
        self, who: str, client_id: str = "service", /, **changes: str | None
    ) -> dict[str, object]:
        """Let *who* sign in at RERO+ in a fresh browser; return the tokens."""
        return Visitor(self.trial).tokens(who, client_id, **changes)

    def sub(self, who: str, client_id: str = "service") -> str:
        """Let *who* sign in at RERO+; return the sub that the client gets."""
        browser = Visitor(self.trial)
        tokens = browser.tokens(who, client_id)
        return str(verified(browser, tokens["id_token"]).claims["sub"])

    def userinfo(self, tokens: dict[str, object]) -> dict[str, object]:
        """Ask who an access token stands for."""
        return Visitor(self.trial).userinfo(tokens["access_token"]).members

    def refresh(self, tokens: dict[str, object], client_id: str) -> Answer:
        """Use the refresh token of *tokens*."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": str(tokens["refresh_token"]),
            "client_id": client_id,
            "client_secret": SECRET,
        }
        return Visitor(self.trial).post("/token", form)


def events(result: Result) -> list[dict[str, Any]]:
    """Return the audit events that a command has written."""
    lines = [line for line in result.stderr.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
