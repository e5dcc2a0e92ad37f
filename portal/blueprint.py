"""The blueprint that the modules of the portal add their views to."""

from flask import Blueprint

portal = Blueprint("portal", __name__)
