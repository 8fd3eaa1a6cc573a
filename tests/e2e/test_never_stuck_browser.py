"""Back, reload, old links, lost cookies, five tabs: every way leads on to a login."""

import json
import re
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.e2e.stuck import Scene, Visit, open_visit, query
from tests.support.chromium import ARGUMENTS, EXECUTABLE

pytestmark = pytest.mark.browser

OTHER_BROWSER: Final = "did not begin in this browser"
LONG_STATE: Final = secrets.token_hex(2_000)


def test_back_button_after_the_login_leads_to_one_again(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in()
    visit.expect_signed_in()

    visit.tab.go_back()  # RERO+'s page of consent, from its server or the cache
    visit.agree_at_rero()
    # The bridge answers anew; it is the service that has used up its own state.
    expect(visit.tab.get_by_role("heading", level=1)).to_contain_text("state")
    visit.begin()

    visit.expect_signed_in()


def test_callback_whose_answer_was_lost_leads_on_when_asked_again(
    visit: Visit,
) -> None:
    def lose_answer(route: Route) -> None:
        answer = route.fetch(max_redirects=0)  # of RERO+, with the way to the callback
        cookies = {c["name"]: c["value"] for c in visit.context.cookies()}
        url = answer.headers["location"]
        requests.get(url, cookies=cookies, allow_redirects=False, timeout=20)
        route.fulfill(response=answer)

    visit.begin()
    visit.sign_in_at_rero()
    visit.context.route(re.compile("/oauth/authorize"), lose_answer, times=1)
    visit.agree_at_rero()  # the browser asks for the callback a second time
    heading = visit.tab.get_by_role("heading", level=1)
    expect(heading).to_contain_text("already finished")

    visit.tab.reload()
    visit.expect_error(400, "already finished")
    visit.press_first()
    visit.agree_at_rero()

    visit.expect_signed_in()


def test_used_link_in_the_same_browser_answers_the_service_again(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in()
    visit.expect_signed_in()

    visit.tab.goto(visit.callback_urls()[0])

    assert visit.tab.url.startswith(f"{scene.service}/callback?code=")
    visit.begin()
    visit.expect_signed_in()


def test_used_link_after_the_cookies_are_gone_leads_to_the_service(
    visit: Visit,
) -> None:
    visit.log_in()
    visit.expect_signed_in()
    visit.context.clear_cookies()

    visit.tab.goto(visit.callback_urls()[0])
    visit.expect_error(400, OTHER_BROWSER)
    visit.press_first()
    visit.log_in(visit.tab.url)

    visit.expect_signed_in()


def test_second_hand_link_leads_to_the_service_and_nowhere_else(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in()
    visit.expect_signed_in()
    link = f"{visit.callback_urls()[0]}&client_uri=http://localhost:9/evil"

    with open_visit(scene) as other:
        other.tab.goto(link)
        other.expect_error(400, OTHER_BROWSER)
        other.press_first()
        expect(other.tab).to_have_url(f"{scene.service}/")
        other.log_in(other.tab.url)

        other.expect_signed_in()


def test_cookies_lost_in_the_middle_lead_to_the_service(visit: Visit) -> None:
    visit.begin()
    visit.sign_in_at_rero()
    visit.context.clear_cookies(name=re.compile("^(?!rero)"))  # all but those of RERO+
    visit.agree_at_rero()
    visit.expect_error(400, OTHER_BROWSER)

    visit.press_first()
    visit.begin(visit.tab.url)
    visit.agree_at_rero()

    visit.expect_signed_in()


def test_cookies_that_are_blocked_lead_on_once_they_are_allowed(
    scene: Scene, tmp_path: Path
) -> None:
    block_cookies(tmp_path, scene.issuer)
    with scene.browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=EXECUTABLE, args=[*ARGUMENTS], locale="en-GB"
    ) as context:
        visit = Visit(scene, context, context.new_page())
        visit.watch()
        visit.log_in()
        visit.expect_error(400, OTHER_BROWSER)
        hint = visit.tab.get_by_text("Allow cookies for this address")
        expect(hint).to_be_visible()
        visit.press_first()

        expect(visit.tab).to_have_url(f"{scene.service}/")
        visit.check()


def block_cookies(folder: Path, origin: str) -> None:
    """Write the setting of a profile by which chromium takes no cookies of *origin*."""
    rules = {"cookies": {f"{origin},*": {"setting": 2}}}
    profile = {"content_settings": {"exceptions": rules}}
    file = folder / "Default" / "Preferences"
    file.parent.mkdir()
    file.write_text(json.dumps({"profile": profile}), encoding="utf-8")


def test_five_tabs_at_once_all_end_signed_in(scene: Scene, visit: Visit) -> None:
    tabs = [visit.tab, *(visit.context.new_page() for _ in range(4))]
    visit.begin()
    visit.sign_in_at_rero()
    for tab in tabs[1:]:
        visit.begin(tab=tab)  # RERO+ knows the reader now, and asks to agree

    for tab in tabs:
        visit.agree_at_rero(tab)

        visit.expect_signed_in(tab=tab)


def test_login_pages_left_open_in_five_tabs_lead_to_a_login(
    scene: Scene, visit: Visit
) -> None:
    tabs = [visit.tab, *(visit.context.new_page() for _ in range(4))]
    for tab in tabs:
        visit.begin(tab=tab)
    visit.sign_in_at_rero()
    visit.agree_at_rero()
    visit.expect_signed_in()

    for tab in tabs[1:]:
        visit.sign_in_at_rero(tab=tab)  # RERO+ then goes to its front page, not to us
        visit.begin(tab=tab)

        visit.expect_signed_in(tab=tab)


def test_post_from_another_site_ends_signed_in(scene: Scene, visit: Visit) -> None:
    members = {**query(visit.authorize_url()), "action": f"{scene.issuer}/authorize"}
    other_site = scene.neighbour.replace("127.0.0.1", "localhost")
    visit.tab.goto(f"{other_site}/post?{urlencode(members)}")

    visit.tab.get_by_role("button", name="Go").click()
    visit.sign_in_at_rero()
    visit.agree_at_rero()

    visit.expect_signed_in()


def plain_request(scene: Scene, state: str) -> str:
    members = {
        "client_id": "plain",
        "redirect_uri": f"{scene.neighbour}/plain",
        "response_type": "code",
        "scope": "openid",
        "state": state,
    }
    return f"{scene.issuer}/authorize?{urlencode(members)}"


def test_state_of_4000_characters_comes_back_whole(scene: Scene, visit: Visit) -> None:
    visit.tab.goto(plain_request(scene, LONG_STATE))
    visit.sign_in_at_rero()
    visit.agree_at_rero()

    expect(visit.tab.get_by_role("heading", level=1)).to_have_text("Signed in")
    expect(visit.tab.locator("#state")).to_have_text(LONG_STATE)


def test_long_state_whose_cookies_are_lost_leads_to_the_service(
    scene: Scene, visit: Visit
) -> None:
    visit.tab.goto(plain_request(scene, LONG_STATE))
    visit.sign_in_at_rero()
    visit.context.clear_cookies(name=re.compile("^bridge_"))
    visit.agree_at_rero()
    visit.expect_error(400, OTHER_BROWSER)

    visit.press_first()

    expect(visit.tab).to_have_url(re.compile(f"^{scene.neighbour}/"))
