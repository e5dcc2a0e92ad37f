"""The calendar as lines of a spreadsheet: what each would do, before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from werkzeug.datastructures import MultiDict

from administration.closures import KINDS, Change, ClosedDay
from backoffice.spreadsheets import LINE, formula_in, without_formulas
from models import Holiday
from outputs.workbooks import Column, write_table
from rules.formats import WEEKDAYS, day
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
WRITTEN = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


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
    codes = {title.casefold(): code for code, title in KINDS.items()} | {c: c for c in KINDS}
    lines, changes, seen = [], [], set()
    for row in rows:
        number = int(row[LINE])
        if wrong := formula_in(row):
            lines.append(Line(number, *without_formulas(row, "TANGGAL", "NAMA"), REFUSED, wrong))
            continue
        on = _date(row["TANGGAL"])
        kind = codes.get(row["JENIS"].casefold(), "")
        said = {"title": row["NAMA"], "kind": kind, "source": row["SUMBER"]}
        form = form_class(MultiDict({"on": on.isoformat() if on else "", **said}))
        refusal = _refusal(form, on, seen)
        if refusal or on is None:
            lines.append(Line(number, row["TANGGAL"], row["NAMA"], REFUSED, refusal))
            continue
        seen.add(on)
        wanted, existing = ClosedDay(**form.data), known.get(on)
        outcome, words = _outcome(wanted, existing)
        lines.append(Line(number, day(on), row["NAMA"], outcome, words))
        if outcome != SAME:
            changes.append(Change(existing.id if existing else None, wanted))
    return lines, changes


def _date(text: str) -> date | None:
    for pattern in WRITTEN:
        try:
            return datetime.strptime(text.strip()[:10], pattern).date()
        except ValueError:
            continue
    return None


def _refusal(form: OfficeForm, on: date | None, seen: set[date]) -> str:
    if on is None:
        return "Tanggal tidak terbaca. Tulis seperti 2027-08-17 atau 17/08/2027."
    if on in seen:
        return "Tanggal ini sudah ada pada baris sebelumnya."
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
