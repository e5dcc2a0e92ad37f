"""A gateway as somebody would add it: this file and a line in the registry, nothing else."""

from collections.abc import Mapping

from messages.gateways.gateway import Gateway, Incoming, Outgoing, Sent, Setting, StatusEvent
from messages.gateways.webhook_bodies import json_object, same_secret


class Toy(Gateway):
    """Keeps what it was given."""

    name = "toy"
    settings = (
        Setting("TOY_TOKEN", "", "token of the toy", is_required=True, is_secret=True),
        Setting("TOY_KEY", "", "key in the address of its reports", is_secret=True),
        Setting("TOY_SPEED", "3", "how fast it runs", limits=(1, 9)),
    )
    report_secret = "TOY_KEY"
    sent: list[tuple[str, str]] = []

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._token = self.options(environ)["TOY_TOKEN"]

    def send(self, outgoing: Outgoing) -> Sent:
        self.sent.append((self._token, outgoing.address))
        return Sent(f"toy-{len(self.sent)}")

    def health(self) -> str:
        return ""

    @classmethod
    def is_genuine(cls, headers: Mapping[str, str], raw: bytes, *, key: str, secret: str) -> bool:
        return same_secret(key, secret)

    @classmethod
    def parse_reports(cls, raw: bytes) -> list[StatusEvent]:
        body = json_object(raw)
        return [StatusEvent(body["id"], body["state"])] if "state" in body else []

    @classmethod
    def parse_incoming(cls, raw: bytes) -> list[Incoming]:
        body = json_object(raw)
        return [Incoming(body["id"], body["from"], body["text"])] if "text" in body else []
