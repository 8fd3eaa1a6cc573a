"""The pages of the stand-in RERO+: plain HTML that works without JavaScript."""

from collections.abc import Mapping
from typing import Final

from flask import Flask

LANGUAGES: Final = ("en", "fr", "de", "it")

# Names of scopes stay English in every language, as RERO+'s do.
SCOPE_NAMES: Final[Mapping[str, str]] = {
    "fullname": "Full name",
    "birthdate": "Birthdate",
    "institution": "Institution",
    "expiration_date": "Expiration date",
    "patron_type": "Patron type",
    "patron_types": "Patron types",
    "user:email": "Access to e-mail address (read-only)",
}

# The html element says "en" always, as RERO+'s does; main tells the language used.
_LAYOUT: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - Stand-in RERO+ (demonstration)</title>
<link rel="icon" href="data:,">
<style>
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b;
  background: #f4f5f7; }
header { padding: .75rem 1rem; background: #ffdf4d; font-weight: 600; }
main { box-sizing: border-box; max-width: 36rem; margin: 1.5rem auto;
  padding: 1.5rem; background: #fff; border: 1px solid #c9ccd1; border-radius: .5rem; }
h1 { margin-top: 0; font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit;
  border: 1px solid #6b7078; border-radius: .25rem; }
button { margin: 1.25rem .5rem 0 0; padding: .6rem 1.25rem; font: inherit;
  color: #fff; background: #0b5394; border: 2px solid #0b5394; border-radius: .25rem; }
button.second { color: #0b5394; background: #fff; }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.error { padding: .75rem; background: #fdecea; border-left: 4px solid #b00020; }
table { width: 100%; margin-top: 2rem; border-collapse: collapse; }
caption { padding-bottom: .25rem; font-weight: 600; text-align: left; }
th, td { padding: .3rem .5rem .3rem 0; text-align: left;
  border-top: 1px solid #c9ccd1; vertical-align: top; }
main, td { overflow-wrap: anywhere; }
</style>
</head>
<body>
<header role="banner">Stand-in RERO+ (demonstration)</header>
<main lang="{{ language }}">
{% block main %}{% endblock %}
</main>
</body>
</html>
"""

_SIGNIN: Final = """{% extends layout %}
{% block title %}{{ text.sign_in }}{% endblock %}
{% block main %}<h1>{{ text.sign_in }}</h1>
{% if has_failed %}<p class="error" role="alert">{{ text.failed }}</p>
{% endif %}<form action="/signin/" method="post">
<input type="hidden" name="csrf_token" value="{{ csrf_token }}">
<input type="hidden" name="next" value="{{ target }}">
<label for="email">{{ text.login }}</label>
<input id="email" name="email" type="text" value="{{ login }}" autocomplete="username"
 autocapitalize="none" spellcheck="false" required>
<label for="password">{{ text.password }}</label>
<input id="password" name="password" type="password" autocomplete="current-password"
 required>
<button type="submit">{{ text.sign_in }}</button>
</form>
{% if readers %}<table lang="en">
<caption>Readers of this demonstration</caption>
<thead><tr><th scope="col">Username</th><th scope="col">Password</th>
<th scope="col">What it shows</th></tr></thead>
<tbody>
{% for reader in readers %}<tr><th scope="row">{{ reader.username }}</th>
<td>{{ reader.password }}</td><td>{{ reader.note }}</td></tr>
{% endfor %}</tbody>
</table>
{% endif %}{% endblock %}
"""

_CONSENT: Final = """{% extends layout %}
{% block title %}{{ client_name }}{% endblock %}
{% block main %}<h1>{{ client_name }}</h1>
<p>{{ sentence }}</p>
{% if scopes %}<ul lang="en">
{% for scope in scopes %}<li>{{ scope }}</li>
{% endfor %}</ul>
{% endif %}<form action="" method="post">
<button type="submit" name="confirm" value="yes">{{ text.agree }}</button>
<button type="submit" name="confirm" value="no" class="second">{{ text.reject
 }}</button>
</form>
{% endblock %}
"""

_MESSAGE: Final = """{% extends layout %}
{% block title %}{{ title }}{% endblock %}
{% block main %}<h1>{{ title }}</h1>
<p>{{ sentence }}</p>
{% if link %}<p><a href="{{ link }}">{{ link_text }}</a></p>
{% endif %}{% endblock %}
"""

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "sign_in": "Sign in",
        "login": "Username or e-mail",
        "password": "Password",
        "failed": "The username or the password is wrong.",
        "agree": "Authorize",
        "reject": "Reject",
        "ask": "Application '{client}' by '{owner}' wants permission to access your "
        "'{reader}' account. It will be able to read:",
    },
    "fr": {
        "sign_in": "Connexion",
        "login": "Nom d'utilisateur ou e-mail",
        "password": "Mot de passe",
        "failed": "Le nom d'utilisateur ou le mot de passe est faux.",
        "agree": "Autoriser",
        "reject": "Refuser",
        "ask": "L'application «\u202f{client}\u202f» de «\u202f{owner}\u202f» demande "
        "à accéder à votre compte «\u202f{reader}\u202f». Elle pourra lire\u202f:",
    },
    "de": {
        "sign_in": "Anmelden",
        "login": "Benutzername oder E-Mail",
        "password": "Passwort",
        "failed": "Benutzername oder Passwort ist falsch.",
        "agree": "Erlauben",
        "reject": "Ablehnen",
        "ask": "Die Anwendung «{client}» von «{owner}» möchte auf Ihr Konto "
        "«{reader}» zugreifen. Sie wird lesen können:",
    },
    "it": {
        "sign_in": "Accedi",
        "login": "Nome utente o e-mail",
        "password": "Password",
        "failed": "Il nome utente o la password è errata.",
        "agree": "Autorizza",
        "reject": "Rifiuta",
        "ask": "L'applicazione «{client}» di «{owner}» chiede di accedere al suo "
        "conto «{reader}». Potrà leggere:",
    },
}


class Pages:
    """The templates, compiled once."""

    def __init__(self, app: Flask) -> None:
        """Compile all templates in the environment of *app*, escaping everything."""
        environment = app.jinja_env
        self._layout = environment.from_string(_LAYOUT)
        self._pages = {
            "signin": environment.from_string(_SIGNIN),
            "consent": environment.from_string(_CONSENT),
            "message": environment.from_string(_MESSAGE),
        }

    def render(self, name: str, language: str, **values: object) -> str:
        """Write the page *name* in *language*."""
        return self._pages[name].render(
            layout=self._layout, language=language, text=TEXTS[language], **values
        )
