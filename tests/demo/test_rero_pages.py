"""The stand-in's pages: well-formed, labelled, escaped, honest about themselves."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from bridge.demo.rero_state import Settings
from tests.demo.site_visits import (
    consent_url,
    make_standin,
    sign_in,
    signed_in,
)

VOID = {"meta", "link", "input"}


class Outline(HTMLParser):
    """Checks that elements are closed in order and fields have labels."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "label":
            self.labelled.append(named["for"] or "")
        if "id" in named:
            self.ids.append(named["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_login_page_lists_the_demo_readers_and_their_passwords() -> None:
    page = make_standin().app.test_client().get("/signin/").text

    listed = re.findall(r'<th scope="row">(.*)</th>\s*<td>(.*?)</td>', page)

    assert listed == [(name, "demo") for name in ("jean", "anna", "luca", "zoe")]


def test_list_of_readers_can_be_switched_off() -> None:
    standin = make_standin(Settings(show_readers=False))

    page = standin.app.test_client().get("/signin/").text

    assert "jean" not in page


PAGES = ["/", "/signin/", "/signin/?ln=fr", "/oauth/errors?error=x", "/nowhere"]


@pytest.mark.parametrize("path", [*PAGES, consent_url(), consent_url(ln="de")])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_page_is_well_formed_labelled_and_says_what_it_is(
    path: str, is_signed_in: bool
) -> None:
    standin = make_standin()
    browser = signed_in(standin) if is_signed_in else standin.app.test_client()

    response = browser.get(path, follow_redirects=True)

    outline = Outline(response.text)
    assert outline.open == []
    assert outline.labelled == outline.ids
    assert response.text.startswith("<!doctype html>\n")
    assert response.text.count("<h1>") == 1
    assert "Stand-in RERO+ (demonstration)</header>" in response.text
    assert response.headers["X-Frame-Options"] == "sameorigin"


def test_login_fields_have_the_labels_of_rero() -> None:
    page = make_standin().app.test_client().get("/signin/").text

    assert '<label for="email">Username or e-mail</label>' in page
    assert '<label for="password">Password</label>' in page


def test_values_of_others_are_escaped() -> None:
    browser = make_standin().app.test_client()

    page = sign_in(browser, '/"><script>', email='"><script>', password="x").text

    assert "<script>" not in page


def test_consent_page_names_client_owner_reader_and_scopes() -> None:
    browser = signed_in(make_standin())

    page = unescape(browser.get(consent_url()).text)

    assert (
        "Application 'RERO OIDC Bridge' by 'service@bridge.example' wants permission "
        "to access your 'jean.simon@reader.example' account."
    ) in page
    assert re.findall("<li>(.*)</li>", page) == ["Full name", "Birthdate"]


@pytest.mark.parametrize(
    ("language", "button"), [("fr", "Autoriser"), ("de", "Erlauben"), ("it", "Autoriz")]
)
def test_consent_page_is_translated_but_scope_names_are_not(
    language: str, button: str
) -> None:
    browser = signed_in(make_standin())

    page = browser.get(consent_url(ln=language)).text

    assert '<html lang="en">\n' in page
    assert f'<main lang="{language}">' in page
    assert button in page
    assert "<li>Full name</li>" in page


def test_error_page_shows_the_code_and_leads_to_rero_only() -> None:
    browser = make_standin().app.test_client()

    response = browser.get("/oauth/errors?error=invalid_request&error_description=<b>")

    assert response.status_code == 200
    assert "Invalid authorization request" in response.text
    assert "(error code: invalid_request)" in response.text
    assert re.findall('<a href="(.*?)"', response.text) == ["/"]
    assert "<b>" not in response.text
