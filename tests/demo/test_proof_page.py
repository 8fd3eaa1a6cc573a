"""What the proof reads of a page."""

from bridge.demo.proof_page import Button, Field, Link, read_page


def test_headline_is_the_first_one_without_its_markup() -> None:
    page = read_page("<h1> We are\n <b>sorry</b> &amp; closed</h1><h1>Other</h1>")

    assert page.h1 == "We are sorry & closed"


def test_links_carry_their_text() -> None:
    page = read_page('<a href="/x?a=1&amp;b=2">Log <b>in</b></a><a name="top">no</a>')

    assert page.links == [Link("/x?a=1&b=2", "Log in")]


def test_fields_are_those_a_browser_would_send() -> None:
    page = read_page(
        '<form><input name="a" value="1"><input name="b" type="checkbox">'
        '<input name="c" type="checkbox" checked><input name="d" disabled>'
        '<input name="e" type="reset"><input value="nameless"></form>'
        '<input name="outside">'
    )

    assert page.forms[0].fields == [
        Field("a", "text", "1"),
        Field("c", "checkbox", "on"),
    ]


def test_buttons_are_those_that_send_the_form() -> None:
    page = read_page(
        '<form><button name="x" value="1">One</button><button type="button">No</button>'
        '<input type="submit" name="y" value="Two"></form>'
    )

    assert page.forms[0].buttons == [Button("x", "1", "One"), Button("y", "Two", "Two")]


def test_method_is_get_unless_said_otherwise() -> None:
    page = read_page('<form></form><form method="POST" action="/a"></form>')

    assert [(form.method, form.action) for form in page.forms] == [
        ("get", ""),
        ("post", "/a"),
    ]


def test_broken_markup_is_read_as_far_as_it_goes() -> None:
    page = read_page('<h1>Title</h1><form><input type="password" name="p"><button><')

    assert page.forms[0].asks_for_password
    assert page.h1 == "Title"
