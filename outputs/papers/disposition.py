"""The lembar disposisi: what the head of an office orders whom to do, and who ordered before."""

from collections.abc import Iterator, Mapping

from config.office import office
from models import StageRecord
from outputs.papers.forms import addressee, open_sheet
from outputs.papers.history import lines_of, title_of
from outputs.papers.snapshot import Snapshot
from outputs.sheet import Line
from rules import events
from rules.formats import clock_time, long_day, moment_short, weekday_long_day
from rules.inputs import YES, point_words, points_of
from rules.labels import ORIGINS
from rules.services import MADE_DOCUMENTS, Input, Stage

FORWARDING = (events.STAGE_COMPLETED, events.STEP_COMPLETED)


def render_disposition(seen: Snapshot) -> bytes:
    """The form as offices know it; internal, with the notes of every desk so far."""
    record = seen.order
    desk, following = seen.desk(record), _following(seen, record)
    sheet = open_sheet(MADE_DOCUMENTS["lembar_disposisi"][0], seen)
    sheet.heading("Lembar Disposisi", "Rahasia jabatan: hanya untuk lingkungan balai")
    sheet.ruled((1, 1), _about(seen))
    orders, instructions = _orders(seen, record), _instructions(desk, record)
    if instructions:
        sheet.ruled((1, 1), [(orders, instructions)])
    else:
        sheet.ruled((1,), [(orders,)])
    sheet.ruled((1,), [([Line("Isi disposisi dan catatan", is_bold=True), *_notes(seen, record)],)])
    sheet.ruled((1, 1), [(_deadline(seen, following), _by(seen, record))])
    sheet.ruled(
        (0.7, 2.5, 4.2, 9),
        [
            (str(number), moment_short(past.event.at), seen.who(past), list(_story(seen, past)))
            for number, past in enumerate(seen.history.records, start=1)
        ],
        heads=("No", "Waktu", "Pejabat", "Tindakan dan catatan"),
        title="Riwayat disposisi",
    )
    return bytes(sheet.output())


def _about(seen: Snapshot) -> list[tuple[list[Line], list[Line]]]:
    request = seen.request
    attached = [row for row in seen.documents() if row.sha256 and row.kind not in MADE_DOCUMENTS]
    return [
        (_box("Surat dari", addressee(seen)), _box("Nomor permintaan", request.number or "-")),
        (
            _box(
                "Diterima tanggal",
                f"{weekday_long_day(request.submitted_at)}, {clock_time(request.submitted_at)}",
            ),
            _box("Nomor agenda", _agenda(request.number or "")),
        ),
        (
            _box("Klasifikasi", seen.flow.title_of(request.subclass_code)),
            _box("Sifat", "SEGERA (darurat bencana)" if request.is_urgent else "Biasa"),
        ),
        (
            _box("Perihal", request.subject),
            _box(
                "Diterima melalui / lampiran",
                f"{ORIGINS[request.channel].title} / {len(attached)} berkas",
            ),
        ),
    ]


def _box(label: str, value: str) -> list[Line]:
    return [Line(label, is_small=True), Line(" ".join(value.split()) or "-", is_bold=True)]


def _agenda(number: str) -> str:
    """The running number within the year, as an agenda book counts; `48 (L.Data)`."""
    parts = number.split("/")
    return f"{parts[0]} ({parts[1]})" if len(parts) > 2 else "-"


def _following(seen: Snapshot, record: StageRecord) -> Stage | None:
    flow, desk = seen.flow, seen.desk(record)
    return flow.after(desk) if flow.has_stage(desk.code) else None


def _orders(seen: Snapshot, record: StageRecord) -> list[Line]:
    return [Line("Diteruskan kepada", is_bold=True), *map(Line, _receivers(seen, record))]


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


def _instructions(desk: Stage, record: StageRecord) -> list[Line]:
    """Every instruction that could be given, with a cross at those that were."""
    lines = []
    for entry in desk.inputs:
        if entry.type == "checklist":
            ticked = record.inputs.get(entry.name) or []
            lines += [Line(option, tick=option in ticked) for option in entry.options]
    return [Line("Petunjuk (X = dipilih)", is_bold=True), *lines] if lines else []


def _notes(seen: Snapshot, record: StageRecord) -> list[Line]:
    wanted = [e for e in seen.inputs(record) if e.type not in ("person", "checklist")]
    found = lines_of(wanted, record.inputs, seen.names)
    if len(found) == 1 and found[0][0].startswith("Isi disposisi"):
        return [Line(found[0][1])]
    return [Line(f"{label}: {words}") for label, words in found] or [Line("-")]


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
    at = record.event.at
    return [*_box("Oleh", seen.who(record)), Line(f"{long_day(at)}, {clock_time(at)}")]


def _story(seen: Snapshot, past: StageRecord) -> Iterator[Line]:
    """One desk's move: what it was, to whom it went, and what was written."""
    event = past.event
    yield Line(title_of(seen.request, event), is_bold=True)
    if event.kind in FORWARDING:
        yield Line(f"Kepada: {'; '.join(_receivers(seen, past))}")
    if past.id == seen.order.id:
        yield Line("Isi disposisi di atas")
        return
    wanted = [entry for entry in seen.inputs(past) if entry.type != "person"]
    for label, words in lines_of(wanted, _shortened(wanted, past), seen.names):
        yield Line(f"{label}: {words}")


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
