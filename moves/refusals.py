"""Why a move is refused, in a sentence fit for the reader."""

from collections.abc import Mapping


class Refused(Exception):
    """A move that isn't allowed; the text is a sentence fit for the reader."""


class Conflict(Refused):
    """Somebody else moved the request first."""


class InvalidInput(Refused):
    """Inputs that don't satisfy the stage; `errors` maps an input's name to a sentence."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__("Periksa kembali isian yang ditandai.")
        self.errors = dict(errors)


class Unlooked(InvalidInput):
    """All that was given is right, but for files that nobody has looked at yet."""
