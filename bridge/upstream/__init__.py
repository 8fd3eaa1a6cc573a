"""RERO+ as seen by an OAuth 2 client."""
