"""Which channel a setting means."""

from collections.abc import Callable, Mapping

from messages.gateways.answers import Fonnte, Gowa, MetaCloud, Waha
from messages.gateways.channels import Channel, LogChannel
from messages.gateways.mail import Smtp


def open_channel(name: str, options: Mapping[str, str], *, sender: str = "") -> Channel:
    """Make the channel called `name` from the variables of the settings.

    Raises KeyError for an unknown name or a missing variable, Misconfigured for a bad address.
    """
    makers: dict[str, Callable[[], Channel]] = {
        "log": LogChannel,
        "meta_cloud": lambda: MetaCloud(
            token=options["META_TOKEN"],
            phone_number_id=options["META_PHONE_NUMBER_ID"],
            base_url=options["META_BASE_URL"],
            version=options["META_API_VERSION"],
        ),
        "fonnte": lambda: Fonnte(
            token=options["FONNTE_TOKEN"],
            base_url=options["FONNTE_BASE_URL"],
            path=options["FONNTE_PATH"],
            device_path=options["FONNTE_DEVICE_PATH"],
            gap_seconds=float(options["WHATSAPP_GAP_SECONDS"]),
        ),
        "waha": lambda: Waha(
            base_url=options["WAHA_BASE_URL"],
            api_key=options["WAHA_API_KEY"],
            session=options["WAHA_SESSION"],
            path=options["WAHA_PATH"],
            gap_seconds=float(options["WHATSAPP_GAP_SECONDS"]),
        ),
        "gowa": lambda: Gowa(
            base_url=options["GOWA_BASE_URL"],
            user=options["GOWA_USER"],
            password=options["GOWA_PASSWORD"],
            device=options["GOWA_DEVICE"],
            path=options["GOWA_PATH"],
            gap_seconds=float(options["WHATSAPP_GAP_SECONDS"]),
        ),
        "smtp": lambda: Smtp(
            host=options["SMTP_HOST"],
            port=int(options["SMTP_PORT"]),
            sender=sender,
            user=options["SMTP_USER"],
            password=options["SMTP_PASSWORD"],
            security=options["SMTP_SECURITY"],
        ),
    }
    return makers[name]()
