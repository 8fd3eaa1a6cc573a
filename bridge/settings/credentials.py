"""Check how clients authenticate: their secrets, or their public keys."""

import base64
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge.core.patron import JsonObject, JsonValue
from bridge.settings.draft import ENVIRONMENT, Draft
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientSettings
from bridge.settings.toml_lines import KeyPath
from bridge.settings.validate import Checked

SECRETS: Final = ("client_secret", "client_secret_file", "client_secret_sha256")
_LEAST_CHARACTERS: Final = 16
_MAX_SECRETS: Final = 2  # the old one and the new one while a secret changes
_WITHOUT_SECRET: Final = {
    "none": 'a public client (token_endpoint_auth_method = "none") has none',
    "private_key_jwt": "a client that signs (private_key_jwt) has none",
}
_RSA_BITS: Final = 2048
# RFC 7518 §6: whoever shows these has given the key away, or it is a shared secret.
_PRIVATE: Final = frozenset("d p q dp dq qi oth k".split())
# Algorithm -> the members that a key for it has (RFC 7518 §6, RFC 8037 §2).
_RSA: Final = {"kty": "RSA"}
_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "RS256": _RSA,
    "PS256": _RSA,
    "ES256": {"kty": "EC", "crv": "P-256"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}
_NUMBERS: Final = {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}


def check_secret(
    draft: Draft, path: KeyPath, client: ClientSettings, _: Checked
) -> None:
    given = [name for name in SECRETS if getattr(client, name)]
    if client.token_endpoint_auth_method in _WITHOUT_SECRET:
        for name in given:
            message = _WITHOUT_SECRET[client.token_endpoint_auth_method]
            draft.fault((*path, name), message)
        return
    if not given:
        draft.fault(
            (*path, "client_secret_sha256"),
            "is missing; write the SHA-256 of the client's secret, or "
            "client_secret_file, or for a public client "
            'token_endpoint_auth_method = "none"',
        )
    if "client_secret" in given and "client_secret_file" in given:
        message = "stands beside client_secret_file: keep one of the two"
        draft.fault((*path, "client_secret"), message)
    elif len(client.client_secret_sha256) + len(given) - 1 > _MAX_SECRETS - (
        "client_secret_sha256" not in given
    ):
        draft.fault((*path, "client_secret_sha256"), "a client has at most two secrets")
    if "client_secret" in given:
        warn_of_plain_text(draft, (*path, "client_secret"), "client_secret_sha256")


def warn_of_plain_text(draft: Draft, path: KeyPath, better: str) -> None:
    """Warn of the secret at *path*, written into the configuration itself."""
    source = draft.place(path).source
    seen = ""
    if source != ENVIRONMENT and is_open_to_everybody(Path(source)):
        seen = "; everybody may read the file: chmod 600 it"
    draft.warn(path, f"a secret in plain text{seen}; better: {better}")


def is_open_to_everybody(path: Path) -> bool:
    """Tell whether every user of this machine may read the file at *path*."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:  # it went away since it was read
        return False


def check_lengths(draft: Draft, settings: Settings) -> None:
    """Warn of clients' secrets that could be guessed, wherever they were read."""
    for number, client in enumerate(settings.clients):
        secret = client.client_secret
        if secret is not None and len(secret.reveal()) < _LEAST_CHARACTERS:
            from_file = client.client_secret_file is not None
            name = "client_secret_file" if from_file else "client_secret"
            message = f"a secret of under {_LEAST_CHARACTERS} characters can be guessed"
            message += ": take one that `openssl rand -hex 32` prints"
            draft.warn(("clients", number, name), message)


def check_expiry(
    draft: Draft, path: KeyPath, client: ClientSettings, _: Checked
) -> None:
    expires_at = client.client_secret_expires_at
    has_secret = client.token_endpoint_auth_method not in _WITHOUT_SECRET
    if 0 < expires_at <= draft.now and has_secret:
        day = datetime.fromtimestamp(expires_at, UTC).date()
        message = (
            f"the secret of client {client.client_id} expired on {day} and is refused: "
            "give it a new one, or 0 here for a secret without an end"
        )
        # No fault: the other services must not stop at the next restart.
        draft.warn((*path, "client_secret_expires_at"), message)


def check_pushing(
    draft: Draft, path: KeyPath, client: ClientSettings, _: Checked
) -> None:
    is_public = client.token_endpoint_auth_method == "none"
    if client.require_pushed_authorization_requests and is_public:
        message = "a public client cannot push requests: it has nothing to prove itself"
        draft.fault((*path, "require_pushed_authorization_requests"), message)


def check_keys(draft: Draft, path: KeyPath, client: ClientSettings, _: Checked) -> None:
    """See that a client that signs has public keys that can be used."""
    keys = _keys(client)
    for number, key in enumerate(keys or ()):
        if isinstance(key, dict) and _PRIVATE & key.keys():
            message = "holds a private or secret key: write its public half, and "
            message += "replace the key where it was made"
            draft.fault((*path, "jwks", "keys", number), message)
    if client.token_endpoint_auth_method != "private_key_jwt":
        return
    if client.jwks is not None and client.jwks_uri is not None:
        draft.fault((*path, "jwks"), "stands beside jwks_uri: keep one of the two")
    elif client.jwks is None and client.jwks_uri is None:
        message = "is missing; private_key_jwt needs jwks_uri, or the public keys in "
        message += 'jwks = { keys = [{ kty = "EC", ... }] }'
        draft.fault((*path, "jwks_uri"), message)
    elif client.jwks is not None:
        _check_usable(draft, (*path, "jwks"), client, keys)


def public_keys(client: ClientSettings) -> tuple[JsonObject, ...]:
    """Return the JWKs of a registration that was checked."""
    return tuple(key for key in _keys(client) or () if isinstance(key, dict))


def _keys(client: ClientSettings) -> list[JsonValue] | None:
    """Return the members of `keys` (RFC 7517 §5), or None: it is no list."""
    keys = (client.jwks or {}).get("keys")
    return keys if isinstance(keys, list) else None


def _check_usable(
    draft: Draft, path: KeyPath, client: ClientSettings, keys: list[JsonValue] | None
) -> None:
    if keys is None:
        draft.fault((*path, "keys"), "is missing; write a list of public JWKs")
        return
    for number, key in enumerate(keys):
        fault = "is not a JWK" if not isinstance(key, dict) else _number_fault(key)
        if fault:
            draft.fault((*path, "keys", number), fault)
    alg = client.token_endpoint_auth_signing_alg
    if not any(isinstance(key, dict) and _fits(key, alg) for key in keys):
        kind = " and ".join(f"{n} = {v!r}" for n, v in _KINDS[alg].items())
        message = f"holds no key for token_endpoint_auth_signing_alg {alg}: {kind}"
        draft.fault((*path, "keys"), message.replace("'", '"'))


def _fits(key: JsonObject, alg: str) -> bool:
    is_kind = all(key.get(name) == value for name, value in _KINDS[alg].items())
    return is_kind and key.get("use", "sig") == "sig" and key.get("alg", alg) == alg


def _number_fault(key: JsonObject) -> str | None:
    """Return what is wrong with the numbers of a key of a known kind."""
    kty = key.get("kty")
    for name in _NUMBERS.get(str(kty), ()):
        number = _number(key.get(name))
        if number is None:
            return f"{name} is missing or not base64url"
        if name == "n" and number.bit_length() < _RSA_BITS:
            return f"has {number.bit_length()} bits; {_RSA_BITS} are the least"
    return None


def _number(text: JsonValue) -> int | None:
    """Read a number in base64url (RFC 7518 §2); None: it is none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except ValueError:
        return None
    return int.from_bytes(raw, "big")
