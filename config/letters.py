"""How the office's papers are headed, numbered and signed: three tables of `office.toml`.

A register counts from 1 every year and leaves no number out; a kind of paper that names none
gets no number. Tata Naskah Dinas differs from ministry to ministry and from year to year, so that
every pattern is data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

# What a pattern may name, in braces: `format_letter_number` of `rules.numbering` fills them in.
WORDS = ("urut", "klasifikasi", "kode", "jenis", "bulan", "romawi", "tahun", "thn")
# What the register of letters in counts by; no register of the office may be called so.
AGENDA_IN = "masuk"
LONGEST_CODE, LONGEST_NUMBER = 24, 80
PICTURES = {".png", ".jpg", ".jpeg", ".svg"}


@dataclass(frozen=True)
class Letterhead:
    """What stands above every paper, beside the names and addresses of the office."""

    # The units between the ministry and the office, from above.
    units: tuple[str, ...] = ()
    phone: str = ""
    fax: str = ""
    # Where the picture is; None for a head of words alone.
    logo: Path | None = None


@dataclass(frozen=True)
class Register:
    """A book in which letters out are numbered."""

    code: str
    title: str
    pattern: str


@dataclass(frozen=True)
class LetterKind:
    """How one kind of paper goes out."""

    register: str
    # The archive's classification, and the short word for the kind: `ND`, `BA`.
    classification: str = ""
    abbreviation: str = ""
    # The post in whose name it is signed; empty for whoever acts.
    signer: str = ""
    nature: str = "Biasa"
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letters:
    """All that the office says about its letters."""

    head: Letterhead = Letterhead()
    # Where letters are dated, and the code of the office in their numbers.
    place: str = ""
    office_code: str = ""
    # The post that takes note of a recap before it is handed in; empty for none.
    recap_signer: str = ""
    registers: Mapping[str, Register] = field(default_factory=dict)
    kinds: Mapping[str, LetterKind] = field(default_factory=dict)

    @property
    def signers(self) -> frozenset[str]:
        return frozenset(kind.signer for kind in self.kinds.values() if kind.signer)


def read_letters(raw: Mapping[str, Any], folder: Path) -> Letters:
    """The tables as they are used; `problem_of_letters` has passed them."""
    head, said = dict(raw.get("letterhead", {})), raw.get("letters", {})
    logo = head.pop("logo", "")
    return Letters(
        Letterhead(
            units=tuple(head.pop("units", ())), logo=folder / logo if logo else None, **head
        ),
        place=said.get("place", ""),
        office_code=said.get("office_code", ""),
        recap_signer=said.get("recap_signer", ""),
        registers={
            code: Register(code, **entry) for code, entry in said.get("register", {}).items()
        },
        kinds={
            code: LetterKind(**entry | {"copies": tuple(entry.get("copies", ()))})
            for code, entry in said.get("kind", {}).items()
        },
    )


def problem_of_letters(raw: Mapping[str, Any], folder: Path) -> str:
    """What is wrong with the tables; empty when nothing is."""
    try:
        letters = read_letters(raw, folder)
    except TypeError as error:
        return f"[letterhead] or [letters] has a word that means nothing, or lacks one: {error}"
    logo = letters.head.logo
    if logo and (logo.suffix.lower() not in PICTURES or not logo.is_file()):
        return f"[letterhead] logo must be a PNG, JPEG or SVG beside this file, not {logo.name!r}"
    if letters.recap_signer and letters.recap_signer not in raw["posts"]:
        return f"[letters] recap_signer is a post that [posts] lacks: {letters.recap_signer!r}"
    for code, register in letters.registers.items():
        if code == AGENDA_IN or not code.isidentifier() or len(code) > LONGEST_CODE:
            return f"[letters.register.{code}] can't be called so"
        if problem := _problem_of_pattern(register.pattern):
            return f"[letters.register.{code}] pattern {problem}"
    for code, kind in letters.kinds.items():
        if kind.register not in letters.registers:
            return f"[letters.kind.{code}] names a register that isn't there: {kind.register!r}"
        if kind.signer and kind.signer not in raw["posts"]:
            return f"[letters.kind.{code}] is signed by a post that [posts] lacks: {kind.signer!r}"
    return _problem_of_numbers(letters)


def _problem_of_pattern(pattern: str) -> str:
    try:
        parsed = list(Formatter().parse(pattern))
    except ValueError as error:
        return f"can't be read: {error}"
    words = [(name, spec) for _, name, spec, _ in parsed if name is not None]
    names = {name for name, _ in words}
    if unknown := sorted(names - set(WORDS)):
        return f"has words that mean nothing: {', '.join(unknown)}"
    if "urut" not in names:
        return "lacks {urut}, by which letters are told apart"
    if any(spec and not (name == "urut" and spec in ("02", "03", "04")) for name, spec in words):
        return "may only say {urut:02}, {urut:03} or {urut:04} behind a colon"
    return ""


def _problem_of_numbers(letters: Letters) -> str:
    """Two registers that would give the same number, or one too long to be kept."""
    given: dict[str, str] = {}
    for code, kind in letters.kinds.items():
        known = {"klasifikasi": kind.classification, "jenis": kind.abbreviation}
        # The longest of each, and seven digits: what a century of letters takes.
        longest = {"urut": 1234567, "bulan": "08", "romawi": "viii", "tahun": "2028", "thn": "28"}
        pattern = letters.registers[kind.register].pattern
        number = pattern.format(**longest, **known, kode=letters.office_code)
        if len(number) > LONGEST_NUMBER:
            return f"[letters.kind.{code}] has numbers longer than {LONGEST_NUMBER} letters"
        if given.setdefault(number, kind.register) != kind.register:
            return f"[letters] {given[number]!r} and {kind.register!r} give the same numbers"
    return ""
