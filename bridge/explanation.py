"""What a login would come to for an answer of RERO+: no network, no store, no browser.

`bridge explain` shows it, and the [[examples]] of the configuration are held against
it. Everything is decided by the functions that decide at a login.
"""

import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bridge.core.cards import (
    CardOffer,
    card_offers,
    has_choice,
    settled_card,
    with_card,
)
from bridge.core.claim_sources import BARCODE_SCOPES, without_unasked
from bridge.core.claims import (
    ANYTHING,
    id_token_names,
    lacks_email,
    patron_claims,
    requested_claims,
    upstream_scopes,
    userinfo_names,
)
from bridge.core.client import Client, SubjectType
from bridge.core.eligibility import (
    Eligible,
    RefusalReason,
    Refused,
    RuleVerdict,
    conclude,
    explain,
)
from bridge.core.errors import (
    ConfigurationError,
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
)
from bridge.core.patron import IdentityKind, JsonObject, JsonValue, Membership, Patron
from bridge.core.policy import ALIASES
from bridge.core.subject import PUBLIC_SECTOR, subject_identifier
from bridge.flow.days import zurich_day
from bridge.settings.clients import build_clients
from bridge.settings.load import Loaded
from bridge.settings.model_claims import ExampleSettings
from bridge.settings.policies import known_aliases
from bridge.settings.toml_lines import KeyPath
from bridge.upstream.payload import (
    identify,
    parse_patron_answer,
    parse_token_answer,
    patron,
)
from bridge.web.pages import Pages, PageSettings, RefusedPage

EXAMPLE_SUB: Final = "0" * 40  # examples must not hang on a salt
_TOKEN: Final[JsonObject] = {"access_token": "none", "token_type": "Bearer"}
_SHOWN_CHARACTERS: Final = 80
_NOTHING: Final[JsonObject] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """A login to be tried out."""

    client: Client
    patron: Patron | None  # None: an account without anything to recognise it by
    scope: tuple[str, ...]
    sub: str
    today: date  # in Europe/Zurich
    offered_scopes: tuple[str, ...]  # of the bridge's registration at RERO+


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a login comes to, and why."""

    case: Case
    decision: Eligible | Refused
    verdicts: tuple[RuleVerdict, ...]
    upstream_scopes: frozenset[str]
    userinfo: JsonObject  # without sub
    id_token: JsonObject  # the patron's claims, without sub
    cards: tuple[CardOffer, ...] = ()  # where the client wants one of several
    card: Membership | None = None  # that claims are of; of several, the first usable

    @property
    def asks_card(self) -> bool:
        """Tell whether the patron would be asked which card is to be used."""
        return self.card is not None and settled_card(self.cards, None) is None


def read_answer(
    answer: JsonValue,
    today: date,
    *,
    takes_barcodes: bool,
    aliases: Mapping[str, str] = ALIASES,
) -> Patron | None:
    """Read an answer of RERO+: its info, or an object with `info` and `token`.

    None: the account has neither user id nor card, so that nobody can be recognised.

    Raises:
        UpstreamError: it is none that a login could end well with.
    """
    if isinstance(answer, str):
        answer = _parsed(answer)
    is_whole = isinstance(answer, dict) and "info" in answer
    info = answer["info"] if isinstance(answer, dict) and is_whole else answer
    token = answer.get("token") if isinstance(answer, dict) and is_whole else None
    members = token if isinstance(token, dict) else {}
    read_token = parse_token_answer(_body({**_TOKEN, **members}))
    read_info = parse_patron_answer(_body(info), today, aliases)
    try:
        known = identify(read_token, read_info, takes_barcodes=takes_barcodes)
    except UpstreamError as error:
        if error.fault is UpstreamFault.NO_CARD:
            return None
        raise
    return patron(known, read_token, read_info)


def _parsed(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise UpstreamGarbled(UpstreamFault.NOT_JSON) from cause
    return parsed


def _body(value: JsonValue) -> bytes:
    return json.dumps(value).encode()


def subject_of(client: Client, known: Patron, salt: bytes, upstream_id: str) -> str:
    """Compute the sub of a patron; links and imported subs are the store's alone."""
    is_public = client.subject_type is SubjectType.PUBLIC
    sector = PUBLIC_SECTOR if is_public else client.sector
    return subject_identifier(salt, upstream_id, known.identity, sector)


def today_in_zurich() -> date:
    """Return the day on which a login would be decided just now."""
    return zurich_day(int(time.time()))


def usual_scope(client: Client) -> tuple[str, ...]:
    """Return all scopes that *client* may ask, but for offline_access."""
    return tuple(sorted(client.scopes - {"offline_access"}))


def explain_login(case: Case) -> Explanation:
    """Say what the login of *case* comes to."""
    client, scope = case.client, case.scope
    names = requested_claims(client, scope, ANYTHING)
    asked = upstream_scopes(client, names, case.offered_scopes)
    if case.patron is None:
        refused = Refused(RefusalReason.NO_PATRON_RECORD)
        return Explanation(case, refused, (), asked, _NOTHING, _NOTHING)
    if case.patron.identity.kind is IdentityKind.BARCODE:
        asked |= BARCODE_SCOPES.intersection(case.offered_scopes)
    known = without_unasked(case.patron, asked)
    verdicts = explain(known, client.policy, case.today, case.sub)
    decision = conclude(known, verdicts)
    if isinstance(decision, Eligible) and lacks_email(known, client, names):
        decision = Refused(RefusalReason.NO_EMAIL)
    cards: tuple[CardOffer, ...] = ()
    card = None
    if isinstance(decision, Eligible) and has_choice(known, client):
        cards = card_offers(known, client, case.today, case.sub)
        card = next(offer.card for offer in cards if offer.refused is None)
        known = with_card(known, card)
    claims = patron_claims(known, client, case.sub, case.today)
    del claims["sub"]
    userinfo, id_token = (
        {name: claims[name] for name in claims if name in given}
        for given in (
            userinfo_names(client, scope, ANYTHING),
            id_token_names(client, scope, ANYTHING),
        )
    )
    return Explanation(case, decision, verdicts, asked, userinfo, id_token, cards, card)


def check_examples(loaded: Loaded) -> None:
    """Hold every example of the configuration against what a login would come to.

    Raises:
        ConfigurationError: with each difference, where the example was written.
    """
    clients = build_clients(loaded.settings)
    faults = [
        loaded.fault(("examples", number, *below), message)
        for number, example in enumerate(loaded.settings.examples)
        for below, message in _differences(example, loaded, clients)
    ]
    if faults:
        raise ConfigurationError(faults, map(str, loaded.files))


def _differences(
    example: ExampleSettings, loaded: Loaded, clients: Mapping[str, Client]
) -> Iterator[tuple[KeyPath, str]]:
    client = clients[example.client]
    upstream = loaded.settings.upstream
    scope = usual_scope(client) if example.scope is None else (*example.scope.split(),)
    try:
        today = date.fromisoformat(example.today)
    except ValueError:
        yield ("today",), "is no day of the calendar"
        return
    try:
        known = read_answer(
            example.patron,
            today,
            takes_barcodes=upstream.accept_barcode,
            aliases=known_aliases(loaded.settings),
        )
    except UpstreamError as error:
        yield ("patron",), f"RERO+'s answer ends the login: {error}"
        return
    case = Case(client, known, scope, EXAMPLE_SUB, today, upstream.scopes)
    found = explain_login(case)
    unknown = [value for value in scope if value not in client.scopes]
    if unknown:
        yield ("scope",), f"the client may not ask {' '.join(unknown)}"
    elif message := _decision_difference(example, found.decision):
        yield ("allowed",) if example.refused is None else ("refused",), message
    else:
        for key, expected, given in (
            ("claims", example.claims, found.userinfo),
            ("id_token", example.id_token, found.id_token),
        ):
            for name, difference in _claim_differences(expected, given):
                yield (key, name), difference


def _decision_difference(
    example: ExampleSettings, decision: Eligible | Refused
) -> str | None:
    is_refused = isinstance(decision, Refused)
    reason = decision.reason.value if isinstance(decision, Refused) else None
    if example.refused is not None and example.refused != reason:
        return f"the patron is refused for {reason}" if is_refused else "is let in"
    expects_entry = example.refused is None and example.allowed is not False
    if expects_entry and is_refused:
        return f"the patron is refused: {reason}"
    if example.allowed is False and not is_refused:
        return "the patron is let in"
    return None


def _claim_differences(
    expected: JsonObject | None, given: JsonObject
) -> Iterator[tuple[str, str]]:
    if expected is None:
        return
    for name in sorted({*expected, *given}):
        if name not in given:
            yield name, "is not given"
        elif name not in expected:
            yield name, f"is given, too: {_shown(given[name])}"
        elif _canonical(given[name]) != _canonical(expected[name]):
            yield name, f"is {_shown(given[name])}"


def _canonical(value: JsonValue) -> str:
    """Write *value* so that true differs from 1, and the order of members from none."""
    return json.dumps(value, sort_keys=True)


def refusal_words(refused: Refused, client: Client, language: str) -> tuple[str, str]:
    """Return what the page of a refusal says: why, and what to do."""
    pages = Pages(PageSettings("", None, None, [language], ""))
    name = client.display_name(language)
    page = pages.refused(language, RefusedPage(name, refused, "", "", ""))
    found = re.search(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", page, re.DOTALL)
    why, what_to_do = ("", "") if found is None else found.groups()
    return _plain(why), _plain(what_to_do)


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    is_long = len(text) > _SHOWN_CHARACTERS
    return f"{text[:_SHOWN_CHARACTERS]}..." if is_long else text
