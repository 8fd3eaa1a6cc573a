"""A whole engine over a store in memory, and the steps of a login at its door.

Clock, chance, keys and salt are fixed, so that issued documents can be golden.
"""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import AuthMethod, Client, ConsentMode
from bridge.core.grant import Grant
from bridge.core.lives import Lives
from bridge.core.patron import Identity, IdentityKind, JsonObject, Membership, Patron
from bridge.core.records import LoginWrite
from bridge.core.return_address import Parameters
from bridge.core.session import Session, SessionLimits
from bridge.core.subject import internal_subject
from bridge.flow.days import first_second_of, zurich_day
from bridge.flow.ports import Event, SignIn
from bridge.flow.stores import WholeStore
from bridge.provider.client_assertion import AssertionParts
from bridge.provider.client_auth import ClientAuthentication
from bridge.provider.engine import BridgeProvider, silence_loggers
from bridge.provider.own_grant import EngineParts
from bridge.provider.service import PyopEngine
from bridge.signing.keys import KeyRing
from bridge.signing.sealer import AeadSealer
from bridge.signing.secret_files import SecretKey
from bridge.signing.signer import JwsSigner
from bridge.signing.tagger import HmacTagger
from bridge.signing.verifier import JwsVerifier
from bridge.store.memory import MemoryStore

NOW: Final = 1_800_000_000  # 2027-01-15 in Zurich
ISSUER: Final = "https://login.example.ch"
SALT: Final = bytes(range(32))
UPSTREAM_ID: Final = "rero"
SECRET: Final = "a secret of thirty characters!"
CALLBACK: Final = "https://library.example/callback"
VERIFIER: Final = "v" * 43
JEAN: Final = Patron(
    Identity(IdentityKind.USER, "4711"),
    fullname="Duprêt, Jean",
    birthdate=date(1987, 6, 5),
    barcode="100200300",
    email="jean.dupret@mail.example",
    memberships=(Membership("vs", "Adulte", date(2027, 3, 31), "77"),),
)
ANNA: Final = replace(
    JEAN, identity=Identity(IdentityKind.USER, "4712"), fullname="Zwyssig, Anna"
)


class RegisteredKeys:
    """The ClientKeys port over `jwks` of the registration alone."""

    def keys_of(
        self, client: Client, kid: str | None, now: int
    ) -> Sequence[JsonObject]:
        return client.jwks


@dataclass
class Recorder:
    """The Audit port: keeps what it is told."""

    events: list[tuple[Event, dict[str, str | int | float | bool | None]]] = field(
        default_factory=list
    )

    def record(
        self, event: Event, /, **fields: str | int | float | bool | None
    ) -> None:
        self.events.append((event, fields))

    def reasons(self, event: Event) -> list[object]:
        return [fields.get("reason") for name, fields in self.events if name is event]


@dataclass(frozen=True)
class World:
    """An engine and all that it was built from."""

    store: WholeStore
    ring: KeyRing
    audit: Recorder
    parts: EngineParts
    provider: BridgeProvider
    engine: PyopEngine

    def client(self, client_id: str = "library") -> Client:
        return self.parts.clients[client_id]

    def subject(self, patron: Patron = JEAN) -> str:
        return internal_subject(SALT, UPSTREAM_ID, patron.identity)

    def sign_in(self, patron: Patron = JEAN, *, auth_time: int = NOW - 20) -> SignIn:
        """Return a sign-in whose session is in the store."""
        session = Session(
            session_id=self.subject(patron)[::-1],
            secret_digest=hashlib.sha256(patron.identity.value.encode()).digest(),
            subject=self.subject(patron),
            sealed=b"",
            upstream_scopes=("fullname",),
            auth_time=auth_time,
            seen_at=NOW,
            ends_at=auth_time + 8 * 3600,
            ticket_id=bytes(16),
        )
        assert self.store.put_login(LoginWrite(NOW, session=session))
        return SignIn(patron, session.subject, session)

    def log_in(
        self, request: AuthorizationRequest, patron: Patron = JEAN
    ) -> tuple[Grant, str]:
        """Let *patron* log in; return the stored grant and its code."""
        client = self.client(request.client_id)
        sign_in = self.sign_in(patron)
        grant, code = self.engine.authorize(request, client, sign_in, NOW)
        assert self.store.put_login(LoginWrite(NOW, grant=grant))
        return grant, code

    def token(
        self, now: int = NOW + 1, authorization: str | None = None, **form: str
    ) -> JsonObject:
        return self.engine.token(Parameters(form.items()), authorization, now)

    def redeem(
        self, code: str, client_id: str = "library", now: int = NOW + 1, **more: str
    ) -> JsonObject:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": client_id,
            "client_secret": SECRET,
        }
        return self.token(now, **{**form, **more})

    def refresh(
        self,
        refresh_token: object,
        client_id: str = "library",
        now: int = NOW + 2,
        **more: str,
    ) -> JsonObject:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": str(refresh_token),
            "client_id": client_id,
            "client_secret": SECRET,
        }
        return self.token(now, **{**form, **more})

    def userinfo(self, access_token: object, now: int = NOW + 3) -> JsonObject:
        claims = self.engine.userinfo(str(access_token), now)
        assert isinstance(claims, dict)
        return claims


def make_request(
    client_id: str = "library", scope: str = "openid profile", **changes: object
) -> AuthorizationRequest:
    """Return a request as core/authorization.py leaves it."""
    request = AuthorizationRequest(client_id, CALLBACK, tuple(scope.split()))
    # replace() cannot be typed by names that are given at run time.
    return replace(request, **changes)  # type: ignore[arg-type]  # keywords of a test


def make_client(client_id: str = "library", **changes: object) -> Client:
    """Return a confidential client that may have refresh tokens without asking."""
    client = Client(
        client_id=client_id,
        redirect_uris=(CALLBACK,),
        sector=f"{client_id}.example",
        secret_digests=(hashlib.sha256(SECRET.encode()).digest(),),
        token_endpoint_auth_methods=frozenset({AuthMethod.BASIC, AuthMethod.POST}),
        consent=ConsentMode.NEVER,
        refresh_tokens=True,
    )
    return replace(client, **changes)  # type: ignore[arg-type]  # keywords of a test


def make_parts(
    clients: Iterable[Client], store: WholeStore, audit: Recorder, lives: Lives
) -> EngineParts:
    """Return parts with fixed keys; ids are counted instead of drawn."""
    numbers = itertools.count(1)
    return EngineParts(
        clients={client.client_id: client for client in clients},
        store=store,
        sealer=AeadSealer([SecretKey(b"seal", NOW - 9_000_000, b"s" * 32)]),
        tagger=HmacTagger([SecretKey(b"tags", NOW - 9_000_000, b"t" * 32)]),
        audit=audit,
        random=lambda size: next(numbers).to_bytes(size, "big"),
        lives=lives,
        session_limits=SessionLimits(),
        salt=SALT,
        upstream_id=UPSTREAM_ID,
        amr=("pwd",),
        day_of=zurich_day,
        first_second_of=first_second_of,
    )


def make_world(
    ring: KeyRing,
    *clients: Client,
    store: WholeStore | None = None,
    lives: Lives | None = None,
) -> World:
    """Build a world; its store is in memory unless another is given."""
    silence_loggers()
    audit = Recorder()
    store = store or MemoryStore()
    parts = make_parts(clients or (make_client(),), store, audit, lives or Lives())
    signer = JwsSigner(ring)
    provider = BridgeProvider(ISSUER, parts, signer)
    assertions = AssertionParts(ISSUER, RegisteredKeys(), JwsVerifier(ring), store)
    authentication = ClientAuthentication(parts.clients, assertions, audit)
    engine = PyopEngine(ISSUER, provider, parts, signer, authentication)
    return World(store, ring, audit, parts, provider, engine)
