"""The office's texts: complete, with no variable that nobody fills."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from administration.wordings import default_wordings
from config.office import office, statements
from rules.numbering import format_number
from rules.services import STANDARD_COMPONENTS, SUBMIT, parse_flow
from rules.survey import parse_questionnaire, read_definition
from rules.wording import PURPOSES, problems_of, read_wordings

CONFIG = Path(__file__).resolve().parent.parent.parent / "config"
PAGES = {"tentang", "bantuan", "panduan", "privasi"}
MANUAL_TIMES = ("12:57:45", "13:23:06", "13:41:39", "13:47:26", "18:23:13", "18:31:34", "18:35:49",
                "19:32:24", "19:40:07")  # fmt: skip
VARIABLES = {"sapaan", "nama", "nomor", "layanan", "perihal", "tahap", "waktu", "batas", "tautan",
             "alasan"}  # fmt: skip
# What one message says that no other does: the move that sends it hands these over.
OWN_VARIABLES = {
    "peringatan_sistem": {"judul", "uraian", "saran"},
    "peringatan_selesai": {"judul", "uraian"},
    "berkas_berbahaya": {"berkas"},
    "alamat_diubah": {"saluran", "oleh"},
    "surat_menunggu_tanda_tangan": {"surat"},
    "diingatkan": {"pengingat", "catatan"},
    "perlu_dilengkapi": {"daftar"},
    "ditunda": {"tanggal"},
    "tagihan_pnbp": {"billing", "nominal"},
    "bayar_terverifikasi": {"ntpn"},
    "benda_uji_diterima": {"kode", "kondisi"},
    "revisi_terbit": {"versi"},
    "mandat_mulai": {"jabatan", "pelaksana", "mulai", "selesai", "surat"},
    "mandat_ditetapkan": {
        "jabatan",
        "pelaksana",
        "mulai",
        "selesai",
        "surat",
        "penetap",
        "digantikan",
    },
    "mandat_berakhir": {"jabatan", "pelaksana", "selesai", "surat"},
    "tugas_dialihkan": {"hal", "asal", "jabatan", "penerima"},
    "tugas_dilepas": {"hal", "jabatan", "penerima"},
    "rekap_siap": {"jumlah"},
    "disebut": {"oleh"},
    "diikuti": {"kejadian"},
    "rekap_terjadwal": {"jumlah", "judul"},
    "lewat_atasan": {"jabatan"},
    "ringkasan_harian": {"jumlah", "terlambat", "hari_ini"},
    "terlambat_pelanggan": {"batas_baru"},
    "tanggal_baru": {"batas_baru"},
    "tagihan_segera_berakhir": {"billing"},
}


def read_toml(name: str) -> dict:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


def page_parts(slug: str) -> tuple[dict, str]:
    """The front matter and the body of a page."""
    before, front, body = (
        (CONFIG / "pages" / f"{slug}.md").read_text(encoding="utf-8").split("+++", 2)
    )
    assert before == ""
    return tomllib.loads(front), body


def sentences(value: object) -> list[str]:
    """Every text inside parsed TOML."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value
    return [t for item in inside for t in sentences(item)] if isinstance(value, dict | list) else []


def test_messages_use_known_variables():
    wordings, footer = read_wordings(CONFIG / "messages.toml")
    assert footer
    for wording in wordings.values():
        assert wording.subject
        assert wording.purpose in PURPOSES, wording.code
        assert set(wording.needs) <= set(wording.parameter_names), wording.code
        assert problems_of(wording, wording.subject, wording.text) == {}, wording.code
        if wording.is_free:
            continue
        known = VARIABLES | OWN_VARIABLES.get(wording.code, set())
        assert wording.variables <= known, wording.code
        assert "{tautan}" in wording.text, wording.code
    assert {code for code, wording in wordings.items() if wording.is_secret} == {
        "akun_terdaftar",
        "kirim_ulang_verifikasi",
        "reset_sandi",
        "undangan_petugas",
        "bukti_alamat",
    }


def test_messages_say_whom_they_are_for():
    raw = read_toml("messages.toml")
    raw.pop("_footer")
    assert {entry["audience"] for entry in raw.values()} == {"customer", "staff"}
    staff = {code for code, entry in raw.items() if entry["audience"] == "staff"}
    tasks = {code for code, entry in raw.items() if entry["text"].startswith("[MELASTI]")}
    assert staff == tasks | {
        "mandat_mulai",
        "mandat_ditetapkan",
        "mandat_berakhir",
        "tugas_dialihkan",
        "tugas_dilepas",
        "undangan_petugas",
        "rekap_siap",
        "rekap_terjadwal",
        "rekap_gagal",
    }


def test_footer_of_emails_names_the_contacts_of_the_office():
    _, footer = default_wordings()
    assert office().email in footer
    assert office().whatsapp in footer.replace("-", "")
    assert "bebas gratifikasi" in footer


def test_refusal_gives_the_reason_and_the_way_on():
    wordings, _ = read_wordings(CONFIG / "messages.toml")
    assert {"alasan", "tautan", "batas"} <= wordings["ditolak"].variables
    assert "keberatan paling lambat {batas}" in wordings["ditolak"].text
    assert "dapat diajukan kembali" in wordings["pengingat_lengkapi"].text


def test_pages_insert_only_known_facts():
    known = set(office().public_facts)
    for path in (CONFIG / "pages").glob("*.md"):
        assert set(re.findall(r"\{([^}]*)\}", path.read_text())) <= known, path.name


def test_pages_have_a_title_a_summary_and_a_text():
    assert {path.stem for path in (CONFIG / "pages").glob("*.md")} == PAGES
    for slug in PAGES:
        front, body = page_parts(slug)
        assert set(front) == {"title", "summary"} and all(front.values()), slug
        assert len(body.strip()) > 500, slug


def test_guide_tells_the_stages_and_moments_of_the_worked_example():
    _, body = page_parts("panduan")
    flow = parse_flow(read_toml("services/data.toml"))
    listed = re.findall(r"^\d+\. ([^a-z]+) \((\d\d:\d\d:\d\d)\)\.", body, re.MULTILINE)
    assert [title for title, _ in listed] == [stage.title for stage in flow.stages]
    assert tuple(at for _, at in listed) == MANUAL_TIMES


def test_fifteen_questions_have_answers():
    items = read_toml("faq.toml")["item"]
    assert len({item["question"] for item in items}) == len(items) == 15
    assert all(set(item) == {"question", "answer"} and item["answer"] for item in items)


def test_example_of_a_number_is_one_we_would_issue():
    at = datetime(2024, 7, 29, 5, 23, 6, tzinfo=UTC)
    assert read_toml("office.toml")["numbering"]["example"] == format_number(48, "L.Data", at)


def test_data_service_is_told_in_full():
    flow = parse_flow(read_toml("services/data.toml"))
    assert all(stage.done for stage in flow.stages if stage.kind != SUBMIT)
    assert set(flow.standard) == set(STANDARD_COMPONENTS) and all(flow.standard.values())
    assert {subclass.code: subclass.working_days for subclass in flow.subclasses} == {
        "data_informasi": 3,
        "magang_kp": 5,
        "bimtek": 10,
    }
    assert not re.search(r"Rp\s?\d", flow.cost + flow.standard["biaya"])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (r"\b(\w+) \1\b", "a word twice"),
        (r"\S {2,}\S", "two spaces"),
        (r" [,.;:!?)](?!\S)", "a space before punctuation"),
        (r"(?<!\.)\.\.(?!\.)|,,|;;", "punctuation twice"),
        (r"\b(di|ke) (lihat|kirim|isi|unduh|setujui|proses|ajukan|terima)\b", "a prefix apart"),
        (r"\b(merubah|dirubah|resiko|ijin|sekedar|antri|analisa)\b", "a misspelling"),
    ],
)
def test_texts_are_proofread(fault, words):
    files = sorted(path.relative_to(CONFIG) for path in CONFIG.rglob("*.toml"))
    texts = [(str(name), text) for name in files for text in sentences(read_toml(str(name)))]
    texts += [(slug, page_parts(slug)[1]) for slug in PAGES]
    found = [
        name
        for name, text in texts
        # The manual's own label has a space before its question mark.
        if re.search(fault, text.replace("password ?", "password?"), re.IGNORECASE)
    ]
    assert found == [], words


def test_questionnaire_loads_and_statements_have_versions():
    raw = read_definition(CONFIG / "survey" / "skm-2024.toml")
    questionnaire = parse_questionnaire(raw)
    assert questionnaire.title.format(tahun=2024).endswith("2024")
    assert all(statement.version and statement.text for statement in statements().values())


def test_every_post_and_institution_is_named():
    assert len(office().institutions) == 15
    assert not office().institutions["perorangan"].needs_name
    assert office().posts["ketua_tim"] == "Ketua Tim Layanan"


def test_compiled_catalogues_say_what_the_sources_say():
    folder = CONFIG / "translations" / "id" / "LC_MESSAGES"
    sources = sorted(folder.glob("*.po"))
    assert sources
    for path in sources:
        with path.open("rb") as file:
            source = read_po(file, locale="id")
        with path.with_suffix(".mo").open("rb") as file:
            compiled = read_mo(file)
        for message in source:
            if not message.id:
                continue
            assert message.string, (path.name, message.id)
            assert not message.fuzzy
            said = compiled.get(message.id).string
            # Of a plural, one reader gives a list and the other a tuple.
            assert (said if isinstance(said, str) else tuple(said)) == message.string
            singular = message.id if isinstance(message.id, str) else message.id[0]
            wanted = set(re.findall(r"%\(\w+\)[sd]", singular))
            given = message.string if isinstance(message.string, str) else message.string[0]
            assert set(re.findall(r"%\(\w+\)[sd]", given)) <= wanted
