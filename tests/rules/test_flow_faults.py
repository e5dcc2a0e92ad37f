"""One mutation for each further fault that a definition can have; see `test_flow_check`."""

import copy
import tomllib
from pathlib import Path

import pytest

from config.office import office
from rules.flow_check import check_flow
from rules.services import parse_flow

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"
RAW = {path.stem: tomllib.loads(path.read_text()) for path in SERVICES.glob("*.toml")}


def stage(raw: dict, code: str) -> dict:
    return next(found for found in raw["stage"] if found["code"] == code)


def again(raw: dict, code: str, new: str) -> None:
    """A copy of a stage under another code, right after it."""
    found = copy.deepcopy(stage(raw, code))
    raw["stage"].insert(raw["stage"].index(stage(raw, code)) + 1, {**found, "code": new})


def first_input(raw: dict, code: str) -> dict:
    return stage(raw, code)["input"][0]


FAULTS = {
    "a document that nobody can make": (
        "data", lambda raw: stage(raw, "TERIMA_ADMIN").update(effects=["issue_number",
                                                              "make_document:surat_sakti"]),
        "TERIMA_ADMIN: dokumen tidak dikenal: surat_sakti",
    ),
    "two ends": (
        "data", lambda raw: again(raw, "SERAH_PELANGGAN", "SERAH_LAGI"),
        "alur berakhir dengan satu-satunya tahap penyerahan",
    ),
    "no end": (
        "lab", lambda raw: stage(raw, "SERAH_PELANGGAN").update(kind="office"),
        "alur berakhir dengan satu-satunya tahap penyerahan",
    ),
    "two beginnings": (
        "data", lambda raw: again(raw, "PENGAJUAN", "PENGAJUAN_LAGI"),
        "alur dimulai dengan satu-satunya tahap pengajuan",
    ),
    "two surveys": (
        "data", lambda raw: again(raw, "SURVEI", "SURVEI_LAGI"),
        "survei hanya dapat diminta satu kali",
    ),
    "a number issued twice": (
        "data", lambda raw: stage(raw, "DISPOSISI_KABALAI").update(effects=["issue_number"]),
        "akibat issue_number harus ada pada tepat satu tahap",
    ),
    "no promise": (
        "data", lambda raw: raw.update(working_days=0),
        "janji layanan sedikitnya satu hari kerja",
    ),
    "days over the promise": (
        "lab", lambda raw: raw.update(working_days=41),
        "jumlah hari semua tahap melebihi janji layanan",
    ),
    "no promise of a kind": (
        "data", lambda raw: raw["subclass"][0].update(working_days=0),
        "Data & Informasi: janji layanan sedikitnya satu hari kerja",
    ),
    "a kind that skips what isn't there": (
        "advis", lambda raw: raw["subclass"][1]["skips"].append("SURGA"),
        "tahap tidak dikenal: SURGA",
    ),
    "a kind that skips the end": (
        "advis", lambda raw: raw["subclass"][1]["skips"].append("SERAH_PELANGGAN"),
        "tahap SERAH_PELANGGAN tidak boleh dilewati",
    ),
    "a kind that skips the stage of its revisions": (
        "advis", lambda raw: (raw["subclass"][1]["skips"].append("ANALISIS"),
                              raw.update(revision_stage="ANALISIS")),
        "tahap ANALISIS tidak boleh dilewati",
    ),
    "a revision only for those who pay": (
        "lab", lambda raw: stage(raw, "KONSEP_LHU").update(paid_only=True),
        "tahap perbaikan laporan tidak boleh hilang",
    ),
    "a stage that every kind skips": (
        "advis", lambda raw: [kind.update(skips=["KESEPAKATAN"]) for kind in raw["subclass"]],
        "KESEPAKATAN: tahap tidak pernah dilalui",
    ),
    "two questions of one name": (
        "lab", lambda raw: raw["field"][1].update(name="jenis_uji"),
        "dua isian formulir mempunyai nama yang sama",
    ),
    "a question for a kind that isn't there": (
        "data", lambda raw: raw["field"][0].update(subclasses=["kuliah"]),
        "sub-klasifikasi tidak dikenal: kuliah",
    ),
    "a question that only the office may answer": (
        "data", lambda raw: raw["field"][0].update(type="person", role="ketua_tim"),
        "isian berjenis person tidak untuk pelanggan",
    ),
    "a revision that begins nowhere": (
        "data", lambda raw: raw.update(revision_stage="SURGA"),
        "tahap perbaikan laporan tidak dikenal: SURGA",
    ),
    "a revision that nobody decides": (
        "data", lambda raw: raw.pop("revision_role"),
        "perbaikan laporan memerlukan tahap dan pos yang memutuskan",
    ),
    "a consent by an unknown post": (
        "data", lambda raw: raw.update(consent_role="raja"), "pos tidak dikenal: raja",
    ),
    "a consent by nobody": (
        "lab", lambda raw: raw.pop("consent_role"),
        "pembatalan dengan persetujuan memerlukan pos yang menyetujui",
    ),
    "an automatic stage of the office": (
        "data", lambda raw: stage(raw, "DISPOSISI_KABALAI").update(automatic=True),
        "hanya penyerahan tanpa isian wajib yang dapat otomatis",
    ),
    "a number only for those who pay": (
        "lab", lambda raw: stage(raw, "TERIMA_ADMIN").update(paid_only=True),
        "tahap ini tidak boleh hilang bagi pelanggan yang tidak membayar",
    ),
    "a side path by an unknown post": (
        "data", lambda raw: stage(raw, "VERIFIKASI_DATA").update(allows=["suspend:raja"]),
        "VERIFIKASI_DATA: pos tidak dikenal: raja",
    ),
    "duties separated from the future": (
        "lab", lambda raw: stage(raw, "PENGUJIAN").update(not_by=["KONSEP_LHU"]),
        "pemisahan tugas menyebut tahap yang bukan sebelumnya: KONSEP_LHU",
    ),
    "two inputs of one name": (
        "data", lambda raw: stage(raw, "TERIMA_ADMIN")["input"][1].update(name="checklist"),
        "TERIMA_ADMIN: dua isian mempunyai nama yang sama",
    ),
    "a choice of nothing": (
        "data", lambda raw: first_input(raw, "VERIFIKASI_DATA").update(options=[]),
        "availability: memerlukan pilihan (options)",
    ),
    "a pattern that is none": (
        "data", lambda raw: stage(raw, "TERIMA_ADMIN")["input"][1].update(pattern="(["),
        "pola tidak sah: ([",
    ),
    "a person of an unknown post": (
        "data", lambda raw: first_input(raw, "DISPOSISI_KASUBAG").update(role="raja", assigns=[]),
        "ketua_tim: pos tidak dikenal: raja",
    ),
    "a bill without its code": (
        "lab", lambda raw: stage(raw, "PEMBAYARAN")["step"][0]["input"].pop(0),
        "tagihan memerlukan isian wajib billing, nominal, dan berlaku",
    ),
    "a payment without its proof": (
        "lab", lambda raw: stage(raw, "PEMBAYARAN")["step"][2]["input"].pop(0),
        "PEMBAYARAN/3: pembayaran memerlukan isian wajib ntpn dan dibayar",
    ),
    "a day that nobody ever writes": (
        "lab", lambda raw: stage(raw, "KONTRAK").update(effects=["agree_deadline:hari_baik"]),
        "tanggal yang disepakati tidak pernah diisi: hari_baik",
    ),
    "nobody of the office after the form": (
        "advis", lambda raw: raw["stage"].insert(1, {**raw["stage"].pop(5), "days": "0"}),
        "sesudah pengajuan harus ada tahap yang dikerjakan balai",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_in_its_sentence(name):
    service, change, sentence = FAULTS[name]
    raw = copy.deepcopy(RAW[service])
    assert check_flow(parse_flow(raw), office().posts) == []
    change(raw)
    found = check_flow(parse_flow(raw), office().posts)
    assert any(sentence in words for words in found), found
