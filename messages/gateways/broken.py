"""In the place of a gateway whose variables can't be used, so that the other channel goes on."""

from messages.gateways.gateway import Gateway, Misconfigured, Outgoing, Sent


class Broken(Gateway):
    """Refuses every message with what is wrong."""

    def __init__(self, name: str, trouble: str) -> None:
        self.name, self._trouble = name, trouble  # type: ignore[misc]

    def send(self, outgoing: Outgoing) -> Sent:
        raise Misconfigured(self._trouble)

    def health(self) -> str:
        return self._trouble
