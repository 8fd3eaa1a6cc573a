"""The load generator's browser and HTTP client, as cheap as Python allows.

Plain HTTP is spoken for https URLs too: an OP with an https issuer is measured as it
runs behind a proxy that ends TLS, and is told so by X-Forwarded-Proto.
"""

import asyncio
from urllib.parse import urlencode, urljoin, urlsplit


class ClosedError(Exception):
    """The peer closed the connection before the answer was whole."""


class FlowError(Exception):
    """An answer that a flow cannot go on with."""


class Conn(asyncio.Protocol):
    """One HTTP/1.1 connection, one request at a time."""

    __slots__ = (
        "buf",
        "chunked",
        "close",
        "dead",
        "fut",
        "head",
        "head_end",
        "need",
        "status",
        "t",
    )

    def __init__(self):
        self.t = self.fut = None
        self.dead = False
        self.reset()

    def reset(self):
        self.buf = b""
        self.need = -1
        self.head_end = -1
        self.chunked = False
        self.close = False

    def connection_made(self, t):
        self.t = t

    def connection_lost(self, exc):
        self.dead = True
        if self.fut and not self.fut.done():
            if self.head_end >= 0 and self.need < 0 and not self.chunked:
                self.done(self.buf[self.head_end + 4 :])
            else:
                self.fut.set_exception(ClosedError("partial" if self.buf else "empty"))

    def done(self, body):
        fut, self.fut = self.fut, None
        if self.close:
            self.dead = True
            self.t.close()
        fut.set_result((self.status, self.head, body))

    def data_received(self, data):
        if self.fut is None:
            return
        self.buf = buf = self.buf + data if self.buf else data
        if self.head_end < 0:
            e = buf.find(b"\r\n\r\n")
            if e < 0:
                return
            self.head_end = e
            self.status = int(buf[9:12])
            self.head = head = buf[: e + 2]
            low = head.lower()
            i = low.find(b"\r\ncontent-length:")
            if i >= 0:
                self.need = int(low[i + 17 : low.index(b"\r\n", i + 17)])
            elif b"\r\ntransfer-encoding: chunked" in low:
                self.chunked = True
            elif self.status in (204, 304):
                self.need = 0
            if b"\r\nconnection: close" in low or buf[:8] == b"HTTP/1.0":
                self.close = True
        if self.need >= 0:
            if len(buf) >= self.head_end + 4 + self.need:
                self.done(buf[self.head_end + 4 : self.head_end + 4 + self.need])
        elif self.chunked and buf.endswith(b"0\r\n\r\n"):
            p, out = self.head_end + 4, []
            while True:
                q = buf.find(b"\r\n", p)
                if q < 0:
                    return
                n = int(buf[p:q].split(b";")[0], 16)
                if n == 0:
                    break
                if len(buf) < q + 2 + n + 2:
                    return
                out.append(buf[q + 2 : q + 2 + n])
                p = q + 2 + n + 2
            self.done(b"".join(out))


class User:
    """A virtual user: its connections (one an origin) and its cookies."""

    def __init__(self):
        self.conns = {}
        self.jar = {}

    async def send(self, origin, raw):
        loop = asyncio.get_running_loop()
        for attempt in (0, 1):
            c = self.conns.get(origin)
            fresh = c is None or c.dead
            if fresh:
                host, _, port = origin.rpartition(":")
                _, c = await loop.create_connection(Conn, host, int(port))
                self.conns[origin] = c
            c.reset()
            c.fut = loop.create_future()
            c.t.write(raw)
            try:
                r = await c.fut
            except ClosedError as e:
                if not fresh and e.args[0] == "empty" and attempt == 0:
                    continue
                raise FlowError("connection closed") from None
            return r
        return None

    def cookies(self, host, path):
        got = [
            f"{n}={v}"
            for (h, p, n), v in self.jar.items()
            if h == host
            and (path == p or path.startswith(p if p.endswith("/") else p + "/"))
        ]
        return "; ".join(got)

    def store(self, host, path, head):
        i = 0
        low = head.lower()
        while True:
            i = low.find(b"\r\nset-cookie:", i)
            if i < 0:
                return
            e = low.index(b"\r\n", i + 2)
            parts = head[i + 13 : e].decode("latin-1").split(";")
            i = e
            name, _, value = parts[0].strip().partition("=")
            p, gone = path.rsplit("/", 1)[0] or "/", value == ""
            for a in parts[1:]:
                k, _, v = a.strip().partition("=")
                k = k.lower()
                if k == "path" and v.startswith("/"):
                    p = v
                elif k == "max-age":
                    gone = gone or (v.lstrip("-").isdigit() and int(v) <= 0)
                elif k == "expires" and "1970" in v:
                    gone = True
            if gone:
                self.jar.pop((host, p, name), None)
            else:
                self.jar[(host, p, name)] = value

    async def get(self, url, headers="", browser=False):
        s = urlsplit(url)
        target = (s.path or "/") + ("?" + s.query if s.query else "")
        extra = headers
        if browser and self.jar:
            ck = self.cookies(s.netloc, s.path)
            if ck:
                extra += f"Cookie: {ck}\r\n"
        raw = (
            f"GET {target} HTTP/1.1\r\nHost: {s.netloc}\r\n{proto(s)}"
            f"Accept: */*\r\n{extra}\r\n"
        ).encode("latin-1")
        st, head, body = await self.send(s.netloc, raw)
        if browser and b"et-" in head:
            self.store(s.netloc, s.path, head)
        return st, head, body

    async def post(self, url, form, headers=""):
        s = urlsplit(url)
        body = urlencode(form).encode()
        raw = (
            f"POST {s.path} HTTP/1.1\r\nHost: {s.netloc}\r\n{proto(s)}"
            "Accept: application/json\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n"
        ).encode("latin-1") + body
        return await self.send(s.netloc, raw)

    def shut(self):
        for c in self.conns.values():
            if not c.dead:
                c.dead = True
                c.t.close()


def proto(url):
    """Say what a proxy that ends TLS would say, where the URL is an https one."""
    return "X-Forwarded-Proto: https\r\n" if url.scheme == "https" else ""


def location(head, base):
    low = head.lower()
    i = low.find(b"\r\nlocation:")
    if i < 0:
        raise FlowError("redirect without Location")
    return urljoin(
        base, head[i + 11 : low.index(b"\r\n", i + 2)].strip().decode("latin-1")
    )
