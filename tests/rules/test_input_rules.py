"""Rules between inputs, each with a value that keeps it and one that breaks it."""

from datetime import date

import pytest

from rules.input_rules import broken_rules, rule_words
from rules.inputs import BadInput, clean_value, point_words, points_of
from rules.services import Input

TODAY = date(2026, 11, 30)


def entry(name: str, type_: str = "date", **rules) -> Input:
    return Input(name, type_, name.capitalize(), **rules)


START, OFFER = entry("mulai"), entry("penawaran", "money")
KIND = entry("kondisi", "choice", options=("Baik", "Cacat"))
TICKS = entry("petunjuk", "checklist", options=("Segera", "Kaji"))


@pytest.mark.parametrize(
    ("wanted", "given", "sentence"),
    [
        ([entry("uji", not_after="today")], {"uji": "2026-11-30"}, ""),
        ([entry("uji", not_after="today")], {"uji": "2026-12-01"},
         "Tanggal ini belum tiba. Isi hari ini atau sebelumnya."),
        ([entry("uji", not_before="today")], {"uji": "2026-11-30"}, ""),
        ([entry("uji", not_before="today")], {"uji": "2026-11-29"},
         "Tanggal ini sudah lewat. Isi hari ini atau sesudahnya."),
        ([START, entry("selesai", not_before="mulai")],
         {"mulai": "2026-11-02", "selesai": "2026-11-02"}, ""),
        ([START, entry("selesai", not_before="mulai")],
         {"mulai": "2026-11-02", "selesai": "2026-11-01"},
         "Tidak boleh sebelum “Mulai”, 2 Nov 2026."),
        ([START, entry("selesai", not_after="mulai")],
         {"mulai": "2026-11-02", "selesai": "2026-11-03"},
         "Tidak boleh sesudah “Mulai”, 2 Nov 2026."),
        ([START, entry("selesai", not_before="mulai")], {"selesai": "2020-01-01"}, ""),
        ([KIND, entry("catatan", "longtext", required_if=("kondisi", "Cacat"))],
         {"kondisi": "Baik"}, ""),
        ([KIND, entry("catatan", "longtext", required_if=("kondisi", "Cacat"))],
         {"kondisi": "Cacat"}, "Isi bagian ini, karena “Kondisi” adalah “Cacat”."),
        ([KIND, entry("catatan", "longtext", required_if=("kondisi", "Cacat"))],
         {"kondisi": "Cacat", "catatan": "Retak"}, ""),
        ([KIND, entry("catatan", "longtext", required_if=("kondisi",))],
         {"kondisi": "Baik"}, "Isi bagian ini, karena “Kondisi” diisi."),
        ([TICKS, entry("catatan", "longtext", required_if=("petunjuk", "Kaji"))],
         {"petunjuk": ["Segera"]}, ""),
        ([TICKS, entry("catatan", "longtext", required_if=("petunjuk", "Kaji"))],
         {"petunjuk": ["Segera", "Kaji"]}, "Isi bagian ini, karena “Petunjuk” diisi."),
        ([TICKS, entry("catatan", "longtext", required_unless="petunjuk")],
         {"petunjuk": ["Segera"]}, ""),
        ([TICKS, entry("catatan", "longtext", required_unless="petunjuk")], {"catatan": "Ya"}, ""),
        ([TICKS, entry("catatan", "longtext", required_unless="petunjuk")], {},
         "Isi bagian ini, atau centang sedikitnya satu butir pada “Petunjuk”."),
        ([entry("catatan", "text", required_unless="nota"), entry("nota", "file")], {},
         "Isi bagian ini, atau “Nota”."),
        ([OFFER, entry("tagihan", "money", equals="penawaran")],
         {"penawaran": "7500000", "tagihan": "7500000"}, ""),
        ([OFFER, entry("tagihan", "money", equals="penawaran")],
         {"penawaran": "7500000", "tagihan": "1000"},
         "Harus sama dengan “Penawaran”: Rp7.500.000."),
        ([OFFER, entry("tagihan", "money", equals="penawaran")], {"tagihan": "1000"}, ""),
    ],
)  # fmt: skip
def test_rule(wanted, given, sentence):
    found = broken_rules(wanted, given, {}, today=TODAY)
    assert "".join(found.values()) == sentence


def test_a_rule_reaches_what_was_given_before():
    wanted = [entry("tagihan", "money", equals="penawaran")]
    earlier = {"penawaran": (OFFER, "5000")}
    assert broken_rules(wanted, {"tagihan": "4000"}, earlier, today=TODAY) == {
        "tagihan": "Harus sama dengan “Penawaran”: Rp5.000."
    }
    # What stands in the same form counts before that.
    assert not broken_rules(
        [OFFER, *wanted], {"penawaran": "4000", "tagihan": "4000"}, earlier, today=TODAY
    )


def test_rules_are_told_in_words():
    wanted = entry("selesai", not_before="mulai", not_after="today")
    assert rule_words(wanted, {"mulai": "Mulai uji"}) == [
        "tidak sebelum “Mulai uji”",
        "tidak sesudah hari ini",
    ]
    assert rule_words(entry("n", "number", min=1, max=2000, unique="service"), {}) == [
        "tidak boleh sama dengan permohonan lain",
        "paling sedikit 1",
        "paling banyak 2.000",
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("number", "0", "Paling sedikit 1."),
        ("number", "10001", "Paling banyak 10.000."),
        ("money", "0", "Paling sedikit Rp1."),
    ],
)
def test_range(kind, typed, sentence):
    with pytest.raises(BadInput, match=sentence):
        clean_value(entry("n", kind, min=1, max=10_000), typed)
    assert clean_value(entry("n", kind, min=1, max=10_000), "10.000" if kind == "money" else "1")


@pytest.mark.parametrize("typed", ["-", "…", " . ", "***"])
@pytest.mark.parametrize("kind", ["text", "longtext"])
def test_signs_alone_are_no_answer(kind, typed):
    with pytest.raises(BadInput, match="tanda saja"):
        clean_value(entry("n", kind, required=True), typed)


# -- checklists that can say no ------------------------------------------------------------------


POINTS = entry("kaji", "yes_no", options=("Metode", "Jadwal", "Subkontrak"), required=True,
               required_yes=("Metode",))  # fmt: skip


def said(answer: str, remark: str = "") -> dict[str, str]:
    return {"answer": answer, "remark": remark}


def test_each_point_has_its_answer_and_remark():
    kept = clean_value(
        POINTS,
        {"Metode": said("ya"), "Jadwal": said("tidak", " Mundur\nseminggu "),
         "Subkontrak": said("tidak_berlaku")},
    )  # fmt: skip
    assert kept == {
        "Metode": {"answer": "ya"},
        "Jadwal": {"answer": "tidak", "remark": "Mundur seminggu"},
        "Subkontrak": {"answer": "tidak_berlaku"},
    }
    assert clean_value(POINTS, kept) == kept
    assert point_words(kept).splitlines() == [
        "Metode: Ya", "Jadwal: Tidak (Mundur seminggu)", "Subkontrak: Tidak berlaku",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"Metode": said("ya"), "Jadwal": said("ya")},
         {2: "Jawab Ya, Tidak, atau Tidak berlaku."}),
        ({"Metode": said("tidak", "Belum ada"), "Jadwal": said("ya"), "Subkontrak": said("ya")},
         {0: "Butir ini harus Ya sebelum dapat diteruskan."}),
        ({"Metode": said("ya"), "Jadwal": said("tidak", " - "), "Subkontrak": said("ya")},
         {1: "Tulis catatan: apa yang belum sesuai?"}),
        ({"Metode": said("ya"), "Jadwal": said("mungkin"), "Subkontrak": said("ya", "x" * 301)},
         {1: "Jawab Ya, Tidak, atau Tidak berlaku.", 2: "Catatan paling banyak 300 huruf."}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_point(given, wrong):
    with pytest.raises(BadInput) as refusal:
        clean_value(POINTS, given)
    assert refusal.value.points == wrong
    for number, sentence in wrong.items():
        assert f"“{POINTS.options[number]}”" in str(refusal.value)
        assert sentence in str(refusal.value)


def test_an_optional_checklist_may_stay_empty_and_a_lonely_remark_is_not_lost():
    wanted = entry("kaji", "yes_no", options=("Metode", "Jadwal"))
    assert clean_value(wanted, {}) is None
    assert clean_value(wanted, {"Metode": said("ya")}) == {"Metode": {"answer": "ya"}}
    with pytest.raises(BadInput):
        clean_value(wanted, {"Jadwal": said("", "Masih dibahas")})


def test_a_list_of_ticks_from_before_still_reads():
    assert points_of(["Metode", "Jadwal"]) == [("Metode", "Ya", ""), ("Jadwal", "Ya", "")]
    assert point_words(["Metode"]) == "Metode: Ya"
