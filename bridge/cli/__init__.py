"""The bridge command."""
