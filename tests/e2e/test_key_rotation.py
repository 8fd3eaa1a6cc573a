"""Keys that change while patrons sign in, one after another: no login fails."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bridge.cli.main import main
from bridge.demo.relying_party_checks import HASH_OF
from bridge.signing.algorithms import ALGORITHMS
from tests.e2e.support import Place, Process, await_that, service, stand_in_for
from tests.e2e.visitor import TIMEOUT_S, Service, Visitor

# RFC 9864 has a new name, Ed25519; clients and the OpenID suite know this one.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
READERS = ("jean", "anna", "luca", "endless")  # all of them have a library card
MORE = f"""
[keys]
algorithms = {[*ALGORITHMS]}
[limits]
callback_per_address = 100000
sessions_per_subject = 1000
grants_per_subject_and_client = 1000
"""


@dataclass(slots=True)
class RelyingParty:
    """A service that fetches the keys anew when it meets a key id it does not know."""

    issuer: str
    alg: str
    reader: str  # one a service: RERO+ kills the other token of one who comes twice
    key_ids: list[str] = field(default_factory=list)  # of each login, in order
    faults: list[str] = field(default_factory=list)
    fetches: int = 0
    _keys: KeySet | None = None

    def work(self, stop: threading.Event) -> None:
        """Log in, again and again."""
        while not stop.is_set():
            try:
                answer = Service(self.issuer, self.alg).log_in(Visitor(self.reader))
                token = self._verify(answer["id_token"])
                digest = hashlib.new(HASH_OF[self.alg], answer["access_token"].encode())
                half = digest.digest()[: digest.digest_size // 2]
                at_hash = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
                assert token.claims["at_hash"] == at_hash  # OIDC Core §3.1.3.6
                self.key_ids.append(token.header["kid"])
            except (AssertionError, JoseError, KeyError, OSError, ValueError) as error:
                self.faults.append(repr(error))

    def has_seen(self, kid: str) -> bool:
        """Tell whether the last login had a token signed by *kid*."""
        return self.key_ids[-1:] == [kid]

    def _verify(self, id_token: str) -> jwt.Token:
        if self._keys is not None:
            try:
                return jwt.decode(id_token, self._keys, algorithms=[self.alg])
            except InvalidKeyIdError:
                pass  # it is time to fetch
        self.fetches += 1
        fetched = requests.get(f"{self.issuer}/jwks", timeout=TIMEOUT_S).json()
        self._keys = KeySet.import_key_set(fetched)
        return jwt.decode(id_token, self._keys, algorithms=[self.alg])


def keys_command(place: Place, *arguments: str) -> list[dict[str, Any]]:
    """Run `bridge keys` beside the bridge, as an operator does."""
    options = ["--config", str(place.configuration), "keys", *arguments, "--json"]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def published(place: Place) -> set[str]:
    jwks = requests.get(f"{place.issuer}/jwks", timeout=TIMEOUT_S).json()
    return {key["kid"] for key in jwks["keys"]}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Serve a bridge that signs by every algorithm, a client for each."""
    with stand_in_for(tmp_path) as (_, place):
        place.write(MORE)
        place.write_clients(
            *(service(alg, id_token_signed_response_alg=alg) for alg in ALGORITHMS)
        )
        keys_command(place, "new")
        with Process(place) as process:
            process.await_ready()
            yield place


@contextmanager
def at_work(place: Place) -> Iterator[list[RelyingParty]]:
    """Let a service for each algorithm log in until the block ends."""
    parties = [
        RelyingParty(place.issuer, alg, reader)
        for alg, reader in zip(ALGORITHMS, READERS, strict=True)
    ]
    stop = threading.Event()
    with ThreadPoolExecutor(len(parties)) as pool:
        working = [pool.submit(party.work, stop) for party in parties]
        try:
            yield parties
        finally:
            stop.set()
    for work in working:
        work.result()


def await_logins(parties: list[RelyingParty], kids: dict[str, str]) -> None:
    """Wait until each service has a token of the key that *kids* names."""

    def is_done() -> bool:
        assert [party.faults for party in parties] == [[]] * len(parties)
        return all(party.has_seen(kids[party.alg]) for party in parties)

    await_that(is_done, "logins by the new keys")


def test_no_login_fails_while_every_key_is_rotated_twice(place: Place) -> None:
    with at_work(place) as parties:
        first = {
            row["alg"]: row["key_id"]
            for row in keys_command(place, "list")
            if row["use"] == "sign"
        }
        await_logins(parties, first)

        keys_command(place, "rotate-tokens")
        keys_command(place, "rotate-sealing")
        at_once = keys_command(place, "rotate", "--signs-in", "now")
        second = {row["alg"]: row["next"] for row in at_once}
        await_logins(parties, second)
        keys_command(place, "retire", "--now")
        await_that(lambda: published(place) == {*second.values()}, "retirement")

        soon = keys_command(place, "rotate", "--signs-in", "8s")
        third = {row["alg"]: row["next"] for row in soon}
        await_that(lambda: published(place) >= {*third.values()}, "the next keys")
        await_logins(parties, third)

    used = [[*dict.fromkeys(party.key_ids)] for party in parties]
    assert [party.faults for party in parties] == [[]] * len(parties)
    assert used == [[first[alg], second[alg], third[alg]] for alg in ALGORITHMS]
    assert [party.fetches for party in parties] == [3] * len(parties)
