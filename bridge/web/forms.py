"""Query strings and form bodies, strictly: UTF-8, bounded, in order, doubles kept."""

from typing import Final
from urllib.parse import parse_qsl

from bridge.core.errors import InvalidRequest
from bridge.core.return_address import Parameters

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


def parse_parameters(raw: bytes) -> Parameters:
    """Read parameters of which none should be doubled; see `parse_pairs`."""
    return Parameters(parse_pairs(raw))


def shown_parameter(raw: bytes, name: str) -> str | None:
    """Return a parameter for a page; None: it is missing, or nothing can be read."""
    try:
        return parse_parameters(raw).get(name)
    except InvalidRequest:
        return None
