"""Steps: rules and ports in order; no HTTP, no SQL."""
