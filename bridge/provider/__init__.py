"""Engine: OpenID Connect by pyop, behind one door."""
