"""Any JSON in the tables of claims is a configuration that works, or told faults."""

import contextlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.claim_functions import Function
from bridge.core.claim_sources import Source
from bridge.core.errors import ConfigurationError, Fault, UpstreamError
from bridge.explanation import check_examples, read_answer
from bridge.settings.load import load_settings

LEAST: Final = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "bridge"
client_secret = "s3cret"
"""
CLIENT: Final = {
    "client_id": "a",
    "client_secret": "s3cret",
    "redirect_uris": ["https://a.example/"],
    "scope": "openid profile rero mine",
}
NO_FAULT: Final = Fault("none", "it works")
SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
)
ODD: Final = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=3,
)
STEP: Final = st.sampled_from(
    [*Function, "join:,", "table:t", "table:", "age_at_least:16", "age_at_least:x"]
)
RULE: Final = st.fixed_dictionaries(
    {},
    optional={
        "source": st.sampled_from([*Source, "none"]) | ODD,
        "scopes": st.lists(st.sampled_from(["rero", "mine", "openid"]), max_size=2)
        | ODD,
        "steps": st.lists(STEP, max_size=3) | ODD,
        "constant": ODD,
        "label": st.dictionaries(st.sampled_from(["fr", "f r"]), SCALARS) | ODD,
    },
)
NAME: Final = st.sampled_from(["name", "email", "birthdate", "sub", "x", "a-b", ""])
RULES: Final = st.dictionaries(NAME, RULE | ODD, max_size=3) | ODD
TABLE: Final = st.fixed_dictionaries(
    {},
    optional={"texts": st.dictionaries(st.text(max_size=2), SCALARS), "default": ODD},
)
EXAMPLE: Final = st.fixed_dictionaries(
    {},
    optional={
        "client": st.sampled_from(["a", "b"]),
        "patron": st.fixed_dictionaries({"user_id": st.integers(1, 3)}) | ODD,
        "today": st.sampled_from(["2026-11-25", "2026-99-99"]) | ODD,
        "scope": st.sampled_from(["openid profile", "openid  x", "x"]) | ODD,
        "allowed": st.booleans() | ODD,
        "refused": st.sampled_from(["no_patron_record", "x"]) | ODD,
        "claims": st.dictionaries(NAME, ODD, max_size=2) | ODD,
        "id_token": st.dictionaries(NAME, ODD, max_size=2) | ODD,
    },
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=RULES,
    own=RULES,
    tables=st.dictionaries(st.sampled_from(["t", "u v"]), TABLE | ODD) | ODD,
    examples=st.lists(EXAMPLE | ODD, max_size=2) | ODD,
    listed=st.lists(NAME | ODD, max_size=2) | ODD,
)
def test_any_tables_load_or_are_told_as_faults(
    tmp_path: Path, claims: Any, own: Any, tables: Any, examples: Any, listed: Any
) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(LEAST, encoding="utf-8")
    client = {**CLIENT, "claim_rules": own, "claims": listed, "id_token_claims": listed}
    environ = {
        "BRIDGE_CLAIMS": json.dumps(claims),
        "BRIDGE_TABLES": json.dumps(tables),
        "BRIDGE_EXAMPLES": json.dumps(examples),
        "BRIDGE_CLIENTS": json.dumps([client]),
    }

    faults: Sequence[Fault] = [NO_FAULT]
    try:
        check_examples(load_settings(path, environ))
    except ConfigurationError as error:
        faults = error.faults

    assert faults
    assert all(fault.message for fault in faults)


@pytest.mark.parametrize("depth", [*range(900, 1_000, 10), 100_000])
def test_an_answer_that_is_nested_too_deep_is_no_crash(depth: int) -> None:
    text = '{"a":' * depth + "1" + "}" * depth

    with contextlib.suppress(UpstreamError):
        read_answer(text, date(2026, 11, 25), takes_barcodes=True)
