"""Every way of signing there is. A new one is its own file and its line here."""

from config.settings import BadSetting, Settings
from outputs.signing.bsre import Bsre
from outputs.signing.none import Unsigned
from outputs.signing.p12 import OfficeSeal
from outputs.signing.way import Way

WAYS: tuple[type[Way], ...] = (Unsigned, OfficeSeal, Bsre)


def chosen_way(settings: Settings) -> Way:
    """The way that SIGNING names. Raises BadSetting."""
    able = {way.name: way for way in WAYS}
    if settings.signing not in able:
        raise BadSetting(f"SIGNING must be one of {', '.join(able)}, not {settings.signing!r}")
    way = able[settings.signing]
    for name, is_needed in way.settings:
        if is_needed and not settings.environ.get(name):
            raise BadSetting(f"{name} must be set for SIGNING={way.name}")
    return way(settings.environ)
