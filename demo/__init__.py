"""Fictitious rows to try the system with; never in production."""
