"""A gateway that does as it is told, a postman who uses it, and somebody to be told."""

from datetime import UTC, datetime

from config.settings import DeliveryRules
from messages.compose import read_message_templates
from messages.gateways.gateway import Sent
from messages.sending import Postman
from models import Message, User

PROVED_AT = datetime(2024, 1, 2, tzinfo=UTC)


class Gateway:
    """A channel that answers as it is told and keeps what it took."""

    name = "gateway"
    takes_utf8 = None

    def __init__(self, *answers, gap_seconds=0.0):
        self.answers = list(answers)
        self.taken = []
        self.tried = 0
        self.gap_seconds = gap_seconds
        self.trouble = ""

    def send(self, outgoing):
        self.tried += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(outgoing)
        return Sent(f"id-{len(self.taken)}")

    def health(self):
        return self.trouble


def postman(gateway, email=None, **rules):
    templates = read_message_templates("https://layanan.contoh.test")
    channels = {"whatsapp": gateway, "email": email or gateway}
    return Postman(channels, templates, DeliveryRules(**rules))


def customer(email: str, phone: str = "", **more) -> User:
    """Somebody with a proved address, or two."""
    return User.create(
        email=email,
        name=f"Pelanggan {email.partition('@')[0]}",
        fs_uniquifier=f"uji-{email}",
        phone=phone,
        email_confirmed_at=PROVED_AT,
        phone_confirmed_at=PROVED_AT if phone else None,
        **more,
    )


def tell(
    person: User, channel: str, key: str, now, template: str = "akun_aktif", **more
) -> Message:
    """Write one message into the outbox."""
    words = {"sapaan": "Ibu", "nama": "N", "tautan": "/masuk"}
    Message.enqueue(template, recipient=person, channel=channel, at=now, dedupe_key=key,
                    variables=words, **more)  # fmt: skip
    return Message.get(Message.dedupe_key == f"{key}:{channel}")
