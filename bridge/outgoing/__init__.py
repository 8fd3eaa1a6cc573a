"""Calls to addresses that a client's registration names, each of them guarded."""
