"""Shows what a step of a login came to: a redirect or a page."""

from flask import Request

from bridge.flow.outcomes import (
    AnswerClient,
    AskCard,
    AskConsent,
    AskSignOut,
    GoUpstream,
    Leave,
    LogoutOutcome,
    Outcome,
    ShowRefusal,
    SignedOut,
)
from bridge.web import shown_page
from bridge.web.answers import (
    redirect,
    start_page,
    to_client,
    with_query,
)
from bridge.web.context import WebParts, chosen_language, language_of
from bridge.web.cookies import write_cookies
from bridge.web.facts import given_facts, withheld_labels
from bridge.web.frame import Answer
from bridge.web.guards import content_security_policy, exchange_of
from bridge.web.pages import (
    CardPage,
    ConsentPage,
    RefusedPage,
    SignedOutPage,
    SignOutPage,
)
from bridge.web.shown_page import ShownPage


def show(parts: WebParts, http: Request, outcome: Outcome) -> Answer:
    """Answer the browser with *outcome* and set its cookies."""
    match outcome:
        case GoUpstream():
            response = redirect(_upstream_url(parts, http, outcome))
        case AnswerClient(address=address, parameters=parameters):
            response = to_client(parts, http, address, parameters)
        case AskCard():
            response = _card_page(parts, http, outcome)
        case AskConsent():
            response = _consent_page(parts, http, outcome)
        case ShowRefusal():
            response = _refusal_page(parts, http, outcome)
    write_cookies(response, outcome.cookies, http, parts.cookies)
    return response


def _upstream_url(parts: WebParts, http: Request, outcome: GoUpstream) -> str:
    """Return where to go; what the browser speaks by itself it tells RERO+, too."""
    language = chosen_language(parts, outcome.ui_locales, http)
    if language is None or parts.in_language is None:
        return outcome.url
    return parts.in_language(outcome.url, language)


def show_logout(parts: WebParts, http: Request, outcome: LogoutOutcome) -> Answer:
    """Answer the browser with what a logout came to and set its cookies."""
    match outcome:
        case Leave(address=address):
            state = {} if address.state is None else {"state": address.state}
            response = redirect(with_query(address.uri, state))
        case AskSignOut():
            response = _sign_out_page(parts, http, outcome)
        case SignedOut():
            response = _signed_out_page(parts, http, outcome)
    write_cookies(response, outcome.cookies, http, parts.cookies)
    return response


def _sign_out_page(parts: WebParts, http: Request, asked: AskSignOut) -> Answer:
    language = language_of(parts, asked.ui_locales, http)
    client = asked.client
    page = SignOutPage(
        None if client is None else client.display_name(language),
        f"{parts.prefix}/logout/confirm",
        asked.ticket,
        asked.patron_name,
        asked.is_refused,
    )
    policy = content_security_policy(parts.issuer, client)
    client_id = None if client is None else client.client_id
    shown = ShownPage(page, 200, policy, client_id)
    return shown_page.answer(parts, language, shown)


def _signed_out_page(parts: WebParts, http: Request, ended: SignedOut) -> Answer:
    language = language_of(parts, ended.ui_locales, http)
    client = ended.client
    page = SignedOutPage(
        None if client is None else client.display_name(language),
        None if client is None else start_page(client),
        [told.display_name(language) for told in ended.told],
        [untold.display_name(language) for untold in ended.untold],
        ended.upstream_url,
        ended.is_signed_in,
        ended.is_refused,
    )
    policy = content_security_policy(parts.issuer)
    client_id = None if client is None else client.client_id
    shown = ShownPage(page, 200, policy, client_id)
    return shown_page.answer(parts, language, shown)


def _card_page(parts: WebParts, http: Request, asked: AskCard) -> Answer:
    language = language_of(parts, asked.ui_locales, http)
    page = CardPage(
        asked.client.display_name(language),
        f"{parts.prefix}/card",
        asked.ticket,
        asked.cards,
        asked.refused,
        asked.chosen,
        asked.patron_name,
    )
    policy = content_security_policy(parts.issuer, asked.client)
    shown = ShownPage(page, 200, policy, asked.client.client_id)
    return shown_page.answer(parts, language, shown)


def _consent_page(parts: WebParts, http: Request, asked: AskConsent) -> Answer:
    language = language_of(parts, asked.ui_locales, http)
    page = ConsentPage(
        asked.client.display_name(language),
        f"{parts.prefix}/consent",
        asked.ticket,
        given_facts(asked.claims),
        withheld_labels(asked.claims, asked.client.mapping),
        asked.patron_name,
        asked.may_remember,
        asked.is_offline,
        asked.client.mapping.labels(language),
    )
    policy = content_security_policy(parts.issuer, asked.client)
    client_id = asked.client.client_id
    shown = ShownPage(page, 200, policy, client_id)
    return shown_page.answer(parts, language, shown)


def _refusal_page(parts: WebParts, http: Request, refusal: ShowRefusal) -> Answer:
    language = language_of(parts, refusal.ui_locales, http)
    page = RefusedPage(
        refusal.client.display_name(language),
        refusal.refused,
        f"{parts.prefix}/refusal",
        refusal.ticket,
        exchange_of(http).reference,
    )
    policy = content_security_policy(parts.issuer, refusal.client)
    client_id = refusal.client.client_id
    shown = ShownPage(page, 403, policy, client_id)
    return shown_page.answer(parts, language, shown)
