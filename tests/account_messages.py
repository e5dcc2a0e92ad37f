"""The links of messages about an account, as they leave: no row holds them."""

from datetime import datetime

from flask import Flask

from messages.compose import compose, read_message_templates
from models import Message, User


def link_of(app: Flask, message: Message) -> str:
    """The path that the message carries."""
    settings = app.extensions["melasti"].settings
    return compose(message, read_message_templates("", settings.secret_key)).variables["tautan"]


def messages_to(address: str, template: str = "") -> list[Message]:
    """What goes to an address, oldest first."""
    found = Message.select().where(Message.address == address)
    if template:
        found = found.where(Message.template == template)
    return list(found.order_by(Message.id))


def newest_link(app: Flask, template: str, address: str) -> str:
    """The link of the newest message of a kind to an address, or to the e-mail of its account."""
    found = messages_to(address, template)
    return link_of(app, found[-1])


def prove(person: User, at: datetime) -> None:
    """As if the owner had pressed the buttons of both links."""
    person.email_confirmed_at = person.phone_confirmed_at = at
    person.save()


def person_of(email: str) -> User:
    return User.get(User.email == email)
