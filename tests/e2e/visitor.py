"""A patron with a browser, and a service: the two ends of a login."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

from bridge.demo.proof_page import Button, Form, read_page
from tests.e2e.support import REDIRECT_URI, SECRET

PASSWORD: Final = "demo"
TIMEOUT_S: Final = 20


def parameters(url: str) -> dict[str, str]:
    """Return the parameters in the query of *url*."""
    return dict(parse_qsl(urlsplit(url).query))


@dataclass(slots=True)
class Visitor:
    """Follows redirects until one leads to the service; fills in forms on the way."""

    reader: str = "jean"
    verify: str | bool = True
    remembers: bool = True  # ticks "do not ask again"
    headlines: list[str] = field(default_factory=list)  # of the pages that were shown
    http: requests.Session = field(default_factory=requests.Session)

    def open(self, url: str) -> requests.Response | str:
        """Return the page that *url* leads to, or the service's address, unasked."""
        return self._follow("GET", url, None)

    def sign_in(self, url: str) -> dict[str, str]:
        """Walk from the authorization request to what the service is told."""
        at = self.walk(url)
        assert isinstance(at, str), (at.url, at.status_code, at.text)
        return parameters(at)

    def walk(self, url: str) -> requests.Response | str:
        """Sign in and agree, until the service, or a page that wants a decision."""
        at = self.open(url)
        while not isinstance(at, str) and at.status_code == 200 and "<form" in at.text:
            form = self._form(at)
            agreeing = [b for b in form.buttons if b.value in {"allow", "yes"}]
            if not agreeing and not form.asks_for_password:
                break
            at = self.send(at, form, self._filled(form, agreeing))
        return at

    def press(self, at: requests.Response, decision: str) -> requests.Response | str:
        """Press the button of our page that stands for *decision*."""
        form = self._form(at)
        fields = [(entry.name, entry.value) for entry in form.fields]
        return self.send(at, form, [*fields, ("decision", decision)])

    def send(
        self, at: requests.Response, form: Form, fields: list[tuple[str, str]]
    ) -> requests.Response | str:
        """Send *form* of the page *at*."""
        return self._follow(form.method, urljoin(at.url, form.action), fields)

    def _form(self, at: requests.Response) -> Form:
        page = read_page(at.text)
        self.headlines.append(page.h1)
        forms = [form for form in page.forms if form.method == "post"]
        assert forms, at.text
        return forms[0]

    def _filled(self, form: Form, agreeing: list[Button]) -> list[tuple[str, str]]:
        typed = {"email": self.reader, "password": PASSWORD}
        sent = [
            (entry.name, typed.get(entry.name, entry.value)) for entry in form.fields
        ]
        sent += [(button.name, button.value) for button in agreeing[:1]]
        if self.remembers and ("decision", "allow") in sent:
            sent.append(("remember", "yes"))  # the box of our consent page
        return sent

    def _follow(
        self, method: str, url: str, fields: list[tuple[str, str]] | None
    ) -> requests.Response | str:
        self.http.trust_env = False
        while not url.startswith(REDIRECT_URI):
            answer = self.http.request(
                method,
                url,
                data=fields,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                verify=self.verify,
            )
            if not answer.is_redirect:
                return answer
            method, fields = "GET", None
            url = urljoin(url, answer.headers["Location"])
        return url


@dataclass(slots=True)
class Service:
    """A relying party: builds requests and takes tokens."""

    issuer: str
    client_id: str = "service"
    client_secret: str | None = SECRET
    verify: str | bool = True
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def request(self, scope: str = "openid profile rero", **more: str) -> str:
        """Return the address of an authorization request with PKCE."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": "st4te",
            "nonce": "n0nce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.issuer}/authorize?{urlencode(query)}"

    def redeem(self, code: str) -> requests.Response:
        """Exchange *code*."""
        return self.ask_token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=self.verifier,
        )

    def refresh(self, refresh_token: str) -> requests.Response:
        """Exchange a refresh token."""
        return self.ask_token(grant_type="refresh_token", refresh_token=refresh_token)

    def ask_token(self, **form: str) -> requests.Response:
        """Send *form* to the token endpoint."""
        if self.client_secret is None:
            form["client_id"] = self.client_id
            auth = None
        else:
            auth = (self.client_id, self.client_secret)
        return requests.post(
            f"{self.issuer}/token",
            data=form,
            auth=auth,
            timeout=TIMEOUT_S,
            verify=self.verify,
        )

    def userinfo(self, access_token: str) -> requests.Response:
        """Ask who an access token stands for."""
        return requests.get(
            f"{self.issuer}/userinfo",
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=TIMEOUT_S,
            verify=self.verify,
        )

    def log_in(self, visitor: Visitor, **more: str) -> dict[str, Any]:
        """Return the token answer of a whole login."""
        answer = visitor.sign_in(self.request(**more))
        tokens: dict[str, Any] = self.redeem(answer["code"]).json()
        return tokens
