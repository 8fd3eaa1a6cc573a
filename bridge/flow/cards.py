"""The card that a patron uses at a client: settled, asked for, remembered."""

import json
from dataclasses import replace
from typing import Final

from bridge.core.cards import (
    CardOffer,
    asks_anew,
    card_offers,
    check_may_ask,
    has_choice,
    settled_card,
    with_card,
)
from bridge.core.compact import compact
from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.patron import (
    JsonValue,
    Membership,
    membership_from_row,
    membership_to_row,
)
from bridge.core.records import CardChoice
from bridge.core.seal import column_purpose
from bridge.flow.arrival import Arrival, seal_page
from bridge.flow.days import zurich_day
from bridge.flow.outcomes import AskCard
from bridge.flow.ports import Audit, Engine, Event, Sealer
from bridge.flow.stores import Store
from bridge.flow.ticket import Ticket, TicketKind
from bridge.flow.tickets import Tickets

CONSENT_TICKET_CARD: Final = "card"


class Cards:
    """Narrows a patron to one card where the client wants one.

    What was chosen is remembered for this client as long as the session lives. A ticket
    names the cards that its page offered, so a form can name no other.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        tickets: Tickets,
        sealer: Sealer,
        audit: Audit,
    ) -> None:
        self._store = store
        self._engine = engine
        self._tickets = tickets
        self._sealer = sealer
        self._audit = audit

    def settle(self, arrival: Arrival) -> Arrival | AskCard:
        """Narrow the patron of *arrival* to one card, or ask which.

        Raises:
            InteractionRequired: prompt=none, and the patron would have to be asked.
        """
        client, sign_in = arrival.address.client, arrival.sign_in
        patron = sign_in.patron
        if not has_choice(patron, client):
            return replace(arrival, card=None)
        sub = self._engine.subject_of(client, patron)
        offers = card_offers(patron, client, zurich_day(arrival.write.now), sub)
        remembered, wanted = self._remembered(arrival), arrival.card
        if wanted is None and not asks_anew(arrival.request):
            wanted = remembered
        card = settled_card(offers, wanted)
        if card is None:
            return self._ask(arrival, offers, remembered)
        narrowed = replace(sign_in, patron=with_card(patron, card))
        return replace(arrival, sign_in=narrowed, card=card)

    def remember(self, arrival: Arrival) -> Arrival:
        """Have the settled card of *arrival* stored, for the next time."""
        if arrival.card is None:
            return arrival
        session_id = arrival.sign_in.session.session_id
        client_id = arrival.address.client.client_id
        row = compact(membership_to_row(arrival.card)).encode()
        purpose = _purpose(session_id, client_id)
        sealed = self._sealer.seal(purpose, row, arrival.write.now)
        choice = CardChoice(session_id, client_id, sealed)
        return replace(arrival, write=replace(arrival.write, card_choice=choice))

    def _remembered(self, arrival: Arrival) -> Membership | None:
        """Return the card chosen before; None, too, where the sealing key is gone."""
        session_id = arrival.sign_in.session.session_id
        client_id = arrival.address.client.client_id
        choice = self._store.get_card_choice(session_id, client_id)
        if choice is None:
            return None
        row = self._sealer.open(_purpose(session_id, client_id), choice.sealed)
        return None if row is None else membership_from_row(json.loads(row))

    def _ask(
        self,
        arrival: Arrival,
        offers: tuple[CardOffer, ...],
        remembered: Membership | None,
    ) -> AskCard:
        check_may_ask(arrival.request)
        client = arrival.address.client
        usable = [offer.card for offer in offers if offer.refused is None]
        rows: list[JsonValue] = [membership_to_row(card) for card in usable]
        ticket, cookies = seal_page(
            self._tickets, TicketKind.CARD, arrival, {"cards": rows}
        )
        self._audit.record(Event.CARD_ASKED, client_id=client.client_id)
        return AskCard(
            client,
            ticket.text,
            tuple(usable),
            tuple(offer for offer in offers if offer.refused is not None),
            None if remembered is None else settled_card(offers, remembered),
            arrival.patron_name,
            arrival.request.ui_locales,
            cookies,
        )


def offered_card(ticket: Ticket, number: str) -> Membership:
    """Return the card that the page of *ticket* offered under *number*.

    Raises:
        UnsafeRequest: it offered none under it: somebody wrote the form.
    """
    rows = ticket.payload.get("cards")
    offered = rows if isinstance(rows, list) else []
    cards = {str(place): row for place, row in enumerate(offered)}
    if number not in cards:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "there is no such card")
    return membership_from_row(cards[number])


def shown_card(ticket: Ticket) -> Membership | None:
    """Return the card that a consent page was about, where it was about one."""
    row = ticket.payload.get(CONSENT_TICKET_CARD)
    return None if row is None else membership_from_row(row)


def _purpose(session_id: str, client_id: str) -> bytes:
    row_id = f"{session_id}\0{client_id}".encode()  # a session id holds no NUL
    return column_purpose("card_choices", "sealed", row_id)
