"""What a gateway is: one message out, a provider's id or a classified refusal back; reports and
messages in.

A new gateway is one file beside this one, with a class made from `Gateway`, and one line in
`registry.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

# -- out -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outgoing:
    """One message; official gateways send `template` with `parameters`, the others `text`.

    `parameters` are the values in the order in which the wording names them. `is_free` answers
    somebody who wrote within the last 24 hours, which needs no template. `html` says the
    same as `text`, for e-mail.
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
    """Accepted by the provider, which isn't yet delivered.

    `report_id` is what reports may call the message instead.
    """

    provider_id: str
    report_id: str = ""


class Refusal(Exception):
    """Why a provider did not take a message; the text is for the administrator."""


class TryLater(Refusal):
    """A passing fault of this one message."""


class Unreachable(TryLater):
    """No connection, or none that takes a message: others would fare no better."""


class ServerFault(TryLater):
    """It answered with a fault, and didn't say whether of this person or of everybody."""


class RateLimited(TryLater):
    """Too fast; `after_seconds` when the provider named a wait."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class BadAddress(Refusal):
    """The number or mailbox can't receive."""


class BadTemplate(Refusal):
    """The provider refuses the template or its parameters."""


class Misconfigured(Refusal):
    """Our credentials or settings are wrong; nothing will leave until they are mended."""


class AnswerLost(Refusal):
    """It was handed over whole and the answer never came: it may have left, or not."""


# -- in ------------------------------------------------------------------------------------------

SENT, DELIVERED, READ, FAILED = "sent", "delivered", "read", "failed"
TEXT = "text"


@dataclass(frozen=True)
class StatusEvent:
    """One report about one message, known by the provider's id or by our own key.

    It may come twice, late or out of order. `report_id` is a second id of the provider's, by
    which later reports may name the message.
    """

    provider_id: str
    state: str
    idempotency_key: str = ""
    error: str = ""
    report_id: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class OwnState:
    """A gateway says about itself that it works, or why it doesn't."""

    trouble: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Incoming:
    """One message; `phone` is E.164, or empty when the gateway hides it.

    `kind` is text, or what was sent instead (image, audio, …; `text` is then its caption).
    `replied_to` is the provider's id of our message that it answers, `own` our number's id.
    """

    provider_id: str
    phone: str
    text: str
    kind: str = TEXT
    replied_to: str = ""
    sent_at: datetime | None = None
    own: str = ""


# -- the gateway ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One environment variable of a gateway; `meaning` is what docs/settings.md says of it."""

    name: str
    default: str
    meaning: str
    is_required: bool = False
    is_secret: bool = False
    # The lowest and the highest whole number that will do.
    limits: tuple[int, int] | None = None
    # A gateway's own default of a secret: everybody knows it.
    refused: str = ""
    # The only values there are, where that is so.
    choices: tuple[str, ...] = ()


# The WhatsApp Web protocol isn't made for programs: who writes too fast is blocked.
GAP = Setting(
    "WHATSAPP_GAP_SECONDS",
    "3",
    "seconds between two messages of an unofficial gateway",
    limits=(0, 60),
)


class Gateway(ABC):
    """One provider by which messages leave, and what it tells us by its webhook.

    The class is what `registry.py` lists; an instance is opened with the variables of one
    installation, and raises Misconfigured when they can't be used.
    """

    name: ClassVar[str]
    channels: ClassVar[tuple[str, ...]] = ("whatsapp",)
    settings: ClassVar[tuple[Setting, ...]] = ()
    # Names of settings: what proves a report, what proves our address to the gateway, and the id
    # of our own number. Without a proof nothing is heard.
    report_secret: ClassVar[str] = ""
    handshake_token: ClassVar[str] = ""
    own_number: ClassVar[str] = ""
    # Seconds between two messages, so that an unofficial gateway's number isn't blocked.
    gap_seconds: float = 0.0
    # Whether it takes an address with letters beyond ASCII before the @, as far as is known.
    takes_utf8: bool | None = None

    @abstractmethod
    def __init__(self, environ: Mapping[str, str]) -> None: ...

    @classmethod
    def options(cls, environ: Mapping[str, str]) -> dict[str, str]:
        """The gateway's own variables as they are set, else their defaults."""
        return {one.name: environ.get(one.name, one.default) for one in cls.settings}

    @classmethod
    def problem(cls, environ: Mapping[str, str], *, is_production: bool) -> str:
        """What can't be used among its variables, as a sentence that names one; empty for none."""
        return ""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Sent:
        """Hand over one message. Raises a Refusal."""

    @abstractmethod
    def health(self) -> str:
        """Empty when all is well, else a sentence for the administrator."""

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        """Whether a report is the gateway's own; `key` is the last part of its address."""
        return False

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        """What became of messages, read from a report that is genuine."""
        return []

    @classmethod
    def parse_own_state(cls, raw: bytes) -> OwnState | None:
        """What the gateway says about itself, if anything."""
        return None

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        """What people wrote to the office's number."""
        return []
