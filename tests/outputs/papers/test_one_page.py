"""Each form is one sheet of paper with what an Indonesian office expects on it, however long."""

from dataclasses import replace
from datetime import timedelta

import pytest

import workflow
from config.office import office
from config.settings import ROOT
from models import Document, IncomingLetter, Mandate, Request
from moves.catalogue import current_stage
from outputs.papers.papers import RENDERERS
from tests.outputs.papers.ordered_papers import complete, read
from tests.people import REFUSAL, advance, file_request
from workflow import Reader

SHORT = "Mohon ditindaklanjuti."
LONG = ("Mohon dikaji secara saksama oleh tim bersama pemangku data, mengingat lokasi berada pada "
        "kawasan rawan abrasi. " * 9)[:1000]  # fmt: skip
SUBJECT = ("Permohonan data gelombang, pasang surut, arus, dan batimetri Pantai Contoh untuk "
           "penyusunan rencana induk perlindungan pantai kabupaten tahun 2024–2029")  # fmt: skip


@pytest.fixture
def officials(people):
    """Everybody with number and rank; the head with a title of their own."""
    for index, person in enumerate(people.staff.values()):
        person.nip, person.rank = f"198501312010011{index:03}", "Penata (III/c)"
        person.save()
    head = people.kepala_balai
    head.name, head.position = "Dr. Ir. I Made Contoh, M.T.", "Kepala Balai Teknik Pantai"
    head.save()
    return people


@pytest.fixture
def logo(monkeypatch):
    facts = office()
    head = replace(facts.letters.head, logo=ROOT / "static" / "logo.svg", phone="(0362) 123")
    facts = replace(facts, letters=replace(facts.letters, head=head))
    monkeypatch.setattr("outputs.page.office", lambda: facts)


def walked(people, runtime, now, service: str, words: str, *, head=None) -> Request:
    """A request taken through all desks, each of which wrote so much."""
    subject = SUBJECT if words == LONG else "Data gelombang"
    request = file_request(runtime, people.customer, now=now, service=service, subject=subject,
                           key=service)  # fmt: skip
    at = now
    while request.is_open and current_stage(request).kind != "survey":
        at += timedelta(minutes=30)
        stage = current_stage(request)
        notes = {e.name: words for e in stage.inputs if e.type == "longtext"}
        actor = head if stage.role == "kepala_balai" else None
        request = complete(request, people, runtime, at=at, actor=actor, **notes)
    return advance(request, people, runtime, now=at)


def papers(request: Request) -> list[Document]:
    rows = Document.select().where(
        (Document.request == request) & Document.kind.in_(list(RENDERERS))
    )
    return list(rows.order_by(Document.id))


@pytest.mark.parametrize("words", [SHORT, LONG])
@pytest.mark.parametrize("service", ["data", "lab", "advis"])
def test_every_form_of_a_service_is_one_page(officials, runtime, now, logo, service, words):
    people = officials
    if words == LONG:
        people.customer.name = "Prof. Dr. Ir. Anak Agung Ngurah Contoh Panjang, M.Sc., Ph.D."
        people.customer.institution_name = "Fakultas Teknik, Universitas Contoh Kampus Bukit"
        people.customer.save()
    made = papers(walked(people, runtime, now, service, words))
    kinds = [row.kind for row in made]
    assert kinds.count("lembar_disposisi") >= 2
    assert "berita_acara" in kinds
    for row in made:
        reader, text = read(row)
        assert len(reader.pages) == 1, (row.kind, row.version)
        assert text.startswith("KEMENTERIAN PEKERJAAN UMUM DIREKTORAT JENDERAL"), row.kind
        assert "Telp. (0362) 123" in text
        if row.kind == "lembar_disposisi":
            assert " ".join(words.split()) in text
            assert text.count("X ") >= 2 and "Paraf" in text and "Arsipkan" in text


def test_a_disposition_stays_one_page_after_many_returns(officials, runtime, now):
    people = officials
    request = file_request(runtime, people.customer, now=now, subject=SUBJECT)
    at = now
    for _ in range(8):
        while current_stage(request).code != "TUNJUK_PEMANGKU":
            at += timedelta(minutes=5)
            request = complete(request, people, runtime, at=at, note="a\n\n\n" * 250)
        inputs = {"to": "3. Disposisi Kepala Balai", "reason": LONG[:500], "tell": "Tidak"}
        request = workflow.act(request, "return", reader=Reader.at(people.ketua_tim, at),
                               version=request.version, inputs=inputs)  # fmt: skip
    last = papers(request)[-1]
    reader, text = read(last)
    assert (last.version, len(reader.pages)) == (16, 1)
    assert "langkah sebelumnya ada pada riwayat permohonan" in text


def test_the_deed_has_a_number_both_parties_and_who_takes_note(officials, runtime, now):
    request = walked(officials, runtime, now, "lab", SHORT)
    deed = next(row for row in papers(request) if row.kind == "berita_acara")
    _, text = read(deed)
    for words in ("BERITA ACARA SERAH TERIMA Nomor: 1/BA/BTP/VII/2024", "PIHAK KEDUA",
                  "NIP 19850131 201001 1 005", "Mengetahui, Kepala Balai Teknik Pantai,",
                  "Dr. Ir. I Made Contoh, M.T.", "Penata (III/c)"):  # fmt: skip
        assert words in text, words
    # Digests come after everything that is signed.
    assert text.index("Mengetahui") < text.index("Sidik berkas (SHA-256)")


@pytest.mark.parametrize("is_plh", [False, True])
def test_the_letter_of_refusal_is_a_naskah_dinas(officials, runtime, now, is_plh):
    people = officials
    if is_plh:
        Mandate.create(
            role_code="kepala_balai", kind="plh", absent=people.kepala_balai,
            acting=people.kasubag_tu, letter="SPT-01", from_on=now.date(), until_on=now.date(),
            created_at=now,
        )  # fmt: skip
    request = file_request(runtime, people.customer, now=now)
    IncomingLetter.update(number="12/UN14/2024", dated_on=now.date()).execute()
    workflow.act(request, "reject", reader=Reader.at(people.admin_layanan, now),
                 inputs=REFUSAL | {"reason": LONG}, version=request.version)  # fmt: skip
    letter = next(row for row in papers(request) if row.kind == "surat_penolakan")
    reader, text = read(letter)
    assert len(reader.pages) == 1
    signer = ("Plh. Kepala Balai, Petugas kasubag_tu" if is_plh
              else "Kepala Balai Teknik Pantai, Dr. Ir. I Made Contoh, M.T.")  # fmt: skip
    number = "19850131 201001 1 002" if is_plh else "19850131 201001 1 001"
    for words in ("Nomor : UM 02.01-BTP/1/2024", "Gerokgak, 29 Juli 2024", "Sifat : Biasa",
                  "Lampiran : -", "Hal : Penolakan permohonan layanan", "Yth. Bapak Pelanggan Satu",
                  "di tempat", "dengan surat Saudara nomor 12/UN14/2024 tanggal 29 Jul 2024",
                  f"{signer} Penata (III/c) NIP {number}",
                  "Tembusan: 1. Kepala Subbagian Umum dan Tata Usaha"):  # fmt: skip
        assert words in text, words


def test_a_mandate_that_ended_does_not_sign(officials, runtime, now):
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=officials.kepala_balai,
        acting=officials.kasubag_tu, letter="SPT-01", from_on=now.date() - timedelta(days=5),
        until_on=now.date() - timedelta(days=1), created_at=now,
    )  # fmt: skip
    request = file_request(runtime, officials.customer, now=now)
    workflow.act(request, "reject", reader=Reader.at(officials.admin_layanan, now),
                 inputs=REFUSAL, version=request.version)  # fmt: skip
    letter = next(row for row in papers(request) if row.kind == "surat_penolakan")
    assert "Plh." not in read(letter)[1]
