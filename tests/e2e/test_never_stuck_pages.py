"""Our own pages pressed twice, too late, in frames, and with forms that go far."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stuck import Scene, Visit, open_visit

pytestmark = pytest.mark.browser


def heading(tab: Page, text: str) -> None:
    expect(tab.get_by_role("heading", level=1)).to_contain_text(text)


def request(scene: Scene, client_id: str, path: str, **others: str) -> str:
    """Make the request of a client of the neighbour."""
    members = {
        "client_id": client_id,
        "redirect_uri": f"{scene.neighbour}{path}",
        "response_type": "code",
        "scope": "openid profile",
        "state": "s1",
        **others,
    }
    return f"{scene.issuer}/authorize?{urlencode(members)}"


def test_consent_that_is_pressed_twice_ends_signed_in(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in(scene.asking)

    visit.tab.get_by_role("button", name="Allow").dblclick()

    visit.expect_signed_in(scene.asking)


def test_consent_pressed_again_by_the_back_button_leads_on(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in(scene.asking)
    visit.tab.get_by_role("button", name="Allow").click()
    visit.expect_signed_in(scene.asking)

    visit.tab.go_back()
    visit.tab.get_by_role("button", name="Allow").click()
    heading(visit.tab, "state")  # the service has used up its own state
    visit.begin(scene.asking)
    visit.tab.get_by_role("button", name="Allow").click()

    visit.expect_signed_in(scene.asking)


def sign_out(tab: Page, scene: Scene) -> None:
    tab.goto(f"{scene.issuer}/logout")
    tab.get_by_role("button", name="Sign out").click()
    heading(tab, "You are signed out here.")


def test_consent_after_a_sign_out_in_another_tab_leads_on(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in(scene.asking)
    sign_out(visit.context.new_page(), scene)

    visit.tab.get_by_role("button", name="Allow").click()
    # Signing out renews the cookie that the page was bound to.
    visit.expect_error(400, "did not begin in this browser")
    visit.press_first()
    visit.begin(visit.tab.url)
    visit.agree_at_rero()
    visit.tab.get_by_role("button", name="Allow").click()

    visit.expect_signed_in(scene.asking)


def test_consent_whose_session_cookie_is_lost_leads_on(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in(scene.asking)
    visit.context.clear_cookies(name=re.compile("^bridge_.*session"))

    visit.tab.get_by_role("button", name="Allow").click()
    visit.expect_error(400, "already finished")
    visit.press_first()
    visit.agree_at_rero()
    visit.tab.get_by_role("button", name="Allow").click()

    visit.expect_signed_in(scene.asking)


def test_sign_out_that_is_pressed_twice_says_the_same(
    scene: Scene, visit: Visit
) -> None:
    visit.log_in()
    visit.expect_signed_in()
    visit.tab.goto(f"{scene.issuer}/logout")

    visit.tab.get_by_role("button", name="Sign out").dblclick()
    heading(visit.tab, "You are signed out here.")
    visit.tab.go_back()
    heading(visit.tab, "You are signed out here.")
    visit.begin()
    visit.agree_at_rero()

    visit.expect_signed_in()


def test_form_may_end_at_a_service_that_goes_on_to_another_origin(
    scene: Scene, visit: Visit
) -> None:
    visit.tab.goto(request(scene, "hopping", "/hop"))
    visit.sign_in_at_rero()
    visit.agree_at_rero()

    visit.tab.get_by_role("button", name="Allow").click()

    heading(visit.tab, "Landed")
    assert visit.tab.url.startswith("http://localhost:")


@pytest.mark.parametrize("with_script", [True, False])
def test_answer_by_a_form_after_consent_ends_signed_in(
    scene: Scene, with_script: bool
) -> None:
    url = request(scene, "forms", "/form", response_mode="form_post")
    with open_visit(scene, java_script_enabled=with_script) as visit:
        visit.tab.goto(url)
        visit.sign_in_at_rero()
        visit.agree_at_rero()
        visit.tab.get_by_role("button", name="Allow").click()
        if not with_script:
            visit.tab.get_by_role("button", name="Continue to").click()

        heading(visit.tab, "Signed in")


def test_pages_in_a_frame_show_nothing(scene: Scene, visit: Visit) -> None:
    visit.log_in(scene.asking)
    heading(visit.tab, "Media library")
    urls = (
        request(scene, "forms", "/form"),  # consent
        request(scene, "forms", "/form", response_mode="form_post", prompt="none"),
        f"{scene.issuer}/logout",
        f"{scene.issuer}/authorize?client_id=nobody",
        f"{scene.issuer}/",
    )
    for url in urls:
        visit.tab.goto(f"{scene.neighbour}/frame?{urlencode({'url': url})}")

        frame = visit.tab.frames[1]
        assert frame.url.startswith("chrome-error:"), url
        assert "frame" in " ".join(visit.complaints)
        visit.complaints.clear()


def test_unknown_address_shows_its_reference(scene: Scene, visit: Visit) -> None:
    visit.tab.goto(f"{scene.issuer}/nowhere")

    assert visit.answers[0].status == 404
    reference = visit.tab.locator(".reference").inner_text()
    assert reference == visit.answers[0].headers["x-request-id"]
