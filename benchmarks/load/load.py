"""Load generator for OpenID Providers: complete code flows, or one endpoint.

One process on one core (uvloop). It plays the browser (cookies, redirects followed by
hand) and the relying party (token, userinfo), and prints one JSON object.

Modes
  flow       GET authorization_endpoint, redirects until the client's redirect_uri,
             POST token (PKCE S256), ID token checked, GET userinfo. Fresh cookies
             each flow.
  discovery  GET the discovery document
  jwks       GET jwks_uri
  userinfo   GET userinfo with tokens got before the measured time, one a virtual user
  refresh    POST token, grant_type=refresh_token (a rotated token is taken up)
"""

import argparse
import asyncio
import base64
import hashlib
import json
import random
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import uvloop
from client import FlowError, User, location
from report import process_tree, report
from tokens import Keys, b64, unb64

MODES = ("flow", "refresh", "userinfo", "discovery", "jwks")
MAX_REDIRECTS = 15
MAX_WARMUP_S = 120


@dataclass
class Tally:
    """What was completed while the measurement ran."""

    count: int = 0
    errors: dict = field(default_factory=dict)
    latencies: list = field(default_factory=list)
    steps: dict = field(default_factory=dict)
    subs: set = field(default_factory=set)
    algs: set = field(default_factory=set)
    signatures_checked: int = 0
    hops: int = 0


def expect_ok(status, body, where):
    if status != 200:
        raise FlowError(f"{status} at {where}: {body[:160]!r}")


class Bench:
    """The virtual users of one measurement."""

    def __init__(self, options):
        self.options = options
        self.started = 0  # flows, the unmeasured ones too
        self.completed = 0  # of what the mode counts, the unmeasured ones too
        self.tally = Tally()
        self.recording = False
        self.stop = False
        secret = quote(options.client_secret, safe="")
        basic = base64.b64encode(f"{options.client_id}:{secret}".encode()).decode()
        self.basic = f"Authorization: Basic {basic}\r\n"

    async def setup(self):
        """Read the OP's discovery document and its keys."""
        user = User()
        status, _, body = await user.get(self.options.discovery)
        expect_ok(status, body, "discovery")
        self.metadata = json.loads(body)
        # An https issuer is an OP behind a proxy: its own URLs are asked for as such.
        scheme = urlsplit(self.metadata["issuer"]).scheme
        origin = urlsplit(self.options.discovery).netloc
        self.discovery = f"{scheme}://{origin}{urlsplit(self.options.discovery).path}"
        status, _, body = await user.get(self.metadata["jwks_uri"])
        expect_ok(status, body, "jwks")
        self.keys = Keys(json.loads(body))
        user.shut()

    def timed(self, name, since):
        """Note how long step *name* took and return the time of now."""
        now = time.perf_counter()
        if self.recording:
            self.tally.steps.setdefault(name, []).append(now - since)
        return now

    def authorization_url(self, state, nonce, verifier):
        challenge = b64(hashlib.sha256(verifier.encode()).digest())
        query = {
            "client_id": self.options.client_id,
            "redirect_uri": self.options.redirect_uri,
            "response_type": "code",
            "scope": self.options.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return self.metadata["authorization_endpoint"] + "?" + urlencode(query)

    async def browse(self, user, url, state):
        """Follow redirects from *url* to the client's redirect_uri; return the code."""
        op, mark = urlsplit(url).netloc, time.perf_counter()
        for hop in range(1, MAX_REDIRECTS + 1):
            status, head, body = await user.get(url, browser=True)
            place = "OP" if urlsplit(url).netloc == op else "upstream"
            mark = self.timed(f"browser {hop} {place}", mark)
            if status not in (301, 302, 303, 307):
                raise FlowError(f"{status} at {urlsplit(url).path}: {body[:160]!r}")
            url = location(head, url)
            if url.startswith(self.options.redirect_uri):
                break
        else:
            raise FlowError("too many redirects")
        self.tally.hops = hop
        answer = parse_qs(urlsplit(url).query)
        if answer.get("state") != [state] or "code" not in answer:
            raise FlowError(
                f"authorization response: {sorted(answer)} {answer.get('error')} "
                f"{answer.get('error_description')}"
            )
        return answer["code"][0]

    def check_id_token(self, id_token, nonce, number):
        """Check issuer, audience and nonce; of 1 token in 50 the signature too."""
        claims = json.loads(unb64(id_token.split(".")[1]))
        client_id = self.options.client_id
        if (
            claims.get("nonce") != nonce
            or claims["iss"] != self.metadata["issuer"]
            or claims["aud"] not in (client_id, [client_id])
        ):
            raise FlowError("ID token claims")
        if number % self.options.verify_every == 0:
            self.tally.algs.add(self.keys.verify(id_token))
            self.tally.signatures_checked += 1
        return claims["sub"]

    async def userinfo(self, user, access_token):
        status, _, body = await user.get(
            self.metadata["userinfo_endpoint"],
            f"Authorization: Bearer {access_token}\r\n",
        )
        expect_ok(status, body, "userinfo")
        return json.loads(body)["sub"]

    async def token(self, user, form):
        status, _, body = await user.post(
            self.metadata["token_endpoint"], form, self.basic
        )
        expect_ok(status, body, "token")
        return json.loads(body)

    async def flow(self, user):
        """Sign one patron in with a fresh browser; return the token response."""
        self.started += 1
        number = self.started
        user.jar.clear()
        verifier = b64(random.randbytes(32))
        state, nonce = f"s{random.getrandbits(96):x}", f"n{random.getrandbits(96):x}"
        url = self.authorization_url(state, nonce, verifier)
        code = await self.browse(user, url, state)
        mark = time.perf_counter()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.options.redirect_uri,
            "code_verifier": verifier,
        }
        tokens = await self.token(user, form)
        mark = self.timed("token", mark)
        sub = self.check_id_token(tokens["id_token"], nonce, number)
        mark = time.perf_counter()
        if await self.userinfo(user, tokens["access_token"]) != sub:
            raise FlowError("userinfo sub is not the ID token's")
        self.timed("userinfo", mark)
        if self.recording:
            self.tally.subs.add(sub)
        return tokens

    async def request(self, user, tokens):
        """Do once what the mode measures."""
        mode = self.options.mode
        if mode == "flow":
            await self.flow(user)
        elif mode == "userinfo":
            await self.userinfo(user, tokens["access_token"])
        elif mode == "refresh":
            form = {
                "grant_type": "refresh_token",
                "refresh_token": tokens["refresh_token"],
            }
            tokens.update(await self.token(user, form))
        else:
            url = self.discovery if mode == "discovery" else self.metadata["jwks_uri"]
            status, _, body = await user.get(url)
            expect_ok(status, body, mode)

    async def virtual_user(self):
        user, tokens = User(), None
        if self.options.mode in ("userinfo", "refresh"):
            tokens = await self.flow(user)
            if self.options.mode == "refresh" and "refresh_token" not in tokens:
                raise SystemExit("the OP gave no refresh_token")
        self.ready += 1
        await self.go.wait()
        while not self.stop:
            begun = time.perf_counter()
            try:
                await self.request(user, tokens)
                self.completed += 1
                if self.recording:
                    self.tally.count += 1
                    self.tally.latencies.append(time.perf_counter() - begun)
            except (FlowError, OSError, KeyError, ValueError) as error:
                kind = f"{type(error).__name__}: {error}"[:240]
                self.tally.errors[kind] = self.tally.errors.get(kind, 0) + 1
                user.shut()
                await asyncio.sleep(0.01)
        user.shut()

    async def warm_up(self):
        """Wait until the OP has answered for a while and often enough."""
        begun = time.perf_counter()
        await asyncio.sleep(self.options.warmup_s)
        while self.completed < self.options.warmup_count:
            if time.perf_counter() - begun > MAX_WARMUP_S:
                raise SystemExit(f"only {self.completed} done in {MAX_WARMUP_S} s")
            await asyncio.sleep(0.1)

    async def run(self):
        """Warm up, measure, stop; return the report."""
        options = self.options
        await self.setup()
        self.go, self.ready = asyncio.Event(), 0
        tasks = [
            asyncio.ensure_future(self.virtual_user())
            for _ in range(options.concurrency)
        ]
        while self.ready < options.concurrency:
            for task in tasks:
                if task.done():
                    task.result()  # raises what went wrong
            await asyncio.sleep(0.01)
        self.go.set()
        await self.warm_up()
        cpu_before, peak, _ = process_tree(options.op_pid)
        own_before, begun = time.process_time(), time.perf_counter()
        self.tally = Tally()
        self.recording = True
        while (left := options.duration_s - (time.perf_counter() - begun)) > 0:
            await asyncio.sleep(min(1.0, left))
            peak = max(peak, process_tree(options.op_pid)[1])
        cpu_after, _, processes = process_tree(options.op_pid)
        self.recording = False
        usage = {
            "wall_s": time.perf_counter() - begun,
            "op_cpu_s": cpu_after - cpu_before,
            "op_peak_rss": peak,
            "op_processes": processes,
            "own_cpu_s": time.process_time() - own_before,
        }
        self.stop = True
        await asyncio.wait(tasks, timeout=15)
        return report(options, self.tally, usage)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--discovery", required=True, help="URL of the discovery document")
    add("--mode", default="flow", choices=MODES)
    add("--client-id", default="bench")
    add("--client-secret", default="bench-secret-0123456789-0123456789-0123456789")
    add("--redirect-uri", default="http://127.0.0.1:22099/cb", help="never fetched")
    add("--scope", default="openid profile")
    add("--concurrency", type=int, default=8)
    add("--warmup-s", type=float, default=2)
    add("--warmup-count", type=int, default=0, help="completed before it is measured")
    add("--duration-s", type=float, default=6)
    add("--op-pid", type=int, required=True, help="root of the OP's process tree")
    add("--verify-every", type=int, default=50, help="verify 1 ID token in N")
    add("--label", default="")
    out = uvloop.run(Bench(parser.parse_args()).run())
    print(json.dumps(out))
    sys.exit(0 if out["count"] else 1)


if __name__ == "__main__":
    main()
