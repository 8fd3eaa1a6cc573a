"""GET and POST /language: the patron chooses the language of the pages."""

from flask import Request

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.web.answers import redirect
from bridge.web.context import WebParts
from bridge.web.cookies import remember_language
from bridge.web.forms import own_form, shown_parameter
from bridge.web.frame import Answer
from bridge.web.shown_page import answer_again


def choose(parts: WebParts, http: Request) -> Answer:
    """Keep the language and show the front page, which alone links here."""
    chosen = _one_of_ours(parts, shown_parameter(http.query_string, "to"))
    response = redirect(f"{parts.prefix}/")
    remember_language(response, chosen, parts.cookies)
    return response


def choose_by_post(parts: WebParts, http: Request) -> Answer:
    """Keep the language and show the page again whose footer was used."""
    form = own_form(http, parts.issuer)
    chosen = _one_of_ours(parts, form.get("to"))
    response = answer_again(parts, chosen, form.get("page", ""))
    remember_language(response, chosen, parts.cookies)
    return response


def _one_of_ours(parts: WebParts, language: str | None) -> str:
    if language is None or language not in parts.languages:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "there is no such language")
    return language
