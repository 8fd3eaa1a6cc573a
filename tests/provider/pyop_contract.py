"""What the engine relies on in pyop, as a golden file.

`python -m tests.provider.pyop_contract` writes it anew.
Comments and empty lines do not count, a changed line does.
"""

import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from oic.oic import scope2claims
from pyop.access_token import AccessToken, extract_bearer_token_from_http_request

from bridge.provider.engine import BridgeProvider
from bridge.provider.state import GrantState
from bridge.provider.userinfo import SnapshotUserinfo

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "pyop_contract.json"
OVERRIDERS: Final[tuple[type, ...]] = (BridgeProvider, GrantState, SnapshotUserinfo)
# Methods of pyop that run as they are.
CALLED: Final[Mapping[type, frozenset[str]]] = {
    BridgeProvider: frozenset(
        "authorize handle_token_request handle_userinfo_request _do_code_exchange"
        " _add_access_token_to_response".split()
    ),
    GrantState: frozenset(),
    SnapshotUserinfo: frozenset(),
}
# Methods of pyop that no door of the bridge leads to.
UNREACHED: Final[Mapping[type, frozenset[str]]] = {
    BridgeProvider: frozenset(
        "provider_configuration jwks _PKCE_verify _issue_new_client logout_user"
        " match_client_preferences_with_provider_capabilities"
        " do_post_logout_redirect".split()
    ),
    GrantState: frozenset(
        "create_access_token _create_access_token get_subject_identifier"
        " get_user_info_for_code get_extra_id_token_claims_for_code"
        " get_user_info_for_access_token delete_state_for_subject_identifier".split()
    ),
    SnapshotUserinfo: frozenset(),
}
FUNCTIONS: Final[tuple[Callable[..., Any], ...]] = (  # Any: whatever they give
    AccessToken.__init__,
    extract_bearer_token_from_http_request,
    scope2claims,
)


def overridden(ours: type) -> list[str]:
    """Return the methods of pyop that *ours* replaces."""
    theirs = vars(ours.__mro__[1])
    return sorted(
        name
        for name, member in vars(ours).items()
        if inspect.isfunction(member) and inspect.isfunction(theirs.get(name))
    )


def contract() -> dict[str, dict[str, str]]:
    """Return signature and digest of every method that the engine relies on."""
    methods = [
        getattr(ours.__mro__[1], name)
        for ours in OVERRIDERS
        for name in sorted({*overridden(ours), *CALLED[ours]})
    ]
    return {
        f"{method.__module__}.{method.__qualname__}": {
            "signature": str(inspect.signature(method)),
            "sha256": hashlib.sha256(_source(method).encode()).hexdigest(),
        }
        for method in (*methods, *FUNCTIONS)
    }


def _source(method: Callable[..., object]) -> str:
    lines = textwrap.dedent(inspect.getsource(method)).splitlines()
    kept = (line.rstrip() for line in lines)
    return "\n".join(
        line for line in kept if line and not line.lstrip().startswith("#")
    )


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(contract(), indent=1, sort_keys=True) + "\n")
