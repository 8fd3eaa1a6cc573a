"""Every page in a real browser: nothing for axe to find, no scrolling sideways.

Pictures go to test-output/pages, a sheet a page (test_contact_sheets.py): look at them
after a change of templates, stylesheet or texts.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from bridge.core.eligibility import RefusalReason, Refused
from bridge.core.errors import PageReason
from bridge.web.pages import (
    ConsentPage,
    ErrorPage,
    Pages,
    RefusedPage,
)
from bridge.web.texts import LANGUAGES
from tests.support.chromium import launched
from tests.web.gallery import PAGES, RESTART, SETTINGS, html, make_pages

pytestmark = pytest.mark.browser

OUTPUT: Final = Path(__file__).parents[2] / "test-output" / "pages"
PHONE: Final = 320  # also 1280 pixels at 400 % zoom (WCAG 2.2 §1.4.10)
DESKTOP: Final = 1280
LEAST_TARGET: Final = 44  # pixels


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def show(tab: Page, folder: Path, text: str) -> None:
    """Open *text* as a file, so that it finds the stylesheet beside the package."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    tab.goto(file.as_uri())


def is_too_wide(tab: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(
        tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_every_page_fits(
    browser: Browser, language: str, theme: str, tmp_path: Path
) -> None:
    pages = make_pages()
    tab = browser.new_page(color_scheme=theme)  # type: ignore[arg-type]  # a literal above
    axe = Axe()

    found: dict[str, object] = {}
    for page in PAGES:
        show(tab, tmp_path, html(pages, page, language))
        for width in (PHONE, DESKTOP):
            name = f"{page}-{language}-{theme}-{width}"
            tab.set_viewport_size(ViewportSize(width=width, height=700))
            if is_too_wide(tab):
                found[name] = "it scrolls sideways"
        tab.set_viewport_size(ViewportSize(width=PHONE, height=700))
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        results = axe.run(tab)
        if results.violations_count or is_too_wide(tab):
            found[page] = results.generate_report()
    tab.close()

    assert found == {}


def test_long_word_does_not_widen_a_page(browser: Browser, tmp_path: Path) -> None:
    word = "Kantonsbibliothek" * 12
    page = ConsentPage(
        word, "/consent", "t", [("name", word)], ["name"], word, ask_again=True
    )
    refusal = Refused(RefusalReason.INSTITUTION, word)
    written = {
        "consent": make_pages().consent("de", page),
        "refused": make_pages().refused(
            "de", RefusedPage(word, refusal, "/consent", "t", "K7QF-2M9D")
        ),
        "error": make_pages().error(
            "de", ErrorPage(PageReason.BUSY, "K7QF-2M9D", word, RESTART)
        ),
    }
    tab = browser.new_page(viewport=ViewportSize(width=PHONE, height=700))

    too_wide = []
    for name, text in written.items():
        show(tab, tmp_path, text)
        if is_too_wide(tab):
            too_wide.append(name)
    tab.close()

    assert too_wide == []


def test_buttons_and_links_of_the_frame_are_large_enough_for_a_finger(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.new_page(viewport=ViewportSize(width=PHONE, height=700))
    targets = "button, .button, summary, .box, .card, footer a, .languages a"

    small = []
    for page in PAGES:
        show(tab, tmp_path, html(make_pages(), page, "fr"))
        for target in tab.locator(targets).all():
            box = target.bounding_box()
            if box is None or box["height"] < LEAST_TARGET:
                small.append((page, target.inner_text(), box))
    tab.close()

    assert small == []


def test_keyboard_reaches_the_skip_link_then_the_buttons_each_with_a_ring(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.new_page(reduced_motion="reduce")
    show(tab, tmp_path, html(make_pages(), "consent", "en"))

    reached = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        ring = focused.evaluate("e => getComputedStyle(e).outlineWidth")
        name = focused.get_attribute("value") or focused.get_attribute("href")
        reached.append((name, ring))
    tab.close()

    order = ("#content", "other", "yes", "allow", "refuse")
    assert reached == [(name, "3px") for name in order]


def test_skip_link_leads_into_the_page(browser: Browser, tmp_path: Path) -> None:
    tab = browser.new_page()
    show(tab, tmp_path, html(make_pages(demonstration=True), "front", "en"))

    tab.keyboard.press("Tab")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=OUTPUT / "skip-link.png")
    tab.keyboard.press("Enter")
    focused = tab.locator(":focus").get_attribute("id")
    tab.close()

    assert focused == "content"


def test_demonstration_bar_and_print_are_readable(
    browser: Browser, tmp_path: Path
) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    tab = browser.new_page(viewport=ViewportSize(width=DESKTOP, height=700))
    show(tab, tmp_path, html(make_pages(demonstration=True), "consent", "fr"))

    violations = Axe().run(tab).violations_count
    tab.screenshot(path=OUTPUT / "demonstration.png")
    tab.emulate_media(media="print")
    tab.screenshot(path=OUTPUT / "print.png")
    buttons = [button.is_visible() for button in tab.locator("button").all()]
    tab.close()

    assert violations == 0
    assert not any(buttons)


def test_keyboard_goes_on_to_the_languages_and_the_foot_of_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.new_page(reduced_motion="reduce")
    show(tab, tmp_path, html(make_pages(), PageReason.BUSY, "de"))

    reached = []
    for _ in range(9):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        name = focused.get_attribute("value") or focused.get_attribute("href") or ""
        reached.append(name.partition("?")[0])
    tab.close()

    support = "mailto:systembib@example.ch"
    order = ["#content", RESTART, support, *LANGUAGES]
    assert reached == [*order, "https://library.example/privacy", support]


def test_names_of_languages_are_marked_as_such(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.new_page()
    show(tab, tmp_path, html(make_pages(), "consent", "it"))

    buttons = tab.get_by_role("navigation").get_by_role("button").all()
    marked = [(b.inner_text(), b.get_attribute("lang")) for b in buttons]
    current = [
        b.get_attribute("lang") for b in buttons if b.get_attribute("aria-current")
    ]
    tab.close()

    assert marked == [(name, code) for code, name in LANGUAGES.items()]
    assert current == ["it"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_an_operator_and_a_logo_pass_as_well(
    browser: Browser, theme: str, tmp_path: Path
) -> None:
    tab = browser.new_page(color_scheme=theme)  # type: ignore[arg-type]  # a literal above
    logo = tab.screenshot(clip={"x": 0, "y": 0, "width": 160, "height": 48})
    settings = replace(SETTINGS, accent="#8a1538", accent_dark="#ffb3c7", logo=logo)
    (tmp_path / "bridge.css").write_bytes(Pages(settings).stylesheet)
    (tmp_path / "logo").write_bytes(logo)
    own = Pages(replace(settings, static_prefix=f"{tmp_path.as_uri()}/", logo_alt="VS"))
    OUTPUT.mkdir(parents=True, exist_ok=True)

    show(tab, tmp_path, html(own, "consent", "fr"))
    results = Axe().run(tab)
    tab.screenshot(path=OUTPUT / f"own-colours-{theme}.png", full_page=True)
    shown = tab.locator(".brand img").evaluate("image => image.naturalWidth")
    button = tab.get_by_role("button", name="Autoriser")
    colour = button.evaluate("b => getComputedStyle(b).backgroundColor")
    tab.close()

    assert results.violations_count == 0
    assert shown == 160
    assert colour == {"light": "rgb(138, 21, 56)", "dark": "rgb(255, 179, 199)"}[theme]


def test_pages_keep_their_buttons_where_the_system_chooses_the_colours(
    browser: Browser, tmp_path: Path
) -> None:
    tab = browser.new_page(forced_colors="active")
    OUTPUT.mkdir(parents=True, exist_ok=True)

    show(tab, tmp_path, html(make_pages(), "consent", "en"))
    tab.screenshot(path=OUTPUT / "forced-colours.png", full_page=True)
    button = tab.get_by_role("button", name="Allow")
    border = button.evaluate("b => getComputedStyle(b).borderTopWidth")
    tab.close()

    assert border == "2px"
