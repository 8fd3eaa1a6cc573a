"""ID tokens as Moodle reads them: its payload is decoded by plain base64."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from bridge.signing.keys import KeyRing, make_key
from bridge.signing.signer import JwsSigner

NOW = 1_800_000_000
SIGNER = JwsSigner(KeyRing([make_key("ES256", NOW, NOW)]))


@given(st.text(), st.text(alphabet='>?~\x7f\\"-_/+ é'))
def test_plain_base64_reads_every_payload(name: str, other: str) -> None:
    token = SIGNER.sign({"name": name, "other": [other]}, "ES256", NOW)

    payload = token.split(".")[1]
    read = json.loads(
        base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)
    )

    assert read == {"name": name, "other": [other]}
