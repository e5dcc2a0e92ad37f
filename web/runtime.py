"""What a running application carries: settings, the services offered, storage, wordings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app

from adapters.storage import LocalStorage
from config.settings import Settings
from rules.survey import Questionnaire
from rules.wording import Wording
from workflow import Offer


@dataclass(frozen=True)
class Runtime:
    """Made once by `create_app`, read by every view."""

    settings: Settings
    catalogue: Mapping[str, Offer]
    storage: LocalStorage
    questionnaire: Questionnaire
    wordings: Mapping[str, Wording]
    message_footer: str


def runtime() -> Runtime:
    return current_app.extensions["melasti"]


def now() -> datetime:
    """The instant of this request. Views ask here and pass it on; rules never do."""
    return datetime.now(UTC)
