"""A bridge that keeps RERO+'s tokens, in front of a stand-in whose readers change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from bridge.core.records import KeptTokens
from bridge.demo.rero import StandIn
from bridge.demo.rero_readers import Reader
from bridge.demo.rero_server import serve_stand_in
from tests.support.reader import CLIENT, ReroReader
from tests.support.trial import CONFIGURATION, HOUR_S, NOW, SECRET, Trial, client
from tests.support.upstream import UPSTREAM
from tests.support.visitor import Answer, Visitor

OFFLINE: Final = "openid profile offline_access"
KEEPS: Final = 'id = "rero"\nkeep_tokens = true\n'
CLIENTS: Final = "\n".join(
    [
        client("app2", policy="valais", scope="openid profile offline_access"),
        client("desk", scope=OFFLINE, claims_max_age_s=48 * HOUR_S),
        client("cards", card="one", claims=["rero_institutions"], scope=OFFLINE),
        client("web", scope="openid profile", refresh_tokens=True),
    ]
)


@dataclass
class AskedAnew:
    """The bridge, the stand-in, and one browser."""

    trial: Trial
    stand_in: StandIn
    url: str
    browser: Visitor

    def sign_in(
        self,
        client_id: str = "desk",
        who: str = "jean",
        *,
        card: str = "",
        **changes: str,
    ) -> dict[str, object]:
        """Go the whole way as *who*, with *card* where asked; return the tokens."""
        browser, reader = self.browser, ReroReader(self.stand_in, who)
        scope = "openid profile" if client_id == "web" else OFFLINE
        asked = {"scope": scope, **changes}
        answer = browser.authorize(client_id, **asked)
        while answer.headers.get("Location", "").startswith(self.url):
            answer = browser.get(reader.go(answer.location))
        if card:
            answer = browser.press(answer, "choose", card=card)
        return browser.token(answer.query["code"], client_id).members

    def refresh(self, tokens: dict[str, object], client_id: str = "desk") -> Answer:
        """Refresh as a program of its own: many may do so at once."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": str(tokens["refresh_token"]),
            "client_id": client_id,
            "client_secret": SECRET,
        }
        return Visitor(self.trial).post("/token", form)

    def name_of(self, answer: Answer) -> object:
        """Return the name that userinfo gives for the tokens of *answer*."""
        token = answer.members["access_token"]
        return Visitor(self.trial).userinfo(token).members["name"]

    def change(self, change: Callable[[Reader], Reader], who: str = "jean") -> None:
        """Change what RERO+ knows of a reader."""
        self.stand_in.add_reader(change(self.stand_in.reader(who)))

    def rename(self, first_name: str) -> None:
        """Give jean another first name at RERO+."""
        self.change(lambda jean: replace(jean, first_name=first_name))

    def set_expiry(self, day: date, who: str = "jean") -> None:
        """Let every card of a reader end on *day*."""
        records = self.stand_in.reader(who).records
        ended = tuple(replace(one, expires=day) for one in records)
        self.change(lambda reader: replace(reader, records=ended), who)

    def asked(self, path: str) -> int:
        """Count what RERO+ was asked."""
        return len(self.stand_in.journal.entries(path))

    def exchanges(self) -> int:
        """Count the exchanges of refresh tokens."""
        entries = self.stand_in.journal.entries("/oauth/token")
        return sum(one.form["grant_type"] == "refresh_token" for one in entries)

    @property
    def kept(self) -> list[KeptTokens]:
        """Return the tokens that the store has."""
        kept = [
            self.trial.store.get_upstream_tokens(write.session.subject)
            for write in self.trial.spy.logins
            if write.session is not None
        ]
        return [one for one in kept if one is not None]

    @property
    def reasons(self) -> list[object]:
        """Return why claims were kept as they were."""
        return [line["reason"] for line in self.trial.events("claims:kept")]


@contextmanager
def asked_anew(folder: Path, upstream: str = KEEPS) -> Iterator[AskedAnew]:
    """Serve a stand-in by the clock of the trial; *upstream* begins [upstream]."""
    clock = [float(NOW)]
    stand_in = StandIn(clock=lambda: clock[0])
    stand_in.add_client(CLIENT)
    with serve_stand_in(stand_in) as running:
        text = CONFIGURATION.replace(UPSTREAM, running.url)
        text = text.replace('id = "rero"\n', upstream) + CLIENTS
        trial = Trial(folder, text, with_rero=True)
        stand_in.state.clock = lambda: float(trial.clock())
        yield AskedAnew(trial, stand_in, running.url, Visitor(trial))
