"""The bridge ends in the middle of a login, in order or at once: the login goes on."""

import pytest
from playwright.sync_api import expect

from tests.e2e.stuck import Scene, Visit

pytestmark = pytest.mark.browser

by_any_end = pytest.mark.parametrize("by_kill", [False, True], ids=["term", "kill"])


@by_any_end
def test_restart_while_the_patron_is_at_rero_changes_nothing(
    scene: Scene, visit: Visit, by_kill: bool
) -> None:
    visit.begin()
    visit.sign_in_at_rero()

    scene.restart(by_kill=by_kill)
    visit.agree_at_rero()

    visit.expect_signed_in()


@by_any_end
def test_restart_while_the_page_of_consent_is_shown_changes_nothing(
    scene: Scene, visit: Visit, by_kill: bool
) -> None:
    visit.log_in(scene.asking)
    allow = visit.tab.get_by_role("button", name="Allow")
    expect(allow).to_be_visible()
    visit.tab.wait_for_load_state()  # the stylesheet is the bridge's, too

    scene.restart(by_kill=by_kill)
    allow.click()

    visit.expect_signed_in(scene.asking)


def test_page_of_an_error_leads_on_after_a_restart(scene: Scene, visit: Visit) -> None:
    visit.log_in()
    visit.expect_signed_in()
    visit.context.clear_cookies()
    visit.tab.goto(visit.callback_urls()[0])
    visit.expect_error(400, "did not begin in this browser")

    scene.restart(by_kill=True)
    visit.press_first()
    visit.log_in(visit.tab.url)

    visit.expect_signed_in()


def test_bridge_that_is_away_is_reached_by_a_reload(scene: Scene, visit: Visit) -> None:
    visit.begin()
    visit.sign_in_at_rero()
    scene.stop()
    with visit.tab.expect_event("requestfailed"):
        visit.agree_at_rero()

    scene.start()
    visit.complaints.clear()  # of the bridge that did not answer
    visit.tab.reload()

    visit.expect_signed_in()
