"""Text as people read it, and as it is compared.

What is pasted brings along signs that nobody sees: a soft hyphen of Word, the zero-width space of a
PDF, the direction marks of a contact card, the decomposed accents of macOS. Every form, import,
search and header takes its words through here, so that what looks alike is alike.
"""

import re
import unicodedata
from itertools import takewhile

LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Blank as wide as a letter (Hangul and Braille blanks, a notehead without ink): read as a space.
FILLERS = str.maketrans(dict.fromkeys("\u3164\uffa0\u2800\U0001d159", " "))
# Joiners and variants: part of an emoji or of a script that writes with them, else nothing.
JOINERS = "\u200c\u200d"
VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
TAGS = "\U000e0020-\U000e007f"
# Controls but tab and line end, what Unicode calls default ignorable (UAX 44), the marks of
# embedded objects and annotations, and code points that are no characters. Signs of Arabic and
# Egyptian that are counted as formats but are drawn stay.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ufdd0-\ufdef\ud800-\udfff"
    f"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff{JOINERS}{VARIANTS}]"
)
REPLACEMENT = "\ufffd"
IS_VARIANT = re.compile(f"[{VARIANTS}\u180b-\u180d\u180f]")
IS_TAG = re.compile(f"[{TAGS}]")
BLACK_FLAG = "\U0001f3f4"
KEYCAP_BASES = "#*0123456789"
# Where joiners change how letters are drawn: Arabic to Mongolian, the scripts of India and of
# South-East Asia beside them, Balinese and Javanese among them.
JOINING = re.compile("[\u0600-\u109f\u1700-\u1cff\ua800-\uabff\U00010a00-\U00011fff]")
# Scripts whose letters have variants of their own: Myanmar, Mongolian, Chinese.
HAS_VARIANTS = re.compile(
    "[\u1000-\u109f\u1800-\u18af\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

APOSTROPHES = "'`´ʹʻʼʽʾʿˈˊˋ՚׳‘’‚‛′‵ꞌ＇｀"
QUOTES = '"“”„‟«»″‶〝〞〟＂'
HYPHENS = "-‐‑‒–—―−⁃﹘﹣－"
# Letters that no decomposition takes apart.
PLAIN_LETTERS = {
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
}
FOLDED = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(QUOTES, '"')
    | dict.fromkeys(HYPHENS, "-")
    | PLAIN_LETTERS
)


def normalise(text: str | None) -> str:
    """What a person reads of a text, in NFC, its line ends as `\\n`; empty when nothing is seen.

    Spaces stay as they are. Joiners stay within emoji and within scripts that write with them.
    """
    text = LINE_ENDS.sub("\n", text or "").translate(FILLERS)
    text = unicodedata.normalize("NFC", UNSEEN.sub(_if_seen, text))
    return text if any(map(_is_seen, text)) else ""


def one_line(text: str | None) -> str:
    """What stands in a field of one line: normalised, every run of white space one space.

    A browser sends no line ends in it, others may: they would write lines of their own into
    messages and papers.
    """
    return " ".join(normalise(text).split())


def fold(text: str | None) -> str:
    """One line as it is compared and searched: no case, no accents, `ß` as `ss`, and of
    apostrophes, quotes and hyphens the plain ones. For display it is no use."""
    plain = UNSEEN.sub("", one_line(text)).translate(FOLDED)
    plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(plain.translate(FOLDED).split())


def _is_seen(letter: str) -> bool:
    """A mark alone sits on nothing; spaces, controls and what no font knows aren't seen."""
    return letter.isalnum() or unicodedata.category(letter)[0] not in "MZC"


def _if_seen(found: re.Match[str]) -> str:
    """A sign of UNSEEN where it belongs to what is drawn, else nothing."""
    sign, text, at = found[0], found.string, found.start()
    before, after = _letter_before(text, at), text[at + 1 : at + 2]
    if sign == REPLACEMENT:
        return sign
    if sign in JOINERS:
        is_emoji = _is_emoji(before) and _is_emoji(after)
        is_written = JOINING.fullmatch(before) and JOINING.fullmatch(after)
        return sign if is_written or (is_emoji and sign == "\u200d") else ""
    if IS_VARIANT.fullmatch(sign):
        base = text[at - 1 : at]
        is_keycap = base in KEYCAP_BASES and after == "\u20e3"
        return sign if _is_emoji(base) or is_keycap or HAS_VARIANTS.fullmatch(base) else ""
    if IS_TAG.fullmatch(sign):
        tags = sum(1 for _ in takewhile(IS_TAG.fullmatch, reversed(text[:at])))
        return sign if text[at - tags - 1 : at - tags] == BLACK_FLAG else ""
    return ""


def _letter_before(text: str, at: int) -> str:
    """The letter or emoji to which a joiner would join the next one."""
    while at and IS_VARIANT.fullmatch(text[at - 1]):
        at -= 1
    return text[at - 1 : at]


def _is_emoji(letter: str) -> bool:
    return (
        bool(letter)
        and unicodedata.category(letter) in ("So", "Sk", "Sm", "Po")
        and not letter.isascii()
    )
