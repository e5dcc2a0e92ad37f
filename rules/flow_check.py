"""Whether a service definition can run; the sentences are for the administrator who edits it."""

import re
from collections.abc import Collection
from pathlib import Path

from rules.roles import PELANGGAN
from rules.services import (
    CUSTOMER,
    EFFECTS,
    HANDOVER,
    INPUT_TYPES,
    KINDS,
    OFFICE,
    SIDE_MOVES,
    STANDARD_COMPONENTS,
    SUBMIT,
    SURVEY,
    BadFlow,
    Flow,
    Input,
    Stage,
    digest_of,
    parse_flow,
    read_raw_flows,
)

CUSTOMER_KINDS = (SUBMIT, CUSTOMER, SURVEY)
ONCE = ("issue_number", "stop_clock", "release_report")


def check_flow(
    flow: Flow, posts: Collection[str], *, living_posts: Collection[str] | None = None
) -> list[str]:
    """Say what is wrong with a definition, a sentence each; empty when it can run.

    `living_posts` are the posts that somebody holds now; without it that isn't looked at.
    """
    stages, problems = flow.stages, []
    if [stage.kind for stage in stages].count(SUBMIT) != 1 or stages[0].kind != SUBMIT:
        problems.append("alur dimulai dengan satu-satunya tahap pengajuan (submit)")
    if [stage.kind for stage in stages].count(HANDOVER) != 1 or stages[-1].kind != HANDOVER:
        problems.append("alur berakhir dengan satu-satunya tahap penyerahan (handover)")
    if len({stage.code for stage in stages}) != len(stages):
        problems.append("dua tahap mempunyai kode yang sama")
    for name in sorted(STANDARD_COMPONENTS.keys() - flow.standard.keys()):
        problems.append(f"komponen standar pelayanan “{name}” belum ada")
    for effect in ONCE:
        if sum(desk.has_effect(effect) for desk in flow.desks) != 1:
            problems.append(f"akibat {effect} harus ada pada tepat satu tahap")
    if [stage.days for stage in stages] != sorted(stage.days for stage in stages):
        problems.append("batas hari bersifat kumulatif dan tidak boleh turun")
    if flow.working_days < 1 or stages[-1].days > flow.working_days:
        problems.append("jumlah hari semua tahap melebihi janji layanan")
    problems += _check_sides(flow, posts)
    for entry in (*flow.fields, *flow.attachments):
        problems += [f"isian {entry.name}: {p}" for p in _check_input(flow, None, entry, posts)]
    for desk in flow.desks:
        problems += [f"{desk.desk}: {p}" for p in _check_desk(flow, desk, posts)]
        if living_posts is not None and desk.role != PELANGGAN and desk.role not in living_posts:
            problems.append(f"{desk.desk}: belum ada petugas yang memegang pos {desk.role}")
    for subclass in flow.subclasses:
        problems += [f"{subclass.code}: {p}" for p in _check_subclass(flow, subclass)]
    return problems


def _check_sides(flow: Flow, posts: Collection[str]) -> list[str]:
    problems = []
    if flow.revision_stage and (
        not flow.has_stage(flow.revision_stage)
        or flow.stage(flow.revision_stage).kind not in (OFFICE, HANDOVER)
    ):
        problems.append(f"tahap perbaikan laporan tidak dikenal: {flow.revision_stage}")
    if bool(flow.revision_stage) != bool(flow.revision_role):
        problems.append("perbaikan laporan memerlukan tahap dan pos yang memutuskan")
    for role in (flow.revision_role, flow.consent_role):
        if role and role not in posts:
            problems.append(f"pos tidak dikenal: {role}")
    wants_consent = any(desk.who_may("cancel_with_consent") for desk in flow.desks)
    if wants_consent and not flow.consent_role:
        problems.append("pembatalan dengan persetujuan memerlukan pos yang menyetujui")
    return problems


def _check_subclass(flow: Flow, subclass) -> list[str]:
    problems = []
    for code in (*subclass.skips, *(subclass.stage or {})):
        if not flow.has_stage(code):
            problems.append(f"tahap tidak dikenal: {code}")
    for code in subclass.skips:
        if flow.has_stage(code):
            desks = flow.stage(code).desks
            if desks[0].kind in (SUBMIT, HANDOVER) or any(
                desk.has_effect(effect) for desk in desks for effect in ONCE
            ):
                problems.append(f"tahap {code} tidak boleh dilewati")
    return problems


def _check_desk(flow: Flow, desk: Stage, posts: Collection[str]) -> list[str]:
    problems = []
    if desk.kind not in KINDS:
        problems.append(f"jenis tahap tidak dikenal: {desk.kind}")
    if desk.role not in posts:
        problems.append(f"pos tidak dikenal: {desk.role}")
    if (desk.kind in CUSTOMER_KINDS) != (desk.role == PELANGGAN):
        problems.append("pelanggan memegang tahap submit, customer, dan survey, dan hanya itu")
    if desk.automatic and (desk.kind != HANDOVER or any(i.required for i in desk.inputs)):
        problems.append("hanya penyerahan tanpa isian wajib yang dapat otomatis")
    if desk.kind != SUBMIT and not (desk.action and desk.waiting):
        problems.append("memerlukan nama tindakan (action) dan kalimat tunggu (waiting)")
    if desk.paid_only and any(desk.has_effect(effect) for effect in ONCE):
        problems.append("tahap ini tidak boleh hilang bagi pelanggan yang tidak membayar")
    for allowed in desk.allows:
        name, _, role = allowed.partition(":")
        if name not in SIDE_MOVES:
            problems.append(f"jalur samping tidak dikenal: {name}")
        if role and role not in posts:
            problems.append(f"pos tidak dikenal: {role}")
    problems += [f"akibat tidak dikenal: {e}" for e in desk.effects
                 if e.split(":")[0] not in EFFECTS]  # fmt: skip
    if len({entry.name for entry in desk.inputs}) != len(desk.inputs):
        problems.append("dua isian mempunyai nama yang sama")
    earlier = {before.desk for before in flow.before(desk)}
    for name in desk.not_by:
        if name not in earlier:
            problems.append(f"pemisahan tugas menyebut tahap yang bukan sebelumnya: {name}")
    for entry in desk.inputs:
        problems += [f"{entry.name}: {p}" for p in _check_input(flow, desk, entry, posts)]
    return problems + _check_effects(flow, desk)


def _check_effects(flow: Flow, desk: Stage) -> list[str]:
    problems = []
    names = {entry.name for entry in desk.inputs if entry.required}
    if desk.has_effect("record_billing") and not {"billing", "nominal", "berlaku"} <= names:
        problems.append("tagihan memerlukan isian wajib billing, nominal, dan berlaku")
    if desk.has_effect("record_payment") and not {"ntpn", "dibayar"} <= names:
        problems.append("pembayaran memerlukan isian wajib ntpn dan dibayar")
    if desk.has_effect("agree_deadline"):
        wanted = desk.effect_argument("agree_deadline")
        dates = {entry.name for before in (desk, *flow.before(desk)) for entry in before.inputs
                 if entry.type == "date"}  # fmt: skip
        if wanted not in dates:
            problems.append(f"tanggal yang disepakati tidak pernah diisi: {wanted}")
    return problems


def _check_input(flow: Flow, desk: Stage | None, entry: Input, posts: Collection[str]) -> list[str]:
    problems = []
    if entry.type not in INPUT_TYPES:
        problems.append(f"tidak ada isian berjenis {entry.type}")
    if entry.type in ("choice", "checklist") and not entry.options:
        problems.append("memerlukan pilihan (options)")
    if entry.pattern:
        try:
            re.compile(entry.pattern)
        except re.error:
            problems.append(f"pola tidak sah: {entry.pattern}")
    for code in entry.subclasses:
        if flow.subclass(code) is None:
            problems.append(f"sub-klasifikasi tidak dikenal: {code}")
    if desk is None and entry.type in ("person", "subclass"):
        problems.append(f"isian berjenis {entry.type} tidak untuk pelanggan")
    if entry.type == "person":
        if entry.role not in posts:
            problems.append(f"pos tidak dikenal: {entry.role}")
        later = {after.desk: after for after in _after(flow, desk)} if desk else {}
        for name in entry.assigns:
            if name not in later or later[name].role != entry.role:
                problems.append(f"tidak dapat menugasi {name}: bukan tahap berikut {entry.role}")
    return problems


def _after(flow: Flow, desk: Stage) -> list[Stage]:
    names = [one.desk for one in flow.desks]
    return list(flow.desks[names.index(desk.desk) + 1 :])


def read_flow_files(folder: Path, posts: Collection[str]) -> dict[str, tuple[Flow, str, str]]:
    """Read every *.toml of `folder`: code -> (flow, canonical JSON, digest). Raises BadFlow."""
    found: dict[str, tuple[Flow, str, str]] = {}
    for name, raw in read_raw_flows(folder).items():
        flow = parse_flow(raw, name)
        if problems := check_flow(flow, posts):
            raise BadFlow(name, problems)
        if flow.code in found:
            raise BadFlow(name, [f"berkas lain sudah menetapkan {flow.code}"])
        found[flow.code] = (flow, *digest_of(raw))
    return found
