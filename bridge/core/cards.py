"""Cards: which of several memberships a patron may use at a client that wants one.

Each membership is judged by itself, by the policy that judged the patron: the one that
is used is all that claims and policy see from then on (docs/cards.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import CardMode, Client
from bridge.core.eligibility import Refused, decide
from bridge.core.errors import InteractionRequired
from bridge.core.patron import Membership, Patron


@dataclass(frozen=True, slots=True)
class CardOffer:
    """One of a patron's memberships, and why it lets the patron not in, if so."""

    card: Membership
    refused: Refused | None = None


def has_choice(patron: Patron, client: Client) -> bool:
    """Tell whether there are several cards where *client* wants one."""
    return client.card is CardMode.ONE and len(patron.memberships) > 1


def card_offers(
    patron: Patron, client: Client, today: date, sub: str
) -> tuple[CardOffer, ...]:
    """Judge each card of *patron* as if it were the only one, on *today* (Zurich)."""
    offers = []
    for card in patron.memberships:
        verdict = decide(with_card(patron, card), client.policy, today, sub)
        refused = verdict if isinstance(verdict, Refused) else None
        offers.append(CardOffer(card, refused))
    return tuple(offers)


def settled_card(
    offers: Iterable[CardOffer], wanted: Membership | None
) -> Membership | None:
    """Return the card to go on with; None: the patron has to be asked.

    *wanted* is what the patron chose. If that lets nobody in any more, no other card
    takes its place unasked.
    """
    usable = [offer.card for offer in offers if offer.refused is None]
    if wanted is None:
        return usable[0] if len(usable) == 1 else None
    if wanted in usable:
        return wanted
    return next((card for card in usable if is_same_card(card, wanted)), None)


def is_same_card(one: Membership, other: Membership) -> bool:
    """Tell whether both are of one enrolment, though it may have been prolonged."""
    if one.institution != other.institution:
        return False
    if one.patron_pid is not None and other.patron_pid is not None:
        return one.patron_pid == other.patron_pid
    return one.patron_type == other.patron_type


def with_card(patron: Patron, card: Membership) -> Patron:
    """Return *patron* as one who has *card* alone."""
    return replace(patron, memberships=(card,))


def with_card_of_before(patron: Patron, before: Patron, client: Client) -> Patron:
    """Return *patron*, asked about anew, with the card of the sign-in alone.

    Where that is gone, no other takes its place unasked. A sign-in of when *client*
    was told of all cards chose none.
    """
    if client.card is CardMode.ALL or len(before.memberships) > 1:
        return patron
    same = [
        card
        for card in patron.memberships
        if any(is_same_card(card, former) for former in before.memberships)
    ]
    same.sort(key=lambda card: card not in before.memberships)  # unchanged ones first
    return replace(patron, memberships=tuple(same[:1]))


def asks_anew(request: AuthorizationRequest) -> bool:
    """Tell whether a choice made before does not count for *request*."""
    return bool(request.prompt & {"login", "select_account"})


def check_may_ask(request: AuthorizationRequest) -> None:
    """Let no page be shown where the client wants none (OIDC Core §3.1.2.1).

    Raises:
        InteractionRequired: prompt=none.
    """
    if "none" in request.prompt:
        raise InteractionRequired("the patron has to choose a card")
