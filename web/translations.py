"""Indonesian words for the forms of WTForms; Flask-Security finds its own by configuration."""

from babel.support import Translations
from flask import Flask, request
from flask_wtf import FlaskForm

from config.settings import CONTENT


def install_translations(app: Flask) -> None:
    """Give every request our catalogue under the name where Flask-WTF looks for one."""
    catalogue = Translations.load(str(CONTENT / "translations"), ["id"], domain="wtforms")

    @app.before_request
    def _use_catalogue() -> None:
        request.wtforms_translations = catalogue


class OfficeForm(FlaskForm):
    """A form whose token the application checks for every POST, not the form itself."""

    class Meta(FlaskForm.Meta):
        csrf = False
