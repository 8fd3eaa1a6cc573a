"""`bridge explain`: what a login would come to, without network, store or browser."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from bridge.cli.config import load_configuration
from bridge.cli.output import Options, pass_options, print_columns, printable
from bridge.core.client import Client
from bridge.core.eligibility import Refused, RuleVerdict
from bridge.core.errors import BridgeError, ConfigurationError
from bridge.core.patron import JsonObject, JsonValue, Membership, Patron
from bridge.explanation import (
    EXAMPLE_SUB,
    Case,
    Explanation,
    explain_login,
    read_answer,
    refusal_words,
    subject_of,
    today_in_zurich,
    usual_scope,
)
from bridge.settings.clients import build_clients
from bridge.settings.model import Settings
from bridge.settings.policies import known_aliases
from bridge.settings.similar import did_you_mean
from bridge.signing.key_files import load_salt
from bridge.wiring import key_files

REFUSED: Final = 3  # exit status


@click.command()
@click.option("--client", "client_id", required=True, help="Whose login is tried.")
@click.option(
    "--patron",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="File with an answer of RERO+: its info, or {info, token}, as JSON.",
)
@click.option("--scope", help="What the client asks; by default all that it may.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the login; by default today in Zurich.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_options
@click.pass_context
def explain(
    ctx: click.Context,
    options: Options,
    client_id: str,
    file: Path,
    scope: str | None,
    today: datetime | None,
    as_json: bool,
) -> None:
    """Show what a login would come to, and why; nothing is asked or stored.

    Exit status 0: the patron is let in; 3: refused.
    """
    settings = load_configuration(options).settings
    client = _client(settings, client_id)
    day = today_in_zurich() if today is None else today.date()
    patron = read_answer(
        _read(file),
        day,
        takes_barcodes=settings.upstream.accept_barcode,
        aliases=known_aliases(settings),
    )
    sub = None if patron is None else _sub(settings, client, patron)
    asked = usual_scope(client) if scope is None else _granted(client, scope)
    case = Case(
        client, patron, asked, sub or EXAMPLE_SUB, day, settings.upstream.scopes
    )
    found = explain_login(case)
    words: tuple[str, str] | None = None
    if isinstance(found.decision, Refused):
        words = refusal_words(found.decision, client, settings.pages.languages[0])
    if as_json:
        click.echo(json.dumps(_as_json(found, sub, words), indent=2))
    else:
        _print(found, sub, words)
    ctx.exit(0 if words is None else REFUSED)


def _client(settings: Settings, client_id: str) -> Client:
    clients = build_clients(settings)
    if client_id not in clients:
        raise BridgeError(f"there is no such client.{did_you_mean(client_id, clients)}")
    return clients[client_id]


def _granted(client: Client, scope: str) -> tuple[str, ...]:
    """Return the scopes that *client* would be granted of those that it asks."""
    asked = scope.split()
    if "openid" not in asked:
        raise BridgeError("--scope must hold openid, or the request is refused")
    return tuple(value for value in asked if value in client.scopes)


def _read(file: Path) -> JsonValue:
    try:
        answer: JsonValue = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BridgeError(f"{file} is not JSON") from error
    return answer


def _sub(settings: Settings, client: Client, patron: Patron) -> str | None:
    """Compute the sub; None: this machine has no salt, and the rest holds without."""
    try:
        salt = load_salt(key_files(settings).salt)
    except ConfigurationError:
        return None
    return subject_of(client, patron, salt, settings.upstream.id)


def _print(found: Explanation, sub: str | None, words: tuple[str, str] | None) -> None:
    case, client = found.case, found.case.client
    print_columns(
        [
            ("client", client.client_id),
            ("scope", " ".join(case.scope)),
            ("day", case.today.isoformat()),
            ("subject", f"{sub or 'unknown: no salt here'} ({client.subject_type})"),
            ("asks RERO+", " ".join(sorted(found.upstream_scopes))),
        ],
        indent=0,
    )
    click.echo(f"policy {printable(client.policy.name)}")
    print_columns(
        (f"[{verdict.ruling.value}]", verdict.rule.value, _facts(verdict))
        for verdict in found.verdicts
    )
    if words is None:
        click.echo("verdict  let in")
        if found.card is not None:
            _print_cards(found)
    else:
        click.echo(f"verdict  refused: {_reason(found)}")
        click.echo(f"  patron sees   {printable(words[0])}")
        click.echo(f"                {printable(words[1])}")
        click.echo("  service gets  error=access_denied, once the patron goes back")
    click.echo("claims" if words is None else "claims, if the patron were let in")
    rows = list(_claims(found))
    print_columns(
        (str(row["name"]), _origin(row), json.dumps(row["value"], ensure_ascii=False))
        for row in rows
    )
    if not rows:
        click.echo("  none but sub")


def _print_cards(found: Explanation) -> None:
    click.echo(
        f"card     {'the patron chooses' if found.asks_card else 'taken unasked'}"
    )
    print_columns(
        (
            "" if offer.refused is None else "[refused]",
            _membership(offer.card),
            "" if offer.refused is None else offer.refused.reason.value,
            "<- the claims below" if offer.card == found.card else "",
        )
        for offer in found.cards
    )


def _reason(found: Explanation) -> str:
    decision = found.decision
    return decision.reason.value if isinstance(decision, Refused) else ""


def _facts(verdict: RuleVerdict) -> str:
    until = "" if verdict.until is None else f"until {verdict.until}; "
    return until + ", ".join(_membership(m) for m in verdict.memberships)


def _membership(membership: Membership) -> str:
    end = "" if membership.expires_on is None else f" ends {membership.expires_on}"
    kind = "" if membership.patron_type is None else f" {membership.patron_type}"
    return f"{membership.institution or '?'}{kind}{end}"


def _claims(found: Explanation) -> Iterator[JsonObject]:
    """Walk over the claims, each with where it comes from and where it stands."""
    client, scope = found.case.client, found.case.scope
    given = {**found.id_token, **found.userinfo}
    for rule in client.mapping.rules:
        if rule.name not in given:
            continue
        places = (("userinfo", found.userinfo), ("id_token", found.id_token))
        by: list[JsonValue] = [value for value in rule.scopes if value in scope]
        yield {
            "name": rule.name,
            "value": given[rule.name],
            "source": rule.source.value,
            "scopes": by,
            "places": [place for place, claims in places if rule.name in claims],
        }


def _origin(row: JsonObject) -> str:
    scopes, places = row["scopes"], row["places"]
    by = " ".join(map(str, scopes)) if isinstance(scopes, list) else ""
    at = ", ".join(map(str, places)) if isinstance(places, list) else ""
    return f"from {row['source']}, by {by or 'the registration'}, in {at}"


def _as_json(
    found: Explanation, sub: str | None, words: tuple[str, str] | None
) -> JsonObject:
    case = found.case
    return {
        "client": case.client.client_id,
        "scope": [*case.scope],
        "today": case.today.isoformat(),
        "sub": sub,
        "upstream_scopes": [*sorted(found.upstream_scopes)],
        "policy": case.client.policy.name,
        "rules": [
            {
                "rule": verdict.rule.value,
                "ruling": verdict.ruling.value,
                "until": None if verdict.until is None else verdict.until.isoformat(),
                "memberships": [_membership(m) for m in verdict.memberships],
            }
            for verdict in found.verdicts
        ],
        "allowed": words is None,
        "refused": _reason(found) or None,
        "patron_sees": None if words is None else [*words],
        "service_gets": None if words is None else {"error": "access_denied"},
        "asks_card": found.asks_card,
        "cards": [
            {
                "card": _membership(offer.card),
                "refused": None if offer.refused is None else offer.refused.reason,
                "claims_are_of_it": offer.card == found.card,
            }
            for offer in found.cards
        ],
        "claims": [*_claims(found)],
    }
