"""The calendar as lines of a spreadsheet: what each would do, before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from administration.closures import KINDS, Change, ClosedDay
from backoffice.spreadsheets import LINE, MOST_ROWS, formula_in, without_formulas
from models import Holiday
from outputs.workbooks import Column, write_table
from rules.dates import BadDate, parse_days
from rules.formats import WEEKDAYS, day
from rules.text import fold
from web.translations import OfficeForm

HEADINGS = ("TANGGAL", "NAMA", "JENIS", "SUMBER")
COLUMNS = (
    Column("TANGGAL", 14, "day"),
    Column("HARI", 10),
    Column("NAMA", 48),
    Column("JENIS", 18),
    Column("SUMBER", 36),
)
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass(frozen=True)
class Line:
    """What one line of the spreadsheet would do."""

    number: int
    date: str
    title: str
    outcome: str
    words: str


def as_workbook(days: Iterable[Holiday]) -> bytes:
    """The days in the columns that bringing in expects."""
    rows = (
        (one.on, WEEKDAYS[one.on.weekday()], one.title, KINDS.get(one.kind, one.kind), one.source)
        for one in days
    )
    return write_table("Hari libur", COLUMNS, rows)


def planned(
    rows: Sequence[Mapping[str, str]], form_class: type[OfficeForm]
) -> tuple[list[Line], list[Change]]:
    """(what each line would do, the changes of those that change something). One query."""
    known = {row.on: row for row in Holiday.select()}
    codes = {fold(title): code for code, title in KINDS.items()} | {c: c for c in KINDS}
    lines: list[Line] = []
    changes: list[Change] = []
    seen: set[date] = set()
    for row in rows:
        for said in _days_of(row):
            line, change = _line(said, row, form_class, known=known, codes=codes, seen=seen)
            lines.append(line)
            if change:
                changes.append(change)
    return lines, changes


def _days_of(row: Mapping[str, str]) -> list[date | str]:
    """The days of a line, one of them or a range; or a sentence about what is wrong with them."""
    if wrong := formula_in(row):
        return [wrong]
    try:
        return [*parse_days(row["TANGGAL"])]
    except BadDate as refusal:
        return [str(refusal)]


def _line(
    on: date | str,
    row: Mapping[str, str],
    form_class: type[OfficeForm],
    *,
    known: Mapping[date, Holiday],
    codes: Mapping[str, str],
    seen: set[date],
) -> tuple[Line, Change | None]:
    """What one day of a line would do; `on` is a sentence where there is no day."""
    number = int(row[LINE])
    if isinstance(on, str):
        return Line(number, *without_formulas(row, "TANGGAL", "NAMA"), REFUSED, on), None
    said = {
        "title": row["NAMA"],
        "kind": codes.get(fold(row["JENIS"]), ""),
        "source": row["SUMBER"],
    }
    form = form_class(MultiDict({"on": on.isoformat(), **said}))
    if refusal := _refusal(form, on, seen):
        shown = row["TANGGAL"] if parse_days(row["TANGGAL"]) == [on] else day(on)
        return Line(number, shown, row["NAMA"], REFUSED, refusal), None
    seen.add(on)
    wanted, existing = ClosedDay(**form.data), known.get(on)
    outcome, words = _outcome(wanted, existing)
    line = Line(number, day(on), row["NAMA"], outcome, words)
    change = Change(existing.id if existing else None, wanted)
    return line, None if outcome == SAME else change


def _refusal(form: OfficeForm, on: date, seen: set[date]) -> str:
    if on in seen:
        return "Tanggal ini sudah ada pada baris sebelumnya."
    if len(seen) >= MOST_ROWS:
        return f"Terlalu banyak hari; paling banyak {MOST_ROWS} sekaligus."
    if not form["kind"].data:
        return f"Jenis tidak dikenal. Pilih salah satu: {', '.join(KINDS.values())}."
    if form.validate():
        return ""
    return " ".join(f"{form[name].label.text}: {said[0]}" for name, said in form.errors.items())


def _outcome(wanted: ClosedDay, existing: Holiday | None) -> tuple[str, str]:
    if existing is None:
        closed = " Jatuh pada akhir pekan." if wanted.on.weekday() > 4 else ""
        return NEW, f"Hari libur baru.{closed}"
    changed = [
        f"{words}: “{getattr(existing, name) or 'kosong'}” menjadi “{getattr(wanted, name)}”"
        for name, words in (("title", "nama"), ("source", "sumber"))
        if getattr(existing, name) != getattr(wanted, name)
    ]
    if existing.kind != wanted.kind:
        changed.append(f"jenis: {KINDS.get(existing.kind, '-')} menjadi {KINDS[wanted.kind]}")
    return (CHANGED, "; ".join(changed)) if changed else (SAME, "Tidak berubah.")
