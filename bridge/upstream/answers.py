"""What a status of RERO+ means: each told apart, because each is somebody else's task.

401 and 404 at the token endpoint are the operator's (our registration is wrong), a code
that is over is the patron's (sign in again), the rest is RERO+'s. A body is looked at
for one known word alone; nothing of it goes on.
"""

import json
from collections.abc import Mapping
from typing import Final

from bridge.core.errors import (
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from bridge.upstream.transport import Answer

# RFC 6749 §5.2 and §4.1.2.1, as far as RERO+ may say them at the token endpoint.
TOKEN_ERRORS: Final[Mapping[str, UpstreamFault]] = {
    "invalid_grant": UpstreamFault.CODE_OVER,
    "invalid_client": UpstreamFault.REGISTRATION,
    "unauthorized_client": UpstreamFault.REGISTRATION,
    "invalid_scope": UpstreamFault.SCOPE,
    # Nothing is missing in what we send: another redirect_uri than at the start.
    "invalid_request": UpstreamFault.REGISTRATION,
    "unsupported_grant_type": UpstreamFault.ODD_ERROR,
}


class UpstreamOverloaded(UpstreamUnavailable):
    """RERO+ asks to be left alone for a while: what failed is not to be repeated."""


def check_token_status(answer: Answer) -> None:
    """Let an answer of the token endpoint pass only if it is a 200.

    Raises:
        UpstreamRefused: REGISTRATION, CODE_OVER, SCOPE, ODD_ERROR.
        UpstreamUnavailable: DOWN, NOT_JSON.
        UpstreamGarbled: ODD_ERROR.
    """
    if answer.status in (401, 404):  # 404: RERO+ does not know the client_id
        raise UpstreamRefused(UpstreamFault.REGISTRATION, f"status {answer.status}")
    if answer.status == 400:
        error = _error_code(answer.body)
        if error is not None and error in TOKEN_ERRORS:
            raise UpstreamRefused(TOKEN_ERRORS[error], error)
    _check_status(answer)


def check_info_status(answer: Answer) -> None:
    """Let an answer of /api/patrons/info pass only if it is a 200.

    401 directly after a good token answer is a race: the same patron signed in a second
    time, which ends the first token, or the account was closed.

    Raises:
        UpstreamRefused: TOKEN_KILLED, ODD_ERROR.
        UpstreamUnavailable: DOWN, NOT_JSON.
        UpstreamGarbled: ODD_ERROR.
    """
    if answer.status == 401:
        raise UpstreamRefused(UpstreamFault.TOKEN_KILLED)
    _check_status(answer)


def _check_status(answer: Answer) -> None:
    """Tell apart what both endpoints answer alike; redirects are not followed."""
    status, detail = answer.status, f"status {answer.status}"
    if status == 200:
        return
    if status == 429:
        raise UpstreamOverloaded(UpstreamFault.DOWN, detail)
    # Temporary redirects lead to a maintenance page; lasting ones mean that base_url is
    # not where RERO+ lives.
    if status >= 500 or status in (302, 303, 307, 408):
        raise UpstreamUnavailable(UpstreamFault.DOWN, detail)
    if 400 <= status < 500:
        # A page: what speaks is not RERO+'s interface, but before or in place of it.
        if _error_code(answer.body) is None:
            raise UpstreamUnavailable(UpstreamFault.NOT_JSON, detail)
        raise UpstreamRefused(UpstreamFault.ODD_ERROR, detail)
    raise UpstreamGarbled(UpstreamFault.ODD_ERROR, detail)


def _error_code(body: bytes) -> str | None:
    """Return the member `error`, "" where a JSON body has none, None without JSON."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = parsed.get("error") if isinstance(parsed, dict) else None
    return error if isinstance(error, str) else ""
