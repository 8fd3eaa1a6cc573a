"""How the parts of one configuration are made; `app.py` puts them together."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.core.client import Client
from bridge.core.errors import ConfigurationError, Fault
from bridge.core.lives import Lives
from bridge.core.records import StoreLimits, UpstreamRecord
from bridge.core.session import SessionLimits
from bridge.core.subject import salt_fingerprint
from bridge.deliveries import Deliveries
from bridge.flow.cards import Cards
from bridge.flow.days import first_second_of, zurich_day
from bridge.flow.decision import Decisions
from bridge.flow.fresh_answers import SharedAsking
from bridge.flow.hints import Hints
from bridge.flow.identities import Identities, SubjectSettings
from bridge.flow.issuing import Issuing
from bridge.flow.login import Login, LoginParts
from bridge.flow.logout import Logout, LogoutParts
from bridge.flow.ports import Clock
from bridge.flow.pushing import Pushing
from bridge.flow.sessions import Sessions
from bridge.flow.stores import Store, WholeStore
from bridge.flow.tickets import Tickets
from bridge.flow.token_seals import TokenSeals
from bridge.flow.travel import Travel
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.observe.limits import MinuteLimiter
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics
from bridge.observe.observer import RequestObserver
from bridge.provider.client_assertion import AssertionParts
from bridge.provider.client_auth import ClientAuthentication
from bridge.provider.engine import BridgeProvider
from bridge.provider.freshness import Freshness
from bridge.provider.own_grant import EngineParts
from bridge.provider.service import PyopEngine
from bridge.settings.model import Settings
from bridge.signing.key_files import KeyFiles, LoadedKeys
from bridge.signing.signer import JwsSigner
from bridge.signing.verifier import JwsVerifier

OTHER_SALT = (
    "is not the salt that the subjects of this store were made with. Under another one"
    " every patron is a stranger: all accounts at all services are lost. Put the old"
    " file back from the backup; a new bridge needs a store of its own"
)


def now() -> int:
    """Return whole seconds since the epoch: the Clock port."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Foundation:
    """What stays when the configuration is read anew: open things and counters."""

    settings: Settings
    store: WholeStore
    log: EventLog
    metrics: Metrics
    limiter: MinuteLimiter
    observer: RequestObserver
    deliveries: Deliveries
    clock: Clock = now
    asking: SharedAsking = field(default_factory=SharedAsking)


@dataclass(frozen=True, slots=True)
class Basis:
    """What all parts of one configuration are made from."""

    settings: Settings
    foundation: Foundation
    keys: LoadedKeys
    clients: Mapping[str, Client]


def key_files(settings: Settings) -> KeyFiles:
    """Return where the configuration says that keys lie."""
    return KeyFiles(
        settings.keys.directory,
        settings.keys.algorithms,
        settings.sealing.key_file,
        settings.tokens.key_file,
        settings.subjects.salt_file,
    )


def upstream_record(settings: Settings, salt: bytes) -> UpstreamRecord:
    """Return what the store's subjects must belong to."""
    upstream = settings.upstream
    return UpstreamRecord(upstream.id, upstream.base_url, False, salt_fingerprint(salt))


def make_identities(settings: Settings, store: Store, keys: LoadedKeys) -> Identities:
    """Make what recognises patrons."""
    subjects = SubjectSettings(keys.salt, settings.upstream.id)
    return Identities(store, keys.identity_sealer, subjects)


def check_upstream(store: Store, record: UpstreamRecord) -> None:
    """Refuse to mix two upstreams: test users must not become production users.

    Refuse another salt as well: every patron would become a stranger.

    Raises:
        ConfigurationError: the id is known with another base URL, or the reverse; the
            subjects of the store were made with another salt.
    """
    for known in store.get_upstreams():
        if known.salt_fingerprint not in {"", record.salt_fingerprint}:
            raise ConfigurationError([Fault("subjects.salt_file", OTHER_SALT)])
        if (
            known.upstream_id == record.upstream_id
            and known.base_url != record.base_url
        ):
            raise ConfigurationError(
                [
                    Fault(
                        "upstream.base_url",
                        f"the store knows {known.upstream_id!r} at {known.base_url};"
                        " another address needs another upstream.id and store",
                    )
                ]
            )
        if (
            known.base_url == record.base_url
            and known.upstream_id != record.upstream_id
        ):
            raise ConfigurationError(
                [
                    Fault(
                        "upstream.id",
                        f"the store knows {known.base_url} as {known.upstream_id!r};"
                        " another id would change every subject: put it back",
                    )
                ]
            )


def make_engine(basis: Basis, freshness: Freshness | None = None) -> PyopEngine:
    """Make the OpenID Connect engine; *freshness* asks RERO+ anew at refreshes."""
    settings, keys = basis.settings, basis.keys
    lives = settings.lives
    parts = EngineParts(
        clients=basis.clients,
        store=basis.foundation.store,
        sealer=keys.sealer,
        tagger=keys.tagger,
        audit=basis.foundation.metrics,
        random=os.urandom,
        lives=Lives(
            lives.code_s,
            lives.access_token_s,
            lives.id_token_s,
            lives.refresh_idle_s,
            lives.refresh_total_s,
        ),
        session_limits=_session_limits(settings),
        salt=keys.salt,
        upstream_id=settings.upstream.id,
        amr=settings.upstream.amr,
        day_of=zurich_day,
        first_second_of=first_second_of,
        freshness=freshness,
    )
    signer = JwsSigner(keys.ring)
    provider = BridgeProvider(settings.issuer, parts, signer)
    store, verifier = basis.foundation.store, JwsVerifier(keys.ring)
    client_keys = basis.foundation.deliveries.client_keys
    assertions = AssertionParts(settings.issuer, client_keys, verifier, store)
    authentication = ClientAuthentication(basis.clients, assertions, parts.audit)
    return PyopEngine(settings.issuer, provider, parts, signer, authentication)


def make_pushing(basis: Basis) -> Pushing:
    """Make what keeps the requests that clients send ahead."""
    store, audit = basis.foundation.store, basis.foundation.metrics
    hints, sealer = make_hints(basis), basis.keys.sealer
    return Pushing(store, sealer, os.urandom, basis.clients, hints, audit)


def make_hints(basis: Basis) -> Hints:
    """Make what reads ID tokens of ours that come back."""
    verifier = JwsVerifier(basis.keys.ring)
    return Hints(basis.settings.issuer, basis.clients, verifier)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a browser is led through."""

    login: Login
    decisions: Decisions
    logout: Logout


def make_steps(
    basis: Basis, upstream: UpstreamSignIn, engine: PyopEngine, sign_out_url: str
) -> Steps:
    """Make the steps of a login and of a logout."""
    settings, clients, sealer = basis.settings, basis.clients, basis.keys.sealer
    store, audit = basis.foundation.store, basis.foundation.metrics
    tickets = Tickets(sealer, os.urandom, settings.lives.ticket_s)
    identities = make_identities(settings, store, basis.keys)
    limits = _session_limits(settings)
    sessions = Sessions(store, sealer, os.urandom, limits, identities)
    limiter = basis.foundation.limiter
    cards = Cards(store, engine, tickets, sealer, audit)
    issuing = Issuing(settings.issuer, store, engine, tickets, cards, limiter, audit)
    scopes = frozenset(settings.upstream.scopes)
    clock = basis.foundation.clock
    travel = Travel(clients, scopes, tickets, upstream, audit, clock)
    store_limits = StoreLimits(
        settings.limits.grants_per_subject_and_client,
        settings.limits.sessions_per_subject,
    )
    hints = make_hints(basis)
    login = Login(
        LoginParts(
            clients=clients,
            store=store,
            store_limits=store_limits,
            sessions=sessions,
            token_seals=TokenSeals(sealer),
            tickets=tickets,
            travel=travel,
            upstream=upstream,
            issuing=issuing,
            hints=hints,
            pushing=make_pushing(basis),
            audit=audit,
            clock=clock,
            random=os.urandom,
        )
    )
    logout = Logout(
        LogoutParts(
            clients=clients,
            store=store,
            sessions=sessions,
            tickets=tickets,
            hints=hints,
            engine=engine,
            sender=basis.foundation.deliveries.sender,
            audit=audit,
            clock=clock,
            random=os.urandom,
            salt=basis.keys.salt,
            upstream_url=sign_out_url,
        )
    )
    decisions = Decisions(
        tickets, travel, sessions, issuing, store, audit, store_limits
    )
    return Steps(login, decisions, logout)


def _session_limits(settings: Settings) -> SessionLimits:
    return SessionLimits(settings.session.lifetime_s, settings.session.idle_s)
