"""Outbox rows into the words that leave."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from administration.account_links import path_of
from administration.wordings import default_wordings, own_wordings
from messages.email_html import email_html
from messages.gateways.gateway import Outgoing
from models import Message, User
from rules.wording import LINK, Wording

# Where the link stood, while it is taken out of the words.
HERE = "\x00"
# What led to it: “… . Rincian: ”, to the end of the words, or a colon within them.
LED_TO = (re.compile(f"(?<=[.!?]) [^.!?]*: {HERE}[.]?$"), re.compile(f": {HERE}"))
# Words may change until a message leaves; these have left.
GONE = ("sent", "delivered", "read")


@dataclass(frozen=True)
class MessageTemplates:
    """What every message is written on: the wordings, the footer of e-mails, the site's address.

    `own` are the office's own words by code, oldest first, with the moment from which they hold.
    """

    defaults: Mapping[str, Wording]
    own: Mapping[str, Sequence[tuple[datetime, Wording]]]
    footer: str
    base_url: str
    # Signs links that open an account; without it none can be written.
    secret_key: str = field(default="", repr=False)

    @cached_property
    def wordings(self) -> Mapping[str, Wording]:
        """The words in force now, by code."""
        return {code: self.in_force(code) for code in self.defaults}

    def in_force(self, code: str, at: datetime | None = None) -> Wording:
        """The words for a message now, or those that held at a moment."""
        held = [words for since, words in self.own.get(code, ()) if at is None or since <= at]
        return held[-1] if held else self.defaults[code]

    def wording_of(self, message: Message) -> Wording:
        """The words a message left with; for one that still waits those in force."""
        at = message.sent_at if message.state in GONE else None
        return self.in_force(message.template, at)


def read_message_templates(base_url: str, secret_key: str = "") -> MessageTemplates:
    """Read once per run or page: one query, for the office's own words."""
    defaults, footer = default_wordings()
    return MessageTemplates(defaults, own_wordings(), footer, base_url, secret_key)


def words_of(
    message: Message, templates: MessageTemplates, *, link: str | None = None
) -> tuple[str, str]:
    """Subject and text of a message; `link` stands in for its own one."""
    # A link that opens an account stands in no row.
    variables = {LINK: "[tautan rahasia]", **message.variables}
    if link is not None:
        variables[LINK] = link
    try:
        return templates.wording_of(message).render(variables)
    except KeyError:
        # Written before the words named this variable: the default fits every row.
        return templates.defaults[message.template].render(variables)


def notice_of(message: Message, templates: MessageTemplates, *, under: str) -> tuple[str, str, str]:
    """Subject, text and link of a message as a row of a list: the link stands beside the words.

    It is empty but for one below `under`, a path, that opens no account.
    """
    link = message.variables.get(LINK, "")
    subject, text = words_of(message, templates, link=HERE)
    for pattern in LED_TO:
        text = pattern.sub("", text)
    # In the middle of a sentence it is told as the place that it leads to.
    text = text.replace(HERE, "MELASTI")
    is_shown = link.startswith(under) and not templates.wording_of(message).is_secret
    return subject, text, link if is_shown else ""


def compose(message: Message, templates: MessageTemplates) -> Outgoing:
    """The message in words; its link is made absolute by the configured address of the site.

    A link that opens an account is made here, for the address to which the message goes now.
    """
    variables = dict(message.variables)
    link = _live_link(message, templates) if message.link else variables.get(LINK, "")
    variables[LINK] = f"{templates.base_url}{link}" if link.startswith("/") else link
    wording = templates.wording_of(message)
    if not wording.variables <= set(variables):
        wording = templates.defaults[message.template]
    return write_out(
        wording,
        variables,
        templates,
        address=message.address,
        key=message.public_id,
        is_email=message.channel == "email",
    )


def _live_link(message: Message, templates: MessageTemplates) -> str:
    if not templates.secret_key:
        raise RuntimeError("a link that opens an account needs the secret key")
    return path_of(
        message.link,
        User.get_by_id(message.recipient_id),
        channel=message.channel,
        address=message.address,
        until=message.expires_at,
        secret_key=templates.secret_key,
    )


def write_out(
    wording: Wording,
    variables: Mapping[str, str],
    templates: MessageTemplates,
    *,
    address: str,
    key: str,
    is_email: bool,
) -> Outgoing:
    """The words with their variables as a channel takes them; raises KeyError for a missing one."""
    subject, text = wording.render(variables)
    html = ""
    if is_email:
        html = email_html(subject, text, link=variables.get(LINK, ""), footer=templates.footer)
        text = f"{text}\n\n{templates.footer}"
    return Outgoing(
        address=address,
        text=text,
        subject=" ".join(subject.split()),
        template=wording.code,
        variables=variables,
        idempotency_key=key,
        parameters=tuple(variables[name] for name in wording.parameter_names),
        html=html,
        is_free=wording.is_free,
    )
