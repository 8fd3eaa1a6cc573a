"""What the tests of cards say often: clients that want one, and what was granted."""

from typing import Final

from bridge.core.patron import Membership, Patron
from bridge.flow.outcomes import AnswerClient, AskCard, Outcome
from bridge.provider.snapshot import open_snapshot
from bridge.signing.key_files import load_keys
from tests.support.trial import HEAD, Trial, client, key_files
from tests.support.upstream import MARIE

FR, NJ, VS = MARIE.memberships  # that of NJ has ended
RERO: Final = "openid rero"
_CLIENTS: Final = (
    client("card", card="one"),
    client("other", card="one"),
    client("current", card="one", policy="current"),
    client("valais", card="one", policy="valais"),
    client("asking", card="one", policy="current", consent="once"),
    client("all"),
)


def configuration(current: str = "") -> str:
    """Write a configuration; *current* are more lines of the policy `current`."""
    policy = f'[policies.current]\nmembership = "current"\n{current}\n'
    return HEAD + policy + "\n".join(_CLIENTS)


ONLY_VALAIS: Final = configuration('institutions = ["vs"]')


def asked(outcome: Outcome) -> AskCard:
    """Expect the page of cards."""
    assert isinstance(outcome, AskCard)
    return outcome


def granted(trial: Trial, outcome: Outcome) -> tuple[Membership, ...]:
    """Return the memberships of the grant that *outcome* answers with."""
    assert isinstance(outcome, AnswerClient)
    grant = trial.spy.logins[-1].grant
    assert grant is not None
    sealer = load_keys(key_files()).sealer
    snapshot = open_snapshot(sealer, grant.grant_id, grant.sealed)
    assert snapshot is not None
    return snapshot.patron.memberships


def give(trial: Trial, patron: Patron, who: str = "marie") -> None:
    """Let RERO+ answer *patron* to *who*."""
    trial.upstream.answers[who] = patron
