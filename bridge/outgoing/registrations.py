"""What the addresses of a registration answer: checked on demand, before it is used."""

import json
from collections.abc import Iterator

from bridge.core.client import Client
from bridge.outgoing.errors import OutgoingError
from bridge.outgoing.http import GuardedHttp
from bridge.outgoing.jwks import read_jwks


def registration_faults(
    http: GuardedHttp, client: Client, sector_identifier_uri: str | None
) -> Iterator[tuple[str, str]]:
    """Ask sector_identifier_uri and jwks_uri; yield (member, what is wrong there)."""
    if sector_identifier_uri is not None:
        fault = _sector_fault(http, sector_identifier_uri, client.redirect_uris)
        if fault is not None:
            yield "sector_identifier_uri", fault
    if client.jwks_uri is not None:
        fault = _keys_fault(http, client.jwks_uri)
        if fault is not None:
            yield "jwks_uri", fault


def _sector_fault(
    http: GuardedHttp, uri: str, redirect_uris: tuple[str, ...]
) -> str | None:
    """Demand a JSON list that holds every redirect URI (OIDC Core §8.1)."""
    body = _fetch(http, uri)
    if isinstance(body, str):
        return body
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError):
        return "the answer is not JSON"
    if not isinstance(listed, list):
        return "the answer is not a JSON list"
    missing = [uri for uri in redirect_uris if uri not in listed]
    return f"the list there lacks {missing[0]}" if missing else None


def _keys_fault(http: GuardedHttp, uri: str) -> str | None:
    """Demand a JWK Set with a public key (RFC 7517 §5)."""
    body = _fetch(http, uri)
    if isinstance(body, str):
        return body
    return None if read_jwks(body) else "the answer holds no public key"


def _fetch(http: GuardedHttp, uri: str) -> bytes | str:
    """Return the body, or in words why there is none."""
    try:
        answer = http.get(uri)
    except OutgoingError as error:
        return f"cannot be fetched: {error.fault.value}"
    if answer.status != 200:
        return f"answers with status {answer.status}"
    return answer.body
