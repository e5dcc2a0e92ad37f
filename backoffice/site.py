"""Put the backoffice into an application."""

from flask import Flask


def install_backoffice(app: Flask) -> None:
    """Register Flask-Admin and our views."""
