"""A bench on which one event happens to one grant: the real engine, a watched store."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import AuthMethod, Client, ConsentMode
from bridge.core.errors import ProtocolError
from bridge.core.grant import Grant
from bridge.core.handle import Handle, Kind
from bridge.core.lives import Lives
from bridge.core.patron import Identity, IdentityKind, JsonObject, Membership, Patron
from bridge.core.pkce import challenge_of
from bridge.core.policy import Policy
from bridge.core.records import LoginWrite, LogoutNotice
from bridge.core.return_address import Parameters
from bridge.core.session import Session, SessionLimits
from bridge.flow.days import first_second_of, zurich_day
from bridge.flow.ports import Event, SignIn
from bridge.provider.client_assertion import AssertionParts
from bridge.provider.client_auth import ClientAuthentication
from bridge.provider.engine import BridgeProvider, silence_loggers
from bridge.provider.handles import write_handle
from bridge.provider.own_grant import EngineParts
from bridge.provider.service import PyopEngine
from bridge.signing.secret_files import SecretKey
from bridge.signing.tagger import HmacTagger
from bridge.store.memory import MemoryStore

NOW: Final = 1_800_000_000  # 2027-01-15 in Zurich
DAY_S: Final = 86_400
LEEWAY_S: Final = 30
ISSUER: Final = "https://login.example"
CALLBACK: Final = "https://library.example/callback"
SECRET: Final = "a secret of thirty characters!"
VERIFIER: Final = "v" * 43
OFFLINE: Final = ("openid", "profile", "offline_access")
LAST_DAY: Final = date(2027, 1, 16)  # of the patron's membership
PATRON: Final = Patron(
    Identity(IdentityKind.USER, "4711"), memberships=(Membership("vs", None, LAST_DAY),)
)
CLIENT: Final = Client(
    client_id="library",
    redirect_uris=(CALLBACK,),
    sector="library.example",
    secret_digests=(hashlib.sha256(SECRET.encode()).digest(),),
    token_endpoint_auth_methods=frozenset({AuthMethod.POST}),
    policy=Policy(requires_membership=True),
    consent=ConsentMode.NEVER,
    refresh_tokens=True,
    refresh_leeway_s=LEEWAY_S,
    backchannel_logout_uri="https://library.example/logged-out",
)


class OpenSealer:
    """The Sealer port with glass seals: what was sealed can be seen."""

    def seal(self, purpose: bytes, plaintext: bytes, now: int) -> bytes:
        return purpose + b"|" + plaintext

    def open(self, purpose: bytes, sealed: bytes) -> bytes | None:
        mark = purpose + b"|"
        return sealed.removeprefix(mark) if sealed.startswith(mark) else None


class NoSigner:
    """The Signer port; what is signed does not matter here."""

    def sign(self, claims: JsonObject, alg: str, now: int, typ: str = "JWT") -> str:
        return f"signed at {now}"


class NoAssertions:
    """The ports ClientKeys and Verifier where no client signs anything."""

    def keys_of(
        self, client: Client, kid: str | None, now: int
    ) -> Sequence[JsonObject]:
        return ()

    def verify(
        self, token: str, keys: Sequence[JsonObject], alg: str
    ) -> JsonObject | None:
        return None

    def verify_own(self, token: str) -> JsonObject | None:
        return None


@dataclass
class Recorder:
    """The Audit port: keeps the reasons that it is told."""

    reasons: list[object] = field(default_factory=list)

    def record(
        self, event: Event, /, **fields: str | int | float | bool | None
    ) -> None:
        if "reason" in fields:
            self.reasons.append(fields["reason"])


class WatchedStore(MemoryStore):
    """A store that notes every write that had an effect."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def put_login(self, write: LoginWrite) -> bool:
        return self._note("insert", super().put_login(write))

    def swap_grant(self, grant: Grant) -> bool:
        return self._note("swap", super().swap_grant(grant))

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> Sequence[LogoutNotice] | None:
        notices = super().end_session(session_id, now, begun_by)
        self._note("end", notices is not None)
        return notices

    def delete_grant(self, grant_id: bytes) -> int:
        return int(self._note("delete", bool(super().delete_grant(grant_id))))

    def clean(self, now: int) -> int:
        before = len(self._rows.grants)
        rows = super().clean(now)
        self._note("clean", len(self._rows.grants) < before)
        return rows

    def _note(self, write: str, is_done: bool) -> bool:
        if is_done:
            self.writes.append(write)
        return is_done


class Bench:
    """One grant, its code and tokens, and every event that can happen to it."""

    def __init__(self, scope: tuple[str, ...] = OFFLINE) -> None:
        silence_loggers()
        self.store = WatchedStore()
        self.audit = Recorder()
        self.clients = {CLIENT.client_id: CLIENT}
        self.scope = scope
        self.tagger = HmacTagger([SecretKey(b"tags", NOW - DAY_S, b"t" * 32)])
        self.session = Session(
            "session-1", b"digest", "subject", b"", (), NOW, NOW, NOW + 28_800, b"T"
        )
        numbers = itertools.count(1)
        parts = EngineParts(
            clients=self.clients,
            store=self.store,
            sealer=OpenSealer(),
            tagger=self.tagger,
            audit=self.audit,
            random=lambda size: next(numbers).to_bytes(size, "big"),
            lives=Lives(),
            session_limits=SessionLimits(),
            salt=bytes(32),
            upstream_id="rero",
            amr=(),
            day_of=zurich_day,
            first_second_of=first_second_of,
        )
        provider = BridgeProvider(ISSUER, parts, NoSigner())
        assertions = AssertionParts(ISSUER, NoAssertions(), NoAssertions(), self.store)
        authentication = ClientAuthentication(self.clients, assertions, self.audit)
        self.engine = PyopEngine(ISSUER, provider, parts, NoSigner(), authentication)
        self.grant_id = b""
        self.code = ""
        self.refresh_tokens: list[str] = [""]  # by generation
        self.access_tokens: list[str] = [""]

    def bring_to(self, state: str) -> None:
        """Bring the grant to *state*: none, O, or L with g = 2, swapped at NOW."""
        if state == "∅":
            self.bring_to("L")
            self.store.delete_grant(self.grant_id)
        else:
            self.issue()
        if state == "L":
            self.keep_tokens(self.redeem(NOW - 1))
            self.keep_tokens(self.refresh(self.refresh_tokens[1], NOW))
        self.store.writes.clear()
        self.audit.reasons.clear()

    def issue(self) -> None:
        request = AuthorizationRequest(
            CLIENT.client_id,
            CALLBACK,
            self.scope,
            nonce="n",
            code_challenge=challenge_of(VERIFIER),
        )
        sign_in = SignIn(PATRON, self.session.subject, self.session)
        grant, self.code = self.engine.authorize(request, CLIENT, sign_in, NOW - 2)
        write = LoginWrite(NOW - 2, b"T", NOW, None, self.session, grant)
        assert self.store.put_login(write)
        self.grant_id = grant.grant_id

    def keep_tokens(self, answer: JsonObject) -> None:
        self.access_tokens.append(str(answer["access_token"]))
        self.refresh_tokens.append(str(answer["refresh_token"]))

    @property
    def grant(self) -> Grant | None:
        return self.store.get_grant(self.grant_id)

    @property
    def row(self) -> Grant:
        grant = self.grant
        assert grant is not None
        return grant

    def text(self, kind: Kind, generation: int, end: int, epoch: int = 0) -> str:
        """Write a handle of this grant that the bridge would take for its own."""
        handle = Handle(kind, self.grant_id, generation, end, 7, epoch, b"tags")
        return write_handle(self.tagger, handle)

    def redeem(
        self, now: int = NOW, redirect_uri: str = CALLBACK, verifier: str = VERIFIER
    ) -> JsonObject:
        return self._token(
            now,
            grant_type="authorization_code",
            code=self.code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )

    def refresh(self, token: str, now: int = NOW, scope: str = "") -> JsonObject:
        return self._token(
            now, grant_type="refresh_token", refresh_token=token, scope=scope
        )

    def userinfo(self, token: str, now: int = NOW) -> JsonObject:
        try:
            claims = self.engine.userinfo(token, now)
            assert isinstance(claims, dict)
            return claims
        except ProtocolError as error:
            return {"error": error.error}

    def revoke(self, token: str) -> None:
        """Give a token back (RFC 7009 §2.1)."""
        self.engine.revoke(self._form(token=token), None, NOW)

    def introspect(self, token: str, now: int = NOW) -> bool:
        """Tell what introspection says of a token (RFC 7662 §2.2): active or not."""
        answer = self.engine.introspect(self._form(token=token), None, now)
        return answer["active"] is True

    def _form(self, **form: str) -> Parameters:
        pairs = {**form, "client_id": CLIENT.client_id, "client_secret": SECRET}
        return Parameters(pairs.items())

    def _token(self, now: int, **form: str) -> JsonObject:
        try:
            return self.engine.token(self._form(**form), None, now)
        except ProtocolError as error:
            return {"error": error.error}
