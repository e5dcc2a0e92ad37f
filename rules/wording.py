"""The words of outgoing messages: one source per message, rendered from named variables."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wording:
    """One message. `is_secret` marks a link that opens an account: never shown to staff."""

    code: str
    subject: str
    text: str
    is_secret: bool = False

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(
            name for _, name, _, _ in string.Formatter().parse(self.text + self.subject) if name
        )

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The variables in the order in which the text first names them."""
        names = (name for _, name, _, _ in string.Formatter().parse(self.text) if name)
        return tuple(dict.fromkeys(names))

    def render(self, variables: Mapping[str, str]) -> tuple[str, str]:
        """Subject and text. Raises KeyError for a variable that isn't given."""
        return self.subject.format_map(variables), self.text.format_map(variables)


def read_wordings(path: Path) -> tuple[dict[str, Wording], str]:
    """The messages of a file by code, and the footer of e-mails."""
    raw = tomllib.loads(path.read_text())
    footer = raw.pop("_footer", {}).get("text", "")
    wordings = {
        code: Wording(code, entry["subject"], entry["text"], entry.get("secret", False))
        for code, entry in raw.items()
    }
    return wordings, footer
