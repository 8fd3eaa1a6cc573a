"""Shows what a step of a login came to: a redirect or a page."""

from flask import Request

from bridge.flow.outcomes import (
    AnswerClient,
    AskConsent,
    GoUpstream,
    Outcome,
    ShowRefusal,
)
from bridge.web.answers import page, redirect, to_client
from bridge.web.context import WebParts, language_of
from bridge.web.cookies import write_cookies
from bridge.web.facts import given_facts, withheld_labels
from bridge.web.frame import Answer
from bridge.web.guards import content_security_policy, exchange_of
from bridge.web.pages import ConsentPage, RefusedPage


def show(parts: WebParts, http: Request, outcome: Outcome) -> Answer:
    """Answer the browser with *outcome* and set its cookies."""
    match outcome:
        case GoUpstream(url=url):
            response = redirect(url)
        case AnswerClient(address=address, parameters=parameters):
            response = to_client(address, parameters)
        case AskConsent():
            response = _consent_page(parts, http, outcome)
        case ShowRefusal():
            response = _refusal_page(parts, http, outcome)
    write_cookies(response, outcome.cookies, http, parts.cookies)
    return response


def _consent_page(parts: WebParts, http: Request, asked: AskConsent) -> Answer:
    language = language_of(parts, asked.ui_locales, http)
    html = parts.pages.consent(
        language,
        ConsentPage(
            asked.client.display_name(language),
            f"{parts.prefix}/consent",
            asked.ticket,
            given_facts(asked.claims),
            withheld_labels(asked.claims),
            asked.patron_name,
            asked.may_remember,
            asked.is_offline,
        ),
    )
    policy = content_security_policy(parts.issuer, leads_to_client=True)
    return page(html, 200, policy)


def _refusal_page(parts: WebParts, http: Request, refusal: ShowRefusal) -> Answer:
    language = language_of(parts, refusal.ui_locales, http)
    html = parts.pages.refused(
        language,
        RefusedPage(
            refusal.client.display_name(language),
            refusal.refused,
            f"{parts.prefix}/refusal",
            refusal.ticket,
            exchange_of(http).reference,
        ),
    )
    policy = content_security_policy(parts.issuer, leads_to_client=True)
    return page(html, 403, policy)
