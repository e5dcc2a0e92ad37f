"""Whether a service definition can run; the sentences are for the administrator who edits it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.flow_shape import INPUT_NAME, STAGE_CODE, TAKEN_NAMES, misshapen
from rules.input_rules_check import check_rules
from rules.roles import PELANGGAN
from rules.services import (
    CUSTOMER,
    EFFECTS,
    FILE_KINDS,
    HANDOVER,
    INPUT_TYPES,
    KINDS,
    MADE_DOCUMENTS,
    MOST_MB,
    MOST_MB_IN_FORM,
    OFFICE,
    SIDE_MOVES,
    STANDARD_COMPONENTS,
    SUBMIT,
    SURVEY,
    BadFlow,
    Flow,
    Input,
    Stage,
    Subclass,
    digest_of,
    parse_flow,
    read_raw_flows,
)

CUSTOMER_KINDS = (SUBMIT, CUSTOMER, SURVEY)
ONCE = ("issue_number", "stop_clock", "release_report")
# The input by which the result of a service is handed in.
RESULT = "report"
LONGEST_LABEL = 120
Sentences = Iterator[str]


@dataclass(frozen=True)
class Problem:
    """Something wrong with a definition; `desk` is where, empty for the whole service.

    An error makes the definition unfit to run, anything else is for people to judge.
    """

    words: str
    desk: str = ""
    is_error: bool = True

    def __str__(self) -> str:
        return f"{self.desk}: {self.words}" if self.desk else self.words


@dataclass(frozen=True)
class Known:
    """What a definition may name beside its own parts; None for what isn't looked at."""

    posts: Collection[str]
    # The messages to customers.
    messages: Collection[str] | None = None


def check_flow(flow: Flow, posts: Collection[str]) -> list[str]:
    """Say why a definition can't run, a sentence each; empty when it can."""
    return [str(problem) for problem in find_problems(flow, Known(posts)) if problem.is_error]


def find_problems(flow: Flow, known: Known) -> list[Problem]:
    """Everything wrong with a definition as it stands, in the order of its stages."""
    found = [Problem(words) for words in _check_service(flow, known)]
    for desk in flow.desks:
        found += [Problem(words, desk.desk) for words in _check_desk(flow, desk, known)]
        if desk.step == 0:
            found += [Problem(words, desk.desk) for words in _check_stage(flow, desk)]
    for subclass in flow.subclasses:
        found += [
            Problem(f"{subclass.title}: {words}") for words in _check_subclass(flow, subclass)
        ]
    if not any(problem.is_error for problem in found):
        found += _check_ways(flow)
        found += _doubts(flow)
    return list(dict.fromkeys(found))


# -- the whole service ---------------------------------------------------------------------------


def _check_service(flow: Flow, known: Known) -> Sentences:
    stages = flow.stages
    if not stages:
        yield "tidak ada satu pun tahap"
        return
    yield from _check_ends(flow)
    if len({stage.code for stage in stages}) != len(stages):
        yield "dua tahap mempunyai kode yang sama"
    for name in sorted(STANDARD_COMPONENTS.keys() - flow.standard.keys()):
        yield f"komponen standar pelayanan “{name}” belum ada"
    for effect in ONCE:
        if sum(desk.has_effect(effect) for desk in flow.desks) != 1:
            yield f"akibat {effect} harus ada pada tepat satu tahap"
    if flow.working_days < 1:
        yield "janji layanan sedikitnya satu hari kerja"
    elif stages[-1].days > flow.working_days:
        yield "jumlah hari semua tahap melebihi janji layanan"
    yield from _check_sides(flow, known.posts)
    yield from _check_form(flow, known)


def _check_ends(flow: Flow) -> Sentences:
    kinds = [stage.kind for stage in flow.stages]
    if kinds.count(SUBMIT) != 1 or kinds[0] != SUBMIT:
        yield "alur dimulai dengan satu-satunya tahap pengajuan (submit)"
    if kinds.count(HANDOVER) != 1 or kinds[-1] != HANDOVER:
        yield "alur berakhir dengan satu-satunya tahap penyerahan (handover)"
    if [desk.kind for desk in flow.desks].count(SURVEY) > 1:
        yield "survei hanya dapat diminta satu kali"


def _check_form(flow: Flow, known: Known) -> Sentences:
    for entry in (*flow.fields, *flow.attachments):
        for words in _check_input(flow, None, entry, known):
            yield f"isian {entry.name}: {words}"
    names = [entry.name for entry in (*flow.fields, *flow.attachments)]
    if len(set(names)) != len(names):
        yield "dua isian formulir mempunyai nama yang sama"


def _check_sides(flow: Flow, posts: Collection[str]) -> Sentences:
    if flow.revision_stage and (
        not flow.has_stage(flow.revision_stage)
        or flow.stage(flow.revision_stage).kind not in (OFFICE, HANDOVER)
    ):
        yield f"tahap perbaikan laporan tidak dikenal: {flow.revision_stage}"
    if flow.has_stage(flow.revision_stage) and flow.stage(flow.revision_stage).paid_only:
        yield "tahap perbaikan laporan tidak boleh hilang bagi pelanggan yang tidak membayar"
    if bool(flow.revision_stage) != bool(flow.revision_role):
        yield "perbaikan laporan memerlukan tahap dan pos yang memutuskan"
    for role in (flow.revision_role, flow.consent_role):
        if role and role not in posts:
            yield f"pos tidak dikenal: {role}"
    wants_consent = any(desk.who_may("cancel_with_consent") for desk in flow.desks)
    if wants_consent and not flow.consent_role:
        yield "pembatalan dengan persetujuan memerlukan pos yang menyetujui"


def _check_subclass(flow: Flow, subclass: Subclass) -> Sentences:
    if subclass.working_days < 1:
        yield "janji layanan sedikitnya satu hari kerja"
    for code in (*subclass.skips, *(subclass.stage or {})):
        if not flow.has_stage(code):
            yield f"tahap tidak dikenal: {code}"
    for code in subclass.skips:
        if flow.has_stage(code):
            desks = flow.stage(code).desks
            is_needed = desks[0].kind in (SUBMIT, HANDOVER) or code == flow.revision_stage
            if is_needed or any(desk.has_effect(effect) for desk in desks for effect in ONCE):
                yield f"tahap {code} tidak boleh dilewati"


# -- a stage -------------------------------------------------------------------------------------


def _check_stage(flow: Flow, stage: Stage) -> Sentences:
    """What is said once per stage, at its first desk."""
    if not STAGE_CODE.fullmatch(stage.code):
        yield "kode tahap memakai huruf besar, angka, dan garis bawah, paling banyak 36"
    if not stage.title.strip() or not stage.short.strip():
        yield "judul dan sebutan singkat belum diisi"
    if len(stage.short) > 60:
        yield "sebutan singkat paling banyak 60 huruf"
    index = flow.position(stage.code)
    if index and stage.days < flow.stages[index - 1].days:
        yield "batas hari bersifat kumulatif dan tidak boleh turun"
    if flow.subclasses and all(stage.code in one.skips for one in flow.subclasses):
        yield "tahap tidak pernah dilalui: semua sub-klasifikasi melewatinya"


def _check_desk(flow: Flow, desk: Stage, known: Known) -> Sentences:
    if desk.kind not in KINDS:
        yield f"jenis tahap tidak dikenal: {desk.kind}"
    if desk.role not in known.posts:
        yield f"pos tidak dikenal: {desk.role}"
    if (desk.kind in CUSTOMER_KINDS) != (desk.role == PELANGGAN):
        yield "pelanggan memegang tahap submit, customer, dan survey, dan hanya itu"
    if desk.automatic and (desk.kind != HANDOVER or any(i.required for i in desk.inputs)):
        yield "hanya penyerahan tanpa isian wajib yang dapat otomatis"
    if desk.kind != SUBMIT and not (desk.action.strip() and desk.waiting.strip()):
        yield "memerlukan nama tindakan (action) dan kalimat tunggu (waiting)"
    is_needed = desk.kind in (SUBMIT, HANDOVER) or any(desk.has_effect(one) for one in ONCE)
    if desk.paid_only and is_needed:
        yield "tahap ini tidak boleh hilang bagi pelanggan yang tidak membayar"
    yield from _check_words(desk, known)
    earlier = {before.desk for before in flow.before(desk)}
    for name in desk.not_by:
        if name not in earlier:
            yield f"pemisahan tugas menyebut tahap yang bukan sebelumnya: {name}"
    yield from _check_inputs(flow, desk, known)
    yield from _check_effects(desk)


def _check_words(desk: Stage, known: Known) -> Sentences:
    """What a desk names that nobody knows."""
    for side in desk.allows:
        name, _, role = side.partition(":")
        if name not in SIDE_MOVES:
            yield f"jalur samping tidak dikenal: {name}"
        if role and role not in known.posts:
            yield f"pos tidak dikenal: {role}"
    for effect in desk.effects:
        if effect.split(":")[0] not in EFFECTS:
            yield f"akibat tidak dikenal: {effect}"
    for kind in desk.documents:
        if kind not in MADE_DOCUMENTS:
            yield f"dokumen tidak dikenal: {kind}"
    if desk.message and known.messages is not None and desk.message not in known.messages:
        yield f"pesan tidak dikenal: {desk.message}"


def _check_inputs(flow: Flow, desk: Stage, known: Known) -> Sentences:
    if len({entry.name for entry in desk.inputs}) != len(desk.inputs):
        yield "dua isian mempunyai nama yang sama"
    for entry in desk.inputs:
        for words in _check_input(flow, desk, entry, known):
            yield f"{entry.name}: {words}"


def _check_effects(desk: Stage) -> Sentences:
    names = {entry.name for entry in desk.inputs if entry.required}
    if desk.has_effect("record_billing") and not {"billing", "nominal", "berlaku"} <= names:
        yield "tagihan memerlukan isian wajib billing, nominal, dan berlaku"
    if desk.has_effect("record_payment") and not {"ntpn", "dibayar"} <= names:
        yield "pembayaran memerlukan isian wajib ntpn dan dibayar"


def _check_input(flow: Flow, desk: Stage | None, entry: Input, known: Known) -> Sentences:
    if not INPUT_NAME.fullmatch(entry.name) or entry.name in TAKEN_NAMES:
        yield "nama isian memakai huruf kecil, angka, dan garis bawah, dan belum dipakai formulir"
    if entry.type not in INPUT_TYPES:
        yield f"tidak ada isian berjenis {entry.type}"
    if not entry.label.strip() or len(entry.label) > LONGEST_LABEL:
        yield f"label diisi, paling banyak {LONGEST_LABEL} huruf"
    yield from _check_type(flow, desk, entry, known.posts)
    yield from check_rules(flow, desk, entry)


def _check_type(flow: Flow, desk: Stage | None, entry: Input, posts: Collection[str]) -> Sentences:
    """What one type of input needs, or may not have."""
    if entry.type in ("choice", "checklist", "yes_no") and not entry.options:
        yield "memerlukan pilihan (options)"
    if entry.type == "file" and entry.name in MADE_DOCUMENTS:
        yield "nama ini milik dokumen yang dibuat sistem"
    yield from _check_file(desk, entry)
    if not _is_pattern(entry.pattern):
        yield f"pola tidak sah: {entry.pattern}"
    for code in entry.subclasses:
        if flow.subclass(code) is None:
            yield f"sub-klasifikasi tidak dikenal: {code}"
    if desk is None and entry.type in ("person", "subclass", "yes_no"):
        yield f"isian berjenis {entry.type} tidak untuk pelanggan"
    if entry.type == "person":
        yield from _check_person(flow, desk, entry, posts)


def _check_file(desk: Stage | None, entry: Input) -> Sentences:
    if entry.type != "file":
        if not entry.is_plain_letter:
            yield "accept, max_mb, dan many hanya untuk isian berjenis file"
        return
    for kind in entry.kinds:
        if kind not in FILE_KINDS:
            yield f"jenis berkas tidak dikenal: {kind}"
    if not entry.kinds:
        yield "jenis berkas yang diterima (accept) belum disebut"
    most = MOST_MB_IN_FORM if desk is None or desk.kind == SUBMIT else MOST_MB
    if not 1 <= entry.max_mb <= most:
        yield f"ukuran berkas (max_mb) 1 sampai {most}"
    if desk is None and entry.many:
        yield "lampiran formulir hanya satu berkas (many tidak untuk attach)"


def _check_person(
    flow: Flow, desk: Stage | None, entry: Input, posts: Collection[str]
) -> Sentences:
    if entry.role not in posts:
        yield f"pos tidak dikenal: {entry.role}"
    later = {after.desk: after for after in _after(flow, desk)} if desk else {}
    for name in entry.assigns:
        if name not in later or later[name].role != entry.role:
            yield f"tidak dapat menugasi {name}: bukan tahap berikut {entry.role}"


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _after(flow: Flow, desk: Stage) -> list[Stage]:
    names = [one.desk for one in flow.desks]
    return list(flow.desks[names.index(desk.desk) + 1 :])


# -- each way through it -------------------------------------------------------------------------


def ways(flow: Flow) -> Iterator[tuple[str, Flow]]:
    """Every way a request may walk, with words for the kind of request; the plain one first."""
    is_free = (False, True) if any(desk.paid_only for desk in flow.desks) else (False,)
    for free in is_free:
        for subclass in flow.subclasses or (None,):
            words = subclass.title if subclass else ""
            if free:
                words = f"{words}, tanpa bayar".removeprefix(", ")
            yield words, flow.as_walked(subclass.code if subclass else "", is_free=free)


def _check_ways(flow: Flow) -> Iterator[Problem]:
    for kind, way in ways(flow):
        said = f" (bagi {kind})" if kind else ""
        if len(way.stages) < 3 or way.stages[1].desks[0].kind != OFFICE:
            yield Problem(
                f"sesudah pengajuan harus ada tahap yang dikerjakan balai{said}", way.stages[1].desk
            )
        yield from (Problem(f"{words}{said}", desk.desk) for desk, words in lacks(way))


def lacks(way: Flow) -> Iterator[tuple[Stage, str]]:
    """What the desks of one way need and nobody before them gives, a sentence each."""
    given: dict[str, Input] = {}
    billed = False
    for desk in way.desks:
        for words in _lacks(desk, given, billed=billed):
            yield desk, words
        given |= {entry.name: entry for entry in desk.inputs}
        billed = billed or desk.has_effect("record_billing")


def _lacks(desk: Stage, given: dict[str, Input], *, billed: bool) -> Sentences:
    """What a desk needs and nobody before it gives."""
    here = given | {entry.name: entry for entry in desk.inputs}
    if desk.has_effect("release_report"):
        report = here.get(RESULT)
        if report is None or report.type != "file" or not report.required:
            yield f"hasil layanan (isian berkas wajib “{RESULT}”) tidak pernah diunggah"
    if desk.has_effect("record_payment") and not billed:
        yield "pembayaran dicatat sebelum ada tagihan"
    if desk.has_effect("agree_deadline"):
        wanted = desk.effect_argument("agree_deadline")
        if wanted not in here or here[wanted].type != "date":
            yield f"tanggal yang disepakati tidak pernah diisi: {wanted}"


def _doubts(flow: Flow) -> Iterator[Problem]:
    """What runs but is probably not meant."""
    if not any(desk.kind == SURVEY for desk in flow.desks):
        yield Problem(
            "tidak ada survei kepuasan, padahal survei wajib bagi layanan publik", is_error=False
        )
    if flow.stages[-1].days < flow.working_days:
        yield Problem(
            "jumlah hari semua tahap lebih sedikit daripada janji layanan", is_error=False
        )
    seen: dict[str, tuple[str, Input]] = {
        entry.name: ("formulir", entry) for entry in (*flow.fields, *flow.attachments)
    }
    for desk in flow.desks:
        for entry in desk.inputs:
            where, other = seen.get(entry.name, ("", entry))
            if other.type != entry.type:
                yield Problem(
                    f"isian “{entry.name}” berjenis lain daripada pada {where}",
                    desk.desk,
                    is_error=False,
                )
            elif where and entry.type == "file":
                yield Problem(
                    f"berkas “{entry.name}” menggantikan berkas dari {where}",
                    desk.desk,
                    is_error=False,
                )
            seen[entry.name] = (desk.desk, entry)


# -- files ---------------------------------------------------------------------------------------


def read_flow_files(folder: Path, posts: Collection[str]) -> dict[str, tuple[Flow, str, str]]:
    """Read every *.toml of `folder`: code -> (flow, canonical JSON, digest). Raises BadFlow."""
    found: dict[str, tuple[Flow, str, str]] = {}
    for name, raw in read_raw_flows(folder).items():
        flow = parse_flow(raw, name)
        if problems := [*misshapen(raw), *check_flow(flow, posts)]:
            raise BadFlow(name, problems)
        if flow.code in found:
            raise BadFlow(name, [f"berkas lain sudah menetapkan {flow.code}"])
        found[flow.code] = (flow, *digest_of(raw))
    return found
