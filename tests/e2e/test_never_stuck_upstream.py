"""RERO+ goes wrong: the bridge's page leads on, and ends in a login."""

import pytest
from playwright.sync_api import expect

from bridge.demo.rero_faults import Fault
from bridge.demo.rero_state import Client
from tests.e2e.stuck import Scene, Visit
from tests.e2e.support import UPSTREAM_SECRET

pytestmark = pytest.mark.browser

FAULTS = [
    (Fault("token", "drop"), 503, "RERO+ does not answer"),
    (Fault("token", "status", status=503), 503, "RERO+ does not answer"),
    (Fault("info", "status", status=502, times=2), 503, "RERO+ does not answer"),
    (
        Fault("token", "status", status=401, answer_form="json"),
        503,
        "not set up correctly",
    ),
    (
        Fault("authorize", "refuse", error="unauthorized_client"),
        503,
        "not set up correctly",
    ),
    (
        Fault("info", "status", status=401, answer_form="json"),
        409,
        "in each other",
    ),
    (
        Fault("token", "json", status=400, value={"error": "invalid_grant"}),
        400,
        "did not confirm",
    ),
    (Fault("info", "garbled", body=b"{"), 503, "RERO+ does not answer"),
    (Fault("authorize", "refuse", error="server_error"), 502, "do not understand"),
]


@pytest.mark.parametrize(("fault", "status", "heading"), FAULTS)
def test_page_of_a_fault_leads_to_a_login(
    scene: Scene, visit: Visit, fault: Fault, status: int, heading: str
) -> None:
    visit.begin()
    visit.sign_in_at_rero()
    scene.stand_in.faults.add(fault)
    if fault.route == "authorize":
        # Not reload(): chromium may change the process under it at a redirect.
        visit.tab.goto(visit.tab.url)
    else:
        visit.agree_at_rero()
    visit.expect_error(status, heading)

    visit.press_first()
    visit.agree_at_rero()

    visit.expect_signed_in()


def test_reload_tries_again_once_rero_is_back(scene: Scene, visit: Visit) -> None:
    visit.begin()
    visit.sign_in_at_rero()
    scene.stand_in.faults.add(Fault("token", "status", status=503))
    visit.agree_at_rero()
    visit.expect_error(503, "RERO+ does not answer")

    visit.tab.reload()

    visit.expect_signed_in()


def test_patron_who_refuses_at_rero_is_back_at_the_service(
    scene: Scene, visit: Visit
) -> None:
    visit.begin()
    visit.sign_in_at_rero()

    visit.tab.locator("button[value=no]").click()

    heading = visit.tab.get_by_role("heading", level=1)
    expect(heading).to_contain_text("access_denied")
    assert visit.tab.url.startswith(f"{scene.service}/callback?")


def test_back_from_an_error_page_of_rero_leads_to_a_login(
    scene: Scene, visit: Visit
) -> None:
    bridge = scene.stand_in.state.find_client("bridge")
    assert bridge is not None
    scene.stand_in.add_client(Client("bridge", UPSTREAM_SECRET, ("http://127.0.0.1/",)))
    visit.begin()
    visit.sign_in_at_rero()
    heading = visit.tab.get_by_role("heading", level=1)
    expect(heading).to_have_text("Invalid authorization request")
    scene.stand_in.add_client(bridge)

    visit.tab.go_back()
    visit.tab.go_back()
    visit.tab.get_by_role("link", name="Log in").click()
    visit.agree_at_rero()

    visit.expect_signed_in()
