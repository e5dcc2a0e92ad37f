"""The printed forms: the facts they hold, what they keep from whom, and how they stand text."""

import io
from dataclasses import replace
from datetime import timedelta

import pypdf
import pytest

import tasks
import workflow
from config.office import office
from config.settings import CONTENT
from models import Document, Event, Mandate, Request
from moves.catalogue import current_stage
from outputs.papers.documents import render_document
from outputs.papers.papers import RENDERERS
from outputs.sheet import Line, Sheet, Signature
from outputs.typeface import printable
from tests.papers import read_pdf
from tests.people import (
    REFUSAL,
    advance,
    details_for,
    enter,
    file_request,
    inputs_for,
    stored,
    unpublished_offer,
)
from workflow import Submission

SITE = "https://melasti.balai.test"
SECRET = "Catatan intern: pemohon belum membayar denda."
HOSTILE = "Gelombang🌊🌊 Δh = 2 μm → 李明 “uji” " + "a" * 300 + "\x07\u202e"
NO_DATA = REFUSAL | {"reason": "Data tidak dimiliki balai ini."}


def ordered(request: Request, kind: str, version: int = 1) -> Document:
    return Document.get(
        (Document.request == request) & (Document.kind == kind) & (Document.version == version)
    )


def read(document: Document) -> tuple[pypdf.PdfReader, str]:
    """(the rendered PDF, its text in one line)."""
    return read_pdf(render_document(document, base_url=SITE))


def complete(request: Request, people, runtime, *, at, actor=None, **given) -> Request:
    """Complete the stage at which a request lies, with sample inputs where none are given."""
    stage = current_stage(request)
    inputs = inputs_for(stage, people, runtime, request, at) | given
    return workflow.act(
        request,
        "complete",
        actor=actor or people.staff.get(stage.role, request.customer),
        inputs=inputs,
        version=request.version,
        now=at,
    )


@pytest.fixture
def minutes(now):
    return lambda count: now + timedelta(minutes=count)


@pytest.fixture
def disposed(people, runtime, now, minutes):
    """A request that a Plh. passed on with two of four instructions, and a second desk after."""
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai, acting=people.ketua_tim,
        letter="SPT-01", from_on=now.date(), until_on=now.date(), created_at=now,
    )  # fmt: skip
    request = file_request(runtime, people.customer, now=now)
    request = complete(request, people, runtime, at=minutes(10), note=SECRET)
    request = complete(
        request, people, runtime, at=minutes(20), actor=people.ketua_tim,
        note="Mohon diselesaikan sebelum rapat pantai.",
        instructions=["Untuk ditindaklanjuti", "Untuk diselesaikan segera"],
    )  # fmt: skip
    return complete(request, people, runtime, at=minutes(30), note="Segera disiapkan timnya.")


def test_disposition_holds_what_the_head_ordered(people, disposed):
    _, text = read(ordered(disposed, "lembar_disposisi"))
    for words in (
        "LEMBAR DISPOSISI", "Pelanggan Satu, Universitas Contoh", disposed.number,
        "Senin, 29 Juli 2024, 12.57 WITA", "1 (L.Data)", disposed.subject, "Kasubag TU",
        "X Untuk ditindaklanjuti", "X Untuk diselesaikan segera", "Untuk dikoordinasikan",
        "Mohon diselesaikan sebelum rapat pantai.", "Selasa, 30 Juli 2024",
        "Plh. Kepala Balai (Petugas ketua_tim) a.n. Petugas kepala_balai", SECRET,
    ):  # fmt: skip
        assert words in text, words
    assert "X Untuk dikoordinasikan" not in text


def test_late_rendering_shows_the_state_of_the_order(people, runtime, disposed, minutes):
    first, second = (ordered(disposed, "lembar_disposisi", number) for number in (1, 2))
    _, early = read(first)
    _, later = read(second)
    assert "Segera disiapkan timnya." not in early
    assert "Segera disiapkan timnya." in later
    assert "Mohon diselesaikan sebelum rapat pantai." in later
    made = render_document(first, base_url=SITE)
    advance(disposed, people, runtime, now=minutes(40))
    assert render_document(first, base_url=SITE) == made
    assert read(first)[1] == early
    assert read(second)[1] == later
    # The receipt was ordered before there was a number.
    assert disposed.number not in read(ordered(disposed, "tanda_terima"))[1]


def test_what_the_office_changed_later_isnt_on_earlier_papers(people, runtime, now, minutes):
    request = file_request(runtime, people.customer, now=now, service="advis")
    filed_as = request.subclass_code
    urgent = next(kind for kind in runtime.catalogue["advis"].flow.subclasses if kind.is_urgent)
    request = complete(request, people, runtime, at=minutes(10))
    request = complete(request, people, runtime, at=minutes(20), sifat=urgent.code)
    assert request.subclass_code == urgent.code != filed_as
    assert urgent.title not in read(ordered(request, "tanda_terima"))[1]
    _, text = read(ordered(request, "lembar_disposisi"))
    assert "SEGERA (darurat bencana)" in text
    assert f"Sifat layanan: {urgent.title}" in text


def test_a_returned_disposition_is_a_new_version_with_the_old_one_in_its_history(
    people, runtime, disposed, minutes
):
    stage = current_stage(disposed)
    way = "3. Disposisi Kepala Balai"
    request = workflow.act(
        disposed, "return", actor=people.staff[stage.role], version=disposed.version,
        inputs={"to": way, "reason": "Arahan belum jelas bagi kami.", "tell": "Tidak"},
        now=minutes(40),
    )  # fmt: skip
    complete(request, people, runtime, at=minutes(50), actor=people.kepala_balai,
             note="Arahan diperjelas.", instructions=["Untuk dikoordinasikan"])  # fmt: skip
    _, text = read(ordered(request, "lembar_disposisi", 3))
    for words in ("Arahan diperjelas.", "X Untuk dikoordinasikan", "Arahan belum jelas bagi kami.",
                  "Dikembalikan ke tahap sebelumnya", "Mohon diselesaikan sebelum rapat pantai.",
                  "Oleh Kepala Balai: Petugas kepala_balai"):  # fmt: skip
        assert words in text, words
    assert "X Untuk ditindaklanjuti" not in text
    assert "Arahan diperjelas." not in read(ordered(request, "lembar_disposisi"))[1]


def test_receipt_says_what_was_filed(people, runtime, now):
    people.customer.name = "Ni Luh – ’Contoh’ ✓"
    people.customer.save()
    request = file_request(runtime, people.customer, now=now, service="lab")
    reader, text = read(ordered(request, "tanda_terima"))
    letter = ordered(request, "pendukung")
    for words in (request.public_id, "29 Jul 2024 12:57:45 WITA", "Ni Luh – ’Contoh’ v",
                  letter.sha256[:20], "surat.pdf", "gambar.pdf", "Jenis pengujian",
                  "0812-3456-7890", "antigratifikasi versi 2024-1"):  # fmt: skip
        assert words in text, words
    assert len(reader.pages) == 1


def test_refusal_gives_reasons_and_the_last_day_to_object(people, runtime, now, minutes):
    request = file_request(runtime, people.customer, now=now)
    request = workflow.act(request, "reject", actor=people.admin_layanan, inputs=REFUSAL,
                           version=request.version, now=minutes(60))  # fmt: skip
    _, text = read(ordered(request, "surat_penolakan"))
    for words in (*REFUSAL.values(), "Bapak Pelanggan Satu", "Admin Layanan,",
                  "Petugas admin_layanan", "paling lambat Senin, 12 Agustus 2024 pukul 13.57 WITA",
                  "10 hari kerja", "diputus oleh Kasubag TU dalam 5 hari kerja"):  # fmt: skip
        assert words in text, words

    # A second refusal after an objection is a letter of its own, and offers no second one.
    first = text
    for code, actor, inputs, at in (
        ("object", people.customer, {"reason": "Surat sudah bertanda tangan di halaman dua."}, 70),
        ("reopen", people.kasubag_tu, {"reason": "Tanda tangan memang ada."}, 80),
        ("reject", people.admin_layanan, NO_DATA, 90),
    ):  # fmt: skip
        request = workflow.act(request, code, actor=actor, inputs=inputs, version=request.version,
                               now=minutes(at))  # fmt: skip
    _, text = read(ordered(request, "surat_penolakan", 2))
    assert NO_DATA["reason"] in text
    assert "Versi 2, menggantikan versi 1" in text
    assert "paling lambat" not in text
    assert read(ordered(request, "surat_penolakan"))[1] == first


def test_handover_names_both_parties_and_the_digest_of_each_file(people, runtime, now):
    request = file_request(runtime, people.customer, now=now)
    request = advance(request, people, runtime, now=now, until="SERAH_PELANGGAN")
    request = complete(request, people, runtime, at=now + timedelta(days=3), note=SECRET)
    report = Document.get((Document.request == request) & Document.is_result)
    _, text = read(ordered(request, "berita_acara"))
    for words in (
        "Kamis, tanggal satu bulan Agustus tahun dua ribu dua puluh empat (01-08-2024)",
        "pukul 12.57 WITA", "Petugas petugas_layanan", "Petugas Layanan", "PIHAK KEDUA",
        "Pelanggan Satu", "laporan.pdf",
    ):  # fmt: skip
        assert words in text, words
    assert report.sha256 in text.replace(" ", "")


def test_handover_of_a_revision_lists_only_the_new_report(people, runtime, now):
    request = file_request(runtime, people.customer, now=now, service="lab")
    request = advance(request, people, runtime, now=now)
    first = read(ordered(request, "berita_acara"))[1]
    assert "Tidak ada yang dikembalikan" in first
    later = now + timedelta(days=2)
    request = workflow.act(request, "revise", actor=people.manajer_teknis, version=request.version,
                           inputs={"reason": "Satuan tabel 3 diperbaiki."}, now=later)  # fmt: skip
    advance(request, people, runtime, now=later)
    again = read(ordered(request, "berita_acara", 2))[1]
    assert "versi 2" in again
    assert again.count("laporan.pdf") == 1
    assert read(ordered(request, "berita_acara"))[1] == first


def test_handover_by_the_system_names_the_office(people, runtime, now):
    text = (
        (CONTENT / "services" / "data.toml")
        .read_text()
        .replace("automatic = false", "automatic = true")
    )
    offer = unpublished_offer(text, now=now)
    request = workflow.submit(
        people.customer, offer,
        Submission("data", "data_informasi", "Perihal", "Uraian", "2024-1", stored(runtime),
                   details=details_for(offer.flow, "data_informasi")),
        key="AUTO", now=now,
    )  # fmt: skip
    request = advance(request, people, runtime, now=now)
    _, text = read(ordered(request, "berita_acara"))
    assert "Jabatan : melalui sistem MELASTI" in text
    assert "laporan.pdf" in text


def test_offer_holds_scope_cost_and_schedule(people, runtime, now, minutes):
    request = file_request(runtime, people.customer, now=now, service="lab")
    request = advance(request, people, runtime, now=now, until="PENAWARAN")
    request = complete(request, people, runtime, at=minutes(60), scope="Uji stabilitas 2D.",
                       price="12.500.000", finish_on="2024-10-31")  # fmt: skip
    _, text = read(ordered(request, "penawaran"))
    for words in ("Uji stabilitas 2D.", "Rp12.500.000", "dua belas juta lima ratus ribu rupiah",
                  "Kamis, 31 Oktober 2024", "Metode uji", "Jenis pengujian",
                  "Saya menyetujui lingkup, biaya, dan tanggal selesai", "kas negara"):  # fmt: skip
        assert words in text, words


def every_document(people, runtime, now) -> dict[str, Document]:
    """One of each kind, with a secret in every note that the customer may not read."""
    filed = file_request(runtime, people.customer, now=now, service="lab", key="A")
    at = now
    while filed.is_open and current_stage(filed).kind != "survey":
        at += timedelta(minutes=10)
        own = {entry.name: SECRET for entry in current_stage(filed).inputs
               if entry.type in ("text", "longtext") and not entry.is_shown
               and not entry.pattern}  # fmt: skip
        filed = complete(filed, people, runtime, at=at, **own)
    filed = advance(filed, people, runtime, now=at)
    refused = file_request(runtime, people.customer, now=now, key="B")
    refused = complete(refused, people, runtime, at=now + timedelta(minutes=5), note=SECRET)
    workflow.act(refused, "reject", actor=people.kepala_balai, inputs=REFUSAL,
                 version=refused.version, now=now + timedelta(hours=1))  # fmt: skip
    rows = Document.select().where(Document.kind.in_(list(RENDERERS)) & (Document.version == 1))
    return {row.kind: row for row in rows.order_by(Document.id.desc())}


def test_every_form_is_tagged_embedded_and_keeps_secrets(people, runtime, now):
    made = every_document(people, runtime, now)
    assert set(made) == set(RENDERERS)
    for kind, document in made.items():
        reader, text = read(document)
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "id-ID", kind
        assert root["/MarkInfo"]["/Marked"], kind
        assert root["/StructTreeRoot"]["/K"][0]["/K"][0].get_object()["/S"] == "/H1", kind
        assert root["/ViewerPreferences"]["/DisplayDocTitle"], kind
        assert reader.metadata.title, kind
        assert "Halaman 1 dari" in text, kind
        assert (SECRET in text) == document.is_internal, kind


def test_making_them_stores_digest_and_size_once(people, runtime, disposed, now):
    wanted = Document.select().where(Document.kind.in_(list(RENDERERS))).count()
    assert tasks.make_pending_documents(runtime.storage, base_url=SITE, now=now) == wanted == 3
    for document in Document.select().where(Document.kind.in_(list(RENDERERS))):
        assert runtime.storage.path(document.sha256).stat().st_size == document.size > 10_000
    assert Event.select().where(Event.kind == "document_made").count() == wanted
    assert tasks.make_pending_documents(runtime.storage, base_url=SITE, now=now) == 0


def test_staff_open_a_disposition_and_the_customer_gets_404(app, people, disposed):
    address = f"/dokumen/{ordered(disposed, 'lembar_disposisi').public_id}"
    response = enter(app, people.kasubag_tu).get(address)
    assert (response.status_code, response.data[:5]) == (200, b"%PDF-")
    assert enter(app, people.customer).get(address).status_code == 404


@pytest.mark.parametrize(
    ("text", "most_pages"),
    [(HOSTILE, 2), ("", 1), ("kata " * 400, 3), ("a\n\n\n" * 250, 40), ("x" * 1000, 3)],
)
def test_forms_stand_any_text(people, runtime, now, minutes, text, most_pages):
    people.customer.name = (text.strip() or "-")[:120]
    people.customer.institution_name = text[:160]
    people.customer.save()
    request = file_request(runtime, people.customer, now=now, subject=text[:200])
    request = complete(request, people, runtime, at=minutes(10), note=text[:1000])
    request = complete(request, people, runtime, at=minutes(20), note=(text[:1000].strip() or "-"),
                       instructions=[])  # fmt: skip
    for kind in ("tanda_terima", "lembar_disposisi"):
        reader, _ = read(ordered(request, kind))
        assert len(reader.pages) <= most_pages


def test_what_the_typeface_lacks_leaves_a_mark():
    assert printable("Ombak 🌊🌊👨‍👩‍👧 naik") == "Ombak [simbol] naik"
    assert printable("李明 → Δh ½ ₃ Ａ") == "[?] -> ∆h ½ 3 A"
    assert printable("e\u0301\u200b\x00") == "é"


def test_table_breaks_inside_a_long_row_and_repeats_its_heads():
    sheet = Sheet("Uji", reference="{nb}")
    words = [Line(f"baris {number}") for number in range(150)]
    sheet.ruled((1, 3), [("kiri", words)], heads=("Satu", "Dua"))
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    assert len(reader.pages) == 4
    texts = [page.extract_text() for page in reader.pages]
    assert "Uji · {nb} Halaman 1 dari 4" in " ".join(texts[0].split())
    assert all("Satu" in text and "Dua" in text for text in texts)
    assert all(f"baris {number}" in " ".join(texts) for number in range(150))


def _pages(sheet: Sheet) -> list[str]:
    """The text of each page, without its head and foot."""
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize("before", range(14, 48, 3))
def test_heads_and_signatures_keep_company_wherever_a_page_ends(before):
    """No page ends with the title or heads of a table, and none holds only names to sign."""
    name = "Nama yang panjang sekali dengan banyak gelar, " * 4
    people = [Signature("Tanggal", "Pihak", name), Signature("Tanggal", "Balai", name)]
    sheet = Sheet("Uji")
    for number in range(before):
        sheet.paragraph(f"Baris {number}")
    sheet.ruled((1, 4), [("satu", "isi " * 150), ("dua", "isi")], heads=("No", "Isi kolom"),
                title="Judul tabel")  # fmt: skip
    sheet.signatures(people, closing="Kata penutup.")
    pages = _pages(sheet)
    titled = next(page for page in pages if "Judul tabel" in page)
    assert "Isi kolom" in titled and "satu" in titled
    signed = next(page for page in pages if "Kata penutup." in page)
    assert signed.count("banyak gelar") == 8 and "Pihak" in signed


@pytest.mark.parametrize("parent", ["", "Direktorat Jenderal Contoh, Kementerian Contoh " * 2])
def test_letterhead_takes_the_lines_that_the_facts_of_the_office_need(monkeypatch, parent):
    """A long name isn't cut at the edges of the paper, and an empty one leaves no gap."""
    facts = replace(office(), parent=parent, name="Balai Besar " * 9, address="", web="")
    monkeypatch.setattr("outputs.sheet.office", lambda: facts)
    reader = pypdf.PdfReader(io.BytesIO(bytes(Sheet("Uji").output())))
    placed = []
    reader.pages[0].extract_text(visitor_text=lambda text, _, at, *__: placed.append((at[4], text)))
    left = min(x for x, text in placed if text.strip())
    assert left >= 15 * 72 / 25.4
    first = reader.pages[0].extract_text().split("\n")[0]
    assert first.startswith(parent.upper()[:30] or "BALAI BESAR")


def test_long_words_are_cut_behind_hyphens_and_dots():
    sheet = Sheet("Uji")
    sheet.ruled((1, 6), [("surat-permohonan-contoh.pdf", ""), ("a" * 60, "")])
    text = sheet_lines(sheet)
    assert "surat-" in text and any(line.endswith("contoh.pdf") for line in text)
    assert "".join(line for line in text if set(line) == {"a"}) == "a" * 60


def sheet_lines(sheet: Sheet) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(bytes(sheet.output())))
    return [line.strip() for line in reader.pages[0].extract_text().splitlines()]
