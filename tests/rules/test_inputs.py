"""What people type into the fields of a flow: kept as said, or refused with a sentence."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.inputs import REQUIRED, BadInput, clean_value
from rules.services import INPUT_TYPES, Input, parse_flow

SERVICES = Path(__file__).resolve().parent.parent.parent / "config" / "services"
LAB = parse_flow(tomllib.loads((SERVICES / "lab.toml").read_text()))


def entry(kind: str, **facts) -> Input:
    return Input("medan", kind, "Medan", **facts)


def of_lab(stage: str, name: str, step: int = 0) -> Input:
    return next(i for i in LAB.desk(stage, step).inputs if i.name == name)


BILLING = of_lab("PEMBAYARAN", "billing")
NTPN = of_lab("PEMBAYARAN", "ntpn", 2)
NPWP = of_lab("KONTRAK", "npwp")
TICKS = entry("checklist", options=("satu", "dua"))
ALL_TICKS = entry("checklist", options=("satu", "dua"), required=True)


@pytest.mark.parametrize(
    ("wanted", "typed", "kept"),
    [
        (entry("text"), "  Pantai Contoh ", "Pantai Contoh"),
        (entry("text"), "ni\x00hil", "nihil"),
        (entry("text"), "satu\r\nTautan:\tdua\x0b\u2028tiga", "satu Tautan: dua tiga"),
        (entry("longtext"), "satu\r\ndua", "satu\ndua"),
        (entry("text"), "   ", None),
        (entry("text"), None, None),
        (entry("choice", options=("ya", "tidak")), "ya", "ya"),
        (TICKS, ["dua", "satu", "tiga"], ["satu", "dua"]),
        (TICKS, "dua", ["dua"]),
        (TICKS, [], None),
        (TICKS, None, None),
        (ALL_TICKS, ["dua", "satu"], ["satu", "dua"]),
        (entry("date"), "2024-02-29", "2024-02-29"),
        (entry("number"), "0042", "42"),
        (entry("number"), "0", "0"),
        (entry("money"), "1250000", "1250000"),
        (entry("money"), "Rp1.250.000", "1250000"),
        (entry("money"), "rp. 1.250.000,00", "1250000"),
        (entry("money"), "1.250.000,-", "1250000"),
        (entry("money"), "0", "0"),
        (entry("money"), "1234567890123", "1234567890123"),
        (entry("coordinates"), "-8.12345, 114.56789", "-8.12345, 114.56789"),
        (entry("coordinates"), "-8,12345, 114,56789", "-8.12345, 114.56789"),
        (entry("coordinates"), "-8.1;114.5", "-8.10000, 114.50000"),
        (entry("coordinates"), "-8.1 114.5", "-8.10000, 114.50000"),
        (entry("coordinates"), "-90, -180", "-90.00000, -180.00000"),
        (entry("coordinates"), "8°7'LS, 114°33'BT", "-8.11667, 114.55000"),
        (entry("coordinates"), "-0.000001, 0", "0.00000, 0.00000"),
        (entry("text"), "gelom\xadbang\u200b\xa0laut", "gelombang laut"),
        (entry("longtext"), "\u200b\u202e", None),
        (BILLING, "820211112222333", "820211112222333"),
        (NTPN, "ABCD1234EFGH5678", "ABCD1234EFGH5678"),
        (BILLING, "8202 1111 2222 333", "820211112222333"),
        (BILLING, "820-211-112-222-333", "820211112222333"),
        (BILLING, "820.2111.1222.2333", "820211112222333"),
        (BILLING, "82021\xa011122\u20112233\u20093", "820211112222333"),
        (NTPN, "ABCD 1234 EFGH 5678", "ABCD1234EFGH5678"),
        (NTPN, "ABCD–1234\u200b–EFGH\u2009–5678", "ABCD1234EFGH5678"),
        (NPWP, "01.234.567.8-901.234", "012345678901234"),
        (NPWP, "0123 4567 8901 2345", "0123456789012345"),
        (entry("text", pattern="BU [0-9]+"), "BU 12", "BU 12"),
        (entry("text", pattern=r"LS-\d{2}"), "LS-12", "LS-12"),
        (NPWP, "", None),
        (NPWP, "012345678901234", "012345678901234"),
        (NPWP, "0123456789012345", "0123456789012345"),
    ],
)
def test_kept(wanted, typed, kept):
    assert clean_value(wanted, typed) == kept


POINTS = "Isi lintang dan bujur, misalnya -8.12345, 114.56789."
AMOUNT = "Isi jumlah rupiah dengan angka, misalnya 1.250.000."
DAY = "Isi tanggal yang benar, misalnya 2026-11-24."
YEAR = "Tahunnya tampak keliru. Periksa kembali."
DIGITS = "Isi dengan angka saja."
CODE = "Kode billing terdiri dari 15 angka."
TREASURY = "NTPN terdiri dari 16 huruf besar atau angka."


@pytest.mark.parametrize(
    ("wanted", "typed", "sentence"),
    [
        (entry("text", required=True), " ", REQUIRED),
        (entry("text", required=True), "\u200b\u3164", REQUIRED),
        (entry("longtext", required=True), "\xad\u2800", REQUIRED),
        (entry("date", required=True), None, REQUIRED),
        (entry("text", max_length=5), "enam66", "Paling banyak 5 huruf."),
        (entry("longtext", min_length=10), "pendek", "Sedikitnya 10 huruf."),
        (entry("choice", options=("ya", "tidak")), "mungkin", "Pilih salah satu."),
        (entry("choice", options=("ya", "tidak")), "Ya", "Pilih salah satu."),
        (ALL_TICKS, ["satu"], "Periksa dan centang setiap butir."),
        (ALL_TICKS, None, "Periksa dan centang setiap butir."),
        (entry("date"), "29-07-2024", DAY),
        (entry("date"), "2023-02-29", DAY),
        (entry("date"), "besok", DAY),
        (entry("date"), "1024-07-29", YEAR),
        (entry("date"), "2204-07-29", YEAR),
        (entry("number"), "-4", DIGITS),
        (entry("number"), "4,5", DIGITS),
        (entry("number"), "٤", DIGITS),
        (entry("number"), "1234567890", DIGITS),
        (entry("money"), "1250.50", AMOUNT),
        (entry("money"), "1,250,000", AMOUNT),
        (entry("money"), "-5000", AMOUNT),
        (entry("money"), "12345678901234", AMOUNT),
        (entry("money"), "gratis", AMOUNT),
        (entry("coordinates"), "Pantai Contoh", f"“Pantai” tidak dimengerti di sini. {POINTS}"),
        (entry("coordinates"), "-8.12345", POINTS),
        (BILLING, "82021111222233", CODE),
        (BILLING, "82021111222233A", CODE),
        (BILLING, "8202 1111 22223", CODE),
        (BILLING, "٨٢٠٢١١١١٢٢٢٢٣٣٣", CODE),
        (BILLING, "8202111122223334", "Paling banyak 15 huruf."),
        (NTPN, "ABCD1234EFGH567", TREASURY),
        (NTPN, "abcd1234efgh5678", TREASURY),
        (NTPN, "ABCD-1234-EFGH-5", TREASURY),
        (NTPN, "ABCD/1234/EFGH/5678", "Paling banyak 16 huruf."),
        (BILLING, "8202 1111 2222 3334", "Paling banyak 15 huruf."),
        (NPWP, "01234567890123", "NPWP terdiri dari 15 atau 16 angka."),
    ],
)
def test_refused_with_a_sentence(wanted, typed, sentence):
    with pytest.raises(BadInput) as refusal:
        clean_value(wanted, typed)
    assert str(refusal.value) == sentence


TYPED = st.text(max_size=40) | st.sampled_from(["-8.1, 114.5", "Rp1.000", "2024-07-29", "12"])


@settings(derandomize=True, database=None, max_examples=300)
@given(kind=st.sampled_from(INPUT_TYPES), typed=TYPED)
def test_whatever_is_typed_is_kept_stably_or_refused(kind, typed):
    """Nothing else happens, and what was kept is kept the same when it is typed again."""
    wanted = entry(kind, options=("12", "x") if kind in ("choice", "checklist", "yes_no") else ())
    try:
        kept = clean_value(wanted, typed)
    except BadInput as refusal:
        assert str(refusal)
        return
    assert clean_value(wanted, kept) == kept
