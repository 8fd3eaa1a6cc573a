"""Whatever is written, faults are all that comes of it."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.errors import ConfigurationError
from bridge.settings.load import load_settings
from tests.settings.configurations import LEAST
from tests.settings.test_faults import MANY

LINES = [line for line in MANY.splitlines() if line] + [
    "[[server]]",
    "clients = 3",
    "policies = []",
    "[policies.valais.grace_days]",
    "upstream = {}",
    "name = 2020-01-01",
    "include = [3, 'x[', '../*', '/*/*']",
    "store.url = 'memory:'",
    '"\\ud7ff" = "\\u0000"',
]


@given(st.lists(st.sampled_from(LINES), max_size=8))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_configuration_fails_otherwise_than_by_its_faults(
    tmp_path: Path, lines: list[str]
) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text("\n".join(lines))

    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})

    assert caught.value.faults


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["client_id", "scope", "name", "client_name#fr", "redirect_uris"]
            )
            | st.text(max_size=3),
            below,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["\\ud800", "x"]))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_list_of_clients_fails_otherwise_than_by_its_faults(
    tmp_path: Path, value: object, text: str
) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text('clients_file = "clients.json"\n' + LEAST)
    (tmp_path / "clients.json").write_text(
        json.dumps([value, {"client_id": "?", "name": {"?": "?"}}]).replace("?", text)
    )

    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, {})

    assert len(caught.value.faults) == len(set(caught.value.faults))
