"""What may be a name, of a person or an institution: what leads nowhere."""

import re
import unicodedata

from rules.text import one_line

NO_SITE = "Isi dengan nama, bukan alamat situs."
NO_LETTER = "Tulis nama dengan huruf."
# Ends of addresses that no title and no company of this country ends with: `M.Sc`, `S.Si`, `S.Ag`
# and `M.M` are degrees, so that of two letters only our own count without a path behind them.
ENDS = (
    r"(?:com|net|org|info|biz|xyz|top|site|online|store|shop|club|vip|bet|click|link|live|app|dev|icu"
    r"|buzz|website|space|tech|mobi|cash|loan|casino|poker|games?|win|fun|gov|edu|id|asia)"
)
SHORT_ENDS = (
    r"(?:me|ly|co|gl|gd|cc|tv|io|be|to|at|in|page|ru|cn|tk|ml|ga|cf|gq|su|pw|us|uk|my|sg|eu)"
)
SECOND = r"(?:(?:co|my|web|or|ac|go|sch|desa)\.)"
SITE = re.compile(
    rf"""
    ://|\bwww\.|\bmailto:|\S@\S+\.\S
    | (?<![\w.]) [\w-]{{3,}} (?:\.[\w-]+)* \s*[.,]?\s*[\[(]\s*(?:dot|titik|\.)\s*[\])]\s* {ENDS} \b
    | (?<![\w.]) (?:[\w-]+\.)* [\w-]{{3,}} \s?\. {SECOND}? {ENDS} (?![\w]|\.\w)
    | (?<![\w.]) (?:[\w-]+\.)* [\w-]{{3,}} \s*\.\s* (?:com|net|org) (?:/|\b(?!\.))
    | (?<![\w.]) (?:[\w-]+\.)+ (?:{ENDS}|{SHORT_ENDS}) (?::\d+)? [/?\#] \S
    | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def site_problem(text: str) -> str:
    """A sentence about a text that names a site; empty for one that doesn't.

    Names go into our messages and papers, some to telephones that nobody proved yet: an address in
    one would make them somebody's advertisement.
    """
    plain = unicodedata.normalize("NFKC", one_line(text)).replace("。", ".")
    return NO_SITE if SITE.search(plain) else ""


def name_problem(text: str) -> str:
    """A sentence about what can't be a person's name; empty for a good one."""
    return site_problem(text) or ("" if any(map(str.isalpha, text)) else NO_LETTER)
