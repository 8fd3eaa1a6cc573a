"""What an answer of RERO+ must be to take the place of the one before."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from bridge.core.client import Client
from bridge.core.patron import Membership, Patron
from bridge.core.records import LoginWrite, UpstreamRecord
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.fresh_answers import FreshAnswers, FreshParts, SharedAsking
from bridge.flow.identities import Identities, SubjectSettings
from bridge.flow.ports import UpstreamLogin
from bridge.flow.token_seals import TokenSeals
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.observe.limits import MinuteLimiter
from bridge.observe.metrics import Metrics
from bridge.signing.key_files import load_keys
from bridge.store.memory import MemoryStore
from tests.support.trial import NOW, Trial, key_files
from tests.support.upstream import ANNA, JEAN, FakeUpstream

BOTH: Final = frozenset({"fullname", "expiration_date"})
CLIENT: Final = Client("service", ("https://service.example/callback",), "service")
TOKENS: Final = UpstreamTokens("a", NOW, "r", BOTH, BOTH)


@dataclass
class Answering(FakeUpstream):
    """RERO+ answers the same patron to every question."""

    patron: Patron = JEAN
    renewed: UpstreamTokens = TOKENS
    may_be_barcodes: list[bool] = field(default_factory=list)
    before: Callable[[], object] = field(default=lambda: None)  # the exchange

    def ask_again(
        self,
        tokens: UpstreamTokens,
        *,
        allow_barcode: bool,
        keep: Callable[[UpstreamTokens], None],
    ) -> UpstreamLogin:
        """Exchange the tokens, and answer."""
        self.may_be_barcodes.append(allow_barcode)
        self.before()
        keep(self.renewed)
        self.meanwhile()
        return UpstreamLogin(self.patron, self.renewed.scopes)


@dataclass
class Asked:
    """A store with Jean's tokens, and what asks RERO+ by them."""

    trial: Trial

    def __post_init__(self) -> None:
        keys = load_keys(key_files())
        self.store = MemoryStore()
        self.upstream = Answering()
        self.seals = TokenSeals(keys.sealer)
        self.identities = Identities(
            self.store, keys.identity_sealer, SubjectSettings(keys.salt, "rero")
        )
        self.subject = self.identities.subject_of(JEAN.identity)
        metrics: Metrics = self.trial.metrics
        record = UpstreamRecord("rero", "https://rero.example", False)
        limiter = MinuteLimiter({}, self.trial.clock)
        sign_in = UpstreamSignIn(
            self.upstream, self.store, limiter, metrics, record, accept_barcode=True
        )
        self.answers = FreshAnswers(
            FreshParts(
                sign_in,
                self.store,
                self.seals,
                self.identities,
                SharedAsking(),
                metrics,
                BOTH,
            )
        )
        self.sign_in(TOKENS)

    def sign_in(self, tokens: UpstreamTokens, *, has_user_ids: bool = True) -> None:
        """Store tokens of Jean, as a login does."""
        record = UpstreamRecord("rero", "https://rero.example", has_user_ids)
        kept = self.seals.seal(self.subject, tokens, NOW)
        write = LoginWrite(NOW, upstream=record, upstream_tokens=kept)
        assert self.store.put_login(write)

    def ask(self, *claims: str) -> Patron | None:
        """Ask RERO+ about Jean."""
        return self.answers.ask(self.subject, CLIENT, frozenset(claims), NOW)

    @property
    def kept(self) -> UpstreamTokens | None:
        """Return the tokens that the store has now."""
        row = self.store.get_upstream_tokens(self.subject)
        return None if row is None else self.seals.open(row)


@pytest.fixture
def asked(trial: Trial) -> Asked:
    return Asked(trial)


def test_answer_about_the_same_patron_is_taken(asked: Asked) -> None:
    asked.upstream.patron = replace(JEAN, fullname="Simon, Johann")

    assert asked.ask("name") == asked.upstream.patron


def test_answer_about_another_patron_is_refused_and_told(asked: Asked) -> None:
    asked.upstream.patron = ANNA

    assert asked.ask("name") is None

    [failed] = asked.trial.events("upstream:failed")
    assert failed["fault"] == "identity_differs"
    assert asked.kept == TOKENS


def test_end_that_was_not_asked_for_is_not_taken_for_none(asked: Asked) -> None:
    asked.sign_in(replace(TOKENS, scopes=frozenset({"fullname"})))
    asked.upstream.renewed = replace(TOKENS, scopes=frozenset({"fullname"}))
    asked.upstream.patron = replace(JEAN, memberships=(Membership("vs"),))

    patron = asked.ask("name")

    assert patron is not None
    assert [card.is_end_known for card in patron.memberships] == [False]


def test_scopes_that_the_exchange_lost_are_missed(asked: Asked) -> None:
    asked.upstream.renewed = replace(TOKENS, held=frozenset())

    assert asked.ask("name") is None


def test_barcode_counts_only_where_no_user_id_was_seen(asked: Asked) -> None:
    asked.ask("name")

    assert asked.upstream.may_be_barcodes == [False]


def test_tokens_of_a_login_in_between_stay(asked: Asked) -> None:
    newer = replace(TOKENS, access_token="newer")
    asked.upstream.before = lambda: asked.sign_in(newer)

    asked.ask("name")

    assert asked.kept == newer


def test_logout_in_between_is_not_undone(asked: Asked) -> None:
    def log_out() -> None:
        asked.store.end_sessions_of(asked.subject, NOW, offline=True)
        row = asked.store.get_upstream_tokens(asked.subject)
        if row is not None:
            asked.store.delete_upstream_tokens(row)

    asked.upstream.meanwhile = log_out

    asked.ask("name")

    assert asked.kept is None


def test_tokens_that_cannot_be_opened_are_none(asked: Asked) -> None:
    row = asked.store.get_upstream_tokens(asked.subject)
    assert row is not None
    asked.store.swap_upstream_tokens(row, replace(row, sealed=b"other"))

    assert asked.ask("name") is None
    assert asked.upstream.may_be_barcodes == []


def test_store_is_free_while_rero_is_asked(asked: Asked) -> None:
    asked.upstream.meanwhile = asked.store.check_writable

    assert asked.ask("name") is not None
