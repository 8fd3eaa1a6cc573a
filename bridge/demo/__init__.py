"""A stand-in RERO+ and a relying party, for the demonstration and the tests."""
