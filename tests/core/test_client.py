"""A client as it is registered."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.client import AuthMethod, Client

CLIENT: Final = Client("library", ("https://library.example/",), "library.example")


@pytest.mark.parametrize(
    ("methods", "is_public"),
    [
        ({AuthMethod.NONE}, True),
        ({AuthMethod.BASIC}, False),
        ({AuthMethod.POST, AuthMethod.NONE}, False),
    ],
)
def test_a_client_is_public_if_it_has_no_way_to_show_a_secret(
    methods: set[AuthMethod], *, is_public: bool
) -> None:
    client = replace(CLIENT, token_endpoint_auth_methods=frozenset(methods))

    assert client.is_public is is_public


@pytest.mark.parametrize(
    ("names", "language", "shown"),
    [
        ({"fr": "Catalogue", "de": "Katalog"}, "de", "Katalog"),
        ({"fr": "Catalogue", "de": "Katalog"}, "it", "Catalogue"),
        ({}, "it", "library"),
    ],
)
def test_a_client_is_named_in_the_language_or_the_next_best(
    names: dict[str, str], language: str, shown: str
) -> None:
    assert replace(CLIENT, name=names).display_name(language) == shown


def test_the_safe_choices_are_the_defaults() -> None:
    assert not CLIENT.is_public
    assert CLIENT.subject_type == "pairwise"
    assert CLIENT.consent == "once"
    assert CLIENT.email == "omit"
    assert not CLIENT.refresh_tokens
    assert CLIENT.policy.requires_patron_record
