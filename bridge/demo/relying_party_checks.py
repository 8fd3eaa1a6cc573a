"""Check an ID token as a strict relying party does (OIDC Core §3.1.3.7), by joserfc."""

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

CLOCK_SKEW_S: Final = 60

# Algorithms of key pairs, with the hash that makes at_hash. "none" and the HS family
# are missing on purpose: a provider may list them, this service never takes them.
HASH_OF: Final[Mapping[str, str]] = {
    **{f"{family}256": "sha256" for family in ("RS", "PS", "ES")},
    **{f"{family}384": "sha384" for family in ("RS", "PS", "ES")},
    **{f"{family}512": "sha512" for family in ("RS", "PS", "ES")},
    "EdDSA": "sha512",
    "Ed25519": "sha512",
}


class LoginError(Exception):
    """The login did not come to its end; the texts may be shown to the patron."""

    def __init__(self, title: str, explanation: str) -> None:
        super().__init__(f"{title}: {explanation}")
        self.title = title
        self.explanation = explanation


class ProviderAnsweredError(LoginError):
    """The provider sent the browser back with an error (RFC 6749 §4.1.2.1)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(
            f"The provider answered: {error}",
            description or "It gave no description.",
        )


class ProviderUnusable(LoginError):
    """The provider did not answer, or not as the specifications say."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(
            f"No usable answer: {step}", f"The provider cannot be used: {reason}."
        )


class CheckFailed(LoginError):
    """An answer of the provider was refused by one of our checks."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(
            f"Check failed: {check}", f"This service refused the login: {reason}."
        )
        self.check = check


@dataclass(frozen=True, slots=True)
class Check:
    """One check that an answer of the provider has passed."""

    name: str
    meaning: str
    section: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ID token of one login has to say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: frozenset[str]  # of the provider metadata
    now: int


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """An ID token that passed all checks."""

    header: dict[str, object]
    claims: dict[str, object]
    checks: tuple[Check, ...]


def verify_id_token(id_token: str, keys: KeySet, expected: Expected) -> VerifiedToken:
    """Verify signature and claims of an ID token.

    Raises:
        CheckFailed: names the first check that did not hold.
    """
    header = check_header(id_token, expected)
    try:
        # One algorithm only: the header's, which check_header has allowed.
        verified = jwt.decode(id_token, keys, algorithms=[str(header["alg"])])
    except (JoseError, ValueError) as error:
        reason = f"joserfc refuses it: {error}"
        raise CheckFailed("signature", reason) from error
    token = VerifiedToken(dict(verified.header), dict(verified.claims), ())
    passed = [ALG, KID, SIGNATURE]
    for check, holds in CLAIM_CHECKS:
        holds(token, expected)
        passed.append(check)
    return VerifiedToken(token.header, token.claims, tuple(passed))


def check_header(id_token: str, expected: Expected) -> dict[str, object]:
    """Read the header before the signature; allow nothing that could choose the key."""
    try:
        header: dict[str, object] = dict(
            jws.extract_compact(id_token.encode()).headers()
        )
    except (JoseError, ValueError) as error:
        raise CheckFailed("alg", "the ID token is no compact JWS") from error
    if header.get("alg") not in expected.algorithms & HASH_OF.keys():
        offered = ", ".join(sorted(expected.algorithms))
        reason = f"{header.get('alg')!r} is not accepted; the provider lists {offered}"
        raise CheckFailed("alg", reason)
    if not isinstance(header.get("kid"), str):
        raise CheckFailed("kid", "the header names no key")
    if forbidden := header.keys() & {"jwk", "jku", "x5u", "x5c", "crit"}:
        raise CheckFailed("kid", f"the header holds {', '.join(sorted(forbidden))}")
    return header


def check_iss(token: VerifiedToken, expected: Expected) -> None:
    """The issuer is the provider's, byte for byte."""
    if token.claims.get("iss") != expected.issuer:
        raise CheckFailed(
            "iss", f"{token.claims.get('iss')!r}, not {expected.issuer!r}"
        )


def check_sub(token: VerifiedToken, expected: Expected) -> None:
    """A subject identifier: 1 to 255 ASCII characters."""
    sub = token.claims.get("sub")
    if not (isinstance(sub, str) and 0 < len(sub) <= 255 and sub.isascii()):
        raise CheckFailed("sub", "it is no string of 1 to 255 ASCII characters")


def check_aud(token: VerifiedToken, expected: Expected) -> None:
    """This client is the audience, and nobody else is."""
    if token.claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise CheckFailed(
            "aud", f"{token.claims.get('aud')!r} is not this client alone"
        )


def check_azp(token: VerifiedToken, expected: Expected) -> None:
    """The authorized party, where one is named, is this client."""
    if token.claims.get("azp", expected.client_id) != expected.client_id:
        raise CheckFailed("azp", f"{token.claims.get('azp')!r} is not this client")


def check_exp(token: VerifiedToken, expected: Expected) -> None:
    """The token has not expired."""
    if _instant(token, "exp") <= expected.now - CLOCK_SKEW_S:
        raise CheckFailed("exp", "the ID token has expired")


def check_iat(token: VerifiedToken, expected: Expected) -> None:
    """The token was issued in the past, and before its end."""
    if _instant(token, "iat") > expected.now + CLOCK_SKEW_S:
        raise CheckFailed("iat", "the ID token was issued in the future")
    if "nbf" in token.claims and _instant(token, "nbf") > expected.now + CLOCK_SKEW_S:
        raise CheckFailed("nbf", "the ID token is not valid yet")


def check_nonce(token: VerifiedToken, expected: Expected) -> None:
    """The nonce is the one this login was begun with."""
    nonce = token.claims.get("nonce")
    if not isinstance(nonce, str) or not _are_equal(nonce, expected.nonce):
        raise CheckFailed("nonce", "it is not the one this login was begun with")


def check_at_hash(token: VerifiedToken, expected: Expected) -> None:
    """The access token is the one that was issued with this ID token."""
    at_hash = token.claims.get("at_hash")
    fitting = hash_of_access_token(expected.access_token, str(token.header["alg"]))
    if not isinstance(at_hash, str) or not _are_equal(at_hash, fitting):
        raise CheckFailed("at_hash", "it does not fit the access token")


def hash_of_access_token(access_token: str, alg: str) -> str:
    """Return the left half of the hash, base64url without padding (§3.1.3.6)."""
    digest = hashlib.new(HASH_OF[alg], access_token.encode()).digest()
    half = digest[: len(digest) // 2]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def check_userinfo_sub(userinfo: Mapping[str, object], token: VerifiedToken) -> None:
    """Userinfo speaks of the same patron as the ID token (OIDC Core §5.3.4)."""
    if userinfo.get("sub") != token.claims["sub"]:
        raise CheckFailed("userinfo sub", "it is not the ID token's")


def _instant(token: VerifiedToken, name: str) -> int | float:
    value = token.claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CheckFailed(name, "it is missing or no number")
    # JSON parsers take NaN for a number, and no comparison with NaN holds.
    if not math.isfinite(value):
        raise CheckFailed(name, "it is no finite number")
    return value


def _are_equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


CORE: Final = "OIDC Core §3.1.3.7"
ALG: Final = Check("alg", "an algorithm the provider lists, with a key pair", CORE)
KID: Final = Check("kid", "a key is named, and none brought along", "RFC 7515 §4.1.4")
SIGNATURE: Final = Check("signature", "made by that key of the JWKS", "RFC 7515 §5.2")
USERINFO_SUB: Final = Check(
    "userinfo sub", "the ID token's subject", "OIDC Core §5.3.4"
)
CLAIM_CHECKS: Final = (  # in the order of the specification
    (Check("iss", "this provider issued it", CORE), check_iss),
    (Check("sub", "a subject identifier", "OIDC Core §2"), check_sub),
    (Check("aud", "for this client alone", CORE), check_aud),
    (Check("azp", "this client, where it is given", CORE), check_azp),
    (Check("exp", "not expired", CORE), check_exp),
    (Check("iat", "not from the future", CORE), check_iat),
    (Check("nonce", "the one this login was begun with", CORE), check_nonce),
    (Check("at_hash", "fits the access token", "OIDC Core §3.1.3.6"), check_at_hash),
)
