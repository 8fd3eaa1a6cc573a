"""A reader at the stand-in RERO+: signs in and agrees, in this process."""

from typing import Final
from urllib.parse import urljoin, urlsplit

from bridge.demo.proof_page import read_page
from bridge.demo.rero import StandIn
from bridge.demo.rero_readers import PASSWORD
from bridge.demo.rero_state import Client

CLIENT: Final = Client(
    client_id="bridge",
    secret="the-bridge-at-rero",
    redirect_uris=("https://login.example/callback",),
)


class ReroReader:
    """A browser at the stand-in; it keeps the stand-in's cookies."""

    def __init__(self, stand_in: StandIn, name: str = "jean") -> None:
        self._http = stand_in.app.test_client()
        self._name = name

    def go(self, url: str) -> str:
        """Follow *url* and press what agrees, until the way leads to the bridge."""
        method, form = "GET", dict[str, str]()
        while not url.startswith(CLIENT.redirect_uris):
            parts = urlsplit(url)
            answer = self._http.open(
                parts.path,
                method=method,
                query_string=parts.query,
                data=form or None,
                base_url=f"{parts.scheme}://{parts.netloc}",
            )
            if answer.status_code in {302, 303}:
                url = urljoin(url, answer.headers["Location"])
                method, form = "GET", {}
                continue
            posted = next(f for f in read_page(answer.text).forms if f.method == "post")
            typed = {"email": self._name, "password": PASSWORD}
            form = {f.name: typed.get(f.name, f.value) for f in posted.fields}
            form |= {b.name: b.value for b in posted.buttons if b.value == "yes"}
            url, method = urljoin(url, posted.action), "POST"
        return url
