"""A browser at the steps of the flow: it keeps cookies and goes where it is sent."""

import base64
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from bridge.core.return_address import Parameters
from bridge.flow.browser import Browser
from bridge.flow.outcomes import (
    AnswerClient,
    AskCard,
    AskConsent,
    AskSignOut,
    GoUpstream,
    LogoutOutcome,
    Outcome,
)
from bridge.flow.ticket import TicketKind
from tests.support.trial import Trial

AnyOutcome = TypeVar("AnyOutcome", Outcome, LogoutOutcome)


def request_pairs(
    client_id: str = "service", changes: Mapping[str, str | None] | None = None
) -> list[tuple[str, str]]:
    """Write a good authorization request; a change of None takes a member out."""
    members: dict[str, str | None] = {
        "client_id": client_id,
        "redirect_uri": f"https://{client_id}.example/callback",
        "response_type": "code",
        "scope": "openid profile",
        "state": "the-state",
        "nonce": "the-nonce",
        **(changes or {}),
    }
    return [(name, value) for name, value in members.items() if value is not None]


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of *url*, of which none may come twice."""
    query = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


class FlowBrowser:
    """Calls Login and Decisions as web/ does, and keeps what they set."""

    def __init__(self, trial: Trial, address: str = "192.0.2.7") -> None:
        self.trial = trial
        self.cookies = Browser(address=address)

    def begin(self, client_id: str = "service", /, **changes: str | None) -> Outcome:
        """Come with an authorization request."""
        return self.begin_with(request_pairs(client_id, changes))

    def begin_with(self, pairs: Iterable[tuple[str, str]]) -> Outcome:
        """Come with these parameters."""
        login = self.trial.web.login
        return self._keep(login.begin(Parameters(pairs), self.cookies))

    def go(self, client_id: str = "service", /, **changes: str | None) -> str:
        """Begin, be sent to RERO+, and return the state that goes there."""
        return state_of(self.begin(client_id, **changes))

    def complete(self, state: str, code: str = "jean", **others: str) -> Outcome:
        """Come back from RERO+."""
        return self.complete_with({"state": state, "code": code, **others})

    def complete_with(self, parameters: Mapping[str, str]) -> Outcome:
        """Come back from RERO+ with these parameters."""
        login = self.trial.web.login
        pairs = Parameters(parameters.items())
        return self._keep(login.complete(pairs, self.cookies))

    def sign_in(
        self, who: str = "jean", client_id: str = "service", /, **changes: str | None
    ) -> Outcome:
        """Begin and come back as *who*."""
        return self.complete(self.go(client_id, **changes), who)

    def approve(self, asked: Outcome, *, remember: bool = False) -> Outcome:
        """Press "Allow" on a consent page."""
        assert isinstance(asked, AskConsent)
        decisions = self.trial.web.decisions
        outcome = decisions.approve(asked.ticket, self.cookies, remember=remember)
        return self._keep(outcome)

    def choose(self, asked: Outcome, number: str | None) -> Outcome:
        """Press "Continue" on the page of cards."""
        assert isinstance(asked, AskCard)
        decisions = self.trial.web.decisions
        return self._keep(decisions.choose(asked.ticket, number, self.cookies))

    def refuse(self, kind: TicketKind, ticket: str) -> Outcome:
        """Press the button that goes back to the client."""
        return self._keep(self.trial.web.decisions.refuse(kind, ticket, self.cookies))

    def change_account(self, kind: TicketKind, ticket: str) -> Outcome:
        """Press "Use another account"."""
        decisions = self.trial.web.decisions
        return self._keep(decisions.change_account(kind, ticket, self.cookies))

    def log_out(self, **parameters: str) -> LogoutOutcome:
        """Come with a logout request."""
        logout = self.trial.web.logout
        return self._keep(logout.begin(Parameters(parameters.items()), self.cookies))

    def sign_out(self, asked: LogoutOutcome) -> LogoutOutcome:
        """Press "Sign out"."""
        assert isinstance(asked, AskSignOut)
        return self._keep(self.trial.web.logout.confirm(asked.ticket, self.cookies))

    def stay(self, asked: LogoutOutcome) -> LogoutOutcome:
        """Press "Stay signed in"."""
        assert isinstance(asked, AskSignOut)
        return self._keep(self.trial.web.logout.stay(asked.ticket, self.cookies))

    def _keep(self, outcome: AnyOutcome) -> AnyOutcome:
        changes = outcome.cookies
        kept = None if changes.ends_session else self.cookies.session_secret
        tickets = {**self.cookies.tickets, **changes.tickets}
        self.cookies = replace(
            self.cookies,
            binding=changes.binding or self.cookies.binding,
            session_secret=changes.session_secret or kept,
            tickets={name: text for name, text in tickets.items() if text is not None},
        )
        return outcome


def state_of(outcome: Outcome) -> str:
    """Return the state that a browser takes to RERO+."""
    return query_of(url_of(outcome))["state"]


def url_of(outcome: Outcome) -> str:
    """Return where at RERO+ a browser is sent."""
    assert isinstance(outcome, GoUpstream)
    return outcome.url


def code_of(outcome: Outcome) -> str:
    """Return the code that the client is given."""
    assert isinstance(outcome, AnswerClient)
    return outcome.parameters["code"]


def noise(characters: int, seed: int = 1) -> str:
    """Make a text that does not deflate well."""
    raw = random.Random(seed).randbytes(characters)  # noqa: S311 - no secret
    return base64.urlsafe_b64encode(raw).decode()[:characters]
