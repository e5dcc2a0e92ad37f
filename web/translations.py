"""Indonesian words for the forms of WTForms; Flask-Security finds its own by configuration."""

from babel.support import Translations
from flask import Flask, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TelField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from config.settings import CONTENT
from rules.text import one_line

# Those made from them, as areas of text and passwords are, keep what is typed.
ONE_LINE = (StringField, TelField)


def install_translations(app: Flask) -> None:
    """Give every request our catalogue under the name where Flask-WTF looks for one."""
    catalogue = Translations.load(str(CONTENT / "translations"), ["id"], domain="wtforms")

    @app.before_request
    def _use_catalogue() -> None:
        request.wtforms_translations = catalogue


class OfficeForm(FlaskForm):
    """A form whose token the application checks for every POST, not the form itself.

    What is typed into a field of one line is one line.
    """

    class Meta(FlaskForm.Meta):
        csrf = False

        def bind_field(self, form: BaseForm, unbound_field: UnboundField, options: dict) -> Field:
            field = super().bind_field(form, unbound_field, options)
            if type(field) in ONE_LINE:
                field.filters = (*field.filters, _on_one_line)
            return field


def _on_one_line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value
