"""private_key_jwt, and every class of attack of RFC 8725 on it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bridge.core.client import ASSERTION_ALGORITHMS
from bridge.core.errors import InvalidClient, InvalidRequest
from bridge.flow.ports import Event
from bridge.provider.client_assertion import MAX_CHARACTERS, MAX_LIFE_S, SKEW_S
from bridge.store.memory import MemoryStore
from tests.provider.assertions import (
    KEYS,
    STRANGER,
    Door,
    by_hand,
    good_claims,
    hmac_signed,
    public_jwk,
    signed,
    signing_client,
)
from tests.provider.world import ISSUER, NOW, SECRET, make_client

PEM = KEYS["ES256"].as_pem(private=False)


class NotingStore(MemoryStore):
    """Notes until when it is to remember assertions."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[int] = []

    def put_assertion(self, digest: bytes, ends_at: int) -> bool:
        self.ends.append(ends_at)
        return super().put_assertion(digest, ends_at)


@pytest.fixture
def door() -> Door:
    return Door(signing_client(), signing_client("museum", key=STRANGER))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ASSERTION_ALGORITHMS)
def test_assertion_by_the_registered_algorithm_is_taken(alg: str) -> None:
    door = Door(signing_client(alg=alg))

    assert door.knock(signed(good_claims(), alg=alg)) == "library"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ISSUER},
        {"aud": f"{ISSUER}/token"},
        {"aud": f"{ISSUER}/par"},
        {"aud": [f"{ISSUER}/par"]},
        {"aud": ["https://other.example", ISSUER, 7]},
        {"exp": NOW - SKEW_S + 1},
        {"exp": NOW + MAX_LIFE_S + SKEW_S},
        {"exp": NOW + 59.5},
        {"iat": None},
        {"iat": NOW + SKEW_S},
        {"nbf": NOW + SKEW_S},
        {"jti": "j" * 255},
        {"jti": "é"},
        {"more": {"of": ["it"]}},
    ],
)
def test_legal_claims_are_taken(door: Door, changes: dict[str, object]) -> None:
    assertion = signed(good_claims(**changes))

    assert door.knock(assertion, endpoint="/par") == "library"


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt", None])
def test_type_of_the_header_does_not_matter(door: Door, typ: str | None) -> None:
    header = {} if typ is None else {"typ": typ}

    assert door.knock(signed(good_claims(), header)) == "library"


def test_client_id_beside_the_assertion_is_taken(door: Door) -> None:
    assert door.knock(signed(good_claims()), {"client_id": "library"}) == "library"


# What is wrong with it -> how to make it; RFC 8725 §2 names the classes.
ATTACKS: dict[str, Callable[[], str]] = {
    "alg none": lambda: by_hand({"alg": "none"}, good_claims()) + ".",
    "alg none, signed": lambda: (
        f"{by_hand({'alg': 'none'}, good_claims())}.{signed(good_claims())[-86:]}"
    ),
    "HS256 with the public key as PEM": lambda: hmac_signed(good_claims(), PEM),
    "HS256 with the public key as JWK": lambda: hmac_signed(
        good_claims(), json.dumps(public_jwk(KEYS["ES256"])).encode()
    ),
    "HS256 with nothing": lambda: hmac_signed(good_claims(), b""),
    "another algorithm than registered": lambda: signed(good_claims(), alg="RS256"),
    "embedded jwk": lambda: signed(
        good_claims(), {"jwk": public_jwk(STRANGER)}, STRANGER
    ),
    "jku": lambda: signed(
        good_claims(), {"jku": "https://evil.example/jwks"}, STRANGER
    ),
    "x5u": lambda: signed(good_claims(), {"x5u": "https://evil.example/x"}, STRANGER),
    "unknown key": lambda: signed(good_claims(), {}, STRANGER),
    "key of another client": lambda: signed(good_claims(), {"kid": "museum"}, STRANGER),
    "signature of other claims": lambda: ".".join(
        [*signed(good_claims()).split(".")[:2], signed(good_claims(jti="x"))[-86:]]
    ),
    "signature of zeros": lambda: f"{signed(good_claims())[:-86]}{'A' * 86}",
    "kid that is a number": lambda: (
        f"{by_hand({'alg': 'ES256', 'kid': 7}, good_claims())}.AA"
    ),
    "critical header": lambda: signed(good_claims(), {"crit": ["b64"], "b64": True}),
    "expired": lambda: signed(good_claims(exp=NOW - SKEW_S)),
    "far end": lambda: signed(good_claims(exp=NOW + MAX_LIFE_S + SKEW_S + 1)),
    "very far end": lambda: signed(good_claims(exp=10**400)),
    "no end": lambda: signed(good_claims(exp=None)),
    "end that is a text": lambda: signed(good_claims(exp=str(NOW + 60))),
    "iat that is true": lambda: signed(good_claims(iat=True)),
    "not yet": lambda: signed(good_claims(nbf=NOW + SKEW_S + 1)),
    "nbf that is a text": lambda: signed(good_claims(nbf="now")),
    "made in the future": lambda: signed(good_claims(iat=NOW + SKEW_S + 1)),
    "no jti": lambda: signed(good_claims(jti=None)),
    "empty jti": lambda: signed(good_claims(jti="")),
    "jti that is a number": lambda: signed(good_claims(jti=7)),
    "jti with half a character": lambda: signed(good_claims(jti="\ud800")),
    "long jti": lambda: signed(good_claims(jti="j" * 256)),
    "no aud": lambda: signed(good_claims(aud=None)),
    "empty aud": lambda: signed(good_claims(aud=[])),
    "aud elsewhere": lambda: signed(good_claims(aud="https://other.example/token")),
    "aud that begins with ours": lambda: signed(good_claims(aud=f"{ISSUER}/token/x")),
    "aud that ours begins with": lambda: signed(good_claims(aud=ISSUER[:-1])),
    "aud with a slash": lambda: signed(good_claims(aud=f"{ISSUER}/")),
    "aud in a text": lambda: signed(good_claims(aud=f"x {ISSUER} y")),
    "aud in an object": lambda: signed(good_claims(aud={ISSUER: 1})),
    "aud of another endpoint": lambda: signed(good_claims(aud=f"{ISSUER}/revoke")),
    "iss is not sub": lambda: signed(good_claims(iss="museum")),
    "no iss": lambda: signed(good_claims(iss=None)),
    "sub is another client": lambda: signed(good_claims(sub="museum")),
    "iss and sub are another client": lambda: signed(
        good_claims(iss="museum", sub="museum")
    ),
    "no sub": lambda: signed(good_claims(sub=None)),
    "sub that is a list": lambda: signed(good_claims(sub=["library"])),
    "unknown sub": lambda: signed(good_claims(iss="nobody", sub="nobody")),
    "too long": lambda: signed(good_claims(pad="x" * MAX_CHARACTERS)),
    "too deep": lambda: signed(
        {**good_claims(), "deep": json.loads("[" * 60 + "]" * 60)}
    ),
    "five parts": lambda: signed(good_claims()) + ".a.b",
    "no JWS": lambda: "junk",
    "no JSON": lambda: "e30.e3.e30",
    "JSON that is no object": lambda: f"{by_hand({}, {}).split('.')[0]}.W10.AA",
    "no ASCII": lambda: "é.é.é",
    "padding": lambda: signed(good_claims()) + "==",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_assertion_with_one_thing_wrong_is_refused(door: Door, attack: str) -> None:
    with pytest.raises(InvalidClient) as refusal:
        door.knock(ATTACKS[attack]())

    assert refusal.value.description == "client authentication failed"
    assert door.knock(signed(good_claims())) == "library"  # nothing was used up


def test_assertion_is_good_once(door: Door) -> None:
    assertion = signed(good_claims())
    door.knock(assertion)

    with pytest.raises(InvalidClient):
        door.knock(assertion, now=NOW + 60 + SKEW_S - 1)


def test_use_is_noted_for_as_long_as_the_assertion_could_come_again() -> None:
    store = NotingStore()
    door = Door(signing_client(), store=store)

    door.knock(signed(good_claims(exp=NOW + 90.5)))

    assert store.ends == [NOW + 91 + SKEW_S]


def test_another_assertion_of_the_same_name_is_refused(door: Door) -> None:
    door.knock(signed(good_claims()))

    with pytest.raises(InvalidClient):
        door.knock(signed(good_claims(exp=NOW + 120)))


def test_of_twenty_racers_with_one_assertion_one_gets_through(door: Door) -> None:
    assertion = signed(good_claims())

    def race(_: int) -> bool:
        try:
            return door.knock(assertion) == "library"
        except InvalidClient:
            return False

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(race, range(20)))

    assert won.count(True) == 1


def test_two_clients_may_name_their_assertions_alike(door: Door) -> None:
    door.knock(signed(good_claims()))

    other = good_claims(iss="museum", sub="museum")

    assert door.knock(signed(other, {}, STRANGER)) == "museum"


def test_client_id_and_jti_do_not_run_together() -> None:
    door = Door(signing_client("a"), signing_client("ab"))
    door.knock(signed(good_claims(iss="ab", sub="ab", jti="c")))

    assert door.knock(signed(good_claims(iss="a", sub="a", jti="bc"))) == "a"


def test_client_id_of_the_body_must_be_that_of_the_assertion(door: Door) -> None:
    with pytest.raises(InvalidRequest):
        door.knock(signed(good_claims()), {"client_id": "museum"})

    assert door.knock(signed(good_claims())) == "library"  # nothing was used up


@pytest.mark.parametrize(
    "kind", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt"]
)
def test_other_type_of_assertion_is_refused(door: Door, kind: str) -> None:
    with pytest.raises(InvalidClient):
        door.knock(signed(good_claims()), {"client_assertion_type": kind})


def test_type_without_an_assertion_is_refused(door: Door) -> None:
    with pytest.raises(InvalidClient):
        door.knock("")


@pytest.mark.parametrize("authorization", ["Basic bGlicmFyeTp4", "Bearer x", ""])
def test_assertion_beside_a_header_is_more_than_one_method(
    door: Door, authorization: str
) -> None:
    with pytest.raises(InvalidRequest):
        door.knock(signed(good_claims()), authorization=authorization)


def test_assertion_beside_a_secret_is_more_than_one_method(door: Door) -> None:
    with pytest.raises(InvalidRequest):
        door.knock(signed(good_claims()), {"client_secret": SECRET})


@pytest.mark.parametrize("form", [{"client_id": "library"}, {}])
def test_client_that_registered_a_secret_cannot_sign(form: dict[str, str]) -> None:
    jwks = signing_client().jwks
    door = Door(make_client(jwks=jwks, token_endpoint_auth_signing_alg="ES256"))

    with pytest.raises(InvalidClient):
        door.knock(signed(good_claims()), form)


def test_client_that_signs_cannot_show_a_secret(door: Door) -> None:
    with pytest.raises(InvalidClient):
        door.knock(
            "",
            {
                "client_assertion_type": "",
                "client_id": "library",
                "client_secret": SECRET,
            },
        )


def test_kid_of_the_header_is_asked_of_the_clients_keys(door: Door) -> None:
    door.knock(signed(good_claims(), {"kid": "new"}))
    door.knock(signed(good_claims(jti="another")))

    assert door.keys.kids == ["new", None]


def test_log_is_told_what_was_wrong(door: Door) -> None:
    with pytest.raises(InvalidClient):
        door.knock(signed(good_claims(aud="elsewhere")), {"client_id": "library"})

    event, fields = door.audit.events[-1]
    assert event is Event.CLIENT_REFUSED
    assert fields == {"client_id": "library", "reason": "assertion: aud"}
