"""A stand-in RERO+ (demonstration and tests): its login, OAuth server and patrons.

It answers as RERO+'s own server does, oddities included, and shares no code with the
bridge: it is an independent witness. By hand: `python -m bridge.demo.rero --help`.
"""

import argparse
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from bridge.demo.rero_faults import DELIVERY_KEY, Faults
from bridge.demo.rero_journal import Entry, Journal
from bridge.demo.rero_oauth import OAuth
from bridge.demo.rero_pages import Pages
from bridge.demo.rero_readers import Reader, case_readers, demo_readers
from bridge.demo.rero_server import SERVED_KEY, serve_stand_in
from bridge.demo.rero_sessions import Sessions
from bridge.demo.rero_site import Site
from bridge.demo.rero_state import Client, Settings, State

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _App(Flask):
    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        chunks = super().wsgi_app(environ, start_response)
        if DELIVERY_KEY in environ and SERVED_KEY not in environ:
            # In-process there is no socket to close: the caller gets the error itself.
            raise ConnectionAbortedError("the stand-in dropped the answer")
        return chunks


class StandIn:
    """One stand-in RERO+, all in memory; `app` serves it in-process too."""

    def __init__(
        self,
        settings: Settings | None = None,
        readers: Iterable[Reader] | None = None,
        clock: Callable[[], float] = time.time,
        random_below: Callable[[int], int] = secrets.randbelow,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Start with all readers (or *readers*) and without a client.

        *clock* gives seconds since the epoch, *random_below(n)* one of 0..n-1, *sleep*
        waits the seconds of a fault's delay.
        """
        self._end_of_delays = threading.Event()
        self.state = State(settings or Settings(), clock, random_below)
        self.journal = Journal()
        self.faults = Faults(sleep or self._end_of_delays.wait)
        if readers is None:
            readers = (*demo_readers(), *case_readers())
        for reader in readers:
            self.add_reader(reader)
        self.app = self._build_app()

    @property
    def settings(self) -> Settings:
        """How the stand-in behaves; assign another at any time."""
        return self.state.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.state.settings = settings

    def add_client(self, client: Client) -> Client:
        """Register *client*, or replace the one with its client_id."""
        self.state.clients[client.client_id] = client
        return client

    def delete_client(self, client_id: str) -> None:
        """Take a client's registration away."""
        del self.state.clients[client_id]

    def add_reader(self, reader: Reader) -> Reader:
        """Add *reader*, or replace the one with its user_id."""
        self.state.put_reader(reader)
        return reader

    def reader(self, login: str) -> Reader:
        """Give the reader of this user name or e-mail address.

        Raises:
            KeyError: there is none.
        """
        found = self.state.find_reader(login)
        if found is None:
            raise KeyError(login)
        return found

    def close_account(self, login: str) -> None:
        """Close a reader's account: no login, no live token, no refresh."""
        self.add_reader(replace(self.reader(login), is_active=False))

    def move_records(self, login: str, new_login: str) -> None:
        """Give all patron records of one reader to another."""
        former, other = self.reader(login), self.reader(new_login)
        self.add_reader(replace(former, records=()))
        self.add_reader(replace(other, records=(*other.records, *former.records)))

    def replace_barcode(self, login: str, barcode: str) -> None:
        """Give a reader a new card: another barcode on the first patron record."""
        reader = self.reader(login)
        first, *others = reader.records
        changed = replace(first, barcodes=(barcode, *first.barcodes[1:]))
        self.add_reader(replace(reader, records=(changed, *others)))

    def revoke_tokens(self, login: str) -> None:
        """Delete a reader's tokens, as from the reader's account page."""
        self.state.revoke(self.reader(login).user_id)

    def end_delays(self) -> None:
        """Let all requests that a fault delays go on, now and in future."""
        self._end_of_delays.set()

    def _build_app(self) -> Flask:
        app = _App("standin_rero", static_folder=None)
        sessions = Sessions(self.state)
        pages = Pages(app)
        site = Site(self.state, sessions, pages)
        site.register(app)
        OAuth(self.state, sessions, pages, site, self.faults).register(app)
        app.after_request(sessions.save_cookie)
        app.after_request(_protect)
        app.after_request(self._record)
        return app

    def _record(self, response: Response) -> Response:
        is_dropped = DELIVERY_KEY in request.environ
        self.journal.add(
            Entry(
                method=request.method,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                headers=dict(request.headers),
                form=request.form.to_dict(),
                status=0 if is_dropped else response.status_code,
            )
        )
        return response


def _protect(response: Response) -> Response:
    response.headers["X-Frame-Options"] = "sameorigin"
    return response


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a stand-in with one registered client until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bridge.demo.rero")
    parser.add_argument("--port", type=int, default=8091, help="0 takes a free one")
    parser.add_argument("--client-id", default="bridge")
    parser.add_argument("--client-secret", default="bridge-secret")
    parser.add_argument(
        "--redirect-uri", action="append", help="may be given several times"
    )
    parser.add_argument(
        "--shape", choices=["current", "2024", "2021", "help"], default="current"
    )
    options = parser.parse_args(arguments)
    redirect_uris = options.redirect_uri or ["http://127.0.0.1:8090/callback"]
    standin = StandIn(Settings(shape=options.shape))
    standin.add_client(
        Client(options.client_id, options.client_secret, tuple(redirect_uris))
    )
    with serve_stand_in(standin, options.port) as running:
        print(f"Stand-in RERO+ on {running.url}, Ctrl-C ends it", file=sys.stderr)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(file=sys.stderr)


if __name__ == "__main__":
    main()
