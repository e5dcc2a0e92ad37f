"""One mutation for each fault that the rules of inputs can have; see `test_flow_faults`."""

import copy

import pytest

from config.office import office
from rules.flow_check import check_flow
from rules.flow_shape import misshapen
from rules.services import parse_flow
from tests.rules.test_flow_faults import RAW, stage


def named(raw: dict, code: str, name: str, turn: int = 0) -> dict:
    found = stage(raw, code)
    inputs = (found["step"][turn] if found.get("step") else found)["input"]
    return next(entry for entry in inputs if entry["name"] == name)


def change(code: str, name: str, turn: int = 0, **rules):
    return lambda raw: named(raw, code, name, turn).update(rules)


def of_form(name: str, **rules):
    return lambda raw: next(e for e in raw["field"] if e["name"] == name).update(rules)


FAULTS = {
    "a rule about nothing": (
        "lab", change("PEMBAYARAN", "nominal", equals="harga"),
        "PEMBAYARAN: nominal: equals menyebut isian yang tidak ada di sini atau sebelumnya: harga",
    ),
    "a rule about what comes later": (
        "lab", change("KAJI_ULANG", "method", required_if=["kondisi"]),
        "required_if menyebut isian yang tidak ada di sini atau sebelumnya: kondisi",
    ),
    "a rule about itself": (
        "lab", change("PENGUJIAN", "tested_on", not_before="tested_on"),
        "not_before menyebut isian ini sendiri",
    ),
    "an option that isn't there": (
        "lab", change("TERIMA_BENDA_UJI", "note", required_if=["kondisi", "Rusak"]),
        "required_if menyebut pilihan yang tidak ada pada kondisi: Rusak",
    ),
    "an option of what has none": (
        "lab", change("TERIMA_BENDA_UJI", "note", required_if=["kode", "A"]),
        "isian kode tidak mempunyai pilihan untuk disebut",
    ),
    "always and sometimes needed": (
        "lab", change("TERIMA_BENDA_UJI", "note", required=True),
        "isian yang selalu wajib tidak memerlukan required_if atau required_unless",
    ),
    "needed if and unless": (
        "lab", change("TERIMA_BENDA_UJI", "note", required_unless="kode"),
        "required_if dan required_unless tidak dapat bersama-sama",
    ),
    "a date that follows a word": (
        "lab", change("PENGUJIAN", "tested_on", not_before="conditions"),
        "not_before: isian conditions bukan tanggal",
    ),
    "a word with a day": (
        "lab", change("PENGUJIAN", "conditions", not_after="today"),
        "not_before dan not_after hanya untuk tanggal",
    ),
    "dates in a ring": (
        "lab", change("PENGUJIAN", "started_on", not_before="tested_on"),
        "not_before berputar melalui",
    ),
    "a date between one and the same": (
        "lab", change("PENGUJIAN", "tested_on", not_after="started_on"),
        "hanya dapat sama dengan started_on; pakai equals",
    ),
    "a date that can never be": (
        "lab", change("PENGUJIAN", "tested_on", not_before="today", not_after="started_on"),
        "tidak boleh sebelum hari ini, tetapi started_on tidak boleh sesudahnya",
    ),
    "a number that is too small to be": (
        "lab", change("TERIMA_BENDA_UJI", "jumlah", min=5, max=4), "min melebihi max",
    ),
    "a word with a least number": (
        "lab", change("TERIMA_BENDA_UJI", "kode", min=1),
        "min dan max hanya untuk angka dan jumlah rupiah",
    ),
    "a word that is longer than itself": (
        "lab", change("PENGUJIAN", "conditions", min_length=201),
        "min_length melebihi max_length",
    ),
    "a sum that equals a date": (
        "lab", change("PEMBAYARAN", "nominal", equals="finish_on"),
        "equals: isian finish_on berjenis lain",
    ),
    "sums that never meet": (
        "lab", lambda raw: (named(raw, "PENAWARAN", "price").update(max=5),
                            named(raw, "PEMBAYARAN", "nominal").update(min=6)),
        "equals: batas angka price tidak bertemu dengan batas isian ini",
    ),
    "unique among nobody": (
        "lab", change("TERIMA_BENDA_UJI", "kode", unique="dunia"),
        "unique adalah service atau office, bukan dunia",
    ),
    "a unique choice": (
        "lab", change("TERIMA_BENDA_UJI", "kondisi", unique="service"),
        "unique hanya untuk teks pendek dan angka",
    ),
    "something unique from the customer": (
        "lab", change("KONTRAK", "npwp", unique="office"),
        "unique hanya untuk isian yang diisi balai",
    ),
    "something unique in the form": (
        "data", of_form("peserta", unique="service"),
        "isian peserta: unique hanya untuk isian yang diisi balai",
    ),
    "a form that knows the future": (
        "data", of_form("selesai", not_before="note"),
        "isian selesai: not_before menyebut isian yang tidak ada",
    ),
    "a point that nobody asks": (
        "lab", change("KAJI_ULANG", "review", required_yes=["Cuaca baik"]),
        "required_yes menyebut butir yang tidak ada: Cuaca baik",
    ),
    "a yes where only ticks are": (
        "lab", change("DISPOSISI_KABALAI", "instructions", required_yes=["Untuk ditindaklanjuti"]),
        "required_yes hanya untuk daftar periksa (yes_no)",
    ),
    "one point twice": (
        "lab", change("KAJI_ULANG", "review", options=["A", "A"], required_yes=[]),
        "dua butir sama bunyinya",
    ),
    "a checklist of nothing": (
        "lab", change("KAJI_ULANG", "review", options=[], required_yes=[]),
        "review: memerlukan pilihan (options)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_in_its_sentence(name):
    service, spoil, sentence = FAULTS[name]
    raw = copy.deepcopy(RAW[service])
    assert check_flow(parse_flow(raw), office().posts) == []
    spoil(raw)
    found = check_flow(parse_flow(raw), office().posts)
    assert any(sentence in words for words in found), found


@pytest.mark.parametrize(
    ("rule", "value"),
    [("min", -1), ("max", "5"), ("min", 1.5), ("max", True), ("equals", ["price"]),
     ("required_if", "kondisi"), ("required_yes", "Ya"), ("terlambat", 1)],
)  # fmt: skip
def test_a_rule_of_the_wrong_shape_is_told_before_anything_is_built(rule, value):
    raw = copy.deepcopy(RAW["lab"])
    named(raw, "PENAWARAN", "price")[rule] = value
    [sentence] = misshapen(raw)
    assert f"“{rule}”" in sentence
