"""Which language a page is written in."""

import pytest

from bridge.web.pages import choose_language
from bridge.web.texts import LANGUAGES


@pytest.mark.parametrize(
    ("ui_locales", "cookie", "accept_language", "chosen"),
    [
        (["rm", "it-CH", "de"], "fr", "en", "it"),
        (["rm"], "de", "en", "de"),
        ([], "xx", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ([], None, "rm, it-CH;q=0.8, de;q=0.9", "de"),
        ([], None, "de-CH,en;q=0.5", "de"),
        ([], None, "it-CH,fr-CH;q=0.9,en;q=0.1", "it"),
        ([], None, "de-AT;q=0.2,en;q=0.3", "en"),
        ([], None, "de-CH;q=0,it", "it"),
        ([], None, "ja", "fr"),
        ([], None, ";q=,,*;q=x", "fr"),
        ([], None, None, "fr"),
        (["DE_ch"], None, None, "de"),
    ],
)
def test_language_is_the_requests_then_the_cookies_then_the_browsers(
    ui_locales: list[str], cookie: str | None, accept_language: str | None, chosen: str
) -> None:
    language = choose_language(ui_locales, cookie, accept_language, tuple(LANGUAGES))

    assert language == chosen
