"""POST /card, /consent, /refusal: a button of one of our pages was pressed."""

from flask import Request

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.flow.ticket import TicketKind
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import own_form
from bridge.web.frame import Answer
from bridge.web.outcome import show


def card(parts: WebParts, http: Request) -> Answer:
    """Go on after the page of cards: with one of them, back, or another account."""
    form = own_form(http, parts.issuer)
    if form.get("decision") == "choose":
        browser = browser_of(parts, http)
        chosen = parts.decisions.choose(
            form.get("ticket", ""), form.get("card"), browser
        )
        return show(parts, http, chosen)
    return _leave(parts, http, TicketKind.CARD, form)


def consent(parts: WebParts, http: Request) -> Answer:
    """Go on after the consent page: allow, refuse, or another account."""
    form = own_form(http, parts.issuer)
    browser = browser_of(parts, http)
    ticket = form.get("ticket", "")
    if form.get("decision") == "allow":
        remember = form.get("remember") is not None
        return show(
            parts, http, parts.decisions.approve(ticket, browser, remember=remember)
        )
    return _leave(parts, http, TicketKind.CONSENT, form)


def refusal(parts: WebParts, http: Request) -> Answer:
    """Go on after the page of a refusal: back to the client, or another account."""
    return _leave(parts, http, TicketKind.REFUSAL, own_form(http, parts.issuer))


def _leave(
    parts: WebParts, http: Request, kind: TicketKind, form: Parameters
) -> Answer:
    browser = browser_of(parts, http)
    ticket = form.get("ticket", "")
    decision = form.get("decision")
    if decision == "other":
        return show(parts, http, parts.decisions.change_account(kind, ticket, browser))
    if decision == "refuse":
        return show(parts, http, parts.decisions.refuse(kind, ticket, browser))
    raise UnsafeRequest(PageReason.BAD_REQUEST, "no button was pressed")
