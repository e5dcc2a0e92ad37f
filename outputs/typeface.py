"""The typeface of everything printed, and what becomes of characters that it doesn't have."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import font_lato
from fontTools.ttLib import TTFont

FONTS = Path(font_lato.__file__).parent / "files"
FACES = {"": FONTS / "Lato-Regular.ttf", "B": FONTS / "Lato-Bold.ttf"}
# What the typeface doesn't have, in characters that it has.
SPELLED = str.maketrans(
    {
        "→": "->",
        "←": "<-",
        "⇒": "=>",
        "✓": "v",
        "✔": "v",
        "☑": "[v]",
        "☐": "[ ]",
        "☒": "[x]",
        "•": "•",
        "●": "•",
        "▪": "•",
        "‐": "-",
        "‑": "-",
        "‒": "–",
        "―": "—",
        "Δ": "∆",
        "Ω": "Ω",
        "μ": "µ",
        "α": "alfa",
        "β": "beta",
        "γ": "gama",
        "δ": "delta",
        "η": "eta",
        "θ": "teta",
        "λ": "lambda",
        "ρ": "rho",
        "σ": "sigma",
        "τ": "tau",
        "φ": "fi",
        "ω": "omega",
        "\t": "    ",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
SYMBOL, UNKNOWN = "[simbol]", "[?]"


@cache
def _known_letters() -> frozenset[int]:
    return frozenset(code for code in TTFont(FACES[""]).getBestCmap() if chr(code).isprintable())


def printable(text: str) -> str:
    """`text` with only what the typeface can show; what can't be shown leaves a visible mark.

    An emoji becomes [simbol] and a letter of another script [?]; a run of them is marked once.
    Of several empty lines one is left.
    """
    plain = unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n").replace("\r", "\n")
    known = _known_letters()
    parts: list[str] = []
    for letter in plain.translate(SPELLED):
        shown = letter if ord(letter) in known or letter == "\n" else _nearest(letter, known)
        if shown and (shown not in (SYMBOL, UNKNOWN) or parts[-1:] != [shown]):
            parts.append(shown)
    return re.sub(r"\n\s*\n", "\n\n", "".join(parts)).strip()


def _nearest(letter: str, known: frozenset[int]) -> str:
    kind = unicodedata.category(letter)
    if kind == "Zs":
        return " "
    # Accents that stand alone, joiners, and other marks without a shape of their own.
    if kind in ("Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"):
        return ""
    simpler = unicodedata.normalize("NFKD", letter)
    kept = "".join(part for part in simpler if ord(part) in known)
    if kept:
        return kept
    return UNKNOWN if kind.startswith("L") else SYMBOL
