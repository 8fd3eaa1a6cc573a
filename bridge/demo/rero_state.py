"""What the stand-in RERO+ remembers: clients, readers, codes and tokens."""

import string
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bridge.demo.rero_readers import OWNER_ID, Reader

SCOPES: Final = (
    "fullname",
    "birthdate",
    "institution",
    "expiration_date",
    "patron_type",
    "patron_types",
)
EMAIL_SCOPE: Final = "user:email"
_ALPHABET: Final = string.ascii_letters + string.digits
_ZONE: Final = ZoneInfo("Europe/Zurich")  # the clock on the wall of RERO+'s server

Shape = Literal["current", "2024", "2021", "help"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How this stand-in behaves; change one with `dataclasses.replace`."""

    code_seconds: int = 30
    token_seconds: int = 3600
    refresh_seconds: int | None = None  # None: a refresh token has no end
    session_seconds: int = 31 * 24 * 3600
    scopes: tuple[str, ...] = (*SCOPES, EMAIL_SCOPE)
    shape: Shape = "current"
    tz_suffix: str = ""  # put behind each expiration_date, such as "+02:00"
    capitals: bool = False  # institutions in capital letters
    shuffle: bool = False  # patron records in another order at each read
    cookie_name: str = "rero_session"
    show_readers: bool = True  # the login page lists the demonstration's readers


@dataclass(frozen=True, slots=True)
class Client:
    """A service registered at the stand-in."""

    client_id: str
    secret: str
    redirect_uris: tuple[str, ...]
    name: str = "RERO OIDC Bridge"
    owner_id: int = OWNER_ID
    is_confidential: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: whose, for which client, until when."""

    client_id: str
    redirect_uri: str
    user_id: int
    scopes: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and, unless empty, its refresh token."""

    access_token: str
    refresh_token: str
    client_id: str
    user_id: int
    scopes: tuple[str, ...]
    issued_at: float


class State:
    """Everything in memory, behind one lock; time and chance are given."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float],
        random_below: Callable[[int], int],
    ) -> None:
        """Start empty; *clock* gives seconds, *random_below(n)* one of 0..n-1."""
        self.settings = settings
        self.clock = clock
        self.random_below = random_below
        self.lock = threading.RLock()
        self.clients: dict[str, Client] = {}
        self.readers: dict[int, Reader] = {}
        self.codes: dict[str, Code] = {}
        self._logins: dict[str, int] = {}
        self._pairs: dict[tuple[str, int], Token] = {}
        self._by_access: dict[str, Token] = {}
        self._by_refresh: dict[str, Token] = {}

    def today(self) -> date:
        """Tell the day at RERO+."""
        return datetime.fromtimestamp(self.clock(), _ZONE).date()

    def random_text(self, length: int = 30) -> str:
        """Draw *length* letters and digits."""
        return "".join(_ALPHABET[self.random_below(62)] for _ in range(length))

    def put_reader(self, reader: Reader) -> None:
        """Add *reader*, or replace the one with the same user_id."""
        with self.lock:
            self.delete_reader(reader.user_id)
            self.readers[reader.user_id] = reader
            for login in (reader.username, reader.email):
                if login:
                    self._logins[login.lower()] = reader.user_id

    def delete_reader(self, user_id: int) -> None:
        """Forget a reader; tokens stay, and answer as those of a closed account."""
        with self.lock:
            former = self.readers.pop(user_id, None)
            for login in (former.username, former.email) if former else ():
                if login and self._logins.get(login.lower()) == user_id:
                    del self._logins[login.lower()]

    def find_reader(self, login: str) -> Reader | None:
        """Find a reader by user name or e-mail address, in any case of letters."""
        user_id = self._logins.get(login.strip().lower())
        return None if user_id is None else self.readers.get(user_id)

    def active_reader(self, user_id: int) -> Reader | None:
        """Give the reader unless unknown or closed."""
        reader = self.readers.get(user_id)
        return reader if reader is not None and reader.is_active else None

    def find_client(self, client_id: str) -> Client | None:
        """Give the client unless unknown or its owner's account is closed."""
        client = self.clients.get(client_id)
        owner = self.readers.get(client.owner_id) if client else None
        return None if owner is not None and not owner.is_active else client

    def issue_code(
        self, client: Client, redirect_uri: str, user_id: int, scopes: tuple[str, ...]
    ) -> str:
        """Make an authorization code that lives `code_seconds`."""
        code = self.random_text()
        expires_at = self.clock() + self.settings.code_seconds
        with self.lock:
            self.codes[code] = Code(
                client.client_id, redirect_uri, user_id, scopes, expires_at
            )
        return code

    def find_code(self, code: str, client: Client) -> Code | None:
        """Give the code unless unknown, used, expired or another client's."""
        with self.lock:
            known = self.codes.get(code)
            if known is not None and known.expires_at <= self.clock():
                del self.codes[code]
                return None
        return known if known and known.client_id == client.client_id else None

    def issue_token(
        self,
        client: Client,
        user_id: int,
        scopes: tuple[str, ...],
        *,
        with_refresh: bool = True,
    ) -> Token:
        """Make a token pair; the client's former pair for this reader dies."""
        refresh_token = self.random_text() if with_refresh else ""
        token = Token(
            access_token=self.random_text(),
            refresh_token=refresh_token,
            client_id=client.client_id,
            user_id=user_id,
            scopes=scopes,
            issued_at=self.clock(),
        )
        with self.lock:
            self._delete_pair((client.client_id, user_id))
            self._pairs[client.client_id, user_id] = token
            self._by_access[token.access_token] = token
            if refresh_token:
                self._by_refresh[refresh_token] = token
        return token

    def find_access(self, access_token: str) -> Token | None:
        """Give the token unless unknown, expired, or its reader's account closed."""
        token = self._by_access.get(access_token)
        if token is None or self.active_reader(token.user_id) is None:
            return None
        is_live = self.clock() < token.issued_at + self.settings.token_seconds
        return token if is_live else None

    def find_refresh(self, refresh_token: str, client: Client) -> Token | None:
        """Give the token unless unknown, over, another client's, or of a public one."""
        token = self._by_refresh.get(refresh_token)
        if token is None or token.client_id != client.client_id:
            return None
        life = self.settings.refresh_seconds
        is_over = life is not None and self.clock() >= token.issued_at + life
        # RERO+ gives public clients a refresh token and then refuses it.
        if is_over or not client.is_confidential:
            return None
        return token if self.active_reader(token.user_id) else None

    def revoke(self, user_id: int) -> None:
        """Delete all tokens of a reader, as from the reader's settings page."""
        with self.lock:
            for pair in [pair for pair in self._pairs if pair[1] == user_id]:
                self._delete_pair(pair)

    def _delete_pair(self, pair: tuple[str, int]) -> None:
        former = self._pairs.pop(pair, None)
        if former is not None:
            del self._by_access[former.access_token]
            self._by_refresh.pop(former.refresh_token, None)
