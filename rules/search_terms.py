"""What is typed into a search, and the words by which rows are found and names are ordered.

Index and question are cut by the same rules. SQLite asks the functions below themselves, Postgres
has them in SQL (storage/migrations/0033_search.py): whoever changes them fills the index anew by
a migration, or words as they were could not be taken out of it.
"""

import json
import re
from dataclasses import dataclass

from rules.text import fold

LONGEST_WORD = 60
LONGEST_KEY = 120
# What stands between words, by ranges of code points, for both engines to cut alike.
SIGNS = (
    r"\u0001-\u001f\u0021-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u02b0-\u02ff\u055a\u05f3"
    r"\u2000-\u2bff\u2e00-\u2e7f\u3001-\u303f\ua78c\ufe10-\ufe6f\uff00-\uff0f\ufff0-\uffff"
    r"\U0001f000-\U0001faff"
)
SIGN = re.compile(f"[{SIGNS}]+")
DIGIT = re.compile(r"\d")
# What a misspelt word is compared with.
VOCABULARY = range(3, 31)
MOST_WORDS = 8
# Shorter words are looked up whole: half of all words begin with the same letter.
SHORTEST_PREFIX = 3
# Fewer last digits are found in half of all telephones.
SHORTEST_PHONE = 4
PHONE = re.compile(r"\+?[0-9 ().\-]+")
# What a receipt or a message prints before a number or a code.
NUMBER_WORD = re.compile(
    r"^\W*(?:re:\s*)?"
    r"(?:(?:kode|no|nomor|nomer|nmr|nr|permohonan|layanan|tiket|reg)\b[\s.:#]*)+(?=o?\d)"
)
# As numbers of requests are written by hand and by other keyboards.
SLASH = re.compile(r" *[/\\\u2044\u2215\u29f8] *")
# The letters that a code of a request (Crockford's base 32) has no use for.
MISREAD = str.maketrans("oil", "011")
CODE = re.compile(r"[0o][1il][0-9a-z]{4,}")
# Before the kind of an institution, and before a telephone from its end.
CATEGORY, LAST_DIGITS = "qq", "zz"

# One word, and whether longer ones that begin with it count too; those of a way stand together.
Word = tuple[str, bool]
Way = tuple[Word, ...]


def words_of(text: str | None) -> str:
    """The words of a text, each once; `Nur'aini` in one piece too."""
    plain = _plain(text or "")
    found = f"{SIGN.sub(' ', plain)} {SIGN.sub('', plain)}".split()
    return " ".join(dict.fromkeys(word[:LONGEST_WORD] for word in found))


def vocabulary_of(text: str | None) -> str:
    """Of these the words that somebody may misspell, as JSON."""
    words = words_of(text).split()
    return json.dumps(
        [word for word in words if len(word) in VOCABULARY and not DIGIT.search(word)]
    )


def order_key(text: str | None) -> str:
    """What a name is ordered by: letters and digits as printed, titles too; no case or accents."""
    return " ".join(SIGN.sub("", _plain(text or "")).split())[:LONGEST_KEY]


def _plain(text: str) -> str:
    """As `fold` says, but for signs that are left out afterwards; most texts need no more."""
    return text.lower() if text.isascii() and text.isprintable() else fold(text)


@dataclass(frozen=True)
class Terms:
    """What was typed, as groups that must all match; each group offers alternatives."""

    groups: tuple[tuple[Way, ...], ...] = ()
    # What was typed instead of words: signs alone, which no index holds.
    signs: str = ""

    def __bool__(self) -> bool:
        return bool(self.groups)


def read_terms(text: str) -> Terms:
    """Words by their beginnings; numbers, codes and telephones as they are printed or spoken.

    A group for each of `parts_of`.
    """
    typed = _typed(text)
    if _is_phone(typed):
        spaced = tuple(map(_word, _pieces(typed)))
        return Terms((_alternatives(*_ways_of_digits("".join(DIGIT.findall(typed))), spaced),))
    chunks = _chunks(typed)
    joined = ["".join(_pieces(chunk)) for chunk in chunks]
    whole = _in_one("".join(joined)) if len(joined) > 2 else []
    groups = []
    for place, chunk in enumerate(chunks):
        # Words that others write as one.
        pairs = [joined[at : at + 2] for at in (place - 1, place) if 0 <= at < len(joined) - 1]
        together = ((_word("".join(pair)),) for pair in pairs)
        ways = _ways_of(chunk, is_number="/" in typed)
        groups.append(_alternatives(*ways, *together, *whole))
    return Terms(tuple(groups), signs="" if groups else text)


def parts_of(text: str) -> list[list[str]]:
    """What stands between the spaces of a question, each cut at its signs; a telephone is one."""
    typed = _typed(text)
    if _is_phone(typed):
        return [DIGIT.findall(typed)]
    return [_pieces(chunk) for chunk in _chunks(typed)]


def is_spoken(word: str) -> bool:
    """Whether somebody may misspell it: letters alone."""
    return not DIGIT.search(word)


def _typed(text: str) -> str:
    return SLASH.sub("/", NUMBER_WORD.sub("", fold(text)))


def _is_phone(typed: str) -> bool:
    digits = DIGIT.findall(typed)
    return bool(PHONE.fullmatch(typed)) and len(digits) >= SHORTEST_PHONE


def category_terms(code: str) -> Terms:
    """The hidden word of a kind of institution."""
    return Terms(((((CATEGORY + code.replace("_", ""), False),),),))


def _chunks(typed: str) -> list[str]:
    """What stands between the spaces, but signs alone."""
    return [chunk for chunk in typed.split() if _pieces(chunk)][:MOST_WORDS]


def _pieces(text: str) -> list[str]:
    return SIGN.sub(" ", text).split()[:MOST_WORDS]


def _word(letters: str) -> Word:
    return letters[:LONGEST_WORD], len(letters) >= SHORTEST_PREFIX


def _in_one(letters: str) -> list[Way]:
    """As one word, and as the code of a request where it may be one."""
    ways: list[Way] = [(_word(letters),)]
    if CODE.fullmatch(letters):
        ways.append((_word(letters.translate(MISREAD)),))
    return ways


def _alternatives(*ways: Way) -> tuple[Way, ...]:
    return tuple(dict.fromkeys(way for way in ways if way))


def _ways_of(chunk: str, *, is_number: bool) -> list[Way]:
    """`48/L.Data` is the beginning of a number; everything else is its words.

    The words of one number stand in others too, in another order, and those of an e-mail in names.
    """
    pieces = _pieces(chunk)
    joined, words = "".join(pieces), tuple(map(_word, pieces))
    if joined.isdecimal():
        return [words, *_ways_of_digits(joined)]
    is_email = "@" in chunk.lstrip("@")
    if is_email or (is_number and len(pieces) > 2 and pieces[0].isdecimal()):
        return _in_one(joined)
    return [words, *_in_one(joined)]


def _ways_of_digits(digits: str) -> list[Way]:
    """As they stand, and as a telephone: its beginning, local or international, or its end."""
    local = digits.lstrip("0")
    local = local.removeprefix("62").lstrip("0") if len(local) > 8 else local
    ways: list[Way] = [(_word(digits),)]
    if len(digits) >= SHORTEST_PHONE and local:
        ways.append((_word(local),))
    if len(local) >= SHORTEST_PHONE:
        ways.append(((LAST_DIGITS + local[::-1], True),))
    if digits.startswith("0") and len(digits) >= SHORTEST_PHONE:
        # An end that begins with zeros.
        ways.append(((LAST_DIGITS + digits[::-1], True),))
    return ways
