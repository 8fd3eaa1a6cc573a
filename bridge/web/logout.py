"""GET and POST /logout, and the button of its page (OIDC RP-Initiated Logout §2)."""

from urllib.parse import quote

from flask import Request

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.web.answers import redirect
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import own_form, page_form, safe_pairs
from bridge.web.frame import Answer
from bridge.web.outcome import show_logout


def logout(parts: WebParts, http: Request) -> Answer:
    """Sign out, or ask; a service's server may call it without cookies."""
    parameters = Parameters(safe_pairs(http.query_string))
    link = parameters.get("r")
    if link is not None and set(parameters) == {"r"} and not parameters.doubled:
        parameters = parts.login.open_link(link)
    browser = browser_of(parts, http)
    return show_logout(parts, http, parts.logout.begin(parameters, browser))


def logout_by_post(parts: WebParts, http: Request) -> Answer:
    """Turn a POST into a GET: from another site it comes without Lax cookies."""
    pairs = [*safe_pairs(http.query_string), *page_form(http)]
    link = parts.login.seal_link(pairs)
    if link is None:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "the request is too long")
    return redirect(f"{parts.prefix}/logout?r={quote(link)}")


def confirm(parts: WebParts, http: Request) -> Answer:
    """Go on after the page that asks: sign out, or stay."""
    form = own_form(http, parts.issuer)
    browser, ticket = browser_of(parts, http), form.get("ticket", "")
    decision = form.get("decision")
    if decision == "sign_out":
        return show_logout(parts, http, parts.logout.confirm(ticket, browser))
    if decision == "stay":
        return show_logout(parts, http, parts.logout.stay(ticket, browser))
    raise UnsafeRequest(PageReason.BAD_REQUEST, "no button was pressed")
