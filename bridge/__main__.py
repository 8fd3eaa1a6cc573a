"""`python -m bridge` is the command `bridge`."""

from bridge.cli.main import main

if __name__ == "__main__":  # a spawned worker imports this module, too
    main()
