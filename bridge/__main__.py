"""`python -m bridge` is the command `bridge`."""

from bridge.cli.main import main

main()
