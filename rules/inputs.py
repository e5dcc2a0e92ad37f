"""What people typed into the fields of a flow, cleaned into what is kept.

Kept values are plain JSON: text, a list of ticked options, a date as `2026-11-24`, a number or an
amount of rupiah as digits, coordinates as `-8.12345, 114.56789` (decimal degrees, WGS 84), and of a
`yes_no` for each point answered `{"answer": "tidak", "remark": "…"}`.
"""

import re
from collections.abc import Mapping
from datetime import date

from rules.coordinates import BadCoordinates, parse_coordinates
from rules.formats import decimal_id, rupiah
from rules.labels import PICK_ONE, REQUIRED
from rules.services import Input
from rules.text import HYPHENS, normalise, one_line

RUPIAH = re.compile(r"(?i)(?:rp\.?)?\s*(\d{1,3}(?:\.\d{3})+|\d+)(?:,00|,-)?", re.ASCII)
# Printed and typed between the groups of a long code, to read it by.
PARTING = re.compile(f"[ .{re.escape(HYPHENS)}]")

YES, NO, NOT_APPLICABLE = "ya", "tidak", "tidak_berlaku"
ANSWERS = {YES: "Ya", NO: "Tidak", NOT_APPLICABLE: "Tidak berlaku"}
LONGEST_REMARK = 300


class BadInput(ValueError):
    """A value that doesn't fit its field; the text is a sentence for whoever typed it.

    `points` has a sentence for each point of a `yes_no` that is wrong, by its place in the list.
    """

    def __init__(self, words: str, points: Mapping[int, str] | None = None):
        super().__init__(words)
        self.points = dict(points or {})


def clean_value(entry: Input, value: object) -> object:
    """The value as it is kept; None when nothing was given. Raises BadInput.

    Files and people aren't looked at here: they need the storage and the table of people.
    """
    if entry.type == "checklist":
        return _checklist(entry, value)
    if entry.type == "yes_no":
        return _yes_no(entry, value)
    text = _as_coded(entry, normalise(str(value or "")).strip())
    if not text:
        if entry.required:
            raise BadInput(REQUIRED)
        return None
    if len(text) > entry.max_length:
        raise BadInput(f"Paling banyak {entry.max_length} huruf.")
    if entry.required and entry.type in ("text", "longtext") and not any(map(str.isalnum, text)):
        raise BadInput("Isi dengan kata atau angka; tanda saja belum menjelaskan.")
    if len(text) < entry.min_length:
        raise BadInput(f"Sedikitnya {entry.min_length} huruf.")
    cleaned = CLEANERS[entry.type](entry, text) if entry.type in CLEANERS else text
    if entry.pattern and not _fits(entry, cleaned):
        raise BadInput(entry.pattern_hint or "Periksa kembali penulisannya.")
    if entry.type in ("number", "money"):
        _in_range(entry, int(cleaned))
    return cleaned


def _as_coded(entry: Input, text: str) -> str:
    """A code in one piece, `8202 1111 2222 333` too, where its pattern wants it so."""
    if entry.type != "text" or not entry.pattern or _fits(entry, one_line(text)):
        return text
    in_one = PARTING.sub("", one_line(text))
    return in_one if _fits(entry, in_one) else text


def _fits(entry: Input, text: str) -> bool:
    # ASCII: digits of other scripts look like a billing code and aren't one.
    return bool(re.fullmatch(entry.pattern, text, re.ASCII))


def _in_range(entry: Input, value: int) -> None:
    if entry.min is not None and value < entry.min:
        raise BadInput(f"Paling sedikit {_amount(entry, entry.min)}.")
    if entry.max is not None and value > entry.max:
        raise BadInput(f"Paling banyak {_amount(entry, entry.max)}.")


def _amount(entry: Input, value: int) -> str:
    return rupiah(value) if entry.type == "money" else decimal_id(value, 0)


def _checklist(entry: Input, value: object) -> list[str] | None:
    ticked = _listed(value)
    known = [option for option in entry.options if option in ticked]
    if entry.required and len(known) < len(entry.options):
        raise BadInput("Periksa dan centang setiap butir.")
    return known or None


def _yes_no(entry: Input, value: object) -> dict[str, dict[str, str]] | None:
    """Each point with its answer; a list names the points answered with yes."""
    given: Mapping = value if isinstance(value, Mapping) else dict.fromkeys(_listed(value), YES)
    kept: dict[str, dict[str, str]] = {}
    wrong: dict[int, str] = {}
    for number, point in enumerate(entry.options):
        found = given.get(point)
        said = found if isinstance(found, Mapping) else {"answer": found}
        answer, remark = said.get("answer"), one_line(str(said.get("remark") or ""))
        if answer in ANSWERS:
            kept[point] = {"answer": answer, **({"remark": remark} if remark else {})}
        if problem := _wrong_point(entry, point, answer, remark):
            wrong[number] = problem
    if wrong:
        raise BadInput(_summary(entry, wrong), wrong)
    return kept or None


def _wrong_point(entry: Input, point: str, answer: object, remark: str) -> str:
    """What is wrong with the answer to one point; empty for nothing."""
    if answer not in ANSWERS:
        is_asked = entry.required or remark or point in entry.required_yes
        return "Jawab Ya, Tidak, atau Tidak berlaku." if is_asked else ""
    if point in entry.required_yes and answer != YES:
        return "Butir ini harus Ya sebelum dapat diteruskan."
    if len(remark) > LONGEST_REMARK:
        return f"Catatan paling banyak {LONGEST_REMARK} huruf."
    if answer == NO and not any(map(str.isalnum, remark)):
        return "Tulis catatan: apa yang belum sesuai?"
    return ""


def _summary(entry: Input, wrong: Mapping[int, str]) -> str:
    """One sentence per fault, with the points that it is about."""
    points: dict[str, list[str]] = {}
    for number, words in wrong.items():
        points.setdefault(words, []).append(f"“{entry.options[number]}”")
    return " ".join(f"{', '.join(named)}: {words}" for words, named in points.items())


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())  # type: ignore[call-overload]


def points_of(value: object) -> list[tuple[str, str, str]]:
    """(point, answer in words, remark) of a kept checklist; ticks of earlier times are a yes."""
    if isinstance(value, Mapping):
        return [
            (point, ANSWERS.get(said.get("answer", ""), "Belum dijawab"), said.get("remark", ""))
            for point, said in value.items()
        ]
    return [(point, ANSWERS[YES], "") for point in _listed(value)]


def point_words(value: object) -> str:
    """A kept checklist as people read it, a point a line: what says no comes with its remark."""
    return "\n".join(
        f"{point}: {answer}" + (f" ({remark})" if remark else "")
        for point, answer, remark in points_of(value)
    )


def _choice(entry: Input, text: str) -> str:
    if text not in entry.options:
        raise BadInput(PICK_ONE)
    return text


def _date(entry: Input, text: str) -> str:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise BadInput("Isi tanggal yang benar, misalnya 2026-11-24.") from None
    if not 2000 <= on.year <= 2100:
        raise BadInput("Tahunnya tampak keliru. Periksa kembali.")
    return on.isoformat()


def _number(entry: Input, text: str) -> str:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadInput("Isi dengan angka saja.")
    return str(int(text))


def _money(entry: Input, text: str) -> str:
    """Points only between thousands: `1250.50` is somebody's cents, not 125,050 rupiah."""
    found = RUPIAH.fullmatch(text)
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not digits or len(digits) > 13:
        raise BadInput("Isi jumlah rupiah dengan angka, misalnya 1.250.000.")
    return str(int(digits))


def _coordinates(entry: Input, text: str) -> str:
    try:
        latitude, longitude = parse_coordinates(text)
    except BadCoordinates as problem:
        raise BadInput(str(problem)) from None
    # Adding nothing takes the sign from -0.
    return f"{round(latitude, 5) + 0:.5f}, {round(longitude, 5) + 0:.5f}"


CLEANERS = {
    "text": lambda _, text: one_line(text),
    "choice": _choice,
    "date": _date,
    "number": _number,
    "money": _money,
    "coordinates": _coordinates,
}
