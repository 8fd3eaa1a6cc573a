"""[pages]: colours that can be read, and a logo that is a picture."""

import json
from pathlib import Path

import pytest

from tests.settings.configurations import LEAST, FaultsOf, Load


def least_with(**pages: str) -> str:
    lines = [f"{name} = {json.dumps(value)}" for name, value in pages.items()]
    return "\n".join([LEAST, "[pages]", *lines, ""])


@pytest.mark.parametrize(
    "pages",
    [
        {"accent": "#8A1538"},
        {"accent_dark": "#ffb3c7"},
        {"accent": "#000000", "accent_dark": "#ffffff"},
    ],
)
def test_colours_that_can_be_read_are_taken(load: Load, pages: dict[str, str]) -> None:
    settings = load(least=least_with(**pages)).settings

    assert {name: getattr(settings.pages, name) for name in pages} == pages


@pytest.mark.parametrize(
    ("name", "colour", "said"),
    [
        ("accent", "#ffcc00", "with #eef1f5, and 4.5:1 is the least"),
        ("accent", "#767676", "make it darker"),
        ("accent_dark", "#0a5796", "make it lighter"),
        ("accent", "red", "six digits"),
        ("accent", "#fff", "six digits"),
        ("accent", "#0a5796; } body { display: none", "six digits"),
    ],
)
def test_colour_that_cannot_be_read_is_a_fault(
    faults_of: FaultsOf, name: str, colour: str, said: str
) -> None:
    (fault,) = faults_of(least=least_with(**{name: colour}))

    assert fault.key == f"pages.{name}"
    assert said in fault.message


def test_logo_is_found_beside_the_configuration(load: Load, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg></svg>", encoding="utf-8")

    settings = load(least=least_with(logo_file="logo.svg")).settings

    assert settings.pages.logo_file == tmp_path / "logo.svg"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "logo.png"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100_000), "larger than 100000 bytes"),
    ],
)
def test_logo_that_cannot_be_shown_is_a_fault(
    faults_of: FaultsOf, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)

    (fault,) = faults_of(least=least_with(logo_file="logo.png"))

    assert fault.key == "pages.logo_file"
    assert said in fault.message


def test_language_is_passed_on_unless_it_is_said_otherwise(load: Load) -> None:
    assert load().settings.upstream.pass_language
    assert not load(
        least=f"{LEAST}pass_language = false\n"
    ).settings.upstream.pass_language
