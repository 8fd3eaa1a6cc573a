"""One sheet a page: each language, light and dark, at 320 and at 1280 pixels.

They go to test-output/pages. Look at them after a change of templates, stylesheet or
texts: this is what patrons see of the whole project.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from bridge.web.texts import LANGUAGES
from tests.support.chromium import launched
from tests.web.gallery import PAGES, html, make_pages

pytestmark = pytest.mark.browser

OUTPUT: Final = Path(__file__).parents[2] / "test-output" / "pages"
WIDTHS: Final = (320, 1280)
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SHEET_STYLE: Final = (
    "<style>body { margin: 16px; background: #999; font: 20px sans-serif }"
    " table { border-spacing: 16px } td { vertical-align: top } img { display: block }"
    " .w1280 { zoom: .5 }</style>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.mark.parametrize("page", PAGES)
def test_page_has_a_sheet_of_all_its_faces(
    browser: Browser, page: str, tmp_path: Path
) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    tabs = {theme: browser.new_page(color_scheme=theme) for theme in THEMES}
    sheet = browser.new_page(viewport=ViewportSize(width=2_100, height=700))

    rows = []
    for language in LANGUAGES:
        file = tmp_path / f"{language}.html"
        file.write_text(html(make_pages(), page, language), encoding="utf-8")
        cells = [
            picture(tabs[theme], file, width) for width in WIDTHS for theme in THEMES
        ]
        rows.append(f"<tr><th>{language}</th>{''.join(cells)}</tr>")
    sheet.set_content(f"{SHEET_STYLE}<h1>{page}</h1><table>{''.join(rows)}</table>")
    sheet.screenshot(path=OUTPUT / f"{page}.png", full_page=True)
    shown = sheet.evaluate("[...document.images].filter(i => i.naturalWidth).length")
    for tab in (*tabs.values(), sheet):
        tab.close()

    assert shown == len(LANGUAGES) * len(WIDTHS) * len(THEMES)


def picture(tab: Page, file: Path, width: int) -> str:
    """Return a cell of the sheet: *file* as it looks at *width*, whatever it hides."""
    tab.set_viewport_size(ViewportSize(width=width, height=480))
    tab.goto(file.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    png = base64.b64encode(tab.screenshot(full_page=True)).decode()
    return f'<td><img class="w{width}" src="data:image/png;base64,{png}"></td>'
