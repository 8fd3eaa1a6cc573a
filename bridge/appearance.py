"""The pages as the operator wants them: title, colours, logo, languages."""

from functools import partial

from bridge.core.logo import logo_type
from bridge.provider.metadata import Document, issuer_path, raw_document
from bridge.settings.model import Settings
from bridge.upstream.language import in_language
from bridge.web.context import LeadInLanguage
from bridge.web.pages import Pages, PageSettings
from bridge.web.routes import LANGUAGE_PATH, STATIC_PATH

STATIC_MAX_AGE_S = 86_400  # its address changes with its content


def make_pages(settings: Settings, logo: bytes | None, *, demonstration: bool) -> Pages:
    """Make the pages in the configured languages."""
    return Pages(
        PageSettings(
            title=settings.pages.title,
            support=settings.support or None,
            privacy_url=settings.pages.privacy_url or None,
            languages=settings.pages.languages,
            static_prefix=issuer_path(settings.issuer) + STATIC_PATH,
            language_action=issuer_path(settings.issuer) + LANGUAGE_PATH,
            demonstration=demonstration,
            accent=settings.pages.accent,
            accent_dark=settings.pages.accent_dark,
            logo=logo,
            logo_alt=settings.pages.logo_alt or settings.pages.title,
        )
    )


def logo_of(settings: Settings) -> bytes | None:
    """Read the operator's logo, if there is one."""
    path = settings.pages.logo_file
    return None if path is None else path.read_bytes()


def picture(content: bytes | None) -> Document | None:
    """Make a document of the logo."""
    if content is None:
        return None
    media_type = logo_type(content) or "application/octet-stream"
    return raw_document(content, media_type, STATIC_MAX_AGE_S)


def stylesheet(pages: Pages) -> Document:
    """Make a document of the one stylesheet, in the operator's colours."""
    media_type = "text/css; charset=utf-8"
    return raw_document(pages.stylesheet, media_type, STATIC_MAX_AGE_S)


def upstream_language(settings: Settings) -> LeadInLanguage | None:
    """Return what leads to RERO+'s pages in a language; None: it is not to be told."""
    if not settings.upstream.pass_language:
        return None
    return partial(in_language, settings.upstream.base_url)
