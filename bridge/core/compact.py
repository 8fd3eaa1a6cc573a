"""JSON as short as can be, in ASCII; one encoder for all (making one costs more)."""

import json
from typing import Final

compact: Final = json.JSONEncoder(
    ensure_ascii=True, check_circular=False, allow_nan=False, separators=(",", ":")
).encode
