"""Writing a request: a head of which most was written once, and a body."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from requests import PreparedRequest

_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class CompletedRequest(PreparedRequest):
    """A prepared request that stays as it is, completed for one call.

    A copy of it with other headers would cost as much as reading the answer.
    """

    def __init__(
        self,
        fixed: PreparedRequest,
        *,
        authorization: str | None = None,
        body: str | None = None,
    ) -> None:
        super().__init__()
        self.fixed = fixed
        self.authorization = authorization
        self.body = body

    def own_part(self) -> bytes:
        """Write what follows the fixed head: the last headers and the body."""
        lines = ""
        if self.authorization is not None:
            if not (self.authorization.isascii() and self.authorization.isprintable()):
                raise ValueError("the authorization does not fit a header")
            lines = f"Authorization: {self.authorization}\r\n"
        if not isinstance(self.body, str):
            return f"{lines}\r\n".encode()
        body = self.body.encode()
        return b"%sContent-Length: %d\r\n\r\n%s" % (lines.encode(), len(body), body)


def fixed_head(request: PreparedRequest, proxy: SplitResult | None) -> bytes:
    """Write the request line and the headers, without the empty line at the end.

    *proxy* is one that is asked without a tunnel: it wants the whole URL (RFC 9112
    §3.2.2) and its own credentials.
    """
    address = urlsplit(request.url or "")
    has_usual_port = port_of(address) == _PORTS[address.scheme]
    headers = {
        "Host": _bracketed(address) if has_usual_port else authority(address),
        **request.headers,
        **_proxy_authorization(proxy),
    }
    # It depends on the body that is still to come.
    headers.pop("Content-Length", None)
    target = request.path_url if proxy is None else request.url
    return _head(f"{request.method} {target}", headers)


def tunnel_request(proxy: SplitResult, address: SplitResult) -> bytes:
    """Write the request for a tunnel to the host of *address* (RFC 9110 §9.3.6)."""
    target = authority(address)
    headers = {"Host": target, **_proxy_authorization(proxy)}
    return _head(f"CONNECT {target}", headers) + b"\r\n"


def host_of(address: SplitResult) -> str:
    """Return the name or address to connect to."""
    return address.hostname or ""


def port_of(address: SplitResult) -> int:
    """Return the port to connect to."""
    return address.port or _PORTS[address.scheme]


def authority(address: SplitResult) -> str:
    """Return host and port as one text."""
    return f"{_bracketed(address)}:{port_of(address)}"


def _bracketed(address: SplitResult) -> str:
    host = host_of(address)
    return f"[{host}]" if ":" in host else host


def _head(request_line: str, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request_line} HTTP/1.1\r\n{lines}".encode()


def _proxy_authorization(proxy: SplitResult | None) -> Mapping[str, str]:
    if proxy is None or proxy.username is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    encoded = b64encode(credentials.encode()).decode()
    return {"Proxy-Authorization": f"Basic {encoded}"}
