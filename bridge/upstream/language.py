"""RERO+'s pages in the language that the patron chose here."""

from urllib.parse import quote, urlsplit


def in_language(base_url: str, url: str, language: str) -> str:
    """Lead to *url* of the RERO+ at *base_url* by the page that sets its language.

    `/lang/fr?next=` goes on to a path of its own, `/signout/?next=` among them, and
    leaves the language in RERO+'s session. It knows fr, de, it and en, as we do.
    """
    base = base_url.rstrip("/")
    path = urlsplit(base).path + url.removeprefix(base)
    return f"{base}/lang/{language}?next={quote(path, safe='')}"
