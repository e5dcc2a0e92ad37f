"""A gateway that does as it is told, and a postman who uses it."""

from config.settings import DeliveryRules
from messages.compose import read_message_templates
from messages.gateways.gateway import Sent
from messages.sending import Postman


class Gateway:
    """A channel that answers as it is told and keeps what it took."""

    name = "gateway"

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
