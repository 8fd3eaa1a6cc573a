"""Composition root: the one place that knows everything and hands it out."""

import ipaddress
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from flask import Flask

from bridge.appearance import (
    logo_of,
    make_pages,
    picture,
    stylesheet,
    upstream_language,
)
from bridge.core.errors import ConfigurationError, Fault
from bridge.deliveries import make_deliveries
from bridge.explanation import check_examples
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.observe.limits import MinuteLimiter
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics
from bridge.observe.observer import RequestObserver
from bridge.provider.engine import silence_loggers
from bridge.provider.metadata import document, provider_metadata
from bridge.settings.clients import build_clients
from bridge.settings.load import Loaded
from bridge.settings.model import Settings
from bridge.signing.key_files import LoadedKeys, load_keys
from bridge.store.migrate import migrations
from bridge.store.open import open_store
from bridge.upstream.rero import ReroUpstream
from bridge.web.context import WebParts
from bridge.web.cookies import cookie_names
from bridge.web.routes import create_app
from bridge.wiring import (
    Basis,
    Foundation,
    check_upstream,
    key_files,
    make_engine,
    make_pushing,
    make_steps,
    now,
    upstream_record,
)
from bridge.wiring_upstream import make_freshness, make_upstream

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


@dataclass(frozen=True, slots=True)
class Services:
    """The bridge over one configuration: immutable, replaced as a whole."""

    loaded: Loaded
    keys: LoadedKeys = field(repr=False)
    web: WebParts = field(repr=False)
    upstream: ReroUpstream = field(repr=False)


def open_foundation(settings: Settings) -> Foundation:
    """Open the store and the log; close the store by `foundation.store.close()`.

    Raises:
        ConfigurationError, StoreError: the store cannot be opened.
    """
    silence_loggers()
    log = EventLog(
        time.time,
        level=LEVELS[settings.log.level],
        as_text=settings.log.format == "text"
        or (settings.log.format == "auto" and sys.stdout.isatty()),
    )
    metrics = Metrics(log)
    limits = settings.limits
    limiter = MinuteLimiter(
        {
            "authorize_session": limits.authorize_per_session,
            "callback_ticket": limits.callback_per_ticket,
            "callback_address": limits.callback_per_address,
        },
        time.time,
    )
    store = open_store(settings.store.url, settings.store.durability)
    observer = RequestObserver(log, metrics)
    deliveries = make_deliveries(settings, store, metrics, now)
    return Foundation(settings, store, log, metrics, limiter, observer, deliveries)


def build(
    loaded: Loaded, foundation: Foundation, *, is_demonstration: bool = False
) -> Services:
    """Build all parts and hand them to each other.

    Raises:
        ConfigurationError: a key is missing, or the upstream is not the store's own.
        StoreError: the store does not answer.
    """
    settings = loaded.settings
    keys = load_keys(key_files(settings))
    record = upstream_record(settings, keys.salt)
    check_upstream(foundation.store, record)
    clients = build_clients(settings)
    basis = Basis(settings, foundation, keys, clients)
    rero = make_upstream(settings, foundation)
    upstream = UpstreamSignIn(
        rero,
        foundation.store,
        foundation.limiter,
        foundation.metrics,
        record,
        accept_barcode=settings.upstream.accept_barcode,
    )
    engine = make_engine(basis, make_freshness(basis, upstream))
    steps = make_steps(basis, upstream, engine, rero.sign_out_url())
    metadata = provider_metadata(
        settings.issuer,
        clients.values(),
        settings.keys.algorithms,
        settings.pages.languages,
        settings.upstream.amr,
    )
    logo = logo_of(settings)
    pages = make_pages(settings, logo, demonstration=is_demonstration)
    web = WebParts(
        issuer=settings.issuer,
        clients=clients,
        login=steps.login,
        decisions=steps.decisions,
        logout=steps.logout,
        engine=engine,
        pushing=make_pushing(basis),
        pages=pages,
        in_language=upstream_language(settings),
        languages=settings.pages.languages,
        cookies=cookie_names(settings.issuer),
        discovery=document(metadata),
        jwks=document(keys.ring.jwks()),
        stylesheet=stylesheet(pages),
        logo=picture(logo),
        trusted_proxies=[
            ipaddress.ip_network(network) for network in settings.server.trusted_proxies
        ],
        max_body_bytes=settings.limits.request_bytes,
        threads=settings.server.threads,
        sealer=keys.sealer,
        clock=foundation.clock,
        observer=foundation.observer,
    )
    return Services(loaded, keys, web, rero)


class Bridge:
    """A bridge at work: its services as they are now, swapped by one assignment."""

    def __init__(
        self, loaded: Loaded, foundation: Foundation, *, is_demonstration: bool
    ) -> None:
        self._is_demonstration = is_demonstration
        self.foundation = foundation
        self.services = self._build(loaded)
        self.app: Flask = create_app(lambda: self.services.web)

    def replace(self, loaded: Loaded) -> None:
        """Build anew from *loaded* and swap; the old services finish what they began.

        Raises:
            ConfigurationError, StoreError: the old services stay.
        """
        services = self._build(loaded)
        if services.keys.salt != self.services.keys.salt:
            message = "was changed: every subject would change. Put the old one back"
            raise ConfigurationError([Fault("subjects.salt_file", message)])
        self.services = services

    def close(self) -> None:
        """Close what the foundation has open."""
        self.foundation.store.close()

    def _build(self, loaded: Loaded) -> Services:
        foundation = self.foundation
        check_examples(loaded)
        services = build(loaded, foundation, is_demonstration=self._is_demonstration)
        web = services.web
        foundation.deliveries.tokens.replace(
            web.issuer, web.clients, services.keys.ring
        )
        return services


def newest_schema() -> int:
    """Return the version of the store's schema that this bridge makes."""
    return max(migrations())


def open_bridge(loaded: Loaded, *, is_demonstration: bool = False) -> Bridge:
    """Open a whole bridge; close it by its `close`.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
    """
    foundation = open_foundation(loaded.settings)
    try:
        return Bridge(loaded, foundation, is_demonstration=is_demonstration)
    except BaseException:
        foundation.store.close()
        raise
