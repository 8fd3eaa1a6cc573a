"""The app object that a WSGI server imports: `gunicorn bridge.wsgi:app`.

The configuration is found as by the commands: $BRIDGE_CONFIG, ./bridge.toml, ...
"""

from bridge.runtime import open_runtime

runtime = open_runtime(None)
app = runtime.bridge.app
