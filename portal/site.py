"""Put the portal into an application."""

from flask import Flask

from config.settings import Settings
from portal import (  # noqa: F401
    account,
    calendar_feed,
    channels,
    dashboard,
    demo_messages,
    detail,
    documents,
    filing,
    history,
    home,
    invitations,
    list,
    notifications,
    profile,
    statistics,
    survey,
    tracking,
    verification,
    well_known,
)
from portal.account import SignUpForm
from portal.blueprint import portal
from web.accounts.accounts import install_accounts


def install_portal(app: Flask, settings: Settings) -> None:
    """Register the pages, and the accounts with our sign-up form."""
    install_accounts(app, settings, SignUpForm)
    app.register_blueprint(portal)
