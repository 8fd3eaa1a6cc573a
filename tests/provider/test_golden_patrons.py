"""ID token and userinfo of every reader of the stand-in RERO+: golden documents."""

import json
from pathlib import Path

import pytest

from bridge.core.claim_functions import Function, Step
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.client import EmailMode
from bridge.core.policy import Policy
from bridge.demo.rero import StandIn
from bridge.demo.rero_answers import patron_answer, token_answer
from bridge.demo.rero_readers import Reader, case_readers, demo_readers
from bridge.demo.rero_state import EMAIL_SCOPE, SCOPES, Client
from bridge.explanation import read_answer
from bridge.flow.days import zurich_day
from bridge.signing.keys import KeyRing
from tests.provider.tokens import claims_of
from tests.provider.world import NOW, make_client, make_request, make_world

GOLDEN = Path(__file__).parents[1] / "golden" / "patrons.json"
READERS = (*demo_readers(), *case_readers())
ALL_SCOPES = (*SCOPES, EMAIL_SCOPE)
PER_LOGIN = frozenset({"sid", "at_hash"})  # made of the ids of this login
MAPPING = DEFAULT_MAPPING.changed(
    [
        ("active", ClaimRule("active", Source.ACTIVE, ("rero",))),
        ("until", ClaimRule("until", Source.LATEST_EXPIRATION, ("rero",))),
        (
            "of_age",
            ClaimRule(
                "of_age",
                Source.BIRTHDATE,
                ("rero",),
                (Step(Function.AGE_AT_LEAST, years=16),),
            ),
        ),
    ]
)
CLIENT = make_client(
    mapping=MAPPING,
    policy=Policy(requires_patron_record=False),  # let in, to see what they are told
    email=EmailMode.UPSTREAM,
    claims=frozenset({"birthdate"}),
    id_token_claims=frozenset({"name", "email", "active"}),
)


def documents_of(reader: Reader, ring: KeyRing) -> dict[str, object]:
    """Let *reader* sign in through the engine and return what the client is told."""
    stand_in = StandIn(clock=lambda: float(NOW))
    stand_in.add_client(Client("bridge", "secret", ()))
    issued = stand_in.state.issue_token(
        stand_in.state.clients["bridge"], reader.user_id, ALL_SCOPES
    )
    answer = {
        "info": patron_answer(reader, ALL_SCOPES, stand_in.state),
        "token": token_answer(issued, reader, stand_in.settings),
    }
    patron = read_answer(
        json.loads(json.dumps(answer)), zurich_day(NOW), takes_barcodes=False
    )
    assert patron is not None
    world = make_world(ring, CLIENT)
    request = make_request(scope="openid profile email rero")
    _, code = world.log_in(request, patron)
    tokens = world.redeem(code)
    id_token = claims_of(tokens["id_token"])
    return {
        "id_token": {name: id_token[name] for name in id_token.keys() - PER_LOGIN},
        "userinfo": world.userinfo(tokens["access_token"]),
    }


def golden() -> dict[str, object]:
    """Read the golden documents of all readers."""
    documents: dict[str, object] = json.loads(GOLDEN.read_text("utf-8"))
    return documents


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.username)
def test_a_reader_of_the_stand_in_is_told_as_before(
    ring: KeyRing, reader: Reader
) -> None:
    assert documents_of(reader, ring) == golden()[reader.username]


def test_golden_documents_are_those_of_the_readers() -> None:
    assert set(golden()) == {reader.username for reader in READERS}
