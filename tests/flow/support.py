"""What the tests of the flow say often."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.return_address import ErrorAtClient


@contextmanager
def page(reason: PageReason) -> Iterator["pytest.ExceptionInfo[UnsafeRequest]"]:
    """Expect the error page of *reason*."""
    with pytest.raises(UnsafeRequest) as caught:
        yield caught
    assert caught.value.reason is reason


@contextmanager
def error_at_client(error: str) -> Iterator["pytest.ExceptionInfo[ErrorAtClient]"]:
    """Expect that the client is sent *error*."""
    with pytest.raises(ErrorAtClient) as caught:
        yield caught
    assert caught.value.cause.error == error
