"""What a running application carries: settings, the services offered, storage."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g, has_request_context, request
from flask_security import current_user

from administration import questionnaires
from config.clock import utc_now
from config.settings import Settings
from messages.compose import MessageTemplates, read_message_templates
from models import User
from moves.catalogue import Catalogue
from rules.survey import Questionnaire
from storage.files import Store
from storage.partial_files import PartialFiles
from storage.s3_partial import S3PartialFiles
from storage.turns import Turns
from workflow import Reader


@dataclass(frozen=True)
class Runtime:
    """Made once by `create_app`, read by every view."""

    settings: Settings
    catalogue: Catalogue
    storage: Store
    partial: PartialFiles | S3PartialFiles
    # In which PDFs are looked at.
    checks: Turns

    @property
    def questionnaire(self) -> Questionnaire:
        """The survey in force now. One query each time: ask once a page."""
        return questionnaires.in_force(now())

    @property
    def message_templates(self) -> MessageTemplates:
        """The words of messages in force; read once per page, since they may be changed."""
        if "message_templates" not in g:
            settings = self.settings
            g.message_templates = read_message_templates(settings.base_url, settings.secret_key)
        return g.message_templates


def runtime() -> Runtime:
    return current_app.extensions["melasti"]


def me() -> User:
    """Who is logged in, as the row itself and not Flask-Login's stand-in for it."""
    return current_user._get_current_object()


def reader() -> Reader:
    """Who is logged in, with all rights at the instant of this request; asked for once."""
    known = request.environ.get("melasti.reader")
    if known is None or known.user is not me():
        known = request.environ["melasti.reader"] = Reader.at(me(), now())
    return known


def now() -> datetime:
    """The instant of this request, the same however often a view asks; rules never do."""
    if not has_request_context():
        return utc_now()
    return request.environ.setdefault("melasti.now", utc_now())


def is_looking_ahead() -> bool:
    """Whether a program asks before, or instead of, a person: what it gets was seen by nobody.

    Browsers say so when they fetch a page that may be wanted next (Sec-Purpose, once Purpose).
    """
    said = [request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz")]
    return request.method == "HEAD" or any("prefetch" in words.lower() for words in said)
