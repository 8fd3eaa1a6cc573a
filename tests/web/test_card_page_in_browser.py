"""The page of cards in a real browser: chosen by the keyboard, never left out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.chromium import launched
from tests.web.gallery import html, make_pages

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def open_page(browser: Browser, folder: Path) -> Page:
    """Open the page of cards as a file, its stylesheet beside the package."""
    tab = browser.new_page(reduced_motion="reduce")
    file = folder / "page.html"
    file.write_text(html(make_pages(), "card", "en"), encoding="utf-8")
    tab.goto(file.as_uri())
    return tab


def test_keyboard_alone_chooses_a_card(browser: Browser, tmp_path: Path) -> None:
    tab = open_page(browser, tmp_path)

    reached = []
    for key in ("Tab", "Tab", "Tab", "ArrowDown", "Tab", "Tab"):
        tab.keyboard.press(key)
        focused = tab.locator(":focus")
        ring = focused.evaluate("e => getComputedStyle(e).outlineWidth")
        name = focused.get_attribute("value") or focused.get_attribute("href")
        reached.append((name, ring))
    checked = tab.locator(":checked").get_attribute("value")
    tab.close()

    order = ("#content", "other", "0", "1", "choose", "refuse")
    assert reached == [(name, "3px") for name in order]
    assert checked == "1"


def test_no_card_chosen_sends_nothing_and_says_which_group(
    browser: Browser, tmp_path: Path
) -> None:
    tab = open_page(browser, tmp_path)
    address = tab.url

    tab.get_by_role("button", name="Continue").click()
    group = tab.get_by_role("group", name="Your library cards")
    radios = group.get_by_role("radio", name="Library card").count()
    first = group.get_by_role("radio", name="VS Type: adulte valid until 30 March 2027")
    is_focused = first.evaluate("radio => radio === document.activeElement")

    assert tab.url == address
    assert radios == 1
    assert is_focused
    tab.close()


def test_cancel_needs_no_card(browser: Browser, tmp_path: Path) -> None:
    tab = open_page(browser, tmp_path)

    with tab.expect_request("**/card") as sent:
        tab.get_by_role("button", name="Cancel").click()
    method = sent.value.method
    tab.close()

    assert method == "POST"
