"""Every gateway there is. A new one is its own file and its line here."""

from collections.abc import Mapping

from config.settings import BadSetting, Settings, integer
from messages.gateways import return_path
from messages.gateways.broken import Broken
from messages.gateways.fonnte import Fonnte
from messages.gateways.gateway import Gateway, Misconfigured, Setting
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
    environ, is_production = settings.environ, not settings.is_demo
    for gateway in chosen_gateways(settings).values():
        for one in gateway.settings:
            if one.is_required and not environ.get(one.name):
                raise BadSetting(f"{one.name} must be set for the chosen channel")
        if problem := gateway.problem(environ, is_production=is_production):
            raise BadSetting(problem)
    of_gateways = (setting for gateway in GATEWAYS for setting in gateway.settings)
    for one in (*of_gateways, *return_path.settings):
        _check_value(one, environ)
    if not settings.delivery.ladder:
        raise BadSetting(
            "WHATSAPP_CHANNEL or EMAIL_CHANNEL must name a gateway of MESSAGE_LADDER in "
            "production mode: with log no message would leave"
        )


def _check_value(one: Setting, environ: Mapping[str, str]) -> None:
    if one.limits:
        lowest, highest = one.limits
        integer(environ, one.name, int(one.default), lowest=lowest, highest=highest)
    if one.choices and environ.get(one.name, one.default) not in one.choices:
        names = ", ".join(one.choices)
        raise BadSetting(f"{one.name} must be one of {names}, not {environ[one.name]!r}")
    if one.refused and environ.get(one.name) == one.refused:
        raise BadSetting(f"{one.name} must not be the gateway's own default")


def open_gateways(settings: Settings) -> Mapping[str, Gateway]:
    """The chosen gateways by channel, ready to send. Raises BadSetting.

    One whose variables can't be used is there as well, and refuses: its messages take the other
    channel in the end, and are seen meanwhile. In production there is no log to send to.
    """
    return {
        channel: _opened(gateway, settings.environ)
        for channel, gateway in chosen_gateways(settings).items()
        if settings.is_demo or gateway is not Log
    }


def _opened(gateway: type[Gateway], environ: Mapping[str, str]) -> Gateway:
    try:
        return gateway(environ)
    except (Misconfigured, ValueError) as error:
        return Broken(gateway.name, str(error))


def reporting_gateways(settings: Settings) -> frozenset[str]:
    """The names of the chosen gateways whose reports can be believed."""
    return frozenset(
        gateway.name
        for gateway in chosen_gateways(settings).values()
        if settings.environ.get(gateway.report_secret)
    )
