"""Query strings and form bodies: how many parameters they may have."""

import pytest

from bridge.core.errors import PageReason
from tests.support.flow_browser import request_pairs
from tests.support.trial import Trial
from tests.support.visitor import Visitor

MOST = 100


def filled(number: int) -> bytes:
    """Make a good authorization request of *number* parameters."""
    pairs = [f"{name}={value}" for name, value in request_pairs()]
    more = [f"x{place}=" for place in range(number - len(pairs))]
    return "&".join([*pairs, *more]).encode()


def test_request_of_a_hundred_parameters_is_answered(trial: Trial) -> None:
    answer = Visitor(trial).send("GET", "/authorize", query=filled(MOST))

    assert answer.status == 303


def test_request_of_more_parameters_is_refused_at_its_client(trial: Trial) -> None:
    answer = Visitor(trial).send("GET", "/authorize", query=filled(MOST + 1))

    assert answer.query["error"] == "invalid_request"


def test_logout_of_more_parameters_is_refused_on_a_page(trial: Trial) -> None:
    answer = Visitor(trial).send("GET", "/logout", query=filled(MOST + 1))

    assert answer.status == 400
    assert answer.page is PageReason.BAD_REQUEST


@pytest.mark.parametrize(
    ("number", "error"), [(MOST, "invalid_client"), (MOST + 1, "invalid_request")]
)
def test_program_may_send_a_hundred_parameters(
    trial: Trial, number: int, error: str
) -> None:
    answer = Visitor(trial).post("/token", filled(number))

    assert answer.members["error"] == error
