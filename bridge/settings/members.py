"""Bring the members of client registrations (RFC 7591) into the model's form."""

from typing import Final

from bridge.settings.draft import Draft, Table
from bridge.settings.model_clients import (
    IGNORED_MEMBERS,
    LOCALISED_MEMBER,
    UNSUPPORTED_MEMBERS,
)
from bridge.settings.toml_lines import KeyPath

_OFF: Final = (None, False, "", "none")
_USERINFO_ALG: Final = "userinfo_signed_response_alg"


def prepare_clients(draft: Draft) -> None:
    """Leave aside what changes nothing here, and gather the names of each client."""
    for number, client in draft.clients():
        path = ("clients", number)
        for member in list(client):
            if client[member] is None or member in IGNORED_MEMBERS:
                del client[member]  # null is the same as absent (RFC 7591 §2)
            elif member in UNSUPPORTED_MEMBERS:
                if client[member] not in _OFF:
                    draft.fault((*path, member), "is not supported; leave it out")
                del client[member]
        if client.get(_USERINFO_ALG) == "none":
            client[_USERINFO_ALG] = None  # plain JSON, whatever [client_defaults] says
        _gather_names(draft, client, path)


def _gather_names(draft: Draft, client: Table, path: KeyPath) -> None:
    """Make `name` of client_name and client_name#fr (RFC 7591 §2.2).

    The one without a language stands first: it is shown where no other fits.
    """
    names: Table = {}
    for member in sorted(client):  # client_name comes before client_name#...
        match = LOCALISED_MEMBER.fullmatch(member)
        base = match[1] if match else member
        if base != "client_name":
            if match:
                del client[member]  # addresses in other languages: not shown
            continue
        language = match[2] if match else ""
        names[language] = client.pop(member)
        draft.places[(*path, "name", language)] = draft.place((*path, member))
    if not names:
        return
    draft.places.setdefault(
        (*path, "name"), draft.place((*path, "name", next(iter(names))))
    )
    own = client.get("name", {})
    if isinstance(own, dict):
        client["name"] = {**names, **own}
