"""A customer's phone: what it sends, and what it is answered."""

import itertools

from messages.compose import compose, read_message_templates
from models import Message
from tests.messages.gateways import test_meta_cloud

SECRET = "kunci-uji"


PHONE = "6281234567890"


STRANGER = "6285200000001"


ids = itertools.count(1)


def meta(text: str, *, sender: str = PHONE, found: str = "", **more) -> dict:
    found = found or f"wamid.in.{next(ids)}"
    return test_meta_cloud.incoming(text, sender=sender, found=found, **more)


def replies(phone: str = PHONE) -> list[tuple[str, str]]:
    """(template, text) of the answers to a phone, oldest first."""
    templates = read_message_templates("https://layanan.contoh.test")
    free = [code for code, words in templates.wordings.items() if words.is_free]
    rows = Message.select().where(Message.template.in_(free) & (Message.address == f"+{phone}"))
    return [(row.template, compose(row, templates).text) for row in rows.order_by(Message.id)]
