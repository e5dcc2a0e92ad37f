"""What every template may use: Indonesian formats, the office, the services, status words."""

import hashlib
import re
from pathlib import Path

from flask import Flask, current_app
from jinja2.ext import Extension
from wtforms import Form

from config.office import office
from models import User
from rules import formats
from rules.inputs import ANSWERS
from rules.phone import display_phone
from rules.statuses import LABELS
from web.listing import are_days_backwards
from web.requests.file_inputs import chooser_of, limits_of
from web.runtime import now
from web.searched_words import is_only_similar

FILTERS = (
    formats.moment,
    formats.moment_short,
    formats.day,
    formats.weekday_day,
    formats.decimal_id,
    formats.file_size,
    formats.salutation,
    formats.mask_name,
    display_phone,
)
UNPROVED = "belum terbukti"


def shown_email(person: User) -> str:
    """The e-mail of a customer as staff read it, with what isn't proved."""
    return _shown(person, "email")


def shown_phone(person: User) -> str:
    """The same for the phone."""
    return _shown(person, "whatsapp")


def _shown(person: User, channel: str) -> str:
    open_ones = person.unproved(channel)
    write = display_phone if channel == "whatsapp" else str
    return ", ".join(
        f"{write(address)} ({UNPROVED})" if address in open_ones else write(address)
        for address in person.addresses(channel)
    )


class WithoutIndentation(Extension):
    """Send no indentation: it was a third of the longest pages, and none of them is compressed.

    A line break stays where one was, so that words and elements are as far apart as before.
    """

    INDENTATION = re.compile(r"\n[ \t]+")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return self.INDENTATION.sub("\n", source)


def install_filters(app: Flask) -> None:
    app.jinja_env.add_extension(WithoutIndentation)
    for function in (*FILTERS, shown_email, shown_phone):
        app.add_template_filter(function)
    app.add_template_filter(chooser_of, "file_chooser")
    app.add_template_filter(limits_of, "file_limits")
    app.add_template_filter(lambda code: office().posts.get(code, code), "post")
    app.add_template_filter(lambda status: LABELS[status], "status_label")
    app.jinja_env.globals.update(
        office=office(),
        base_url=app.extensions["melasti"].settings.base_url,
        is_demo=app.extensions["melasti"].settings.is_demo,
        answers=ANSWERS,
        are_days_backwards=are_days_backwards,
        problems_of=problems_of,
    )
    app.context_processor(_shared)
    app.url_defaults(_fingerprint)


def problems_of(form: Form) -> list[tuple[str, str]]:
    """(id, sentence) of each error; a box to tick is named by its sentence."""
    return [("isi", error) for error in form.form_errors] + [
        (field.id, error if field.type == "BooleanField" else f"{field.label.text}: {error}")
        for field in form
        for error in field.errors
    ]


def _shared() -> dict[str, object]:
    flows = [offer.flow for offer in current_app.extensions["melasti"].catalogue.values()]
    return {
        "services": flows,
        "service_titles": tuple((flow.code, flow.title) for flow in flows),
        "is_only_similar": is_only_similar,
        "printed_at": now(),
        "this_year": now().astimezone(formats.ZONE).year,
    }


_fingerprints: dict[str, str] = {}


def _fingerprint(endpoint: str, values: dict) -> None:
    """Put a file's digest into its address, so that browsers may keep it for a year."""
    name = values.get("filename")
    if endpoint != "static" or not name or "v" in values:
        return
    if name not in _fingerprints:
        path = Path(current_app.static_folder or "") / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
        _fingerprints[name] = digest
    if _fingerprints[name]:
        values["v"] = _fingerprints[name]
