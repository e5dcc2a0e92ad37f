"""What somebody wants who writes one word to the office's number, whatever stands around it."""

import re
import unicodedata

STOP, START, STATUS = "stop", "start", "status"
WORDS = {
    STOP: frozenset({"stop", "berhenti", "unsubscribe"}),
    START: frozenset({"mulai", "start"}),
    STATUS: frozenset({"status"}),
}
# What people add to be polite; it changes nothing, where any further word might.
POLITE = frozenset({
    "tolong", "mohon", "harap", "please", "ya", "yah", "dong", "min", "admin", "kak", "pak", "bu",
    "bapak", "ibu", "terima", "kasih", "terimakasih", "makasih", "trims", "thanks", "thank", "you",
})  # fmt: skip


def command_of(text: str) -> str:
    """STOP, START or STATUS when the text is one of their words and nothing else; else empty.

    Signs, pictures, quotes, line breaks and the shape of letters don't count. A sentence that
    merely contains the word is no command.
    """
    said = [word for word in words_of(text) if word not in POLITE]
    for command, words in WORDS.items():
        if said and all(word in words for word in said):
            return command
    return ""


def words_of(text: str) -> list[str]:
    """The words in small plain letters; letters that stand alone (`S.T.O.P.`) are one word."""
    plain = unicodedata.normalize("NFKD", text)
    # Invisible signs, and accents: the dot of a Turkish capital I is one.
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn", "Me"))
    found = re.findall(r"[^\W_]+", kept.casefold())
    if len(found) > 1 and all(len(word) == 1 for word in found):
        return ["".join(found)]
    return found
