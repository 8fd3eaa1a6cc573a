"""Make paths absolute, read secret files, and fill in what other keys decide."""

from pathlib import Path
from typing import TypeVar

from bridge.settings.credentials import is_open_to_everybody
from bridge.settings.draft import Draft, Place
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientSettings
from bridge.settings.model_upstream import UpstreamSettings
from bridge.settings.secret import Secret
from bridge.settings.toml_lines import KeyPath

Holder = TypeVar("Holder", UpstreamSettings, ClientSettings)


def with_client_defaults(draft: Draft, settings: Settings) -> Settings:
    """Give every client what it does not say itself and [client_defaults] does."""
    defaults = settings.client_defaults
    clients: list[ClientSettings] = []
    for number, client in enumerate(settings.clients):
        inherited = defaults.model_fields_set - client.model_fields_set
        for name in inherited:
            place = draft.place(("client_defaults", name))
            draft.places[("clients", number, name)] = place
        update = {name: getattr(defaults, name) for name in inherited}
        clients.append(client.model_copy(update=update))
    return settings.model_copy(update={"clients": tuple(clients)})


def with_paths(draft: Draft, settings: Settings) -> Settings:
    """Make every path absolute; key files are in keys.directory unless placed."""
    server, upstream = settings.server, settings.upstream
    directory = draft.resolve(("keys", "directory"), settings.keys.directory)

    def key_file(path: KeyPath, written: Path) -> Path:
        if draft.is_written(path):
            return draft.resolve(path, written)
        return directory / written

    def given(path: KeyPath, written: Path | None) -> Path | None:
        return None if written is None else draft.resolve(path, written)

    tls = {
        name: given(("server", name), getattr(server, name))
        for name in ("tls_certificate_file", "tls_key_file")
    }
    sealing = key_file(("sealing", "key_file"), settings.sealing.key_file)
    tokens = key_file(("tokens", "key_file"), settings.tokens.key_file)
    salt = key_file(("subjects", "salt_file"), settings.subjects.salt_file)
    store = settings.store
    if store.path is not None:
        path = draft.resolve(("store", "url"), store.path)
        store = store.model_copy(update={"url": f"sqlite:///{path}"})
    towards = {
        "redirect_uri": upstream.redirect_uri or f"{settings.issuer}/callback",
        "ca_file": given(("upstream", "ca_file"), upstream.ca_file),
    }
    logo = {"logo_file": given(("pages", "logo_file"), settings.pages.logo_file)}
    outgoing = {"ca_file": given(("outgoing", "ca_file"), settings.outgoing.ca_file)}
    return settings.model_copy(
        update={
            "clients_file": given(("clients_file",), settings.clients_file),
            "server": server.model_copy(update=tls),
            "upstream": upstream.model_copy(update=towards),
            "outgoing": settings.outgoing.model_copy(update=outgoing),
            "pages": settings.pages.model_copy(update=logo),
            "store": store,
            "keys": settings.keys.model_copy(update={"directory": directory}),
            "sealing": settings.sealing.model_copy(update={"key_file": sealing}),
            "tokens": settings.tokens.model_copy(update={"key_file": tokens}),
            "subjects": settings.subjects.model_copy(update={"salt_file": salt}),
        }
    )


def check_files(draft: Draft, settings: Settings) -> None:
    """See that the files of TLS can be read.

    A changed upstream.ca_file is taken up like any other file; the server keeps the
    certificate that it started with, and outgoing calls what they trusted then.
    """
    for key, path in (
        (("server", "tls_certificate_file"), settings.server.tls_certificate_file),
        (("server", "tls_key_file"), settings.server.tls_key_file),
        (("upstream", "ca_file"), settings.upstream.ca_file),
        (("outgoing", "ca_file"), settings.outgoing.ca_file),
    ):
        if path is not None:
            draft.check_readable(path, key)


def with_secrets(draft: Draft, settings: Settings) -> Settings:
    """Read every client_secret_file; its text becomes client_secret."""
    upstream = _with_secret(draft, ("upstream",), settings.upstream)
    clients = tuple(
        _with_secret(draft, ("clients", number), client)
        for number, client in enumerate(settings.clients)
    )
    return settings.model_copy(update={"upstream": upstream, "clients": clients})


def _with_secret(draft: Draft, path: KeyPath, holder: Holder) -> Holder:
    if holder.client_secret_file is None:
        return holder
    key = (*path, "client_secret_file")
    file = draft.resolve(key, holder.client_secret_file)
    update: dict[str, object] = {"client_secret_file": file}
    called = f"secret file {file}"
    if not _is_surely_path(holder.client_secret_file, file):
        called = "the secret file that it names"
    secret = _read_secret(draft, key, file, called)
    if secret is not None:
        update["client_secret"] = secret
        draft.places[(*path, "client_secret")] = Place(str(file), "client_secret")
    return holder.model_copy(update=update)


def _is_surely_path(written: Path, path: Path) -> bool:
    """Tell whether *written* names a folder that is there.

    The usual slip is the secret itself in the place of its file: it is never repeated.
    """
    folder = written.parent
    if folder in (Path(), Path(folder.anchor)):
        return False
    try:
        return path.parent.is_dir()
    except OSError:  # a secret may be longer than any name, or lead where none may look
        return False


def _read_secret(draft: Draft, key: KeyPath, path: Path, called: str) -> Secret | None:
    text = draft.read_text(path, key, called)
    if text is None:
        return None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        draft.fault(key, f"secret file {path} is empty")
        return None
    if is_open_to_everybody(path):
        draft.warn(key, f"everybody may read {path}; chmod 600 it")
    return Secret(text)
