"""Outbox rows into the words that leave."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.channels import Outgoing
from config.settings import CONTENT
from models import Message
from rules.wording import Wording, read_wordings


@dataclass(frozen=True)
class Stationery:
    """What every message is written on: the wordings, the footer of e-mails, the site's address."""

    wordings: Mapping[str, Wording]
    footer: str
    base_url: str


def read_stationery(base_url: str) -> Stationery:
    wordings, footer = read_wordings(CONTENT / "messages.toml")
    return Stationery(wordings, footer, base_url)


def compose(message: Message, stationery: Stationery) -> Outgoing:
    """The message in words; its link is made absolute by the configured address of the site."""
    variables = dict(message.variables)
    link = variables.get("tautan", "")
    variables["tautan"] = f"{stationery.base_url}{link}" if link.startswith("/") else link
    wording = stationery.wordings[message.template]
    subject, text = wording.render(variables)
    if message.channel == "email" and stationery.footer:
        text = f"{text}\n\n{stationery.footer}"
    return Outgoing(
        address=message.address,
        text=text,
        subject=subject,
        template=message.template,
        variables=variables,
        idempotency_key=message.public_id,
        parameters=tuple(variables[name] for name in wording.parameter_names),
    )
