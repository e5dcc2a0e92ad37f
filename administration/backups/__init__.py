"""Backups of database, files and keys, bringing them back, and moving to another engine."""
