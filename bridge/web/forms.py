"""Query strings and form bodies, strictly: UTF-8, bounded, in order, doubles kept."""

from typing import Final
from urllib.parse import parse_qsl

from flask import Request

from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.web.guards import check_same_origin

MAX_PARAMETERS: Final = 100
FORM: Final = "application/x-www-form-urlencoded"


def parse_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Read `name=value` pairs.

    Raises:
        InvalidRequest: not UTF-8, or too many.
    """
    try:
        return parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError as cause:
        raise InvalidRequest("the parameters are not UTF-8") from cause
    except ValueError as cause:
        raise InvalidRequest("there are too many parameters") from cause


def salvaged_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Read what can be read of a faulty query: only to find whom to tell of the fault.

    What is not UTF-8 is replaced, what is too much is left out.
    """
    pairs = raw.split(b"&", MAX_PARAMETERS)[:MAX_PARAMETERS]
    text = b"&".join(pairs).decode("ascii", "replace")
    return parse_qsl(text, keep_blank_values=True, errors="replace")


def safe_pairs(raw: bytes) -> list[tuple[str, str]]:
    """Read parameters of a browser's request.

    Raises:
        UnsafeRequest: as `parse_pairs`; before they are read there is nobody else to
            tell.
    """
    try:
        return parse_pairs(raw)
    except InvalidRequest as error:
        raise UnsafeRequest(PageReason.BAD_REQUEST, error.description) from error


def page_form(http: Request) -> list[tuple[str, str]]:
    """Read the form that a browser sent.

    Raises:
        UnsafeRequest: the body is no form, or as `safe_pairs`.
    """
    if http.mimetype != FORM:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "the body is not a form")
    return safe_pairs(http.get_data(cache=False))


def own_form(http: Request, issuer: str) -> Parameters:
    """Read the form of a page of ours.

    Raises:
        UnsafeRequest: another site sent it, a field is doubled, or as `page_form`.
    """
    check_same_origin(http, issuer)
    form = Parameters(page_form(http))
    if form.doubled:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "a field is given more than once")
    return form


def parse_parameters(raw: bytes) -> Parameters:
    """Read parameters of which none should be doubled; see `parse_pairs`."""
    return Parameters(parse_pairs(raw))


def shown_parameter(raw: bytes, name: str) -> str | None:
    """Return a parameter for a page; None: it is missing, or nothing can be read."""
    try:
        return parse_parameters(raw).get(name)
    except InvalidRequest:
        return None
