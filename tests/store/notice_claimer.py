"""A process that claims logout notices until none is due: it prints their numbers.

Run as `python notice_claimer.py STORE`; it says "ready" and starts at a line of input.
"""

import sys
from pathlib import Path

from bridge.store.sqlite import open_sqlite_store
from tests.store.conformance import DAY_S, NOW


def main(path: str) -> None:
    """Claim a few notices at a time, as the sender of a worker does."""
    store = open_sqlite_store(Path(path))
    print("ready", flush=True)
    sys.stdin.readline()
    while claimed := store.claim_logout_notices(NOW, NOW + DAY_S, 3):
        for notice in claimed:
            print(notice.notice_id, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
