"""The page that carries an answer to the client by a form (Form Post Response Mode).

A script presses its button; where scripts are off, the patron does. The script never
changes, so that the content security policy can allow it alone, by its hash.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

from flask import Request
from markupsafe import Markup

from bridge.core.return_address import ReturnAddress
from bridge.web.context import WebParts, asked_languages, language_of
from bridge.web.frame import Answer
from bridge.web.guards import content_security_policy
from bridge.web.pages import FormPostPage

SCRIPT: Final = Markup("document.forms[0].submit()")
_DIGEST: Final = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


def form_post(
    parts: WebParts, http: Request, address: ReturnAddress, members: Mapping[str, str]
) -> Answer:
    """Answer with the page; only a ReturnAddress can be posted to."""
    language = language_of(parts, asked_languages(http), http)
    html = parts.pages.form_post(
        language,
        FormPostPage(
            address.client.display_name(language),
            address.redirect_uri,
            members,
            SCRIPT,
        ),
    )
    answer = Answer(html, content_type="text/html; charset=utf-8")
    policy = content_security_policy(parts.issuer, address.client)
    answer.add_header(
        "Content-Security-Policy", f"{policy}; script-src 'sha256-{_DIGEST}'"
    )
    return answer
