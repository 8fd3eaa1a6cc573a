"""The manual holds every key as the model has it."""

from pathlib import Path

from bridge.settings.keys import every_key
from bridge.settings.reference import reference_tables

MANUAL = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_manual_holds_the_tables_made_of_the_model() -> None:
    text = MANUAL.read_text(encoding="utf-8")

    tables = text.split("<!-- keys: begin -->\n")[1].split("<!-- keys: end -->")[0]

    assert tables == reference_tables(), "see `bridge config schema --markdown`"


def test_every_key_has_a_sentence() -> None:
    missing = [
        key
        for key, field in every_key()
        if not field.description or not field.description.endswith(".")
    ]

    assert missing == []


def test_every_number_has_its_unit_in_name_or_sentence() -> None:
    keys = {
        key: field for key, field in every_key() if "seconds" in str(field.description)
    }

    unitless = [key for key in keys if not key.endswith(("_s", "default_max_age"))]

    assert unitless == []
