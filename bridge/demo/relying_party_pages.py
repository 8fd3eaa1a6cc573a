"""The pages of the demo service: accessible HTML, nothing loaded from elsewhere."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Flask

INSTANTS: Final = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})

# The button "Log out" leads to the provider and back.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; "
    "form-action 'self' {provider}; base-uri 'none'; frame-ancestors 'none'"
)

LAYOUT: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }} – {{ service_name }}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="demonstration"><p><strong>Demonstration</strong> – no real service, no
real patrons.</p></header>
<main>
<h1>{{ title }}</h1>
{% block content %}{% endblock %}
</main>
<footer><p>{{ service_name }} is an OpenID Connect client. It knows its provider by
<code>{{ discovery_url }}</code> alone.</p></footer>
</body>
</html>
"""

WELCOME: Final = """\
{% extends layout %}
{% block content %}
<p>You are not logged in. The button takes you to the login of your library; this
service never sees your password.</p>
<p><a class="button" href="/login">Log in</a></p>
{% endblock %}
"""

LOGGED_OUT: Final = """\
{% extends layout %}
{% block content %}
<p>The session here is over, and the provider has sent you back.</p>
<p><a class="button" href="/login">Log in</a></p>
{% endblock %}
"""

FAILED: Final = """\
{% extends layout %}
{% block content %}
<p class="fault" role="alert">{{ explanation }}</p>
<p class="actions"><a class="button" href="/login">Try again</a>
<a href="/">To the start page</a></p>
{% endblock %}
"""

RESULT: Final = """\
{% extends layout %}
{% macro members(caption, rows) %}
<div class="scroll" role="region" aria-label="{{ caption }}" tabindex="0">
<table>
<caption>{{ caption }}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
<tbody>
{% for name, value, note in rows %}
<tr><th scope="row"><code>{{ name }}</code></th><td><code>{{ value }}</code>
{%- if note %} <small>{{ note }}</small>{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endmacro %}
{% block content %}
<p>The login at <code>{{ issuer }}</code> is complete, and every check passed.</p>
<div class="actions">
{% if may_log_out %}
<form method="post" action="/logout/all"><button>Log out</button></form>
{% endif %}
<form method="post" action="/logout"><button>Log out here only</button></form>
<a href="/login">Log in again</a> <a href="/result">The same as JSON</a>
</div>
<p><small>Logging out here only does not end the session at the provider: the next login
asks for no password.</small></p>

<h2>ID token</h2>
{{ members("Header of the ID token", header) }}
{{ members("Claims of the ID token", claims) }}

<h2>Userinfo</h2>
{{ members("Claims of the userinfo endpoint", userinfo) }}

<h2>Verified by joserfc</h2>
<p>This service trusts no code of the provider: an independent library verified the
signature, and these checks passed, in this order.</p>
<ol class="checks">
{% for check in checks %}
<li><strong>{{ check.name }}</strong>: {{ check.meaning }}
<small>({{ check.section }})</small></li>
{% endfor %}
</ol>

<h2>Timings</h2>
{{ members("Milliseconds for each step", timings) }}
{% endblock %}
"""

STYLE: Final = """\
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f1f4f7;
  --line: #c5ccd3; --accent: #0b5cab; --on-accent: #fff; --quiet: #4c5661;
  --fault: #a1161b; --good: #14692f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebee; --paper: #15181c; --soft: #20252b; --line: #48515b;
    --accent: #8cc2ff; --on-accent: #0b1622; --quiet: #b3bcc5;
    --fault: #ff9d9b; --good: #7ddc98; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }
.demonstration { background: #ffd84d; color: #1b1f24; padding: .5rem 1rem;
  text-align: center; }
.demonstration p { margin: 0; }
main, footer { max-width: 52rem; margin: 0 auto; padding: 1rem; }
footer { color: var(--quiet); border-top: 1px solid var(--line); font-size: .875rem; }
h1 { font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin-top: 2.25rem; }
a { color: var(--accent); }
a.button, button { display: inline-block; min-height: 2.75rem; padding: .6rem 1.4rem;
  border: 0; border-radius: .4rem; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--soft); }
tbody th { font-weight: 400; width: 14rem; }
code { font: .925em ui-monospace, monospace; overflow-wrap: anywhere; }
small { color: var(--quiet); font-size: .875rem; }
.fault { border-left: .3rem solid var(--fault); padding: .5rem 1rem;
  background: var(--soft); }
.checks { padding-left: 1.8rem; }
.checks li::marker { color: var(--good); font-weight: 600; }
"""

Rows = list[tuple[str, str, str]]


class Pages:
    """The templates, compiled once, with the values that all pages show."""

    def __init__(self, app: Flask, service_name: str, discovery_url: str) -> None:
        # Strings have no file name to go by: Flask escapes what they show.
        self._layout = app.jinja_env.from_string(LAYOUT)
        self._welcome = app.jinja_env.from_string(WELCOME)
        self._logged_out = app.jinja_env.from_string(LOGGED_OUT)
        self._failed = app.jinja_env.from_string(FAILED)
        self._result = app.jinja_env.from_string(RESULT)
        self._common = {
            "layout": self._layout,
            "service_name": service_name,
            "discovery_url": discovery_url,
        }

    def welcome(self) -> str:
        """Show the page with the button "Log in"."""
        return self._welcome.render(self._common, title="Welcome")

    def logged_out(self) -> str:
        """Show what the provider sends the browser back to after a logout."""
        return self._logged_out.render(self._common, title="You are logged out")

    def failed(self, title: str, explanation: str) -> str:
        """Show why a login did not come to its end."""
        return self._failed.render(self._common, title=title, explanation=explanation)

    def result(self, values: Mapping[str, object]) -> str:
        """Show all that a login has brought."""
        return self._result.render(self._common, title="You are logged in", **values)


def rows(members: Mapping[str, object]) -> Rows:
    """Return name, value as JSON and a note on it for each member."""
    return [
        (name, json.dumps(value, ensure_ascii=False), note_on(name, value))
        for name, value in members.items()
    ]


def note_on(name: str, value: object) -> str:
    """Return the day and hour that an instant stands for, else nothing."""
    if name not in INSTANTS or not isinstance(value, int):
        return ""
    try:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return ""
