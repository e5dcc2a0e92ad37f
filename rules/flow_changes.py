"""What differs between two definitions of a service, in sentences for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.services import Flow, Input, Stage

ADDED, REMOVED, MOVED, CHANGED = "baru", "dihapus", "dipindah", "diubah"
WORDS = {
    "title": "judul",
    "short": "sebutan singkat",
    "kind": "jenis",
    "action": "nama tindakan",
    "waiting": "kalimat tunggu",
    "done": "kalimat selesai",
    "clause": "klausul",
    "automatic": "penyerahan otomatis",
    "paid_only": "hanya bila berbayar",
    "message": "pesan kepada pelanggan",
    "tile": "teks kartu layanan",
    "classification": "klasifikasi",
    "summary": "ringkasan",
    "number_code": "kode nomor",
    "cost": "biaya",
    "attachment": "berkas yang dilampirkan",
    "consent_role": "pos yang menyetujui pembatalan",
    "revision_stage": "tahap awal perbaikan laporan",
    "revision_role": "pos yang memutuskan perbaikan laporan",
    "revision_days": "hari untuk meminta perbaikan",
    "objection_days": "hari untuk keberatan",
}
SERVICE_FIELDS = (
    "title",
    "tile",
    "classification",
    "summary",
    "number_code",
    "cost",
    "attachment",
    "consent_role",
    "revision_stage",
    "revision_role",
    "revision_days",
    "objection_days",
)
STAGE_FIELDS = ("title", "short")
DESK_FIELDS = ("kind", "action", "waiting", "done", "clause", "automatic", "paid_only", "message")


@dataclass(frozen=True)
class Change:
    """One difference. `stage` is the code of the stage; empty for the whole service."""

    kind: str
    words: str
    stage: str = ""
    short: str = ""


def differences(old: Flow, new: Flow, posts: Mapping[str, str]) -> list[Change]:
    """Every difference that people would notice, the service first, then stage by stage."""
    found = [Change(CHANGED, words) for words in _service(old, new)]
    for stage in old.stages:
        if not new.has_stage(stage.code):
            found.append(Change(REMOVED, "tahap dihapus", stage.code, stage.short))
    moved = _moved(old, new)
    for index, stage in enumerate(new.stages):
        if not old.has_stage(stage.code):
            place = f"sesudah “{new.stages[index - 1].short}”" if index else "di awal"
            post = posts.get(stage.desks[0].role, stage.desks[0].role)
            found.append(
                Change(ADDED, f"tahap baru {place}, dipegang {post}", stage.code, stage.short)
            )
            continue
        if stage.code in moved:
            place = f"sesudah “{new.stages[index - 1].short}”" if index else "ke awal"
            found.append(Change(MOVED, f"tahap dipindah {place}", stage.code, stage.short))
        before = old.stage(stage.code)
        found += [
            Change(CHANGED, words, stage.code, stage.short)
            for words in _stage(old, new, before, stage, posts)
        ]
    return found


def marks_of(changes: list[Change]) -> dict[str, str]:
    """Stage code -> the word that stands beside it in a picture."""
    order = (ADDED, MOVED, CHANGED)
    marks: dict[str, str] = {}
    for kind in reversed(order):
        marks |= {change.stage: kind for change in changes if change.kind == kind and change.stage}
    return marks


def days(value: Decimal | int) -> str:
    return f"{Decimal(value).normalize():f}".replace(".", ",")


def _moved(old: Flow, new: Flow) -> set[str]:
    """Stages out of the old order: those outside a longest run that kept it."""
    common = [stage.code for stage in new.stages if old.has_stage(stage.code)]
    runs: list[list[str]] = []
    for code in common:
        before = [run for run in runs if old.position(run[-1]) < old.position(code)]
        runs.append([*_longest(before), code])
    return set(common) - set(_longest(runs))


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=lambda run: len(run)) if runs else []


def _service(old: Flow, new: Flow) -> Iterator[str]:
    if old.working_days != new.working_days:
        yield f"janji layanan {old.working_days} menjadi {new.working_days} hari kerja"
    for name in SERVICE_FIELDS:
        if getattr(old, name) != getattr(new, name):
            yield f"{WORDS[name]} diubah"
    for name in sorted({*old.standard, *new.standard}):
        if old.standard.get(name) != new.standard.get(name):
            yield f"komponen standar “{name.replace('_', ' ')}” diubah"
    yield from _subclasses(old, new)
    yield from _inputs(old.fields, new.fields)
    yield from _inputs(old.attachments, new.attachments)


def _subclasses(old: Flow, new: Flow) -> Iterator[str]:
    before = {one.code: one for one in old.subclasses}
    after = {one.code: one for one in new.subclasses}
    for code in before.keys() - after.keys():
        yield f"sub-klasifikasi “{before[code].title}” dihapus"
    for code, one in after.items():
        if code not in before:
            yield f"sub-klasifikasi baru “{one.title}”"
        elif one.working_days != before[code].working_days:
            yield (
                f"janji “{one.title}” {before[code].working_days} menjadi "
                f"{one.working_days} hari kerja"
            )
        elif one != before[code]:
            yield f"sub-klasifikasi “{one.title}” diubah"


def _stage(
    old: Flow, new: Flow, before: Stage, after: Stage, posts: Mapping[str, str]
) -> Iterator[str]:
    for name in STAGE_FIELDS:
        if getattr(before, name) != getattr(after, name):
            yield f"{WORDS[name]} menjadi “{getattr(after, name)}”"
    if (had := _own(old, before)) != (has := _own(new, after)):
        yield f"waktu {days(had)} menjadi {days(has)} hari kerja"
    if len(before.desks) != len(after.desks):
        yield f"banyaknya meja {len(before.desks)} menjadi {len(after.desks)}"
    for one, other in zip(before.desks, after.desks, strict=False):
        yield from _desk(one, other, posts)


def _own(flow: Flow, stage: Stage) -> Decimal:
    index = flow.position(stage.code)
    return stage.days - (flow.stages[index - 1].days if index else Decimal(0))


def _desk(before: Stage, after: Stage, posts: Mapping[str, str]) -> Iterator[str]:
    where = f"meja {chr(ord('a') + after.step)}: " if after.turns > 1 else ""
    if before.role != after.role:
        yield (
            f"{where}pos {posts.get(before.role, before.role)} menjadi "
            f"{posts.get(after.role, after.role)}"
        )
    for name in DESK_FIELDS:
        if getattr(before, name) != getattr(after, name):
            value = getattr(after, name)
            yield f"{where}{WORDS[name]} " + (
                f"menjadi “{value}”" if isinstance(value, str) and value else "diubah"
            )
    if set(before.allows) != set(after.allows):
        yield f"{where}jalur samping diubah"
    if set(before.effects) != set(after.effects):
        yield f"{where}akibat dan dokumen diubah"
    if before.not_by != after.not_by:
        yield f"{where}pemisahan tugas diubah"
    for words in _inputs(before.inputs, after.inputs):
        yield f"{where}{words}"


def _inputs(before: tuple[Input, ...], after: tuple[Input, ...]) -> Iterator[str]:
    had, has = ({entry.name: entry for entry in inputs} for inputs in (before, after))
    for name in had.keys() - has.keys():
        yield f"isian “{had[name].label}” dihapus"
    for name, entry in has.items():
        if name not in had:
            yield f"isian baru “{entry.label}”{' (wajib)' if entry.required else ''}"
        elif entry != had[name]:
            yield f"isian “{entry.label}” diubah"
