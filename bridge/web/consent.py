"""POST /consent and POST /refusal: a button of one of our pages was pressed."""

from flask import Request

from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.flow.ticket import TicketKind
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import FORM, parse_parameters
from bridge.web.frame import Answer
from bridge.web.guards import check_same_origin
from bridge.web.outcome import show


def consent(parts: WebParts, http: Request) -> Answer:
    """Go on after the consent page: allow, refuse, or another account."""
    form = _form(parts, http)
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
    return _leave(parts, http, TicketKind.REFUSAL, _form(parts, http))


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


def _form(parts: WebParts, http: Request) -> Parameters:
    check_same_origin(http, parts.issuer)
    if http.mimetype != FORM:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "the body is not a form")
    try:
        form = parse_parameters(http.get_data(cache=False))
    except InvalidRequest as error:
        raise UnsafeRequest(PageReason.BAD_REQUEST, error.description) from error
    if form.doubled:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "a field is given more than once")
    return form
