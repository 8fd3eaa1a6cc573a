"""RERO OIDC Bridge: an OpenID Provider in front of the RERO+ login."""

__version__ = "0.1.0"
