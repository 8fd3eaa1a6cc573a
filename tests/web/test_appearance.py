"""Colours and logo of the operator's own, on every page and without inline style."""

import json
import re

import pytest

from bridge.core.colours import (
    ACCENT,
    ACCENT_DARK,
    AROUND,
    AROUND_DARK,
    accent_styles,
    contrast,
)
from bridge.core.logo import logo_type
from bridge.web.pages import STATIC, STYLESHEET
from tests.support.trial import CONFIGURATION, Trial
from tests.support.visitor import Visitor

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def configure(trial: Trial, **pages: str) -> None:
    lines = [f"{name} = {json.dumps(value)}" for name, value in pages.items()]
    trial.configure("\n".join([CONFIGURATION, "[pages]", *lines, ""]))


def with_logo(trial: Trial, picture: bytes, **pages: str) -> Visitor:
    file = trial.folder / "logo.any"
    file.write_bytes(picture)
    configure(trial, logo_file=str(file), **pages)
    return Visitor(trial)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#0a5796", "#0a5796") == pytest.approx(1)


def test_colours_that_are_checked_are_those_of_the_stylesheet() -> None:
    sheet = (STATIC / STYLESHEET).read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{\n(.*?)\n *\}", sheet, flags=re.DOTALL)[:2]

    assert all(colour in light for colour in (ACCENT, *AROUND))
    assert all(colour in dark for colour in (ACCENT_DARK, *AROUND_DARK))


def test_usual_colours_add_nothing_to_the_stylesheet() -> None:
    assert accent_styles(ACCENT, ACCENT_DARK) == ""


def test_own_colours_come_with_the_stylesheet_under_an_address_of_their_own(
    trial: Trial,
) -> None:
    usual = trial.web.pages.stylesheet_url
    configure(trial, accent="#8a1538", accent_dark="#ffb3c7")

    sheet = Visitor(trial).get("/static/bridge.css").text

    assert "--act: #8a1538; --act-over: #5c0e25; --link: #8a1538;" in sheet
    assert "--act: #ffb3c7; --act-over: #ffccd9; --link: #ffb3c7;" in sheet
    assert trial.web.pages.stylesheet_url != usual
    assert "#8a1538" not in Visitor(trial).get("/").text


def test_page_shows_the_title_where_there_is_no_logo(trial: Trial) -> None:
    browser = Visitor(trial)

    assert '<p class="brand">RERO+</p>' in browser.get("/").text
    assert browser.get("/static/logo").status == 404


def test_logo_stands_in_the_place_of_the_title(trial: Trial) -> None:
    browser = with_logo(trial, PNG, logo_alt="Bibliothèques <du> Valais")

    found = re.search(r'<img src="([^"]+)" alt="([^"]+)">', browser.get("/").text)

    assert found is not None
    assert found.group(2) == "Bibliothèques &lt;du&gt; Valais"
    logo = browser.get(found.group(1))
    assert (logo.body, logo.headers["Content-Type"]) == (PNG, "image/png")
    assert browser.get("/static/logo", headers={"If-None-Match": "*"}).status == 304


def test_logo_without_words_of_its_own_says_the_title(trial: Trial) -> None:
    browser = with_logo(trial, PNG, title="Bibliosésame")

    assert 'alt="Bibliosésame"' in browser.get("/").text


def test_logo_that_is_opened_by_itself_runs_nothing(trial: Trial) -> None:
    logo = with_logo(trial, SVG).get("/static/logo")

    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert logo.headers["Content-Type"] == "image/svg+xml"
    assert logo.headers["Content-Security-Policy"] == policy
    assert logo.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("picture", "media_type"),
    [
        (PNG, "image/png"),
        (SVG, "image/svg+xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg>', "image/svg+xml"),
        (b"GIF89a", None),
        (b"<html><body></body></html>", None),
        (b"the <svg> of tomorrow", None),
        (b"<!-- " + bytes(5_000) + b" --><svg>", None),
        (b"", None),
    ],
)
def test_kind_of_a_logo_is_told_by_its_content(
    picture: bytes, media_type: str | None
) -> None:
    assert logo_type(picture) == media_type
