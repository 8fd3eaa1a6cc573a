"""A login that took too long: its page begins the same request again."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from bridge.flow.browser import digest
from bridge.flow.ticket import TicketKind, open_ticket, seal_ticket
from bridge.signing.key_files import KeyFiles, load_keys
from tests.e2e.stuck import Scene, Visit, query

pytestmark = pytest.mark.browser


def expired(scene: Scene, visit: Visit, state: str) -> str:
    """Make of *state* what it will be when its time is over."""
    sealer = load_keys(KeyFiles.within(scene.place.folder / "keys")).sealer
    cookies = {c["name"]: c["value"] for c in visit.context.cookies()}
    (binding,) = (v for name, v in cookies.items() if name.startswith("bridge_"))
    ticket = open_ticket(sealer, TicketKind.LOGIN, state, digest(binding))
    over = replace(ticket, ends_at=1)
    return seal_ticket(sealer, TicketKind.LOGIN, over, digest(binding), 2**31)


def test_login_that_took_too_long_begins_again(scene: Scene, visit: Visit) -> None:
    visit.begin()
    visit.sign_in_at_rero()
    url = visit.tab.url
    state = query(url)["state"]
    late = expired(scene, visit, state)

    visit.tab.goto(url.replace(quote(state), quote(late)))
    visit.agree_at_rero()
    visit.expect_error(400, "no longer valid")
    visit.press_first()
    visit.agree_at_rero()

    visit.expect_signed_in()
