"""Configuration: TOML, environment and secret files become checked settings."""
