"""Sites beside the bridge: plain services, and pages that send forms or make frames."""

from urllib.parse import urlsplit

import requests
from flask import Flask, redirect, render_template_string, request
from werkzeug.wrappers import Response

from tests.e2e.support import SECRET

_PAGE = "<!doctype html><title>Neighbour</title><link rel=icon href=data:,>"
_FORM = (
    _PAGE
    + """<form method=post action="{{ action }}">
{% for name, value in members %}<input type=hidden name="{{ name }}"
value="{{ value }}">{% endfor %}<button>Go</button></form>"""
)
_FRAME = _PAGE + '<iframe width=800 height=600 src="{{ url }}"></iframe>'
_SIGNED_IN = _PAGE + "<h1>Signed in</h1><p id=state>{{ state }}</p>"


def make_neighbour(issuer: str) -> Flask:
    """Make the sites; they answer at 127.0.0.1 and, another site, at localhost."""
    app = Flask("neighbour")

    def redeem(client_id: str, answer: dict[str, str]) -> str:
        """Sign in with the code of *answer*, as a service does."""
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": request.base_url,
        }
        secret = (client_id, SECRET)
        tokens = requests.post(f"{issuer}/token", form, auth=secret, timeout=20)
        tokens.raise_for_status()
        state = answer.get("state", "")
        return render_template_string(_SIGNED_IN, state=state)

    def plain() -> str:
        return redeem("plain", request.args.to_dict())

    def form() -> str:
        return redeem("forms", request.form.to_dict())

    def hop() -> Response:
        """Go on to another origin, as a service with several hosts does."""
        port = urlsplit(request.base_url).port
        return redirect(f"http://localhost:{port}/landed", 303)

    def landed() -> str:
        return render_template_string(_PAGE + "<h1>Landed</h1>")

    def post() -> str:
        """Show a form that posts the query to `action`."""
        members = request.args.to_dict()
        return render_template_string(
            _FORM, action=members.pop("action"), members=members.items()
        )

    def frame() -> str:
        return render_template_string(_FRAME, url=request.args["url"])

    def front() -> str:
        return render_template_string(_PAGE + "<h1>Neighbour</h1>")

    app.add_url_rule("/", view_func=front)
    for view in (plain, hop, landed, post, frame):
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    app.add_url_rule("/form", view_func=form, methods=["POST"])
    return app
