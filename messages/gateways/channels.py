"""The seam for gateways: one message out, a provider's id or a classified refusal back."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger("melasti.channels")


@dataclass(frozen=True)
class Outgoing:
    """One message; official gateways send `template` with `parameters`, the others `text`.

    `parameters` are the values in the order in which the wording names them. `is_free` answers
    somebody who wrote within the last 24 hours, which needs no template. `html` is the same
    letter as `text`, for e-mail.
    """

    address: str
    text: str
    subject: str
    template: str
    variables: Mapping[str, str]
    idempotency_key: str
    parameters: tuple[str, ...] = ()
    html: str = ""
    is_free: bool = False


@dataclass(frozen=True)
class Sent:
    """Accepted by the provider, which isn't yet delivered."""

    provider_id: str


class Refusal(Exception):
    """Why a provider did not take a message; the text is for the administrator."""


class TryLater(Refusal):
    """A passing fault of this one message."""


class Unreachable(TryLater):
    """The gateway as a whole doesn't answer, or answers nonsense: others would fare no better."""


class RateLimited(TryLater):
    """Too fast; `after_seconds` when the provider named a wait."""

    def __init__(self, reason: str, after_seconds: float | None = None):
        super().__init__(reason)
        self.after_seconds = after_seconds


class BadAddress(Refusal):
    """The number or mailbox can't receive."""


class BadTemplate(Refusal):
    """The provider refuses the template or its parameters."""


class Misconfigured(Refusal):
    """Our credentials or settings are wrong; nothing will leave until they are mended."""


class Channel(Protocol):
    name: str
    # Seconds between two messages, so that an unofficial gateway's number isn't blocked.
    gap_seconds: float

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand over one message. Raises a Refusal."""

    def health(self) -> str:
        """Empty when all is well, else a sentence for the administrator."""


class LogChannel:
    """Sends nothing anywhere: the outbox itself is where the message can be read."""

    name = "log"
    gap_seconds = 0.0

    def send(self, outgoing: Outgoing) -> Sent:
        log.info("message %s (%s) handed to the log", outgoing.idempotency_key, outgoing.template)
        return Sent(f"log-{outgoing.idempotency_key}")

    def health(self) -> str:
        return ""
