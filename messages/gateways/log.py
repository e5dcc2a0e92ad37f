"""Sends nothing anywhere: the outbox itself is where the message can be read."""

import logging
from collections.abc import Mapping

from messages.gateways.gateway import Gateway, Outgoing, Sent

log = logging.getLogger("melasti.channels")


class Log(Gateway):
    """For trying the system, and for an office without a gateway."""

    name = "log"
    channels = ("whatsapp", "email")

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Needs no variable."""

    def send(self, outgoing: Outgoing) -> Sent:
        log.info("message %s (%s) handed to the log", outgoing.idempotency_key, outgoing.template)
        return Sent(f"log-{outgoing.idempotency_key}")

    def health(self) -> str:
        return ""
