"""Settings, the huey object and the office's own content."""
