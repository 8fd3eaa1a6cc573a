"""The least configuration, and the types of the fixtures that load it."""

from collections.abc import Callable
from pathlib import Path

from bridge.core.errors import Fault
from bridge.settings.load import Loaded

Write = Callable[..., Path]
Load = Callable[..., Loaded]
FaultsOf = Callable[..., list[Fault]]

LEAST = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "bridge"
client_secret = "s3cret"
"""
