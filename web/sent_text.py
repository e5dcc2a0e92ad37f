"""What a browser sends, as people read it: cleaned before any form or view asks for it."""

from collections.abc import Iterable

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from rules.text import normalise

# Kept to the letter: who set one with a sign that nobody sees must get in by it.
SECRETS = ("password", "passphrase")


class SentValues(ImmutableMultiDict):
    """Fields of a form or of an address; files among them are left as they are."""

    def __init__(self, mapping: Iterable | None = None) -> None:
        sent = ImmutableMultiDict(mapping).items(multi=True)
        super().__init__([(name, _cleaned(name, value)) for name, value in sent])


class SentRequest(Request):
    parameter_storage_class = SentValues


def _cleaned(name: str, value: object) -> object:
    """A text with a NUL is left alone too: it is refused, since no person types one."""
    if not isinstance(value, str) or "\x00" in value or any(word in name for word in SECRETS):
        return value
    return normalise(value)
