"""POST /consent and POST /refusal: a button of one of our pages was pressed."""

from flask import request

from bridge.core.authorization import Parameters
from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.flow.ticket import TicketKind
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import FORM, parse_parameters
from bridge.web.frame import Answer
from bridge.web.guards import check_same_origin
from bridge.web.outcome import show


def consent(parts: WebParts) -> Answer:
    """Go on after the consent page: allow, refuse, or another account."""
    form = _form(parts)
    browser = browser_of(parts)
    ticket = form.get("ticket", "")
    if form.get("decision") == "allow":
        remember = form.get("remember") is not None
        return show(parts, parts.decisions.approve(ticket, browser, remember=remember))
    return _leave(parts, TicketKind.CONSENT, form)


def refusal(parts: WebParts) -> Answer:
    """Go on after the page of a refusal: back to the client, or another account."""
    return _leave(parts, TicketKind.REFUSAL, _form(parts))


def _leave(parts: WebParts, kind: TicketKind, form: Parameters) -> Answer:
    browser = browser_of(parts)
    ticket = form.get("ticket", "")
    decision = form.get("decision")
    if decision == "other":
        return show(parts, parts.decisions.change_account(kind, ticket, browser))
    if decision == "refuse":
        return show(parts, parts.decisions.refuse(kind, ticket, browser))
    raise UnsafeRequest(PageReason.BAD_REQUEST, "no button was pressed")


def _form(parts: WebParts) -> Parameters:
    check_same_origin(request, parts.issuer)
    if request.mimetype != FORM:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "the body is not a form")
    try:
        form = parse_parameters(request.get_data(cache=False))
    except InvalidRequest as error:
        raise UnsafeRequest(PageReason.BAD_REQUEST, error.description) from error
    if form.doubled:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "a field is given more than once")
    return form
