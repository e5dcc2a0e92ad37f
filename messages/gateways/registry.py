"""Every gateway there is. A new one is its own file and its line here."""

from collections.abc import Mapping

from config.settings import BadSetting, Settings, integer
from messages.gateways.fonnte import Fonnte
from messages.gateways.gateway import Gateway
from messages.gateways.gowa import Gowa
from messages.gateways.log import Log
from messages.gateways.meta_cloud import MetaCloud
from messages.gateways.smtp import Smtp
from messages.gateways.waha import Waha

GATEWAYS: tuple[type[Gateway], ...] = (
    Log,
    MetaCloud,
    Fonnte,
    Waha,
    Gowa,
    Smtp,
)


def find_gateway(name: str) -> type[Gateway] | None:
    return next((one for one in GATEWAYS if one.name == name), None)


def chosen_gateways(settings: Settings) -> dict[str, type[Gateway]]:
    """The gateway of each channel. Raises BadSetting for a name that no gateway bears."""
    return {
        "whatsapp": _carrying("whatsapp", settings.whatsapp_channel),
        "email": _carrying("email", settings.email_channel),
    }


def _carrying(channel: str, name: str) -> type[Gateway]:
    able = {one.name: one for one in GATEWAYS if channel in one.channels}
    if name not in able:
        variable, names = f"{channel.upper()}_CHANNEL", ", ".join(able)
        raise BadSetting(f"{variable} must be one of {names}, not {name!r}")
    return able[name]


def check_gateways(settings: Settings) -> None:
    """Refuse variables that no gateway could use, before anything is served. Raises BadSetting."""
    environ = settings.environ
    for gateway in chosen_gateways(settings).values():
        for one in gateway.settings:
            if one.is_required and not environ.get(one.name):
                raise BadSetting(f"{one.name} must be set for the chosen channel")
    for gateway in GATEWAYS:
        for one in gateway.settings:
            if one.limits:
                lowest, highest = one.limits
                integer(environ, one.name, int(one.default), lowest=lowest, highest=highest)
            if one.refused and environ.get(one.name) == one.refused:
                raise BadSetting(f"{one.name} must not be the gateway's own default")


def open_gateways(settings: Settings) -> Mapping[str, Gateway]:
    """The chosen gateways by channel, ready to send. Raises BadSetting, Misconfigured."""
    return {
        channel: gateway(settings.environ) for channel, gateway in chosen_gateways(settings).items()
    }


def reporting_gateways(settings: Settings) -> frozenset[str]:
    """The names of the chosen gateways whose reports can be believed."""
    return frozenset(
        gateway.name
        for gateway in chosen_gateways(settings).values()
        if settings.environ.get(gateway.report_secret)
    )
