"""Each paper holds what its stage decided, as it was when it was ordered."""

from datetime import timedelta

import pytest

import tasks
import workflow
from config.settings import CONTENT
from models import Document, Event, Mandate
from moves.catalogue import current_stage
from outputs.papers.documents import render_document
from outputs.papers.papers import RENDERERS
from tests.outputs.papers.ordered_papers import SECRET, SITE, complete, ordered, read
from tests.people import (
    REFUSAL,
    advance,
    details_for,
    enter,
    file_request,
    stored,
    unpublished_offer,
)
from workflow import Reader, Submission

NO_DATA = REFUSAL | {"reason": "Data tidak dimiliki balai ini."}


@pytest.fixture
def disposed(people, runtime, now, minutes):
    """A request that a Plh. passed on with two of twelve instructions, and a second desk after."""
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai, acting=people.ketua_tim,
        letter="SPT-01", from_on=now.date(), until_on=now.date(), created_at=now,
    )  # fmt: skip
    request = file_request(runtime, people.customer, now=now)
    request = complete(request, people, runtime, at=minutes(10), note=SECRET)
    request = complete(
        request, people, runtime, at=minutes(20), actor=people.ketua_tim,
        note="Mohon diselesaikan sebelum rapat pantai.",
        instructions=["Untuk ditindaklanjuti", "Siapkan bahan"], nature="Sangat segera",
    )  # fmt: skip
    return complete(request, people, runtime, at=minutes(30), note="Segera disiapkan timnya.")


def test_disposition_holds_what_the_head_ordered(people, disposed):
    _, text = read(ordered(disposed, "lembar_disposisi"))
    for words in (
        "LEMBAR DISPOSISI", "Pelanggan Satu, Universitas Contoh", disposed.number,
        "Senin, 29 Juli 2024, 12.57 WITA", "1/2024", "X Sangat segera", disposed.subject,
        "X Untuk ditindaklanjuti", "X Siapkan bahan", "Jadwalkan", "X Kasubag TU",
        "Mohon diselesaikan sebelum rapat pantai.", "Selasa, 30 Juli 2024",
        "Plh. Kepala Balai (Petugas ketua_tim) a.n. Petugas kepala_balai", SECRET,
    ):  # fmt: skip
        assert words in text, words
    assert "X Jadwalkan" not in text and "X Biasa" not in text


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
    request = complete(request, people, runtime, at=minutes(20), sifat=urgent.code, nature="")
    assert request.subclass_code == urgent.code != filed_as
    assert urgent.title not in read(ordered(request, "tanda_terima"))[1]
    _, text = read(ordered(request, "lembar_disposisi"))
    assert "Sifat (darurat bencana)" in text and "X Segera" in text
    assert f"Sifat layanan: {urgent.title}" in text


def test_a_returned_disposition_is_a_new_version_with_the_old_one_in_its_history(
    people, runtime, disposed, minutes
):
    stage = current_stage(disposed)
    way = "3. Disposisi Kepala Balai"
    request = workflow.act(
        disposed,
        "return",
        reader=Reader.at(people.staff[stage.role], minutes(40)),
        version=disposed.version,
        inputs={"to": way, "reason": "Arahan belum jelas bagi kami.", "tell": "Tidak"},
    )
    complete(request, people, runtime, at=minutes(50), actor=people.kepala_balai,
             note="Arahan diperjelas.", instructions=["Jadwalkan"])  # fmt: skip
    _, text = read(ordered(request, "lembar_disposisi", 3))
    for words in ("Arahan diperjelas.", "X Jadwalkan", "Arahan belum jelas bagi kami.",
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
    request = workflow.act(
        request,
        "reject",
        reader=Reader.at(people.admin_layanan, minutes(60)),
        inputs=REFUSAL,
        version=request.version,
    )
    _, text = read(ordered(request, "surat_penolakan"))
    for words in (*REFUSAL.values(), "Bapak Pelanggan Satu", "Kepala Balai,",
                  "Petugas kepala_balai", "UM 02.01-BTP/1/2024",
                  "paling lambat Senin, 12 Agustus 2024 pukul 13.57 WITA",
                  "10 hari kerja", "diputus oleh Kasubag TU dalam 5 hari kerja"):  # fmt: skip
        assert words in text, words

    # A second refusal after an objection is a letter of its own, and offers no second one.
    first = text
    for code, actor, inputs, at in (
        ("object", people.customer, {"reason": "Surat sudah bertanda tangan di halaman dua."}, 70),
        ("reopen", people.kasubag_tu, {"reason": "Tanda tangan memang ada."}, 80),
        ("reject", people.admin_layanan, NO_DATA, 90),
    ):  # fmt: skip
        request = workflow.act(
            request,
            code,
            reader=Reader.at(actor, minutes(at)),
            inputs=inputs,
            version=request.version,
        )
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
    request = workflow.act(
        request,
        "revise",
        reader=Reader.at(people.manajer_teknis, later),
        version=request.version,
        inputs={"reason": "Satuan tabel 3 diperbaiki."},
    )
    advance(request, people, runtime, now=later)
    again = read(ordered(request, "berita_acara", 2))[1]
    assert "versi 2" in again
    # In the table, and with its digest in the foot; as the customer finds it when it is fetched.
    (report,) = request.documents.where(Document.is_result & Document.replaced_by.is_null())
    assert report.download_name.endswith("_v2.pdf")
    assert "".join(again.split()).count(report.download_name) == 2
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
