"""A browser at the HTTP edge: raw requests to the WSGI app, cookies kept."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import create_environ, run_wsgi_app

from bridge.core.errors import PageReason
from bridge.web.texts import read_catalog
from tests.support.flow_browser import query_of, request_pairs
from tests.support.trial import SECRET, Trial
from tests.support.upstream import UPSTREAM

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FORM: Final = "application/x-www-form-urlencoded"
_ENGLISH: Final = read_catalog("en")
_REASONS: Final = {
    f"<p>{escape(_ENGLISH[f'error.{reason}.why'], quote=False)}</p>": reason
    for reason in PageReason
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8")

    @property
    def location(self) -> str:
        """Return where the browser is sent."""
        return self.headers["Location"]

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters of where the browser is sent, past RERO+'s language."""
        query = query_of(self.location)
        return query_of(query["next"]) if "/lang/" in self.location else query

    @property
    def members(self) -> dict[str, object]:
        """Return the members of a JSON object."""
        assert self.headers["Content-Type"] == "application/json"
        read = json.loads(self.body)
        assert isinstance(read, dict)
        return read

    @property
    def page(self) -> PageReason | None:
        """Return which error page this is, by its explanation."""
        html = self.text.replace("&#39;", "'").replace("&#34;", '"')
        found = [reason for why, reason in _REASONS.items() if why in html]
        return found[0] if found else None

    @property
    def ticket(self) -> str:
        """Return the ticket in the form of the page."""
        return self._matched(r'name="ticket" value="([^"]+)"')

    @property
    def form_action(self) -> str:
        """Return where the form of the page is sent."""
        return self._matched(r'<form method="post" action="([^"]+)"')

    @property
    def restart(self) -> str:
        """Return the link of the page that begins again."""
        return self._matched(r'<a class="button" href="([^"]+)"')

    def _matched(self, pattern: str) -> str:
        match = re.search(pattern, self.text)
        assert match is not None
        return unescape(match.group(1))

    @property
    def set_cookies(self) -> list[str]:
        """Return the Set-Cookie headers."""
        return self.headers.getlist("Set-Cookie")


class Visitor:
    """A browser (or a program) that sends requests to a bridge."""

    def __init__(self, trial: Trial, address: str = "192.0.2.7") -> None:
        self.trial = trial
        self.address = address
        self.cookies: dict[str, str] = {}

    def get(
        self,
        target: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a GET."""
        raw = urlencode(query or {}).encode()
        return self.send("GET", target, query=raw, headers=headers)

    def post(
        self,
        target: str,
        form: Mapping[str, str] | bytes = b"",
        headers: Mapping[str, str] | None = None,
        content_type: str = FORM,
    ) -> Answer:
        """Send a POST with a form."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        typed = {"Content-Type": content_type, **(headers or {})}
        return self.send("POST", target, body=body, headers=typed)

    def send(
        self,
        method: str,
        target: str,
        *,
        query: bytes = b"",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send any request; *query* and *body* go out byte for byte."""
        parts = urlsplit(target) if "://" in target else None
        path, _, own_query = target.partition("?")
        if parts is not None:
            path, own_query = parts.path, parts.query
        sent = {"Accept-Language": "en", **(headers or {})}
        if self.cookies and "Cookie" not in sent:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            sent["Cookie"] = "; ".join(pairs)
        issuer = urlsplit(self.trial.web.issuer)
        environ = create_environ(
            "/",
            f"{issuer.scheme}://{issuer.netloc}",
            method=method,
            data=body,
            headers=Headers(list(sent.items())),
            environ_overrides={
                "PATH_INFO": path,
                "QUERY_STRING": own_query or query.decode("latin-1"),
                "REMOTE_ADDR": self.address,
            },
        )
        return self._run(self.trial.app, environ)

    def _run(self, app: "WSGIApplication", environ: dict[str, object]) -> Answer:
        chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
        answer = Answer(int(status[:3]), headers, b"".join(chunks))
        for line in answer.set_cookies:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    # -- a login -----------------------------------------------------------------------

    def authorize(self, client_id: str = "service", /, **changes: str | None) -> Answer:
        """Come with an authorization request."""
        pairs = request_pairs(client_id, changes)
        return self.send("GET", self._path("/authorize"), query=_encode(pairs))

    def come_back(self, sent: Answer, code: str = "jean", **others: str) -> Answer:
        """Come back from RERO+ with a code."""
        query = {"state": sent.query["state"], "code": code, **others}
        return self.get(self._path("/callback"), query)

    def sign_in(
        self, who: str = "jean", client_id: str = "service", /, **changes: str | None
    ) -> Answer:
        """Go the whole way to the client, or to the page that stands between."""
        sent = self.authorize(client_id, **changes)
        if not sent.headers.get("Location", "").startswith(UPSTREAM):
            return sent  # the session was good enough, or the request was not
        return self.come_back(sent, who)

    def press(self, page: Answer, decision: str, **fields: str) -> Answer:
        """Press a button of a consent or refusal page."""
        form = {"ticket": page.ticket, "decision": decision, **fields}
        return self.post(page.form_action, form)

    def token(
        self, code: str, client_id: str = "service", /, **changes: str | None
    ) -> Answer:
        """Redeem a code, with client_secret_post."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"https://{client_id}.example/callback",
            "client_id": client_id,
            "client_secret": SECRET,
            **changes,
        }
        kept = {name: value for name, value in form.items() if value is not None}
        return self.post(self._path("/token"), kept)

    def tokens(
        self, who: str = "jean", client_id: str = "service", /, **changes: str | None
    ) -> dict[str, object]:
        """Sign in and redeem the code."""
        code = self.sign_in(who, client_id, **changes).query["code"]
        return self.token(code, client_id).members

    def userinfo(self, access_token: object) -> Answer:
        """Ask for the claims of an access token."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.get(self._path("/userinfo"), headers=headers)

    def _path(self, path: str) -> str:
        return self.trial.web.prefix + path


def _encode(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs).encode()
