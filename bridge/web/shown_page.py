"""A page that was shown, sealed into its own footer, to be written in another language.

So a patron can change the language of any page, also of one that answers a form or that
cannot be asked for twice: nothing of the login runs again, the ticket in the page stays
the same, and nothing is kept here.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from bridge.core.cards import CardOffer
from bridge.core.compact import compact
from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.patron import JsonValue, Membership
from bridge.web.context import WebParts
from bridge.web.frame import Answer
from bridge.web.pages import (
    AdminDetails,
    CardPage,
    ConsentPage,
    ErrorPage,
    RefusedPage,
    SignedOutPage,
    SignOutPage,
)

AnyPage: TypeAlias = (
    CardPage | ConsentPage | RefusedPage | ErrorPage | SignOutPage | SignedOutPage
)

_PURPOSE: Final = b"page:shown"
_KINDS: Final[Mapping[str, type]] = {
    kind.__name__: kind
    for kind in (
        *(CardPage, ConsentPage, RefusedPage, ErrorPage, SignOutPage, SignedOutPage),
        *(AdminDetails, CardOffer, Membership, PageReason, RefusalReason, Refused),
    )
}


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page, with what it was answered with besides its text."""

    page: AnyPage
    status: int
    policy: str  # Content-Security-Policy
    client_id: str | None  # whose name stands on it


def answer(parts: WebParts, language: str, shown: ShownPage) -> Answer:
    """Answer with *shown* in *language*; its footer leads to the other languages."""
    html = _write(parts, language, shown.page, _seal(parts, shown))
    return html_answer(html, shown.status, shown.policy)


def html_answer(html: str, status: int, policy: str) -> Answer:
    """Answer with a page under a content security policy."""
    response = Answer(html, status, content_type="text/html; charset=utf-8")
    response.add_header("Content-Security-Policy", policy)
    return response


def answer_again(parts: WebParts, language: str, sealed: str) -> Answer:
    """Answer with the page of *sealed*, which stood in its footer, in *language*.

    Raises:
        UnsafeRequest: nothing of ours was sealed there.
    """
    shown = _open(parts, sealed)
    client = parts.clients.get(shown.client_id or "")
    page = shown.page
    if client is not None:
        page = replace(page, client_name=client.display_name(language))
    if client is not None and isinstance(page, ConsentPage):
        page = replace(page, labels=client.mapping.labels(language))
    return answer(parts, language, replace(shown, page=page))


def _write(parts: WebParts, language: str, page: AnyPage, sealed: str) -> str:
    match page:
        case CardPage():
            return parts.pages.choose_card(language, page, sealed)
        case ConsentPage():
            return parts.pages.consent(language, page, sealed)
        case RefusedPage():
            return parts.pages.refused(language, page, sealed)
        case ErrorPage():
            return parts.pages.error(language, page, sealed)
        case SignOutPage():
            return parts.pages.sign_out(language, page, sealed)
        case SignedOutPage():
            return parts.pages.signed_out(language, page, sealed)


def _seal(parts: WebParts, shown: ShownPage) -> str:
    record = [_to_json(shown.page), shown.status, shown.policy, shown.client_id]
    plain = compact(record).encode()
    sealed = parts.sealer.seal(_PURPOSE, plain, parts.clock())
    return base64.urlsafe_b64encode(sealed).decode()


def _open(parts: WebParts, text: str) -> ShownPage:
    try:
        sealed = base64.b64decode(text, altchars=b"-_", validate=True)
    except ValueError:
        sealed = b""
    plain = parts.sealer.open(_PURPOSE, sealed)
    if plain is None:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "no page of ours is sealed there")
    record, status, policy, client_id = json.loads(plain)
    page = _from_json(record)
    if not isinstance(page, AnyPage):
        raise TypeError("what was sealed is no page")
    return ShownPage(page, status, policy, client_id)


def _to_json(value: object) -> JsonValue:
    """Write *value* as JSON: what it has no form for by its kind and its content."""
    kind = type(value).__name__
    match value:
        case StrEnum():
            return {kind: value.value}
        case date():
            return {"date": value.isoformat()}
        case list() | tuple():
            return [_to_json(item) for item in value]
        case Mapping():
            return {"dict": {name: _to_json(item) for name, item in value.items()}}
        case str() | bool() | int() | None:
            return value
    if not is_dataclass(value):
        raise TypeError(f"a page cannot hold a {kind}")
    members = {part.name: _to_json(getattr(value, part.name)) for part in fields(value)}
    return {kind: members}


def _from_json(value: JsonValue) -> object:
    """Read what `_to_json` wrote; it was sealed, so nobody else did."""
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "date":
        return date.fromisoformat(str(content))
    if not isinstance(content, dict):
        return _KINDS[kind](content)
    members = {name: _from_json(item) for name, item in content.items()}
    return members if kind == "dict" else _KINDS[kind](**members)
