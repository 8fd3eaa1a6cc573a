"""Logs, audit events and metrics."""
