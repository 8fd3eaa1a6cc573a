"""The texts of the pages are complete in every language, and docs/texts.md shows them.

After a change of a catalog, `python tests/web/test_pages_texts.py` writes it anew.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bridge.core.claim_mapping import DEFAULT_MAPPING
from bridge.core.eligibility import RefusalReason
from bridge.core.errors import PageReason
from bridge.web.facts import WITHHELD
from bridge.web.rendering import TEMPLATES
from bridge.web.texts import (
    LANGUAGES,
    catalog_path,
    format_date,
    parse_catalog,
    read_catalog,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "texts.md"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
INTRODUCTION = """\
# Texts of the pages

All texts that a patron may see, side by side, for readers whose mother tongue they are.
Written from the catalogs in `bridge/web/locales` by
`python tests/web/test_pages_texts.py`: change a text there, then write this page anew.
What stands as `%(client)s` is put in by the bridge: the name of the service, a date.
"""


def document() -> str:
    """Write docs/texts.md from the catalogs."""
    catalogs = {language: read_catalog(language) for language in LANGUAGES}
    lines = [INTRODUCTION]
    group = ""
    for key in catalogs["en"]:
        if key.partition(".")[0] != group:
            group = key.partition(".")[0]
            lines += [f"\n## {group}\n", f"| key | {' | '.join(LANGUAGES.values())} |"]
            lines += ["| --- |" + " --- |" * len(LANGUAGES)]
        cells = [catalogs[language][key] for language in LANGUAGES]
        lines.append(f"| `{key}` | {' | '.join(cells)} |")
    return "\n".join(line.removesuffix("\n") for line in lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalog_has_the_same_keys_and_placeholders_as_english(language: str) -> None:
    english = read_catalog("en")

    texts = read_catalog(language)

    assert list(texts) == list(english)
    for key, text in texts.items():
        assert text.strip(), key
        placeholders = sorted(PLACEHOLDER.findall(text))
        assert placeholders == sorted(PLACEHOLDER.findall(english[key])), key
        assert "%" not in PLACEHOLDER.sub("", text).replace("%%", ""), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_need_no_escaping(language: str) -> None:
    texts = read_catalog(language).values()

    assert [text for text in texts if re.search(r"[<>&]", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_babel_reads_the_same_texts(language: str) -> None:
    with catalog_path(language).open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)

    assert {m.id: m.string for m in catalog if m.id} == read_catalog(language)


def test_text_may_go_on_over_several_lines() -> None:
    header = 'msgid ""\nmsgstr "Language: en"\n\n'
    source = header + 'msgid "a."\n"b"\nmsgstr ""\n"One \\"two\\""\n'

    texts = parse_catalog(source)

    assert texts == {"a.b": 'One "two"'}


@pytest.mark.parametrize(
    "source",
    [
        'msgid "a"\nmsgstr "1"\nmsgid "a"\nmsgstr "2"',
        'msgid "a"\nmsgid_plural "b"',
        'msgid "a"\nmsgstr "no end',
        "msgid a",
        "msgid 1",
    ],
)
def test_catalog_that_cannot_be_read_is_a_fault(source: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_catalog(source)


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_short(language: str) -> None:
    texts = read_catalog(language)

    for key, text in texts.items():
        if key.startswith("button.") or key == "consent.not_you":
            assert len(PLACEHOLDER.sub("", text)) < 28, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_speaks_of_an_unexpected_or_unknown_error(language: str) -> None:
    vague = re.compile(
        r"(?:unexpected|unknown) error|(?:unerwarteter|unbekannter) fehler"
        r"|erreur (?:inattendue|inconnue)|errore (?:imprevisto|inatteso|sconosciuto)",
        re.IGNORECASE,
    )

    texts = read_catalog(language).values()

    assert [text for text in texts if vague.search(text)] == []


def test_german_is_written_as_in_switzerland() -> None:
    assert [text for text in read_catalog("de").values() if "ß" in text] == []


def test_every_reason_and_every_claim_has_its_texts() -> None:
    needed = {f"claim.{name}" for name in (*DEFAULT_MAPPING.names, *WITHHELD)}
    for reason in PageReason:
        needed |= {f"error.{reason}{part}" for part in ("", ".why", ".do")}
    for refusal in RefusalReason:
        needed |= {f"refused.{refusal}", f"refused.{refusal}.do"}

    assert needed - set(read_catalog("en")) == set()


def test_every_text_is_used() -> None:
    code = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    code += (TEMPLATES.parent / "rendering.py").read_text()
    built = ("card.reason.", "claim.", "error.", "refused.")

    unused = [
        key
        for key in read_catalog("en")
        if not key.startswith(built) and not re.search(f"['\"]{key}['\"]", code)
    ]

    assert unused == []


@pytest.mark.parametrize(
    ("language", "written"),
    [("fr", "01.03.2027"), ("de", "01.03.2027"), ("it", "01.03.2027")],
)
def test_date_is_written_in_figures(language: str, written: str) -> None:
    assert format_date(date(2027, 3, 1), language) == written


def test_english_date_is_written_with_the_name_of_the_month() -> None:
    assert format_date(date(2027, 3, 1), "en") == "1 March 2027"


def test_document_shows_the_texts_as_they_are() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document()


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
