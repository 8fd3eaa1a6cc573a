"""A stand-in for the login server: plain OAuth 2, as fast as one Python core allows.

/oauth/authorize logs a patron in at once, /oauth/token answers a code or a refresh
token, /api/patrons/info answers the patron of a Bearer token, all in RERO+'s shapes. It
keeps no state: code and tokens carry the patron's number, so that it costs almost
nothing beside an OP. Patrons come in turn, 1 to --patrons.
--delay-ms adds a wait before /oauth/token and /api/patrons/info (a real login server
is not on the loopback); it costs no CPU.
GET /stats answers the counts of requests and the stub's own CPU seconds.
"""

import argparse
import asyncio
import contextlib
import json
import re
import time
from urllib.parse import parse_qs, quote

import uvloop

N = 100_000
DELAY = 0.0
INSTITUTIONS = ["nj", "hig", "hepl", "usi", "fr", "vs", "ne", "aosta"]
TYPES = ["student", "staff", "external", "member"]
SCOPE = "fullname birthdate institution expiration_date patron_type patron_types"
NO_STORE = b"Cache-Control: no-store\r\nPragma: no-cache\r\n"
seq = 0
rr = 0
counts = {"authorize": 0, "token": 0, "info": 0, "other": 0}
T = int(time.time()) % 1_000_000


def patron(n):
    """Make the patron of number *n*, always the same; one in four has two libraries."""
    records = {}
    month, day = 1 + n % 12, 1 + n % 28
    for second in range(2 if n % 4 == 0 else 1):
        institution = INSTITUTIONS[(n + 3 * second) % len(INSTITUTIONS)]
        records[institution] = {
            "expiration_date": f"20{30 + n % 9}-{month:02d}-{day:02d}T00:00:00",
            "institution": institution,
            "patron_pid": str(n + N * second),
            "patron_type": f"{institution}-{TYPES[(n + second) % len(TYPES)]}",
        }
    return {
        "barcode": str(20_000_000_000 + n),
        "birthdate": f"{1940 + n % 70}-{month:02d}-{day:02d}",
        "fullname": f"Müster{n}, Ana",
        "patron_info": records,
        "patron_types": list(records.values()),
        "user_id": n,
    }


def resp(status, body=b"", extra=b"", ctype=b"application/json"):
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Type: "
        + ctype
        + b"\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\n"
        + extra
        + b"\r\n"
        + body
    )


RE_CODE = re.compile(rb"(?:^|[&?])(?:code|refresh_token)=[a-z]+(\d+)")
RE_BEARER = re.compile(rb"\r\nauthorization: *bearer +at(\d+)", re.IGNORECASE)
RE_LEN = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def authorize(query):
    global seq, rr
    q = parse_qs(query.decode("latin-1"))
    rr = rr % N + 1
    try:
        uri = q["redirect_uri"][0]
    except KeyError:
        return resp(b"400 Bad Request", b'{"error":"invalid_request"}')
    seq += 1
    loc = f"{uri}{'&' if '?' in uri else '?'}code=c{rr}.{T}x{seq}"
    if "state" in q:
        loc += "&state=" + quote(q["state"][0], safe="")
    counts["authorize"] += 1
    return resp(b"302 Found", b"", b"Location: " + loc.encode() + b"\r\n", b"text/html")


def token(body):
    m = RE_CODE.search(body)
    counts["token"] += 1
    if not m:
        return resp(b"400 Bad Request", b'{"error":"invalid_grant"}')
    n = m.group(1).decode()
    answer = {
        "access_token": f"at{n}",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": SCOPE,
        "refresh_token": f"rt{n}",
        "user": {"id": n},
    }
    return resp(b"200 OK", json.dumps(answer).encode(), NO_STORE)


def info(head):
    m = RE_BEARER.search(head)
    counts["info"] += 1
    if not m:
        return resp(b"401 Unauthorized", b'{"error":"invalid_token"}')
    return resp(
        b"200 OK", json.dumps(patron(int(m.group(1))), sort_keys=True).encode() + b"\n"
    )


class Http(asyncio.Protocol):
    __slots__ = ("buf", "busy", "t")

    def connection_made(self, t):
        self.t, self.buf, self.busy = t, b"", False

    def data_received(self, data):
        self.buf = self.buf + data if self.buf else data
        if not self.busy:
            self.pump()

    def pump(self):
        while self.buf:
            end = self.buf.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buf[: end + 2]
            body = b""
            total = end + 4
            if head[:4] != b"GET ":
                m = RE_LEN.search(head)
                if m:
                    total += int(m.group(1))
                if len(self.buf) < total:
                    if b"100-continue" in head.lower():
                        self.t.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    return
                body = self.buf[end + 4 : total]
            self.buf = self.buf[total:]
            target = head.split(b" ", 2)[1]
            path, _, query = target.partition(b"?")
            wait = 0.0
            if path == b"/oauth/authorize":
                out = authorize(query)
            elif path == b"/oauth/token":
                out, wait = token(body), DELAY
            elif path == b"/api/patrons/info":
                out, wait = info(head), DELAY
            elif path == b"/stats":
                out = resp(
                    b"200 OK",
                    json.dumps(dict(counts, cpu_s=time.process_time())).encode(),
                )
            else:
                counts["other"] += 1
                out = resp(b"404 Not Found", b"{}")
            low = head.lower()
            close = b"\r\nconnection: close" in low
            if close:
                out = out.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            if wait:
                self.busy = True
                asyncio.get_running_loop().call_later(wait, self.later, out, close)
                return
            self.t.write(out)
            if close:
                self.t.close()
                return

    def later(self, out, close):
        self.busy = False
        if self.t.is_closing():
            return
        self.t.write(out)
        if close:
            self.t.close()
        else:
            self.pump()


async def main():
    global N, DELAY
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--host", default="127.0.0.1")
    a.add_argument("--port", type=int, default=22000)
    a.add_argument("--patrons", type=int, default=N)
    a.add_argument("--delay-ms", type=float, default=0)
    a = a.parse_args()
    N, DELAY = a.patrons, a.delay_ms / 1000
    server = await asyncio.get_running_loop().create_server(
        Http, a.host, a.port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main())
