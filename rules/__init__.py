"""Pure arithmetic of the office; no web, no database."""
