"""The lembar disposisi: what the head of an office orders whom to do, and who ordered before.

It is one sheet of A4 whatever was written: what was ordered stands in full, earlier moves are
told in ever fewer words until all of it fits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.office import office
from models import StageRecord
from outputs.papers.forms import addressee, open_sheet, titles_of
from outputs.papers.history import lines_of, title_of
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Line, Sheet
from rules import events
from rules.formats import clock_time, long_day, moment_short, weekday_long_day
from rules.inputs import YES, point_words, points_of
from rules.labels import ORIGINS
from rules.services import MADE_DOCUMENTS, Input, Stage

FORWARDING = (events.STAGE_COMPLETED, events.STEP_COMPLETED)
# Name of the input by which a head says how pressing a letter is, and what there is to say.
NATURE = "nature"
NATURES = ("Biasa", "Segera", "Sangat segera", "Rahasia")


@dataclass(frozen=True)
class Fit:
    """How much room a try takes: type, letters of an earlier note, how many earlier moves."""

    scale: float
    letters: int = 10_000
    moves: int = 10_000
    # Whether the lines of what was ordered run into each other.
    is_run_on: bool = False


FITS = (
    Fit(1.0),
    Fit(0.94),
    Fit(0.9, 300),
    Fit(0.86, 160),
    Fit(0.82, 90),
    Fit(0.8, 60, 12),
    Fit(0.78, 40, 10, is_run_on=True),
    Fit(0.75, 40, 7, is_run_on=True),
    Fit(0.72, 0, 5, is_run_on=True),
    Fit(0.68, 0, 3, is_run_on=True),
    Fit(0.6, 0, 1, is_run_on=True),
)


def render_disposition(seen: Snapshot) -> bytes:
    """The form as offices know it; internal, with the notes of every desk so far."""
    sheets = (_form(seen, fit) for fit in FITS)
    sheet = next((one for one in sheets if one.page_no() == 1), None) or _form(seen, FITS[-1])
    return bytes(sheet.output())


def _form(seen: Snapshot, fit: Fit) -> Sheet:
    record = seen.order
    desk, following = seen.desk(record), _following(seen, record)
    sheet = open_sheet(MADE_DOCUMENTS["lembar_disposisi"][0], seen, scale=fit.scale)
    sheet.heading("Lembar Disposisi", "Rahasia jabatan: hanya untuk lingkungan balai")
    sheet.gap(3)
    sheet.ruled((1, 1), _about(seen))
    sheet.ruled((1.1, 1, 1, 1, 1), [_natures(seen)])
    left, right = _instructions(desk, record)
    sheet.ruled((1, 1, 1), [(_orders(seen, record), left, right)])
    notes = _notes(seen, record, fit)
    sheet.ruled((1,), [([Line("Catatan dan isi disposisi", is_small=True), *notes],)])
    sheet.ruled(
        (1, 1.25, 0.75),
        [(_deadline(seen, following), _by(seen, record), [Line("Paraf", is_small=True)])],
    )
    _write_history(sheet, seen, fit)
    return sheet


def _write_history(sheet: Sheet, seen: Snapshot, fit: Fit) -> None:
    records = list(seen.history.records)
    left_out = max(0, len(records) - fit.moves)
    rows = [
        (
            [_small(str(number))],
            [_small(moment_short(past.event.at))],
            list(_story(seen, past, fit)),
        )
        for number, past in enumerate(records, start=1)
        if number > left_out
    ]
    if left_out:
        words = f"{left_out} langkah sebelumnya ada pada riwayat permohonan di MELASTI."
        rows.insert(0, ([], [], [_small(words)]))
    sheet.ruled(
        (0.8, 2.9, 13),
        rows,
        heads=("No", "Waktu", "Pejabat, tindakan, dan catatan"),
        title="Riwayat disposisi",
        pad=0.7,
    )


def _about(seen: Snapshot) -> list[tuple[list[Line], list[Line]]]:
    request, came = seen.request, seen.incoming
    attached = [row for row in seen.documents() if row.sha256 and row.kind not in MADE_DOCUMENTS]
    sender = f"{came.sender}, {addressee(seen)}" if came and came.sender else addressee(seen)
    received = f"{weekday_long_day(request.submitted_at)}, {clock_time(request.submitted_at)}"
    way = f"Melalui {ORIGINS[request.channel].title}, {len(attached)} berkas terlampir"
    return [
        (_box("Surat dari", sender), [*_box("Diterima tanggal", received), _small(way)]),
        (
            _box("Nomor surat", came.number if came else ""),
            _box("Nomor agenda", _agenda(seen)),
        ),
        (
            _box("Tanggal surat", long_day(came.dated_on) if came and came.dated_on else ""),
            _box("Nomor permintaan", request.number or "-"),
        ),
        (
            _box("Hal", request.subject),
            _box("Klasifikasi", seen.flow.title_of(request.subclass_code)),
        ),
    ]


def _small(text: str) -> Line:
    return Line(text, is_small=True)


def _box(label: str, value: str) -> list[Line]:
    return [Line(label, is_small=True), Line(" ".join(value.split()) or "-", is_bold=True)]


def _agenda(seen: Snapshot) -> str:
    """The number in the agenda book; that of older requests tells it: `48 (L.Data)`."""
    if seen.incoming:
        return f"{seen.incoming.seq}/{seen.incoming.year}"
    parts = (seen.request.number or "").split("/")
    return f"{parts[0]} ({parts[1]})" if len(parts) > 2 else "-"


def _natures(seen: Snapshot) -> list[list[Line]]:
    """`Sifat` and a box for each; what the latest head said counts."""
    said = [str(r.inputs[NATURE]) for r in seen.history.records if r.inputs.get(NATURE)]
    chosen = said[-1] if said else "Segera" if seen.request.is_urgent else "Biasa"
    why = " (darurat bencana)" if seen.request.is_urgent else ""
    boxes = [[Line(nature, tick=nature == chosen)] for nature in NATURES]
    return [[Line("Sifat", is_small=True), *([_small(why.strip())] if why else [])], *boxes]


def _following(seen: Snapshot, record: StageRecord) -> Stage | None:
    flow, desk = seen.flow, seen.desk(record)
    return flow.after(desk) if flow.has_stage(desk.code) else None


def _orders(seen: Snapshot, record: StageRecord) -> list[Line]:
    receivers = [Line(words, tick=True) for words in _receivers(seen, record)]
    return [Line("Diteruskan kepada", is_small=True), *receivers]


def _receivers(seen: Snapshot, record: StageRecord) -> list[str]:
    """The people named, else the post whose turn it is next."""
    posts = office().posts
    named = [
        f"{posts[entry.role]}: {seen.names.get(str(record.inputs[entry.name]), '-')}"
        for entry in seen.inputs(record)
        if entry.type == "person" and entry.name in record.inputs
    ]
    following = _following(seen, record)
    return named or [posts[following.role] if following else "-"]


def _instructions(desk: Stage, record: StageRecord) -> tuple[list[Line], list[Line]]:
    """Every instruction that could be given, with a cross at those that were; two columns."""
    lines = []
    for entry in desk.inputs:
        if entry.type == "checklist":
            ticked = record.inputs.get(entry.name) or []
            lines += [Line(option, tick=option in ticked) for option in entry.options]
    half = (len(lines) + 1) // 2
    head = [Line("Dengan hormat harap", is_small=True)]
    return head + (lines[:half] or [Line("-")]), [_small(" "), *lines[half:]]


def _notes(seen: Snapshot, record: StageRecord, fit: Fit) -> list[Line]:
    wanted = [e for e in seen.inputs(record) if _is_note(e)]
    found = lines_of(wanted, record.inputs, seen.names)
    if fit.is_run_on:
        found = [(label, " ".join(words.split())) for label, words in found]
    if len(found) == 1 and found[0][0].startswith("Isi disposisi"):
        return [Line(found[0][1])]
    return [Line(f"{label}: {words}") for label, words in found] or [Line("-")]


def _is_note(entry: Input) -> bool:
    return entry.type not in ("person", "checklist") and entry.name != NATURE


def _deadline(seen: Snapshot, following: Stage | None) -> list[Line]:
    if following is None:
        return _box("Batas waktu", "-")
    due_at = seen.due_at(following)
    return [
        *_box(
            f"Batas waktu: {following.short}", f"{weekday_long_day(due_at)}, {clock_time(due_at)}"
        ),
        Line(f"Seluruh layanan: {long_day(seen.due_at())}"),
    ]


def _by(seen: Snapshot, record: StageRecord) -> list[Line]:
    at, titles = record.event.at, titles_of(record.event.actor)
    return [
        *_box("Oleh", seen.who(record)),
        *map(_small, titles),
        _small(f"{long_day(at)}, {clock_time(at)}"),
    ]


def _story(seen: Snapshot, past: StageRecord, fit: Fit) -> Iterator[Line]:
    """One desk's move: what it was, to whom it went, and what was written."""
    event = past.event
    title = title_of(seen.request, event)
    if event.kind in FORWARDING:
        title += f" kepada {'; '.join(_receivers(seen, past))}"
    yield Line(f"{seen.who(past)}: {title}", is_bold=True, is_small=True)
    if past.id == seen.order.id:
        yield _small("Isi disposisi di atas")
        return
    wanted = [entry for entry in seen.inputs(past) if entry.type != "person"]
    said = lines_of(wanted, _shortened(wanted, past), seen.names)
    words = "; ".join(f"{label}: {' '.join(text.split())}" for label, text in said)
    if words and fit.letters:
        yield _small(words if len(words) <= fit.letters else f"{words[: fit.letters].rstrip()} …")


def _shortened(wanted: list[Input], past: StageRecord) -> dict[str, object]:
    """What was written, with of a checklist only how many points and what wasn't a yes."""
    full = {e.name for e in wanted if e.type == "yes_no" or (e.type == "checklist" and e.required)}
    return {
        name: _without_yes(value) if name in full else value for name, value in past.inputs.items()
    }


def _without_yes(value: object) -> object:
    points = points_of(value)
    others = {
        point: said
        for point, said in (value.items() if isinstance(value, Mapping) else ())
        if said["answer"] != YES
    }
    if not others:
        return f"lengkap ({len(points)} butir)"
    return f"{len(points) - len(others)} dari {len(points)} butir Ya. {point_words(others)}"
