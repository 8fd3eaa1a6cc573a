"""Keys: signatures, seals and tags."""
