"""ID tokens read by a witness that is not ours: joserfc, by the published keys."""

import json
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.visitor import Visitor


@dataclass(frozen=True, slots=True)
class IdToken:
    """A verified ID token."""

    header: dict[str, object]
    claims: dict[str, object]


def verified(browser: Visitor, id_token: object) -> IdToken:
    """Verify *id_token* by the JWKS of the bridge.

    Raises:
        JoseError: the signature does not hold.
    """
    published = browser.get(f"{browser.trial.web.prefix}/jwks").body
    keys = KeySet.import_key_set(json.loads(published))
    token = jwt.decode(str(id_token), keys, algorithms=["RS256", "ES256"])
    return IdToken(dict(token.header), dict(token.claims))
