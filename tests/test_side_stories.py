"""The long services and their side paths in a real browser, each post logging in."""

import re
from datetime import timedelta

import pytest

from models import Document, Event, Mandate, Message, Request
from rules.formats import ZONE
from tests.people import Person, advance, file_request, pdf
from web.runtime import now as instant

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


@pytest.fixture
def paper(tmp_path):
    """A PDF by the words it holds: its path."""

    def write(words: str):
        path = tmp_path / f"{re.sub(r'[^a-z]+', '-', words.lower())}.pdf"
        path.write_bytes(pdf(words))
        return path

    return write


class Office:
    """Everybody at a browser, logged in once; each opens the request from the own queue."""

    def __init__(self, chromium, base, people, subject: str):
        self._chromium, self._base, self._people = chromium, base, people
        self.subject = subject
        self._open: dict[str, Person] = {}

    def at(self, post: str, *, width: int = 1280) -> Person:
        """The holder of a post with the request's card open."""
        person = self._open.get(post)
        if person is None:
            person = self._open[post] = Person(self._chromium, self._base, width=width)
            person.logs_in(self._people.staff[post].email)
        person.opens("/backoffice/")
        person.page.get_by_role("link", name=self.subject, exact=True).click()
        return person

    def completes(self, post: str, button: str, **filled: object) -> None:
        """Fill the inputs of the stage by name and press its button."""
        person = self.at(post)
        page, form = person.page, person.page.locator("#tindakan form").first
        person.ticks(form)
        # Whoever comes from the queue goes on to the next request unless they say otherwise.
        form.locator("input[name=then]").uncheck()
        for name, value in filled.items():
            field = page.locator(f"#complete-{name}")
            if hasattr(value, "exists"):
                field.set_input_files(value)
            elif value in (0, 1):
                field.locator("input").nth(value).check()
            elif field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        person.presses(button)
        page.wait_for_url("**/backoffice/")

    def leaves(self) -> None:
        for person in self._open.values():
            person.leaves()


def in_days(days: int) -> str:
    return (instant() + timedelta(days=days)).astimezone(ZONE).date().isoformat()


def files_with(customer: Person, service: str, paper, *, subject: str, filled, attached) -> str:
    """File a request through the form; return the address of its page."""
    page = customer.page
    customer.opens("/ajukan")
    page.locator(f"#service input[value={service}]").check()
    page.fill("#subject", subject)
    page.fill("#description", "Uraian keperluan, lokasi, dan periode.")
    for name, value in filled.items():
        if value is True:
            page.locator(name).first.check()
        else:
            page.fill(name, value)
    for name, words in attached.items():
        page.set_input_files(name, paper(words))
    page.set_input_files("#file", paper("Surat permohonan"))
    page.check("#statement")
    customer.presses("Simpan")
    customer.sees("Periksa isian Anda")
    customer.presses("Kirim permohonan")
    page.get_by_role("link", name="Lihat permohonan").click()
    customer.sees("Menunggu verifikasi Admin Layanan")
    return page.url


def answers_survey(customer: Person, address: str) -> None:
    page = customer.page
    page.goto(address)
    page.get_by_role("link", name="Isi Survey").click()
    for element in range(1, 10):
        page.locator(f"input[name=U{element}][value='4']").check()
    page.select_option("#age", index=1)
    page.select_option("#education", index=5)
    page.select_option("#occupation", index=8)
    customer.presses("Kirim survei")
    customer.sees("Penilaian Anda sudah kami simpan")


def test_advice_with_a_completion_and_a_return(chromium, live, people, paper):
    office = Office(chromium, live, people, "Abrasi Pantai Contoh")
    customer = Person(chromium, live, width=360)
    page = customer.page
    customer.logs_in(people.customer.email)
    address = files_with(
        customer,
        "advis",
        paper,
        subject=office.subject,
        filled={
            "#subclass input[value=advis_lengkap]": True,
            "#advis-lokasi": "Pantai Contoh, Kabupaten Contoh",
            "#advis-koordinat": "-8.12345, 114.56789",
            "#advis-kronologi": "Garis pantai mundur sejak 2023.",
            "#advis-kontak_lapangan": "Petugas Contoh, 0812-0000-0000",
        },
        attached={"#advis-foto": "Foto lokasi"},
    )

    # The admin misses something; the customer sends it from the phone; the old letter stays.
    admin = office.at("admin_layanan")
    admin.page.get_by_text("Minta kelengkapan …").click()
    admin.page.fill("#ask_completion-items", "Surat permohonan bertanda tangan")
    admin.presses("Minta kelengkapan")
    admin.sees("Jam layanan berhenti")
    page.goto(address)
    customer.sees("Surat permohonan bertanda tangan")
    page.set_input_files("#give_completion-file", paper("Surat bertanda tangan"))
    customer.presses("Kirim kelengkapan")
    customer.sees("Kelengkapan Anda sudah kami terima")
    page.get_by_text("Versi lama (1)").wait_for()

    office.completes("admin_layanan", "Terima dan teruskan ke Kepala Balai")
    office.completes("kepala_balai", "Disposisikan permohonan", note="Mohon dikaji segera.")
    office.completes("kasubag_tu", "Disposisikan ke Ketua Tim",
                     ketua_tim=people.ketua_tim.public_id)  # fmt: skip
    office.completes("ketua_tim", "Simpan kajian dan tunjuk tim", scope="Tinjauan dan analisis",
                     tim_advis=people.tim_advis.public_id)  # fmt: skip

    page.goto(address)
    customer.sees("Tinjauan dan analisis")
    page.get_by_text("Saya menyetujui lingkup, jadwal, dan pembiayaan yang ditawarkan").check()
    customer.presses("Setujui lingkup, jadwal, dan pembiayaan")
    customer.sees("Jawaban Anda sudah dicatat")

    office.completes("tim_advis", "Simpan hasil tinjauan lapangan", visited_on=in_days(0),
                     berita_acara_lapangan=paper("Berita acara lapangan"))  # fmt: skip
    office.completes("tim_advis", "Serahkan konsep laporan", konsep=paper("Konsep laporan"))

    # The team finds a gap of its own and takes the request one stage back, without a message.
    told = Message.select().where(Message.recipient == people.customer).count()
    team = office.at("tim_advis")
    team.page.get_by_text("Kembalikan ke tahap sebelumnya …").click()
    team.page.fill("#return-reason", "Perhitungan gelombang belum lengkap.")
    team.presses("Kembalikan ke tahap sebelumnya")
    team.sees("Permohonan dikembalikan")
    assert Message.select().where(Message.recipient == people.customer).count() == told
    assert Request.get().stage_code == "ANALISIS"
    page.goto(address)
    assert page.get_by_text("Perhitungan gelombang").count() == 0
    office.completes("tim_advis", "Serahkan konsep laporan", konsep=paper("Konsep kedua"))

    office.completes("tim_advis", "Undang pelanggan membahas konsep", meets_on=in_days(3),
                     place="Ruang Layanan Terpadu")  # fmt: skip
    page.goto(address)
    customer.sees("Ruang Layanan Terpadu")
    page.fill("#complete-response", "Setuju dengan konsep laporan.")
    customer.presses("Kirim tanggapan atas konsep")
    customer.sees("Jawaban Anda sudah dicatat")
    office.completes("tim_advis", "Simpan notula pembahasan", notula=paper("Notula"))
    office.completes("ketua_tim", "Periksa dan teruskan ke Kepala Balai",
                     report=paper("Laporan advis teknis"))  # fmt: skip
    office.completes("kepala_balai", "Setujui laporan")
    answers_survey(customer, address)
    office.completes("petugas_layanan", "Serahkan laporan kepada pelanggan")

    page.goto(address)
    customer.sees("Unduh Dokumen")
    assert page.locator(".m-timeline .is-done").count() == 12
    office.leaves()
    customer.leaves()


def test_laboratory_with_contract_payment_sample_and_two_approvals(chromium, live, people, paper):
    office = Office(chromium, live, people, "Uji stabilitas pemecah gelombang")
    customer = Person(chromium, live, width=360)
    page = customer.page
    customer.logs_in(people.customer.email)
    address = files_with(
        customer,
        "lab",
        paper,
        subject=office.subject,
        filled={
            "#lab-jenis_uji input": True,
            "#lab-lokasi": "Pelabuhan Contoh",
            "#lab-kesesuaian input": True,
        },
        attached={"#lab-gambar": "Gambar teknis"},
    )
    office.completes("admin_layanan", "Terima dan teruskan ke Kepala Balai")
    office.completes("kepala_balai", "Disposisikan ke Kasubag TU", note="Mohon diproses.")
    office.completes("kasubag_tu", "Disposisikan ke Ketua Tim",
                     manajer_teknis=people.manajer_teknis.public_id)  # fmt: skip
    assert office.at("manajer_teknis").page.get_by_text("klausul 7.1, 7.2, 6.6").count() >= 1
    office.completes("manajer_teknis", "Simpan kaji ulang", method="Uji model fisik 2D",
                     benda_uji=0, penyelia=people.penyelia.public_id,
                     penguji=people.penguji.public_id)  # fmt: skip
    office.completes("admin_layanan", "Kirim penawaran kepada pelanggan", scope="Uji stabilitas",
                     price="12.500.000", finish_on=in_days(60))  # fmt: skip

    page.goto(address)
    customer.sees("Rp12.500.000")
    page.get_by_text("Saya menyetujui lingkup, biaya, dan tanggal selesai").check()
    customer.presses("Setujui dan kirim kontrak")
    customer.sees("Unggah berkas PDF")
    page.set_input_files("#complete-kontrak", paper("Kontrak bertanda tangan"))
    customer.presses("Setujui dan kirim kontrak")
    customer.sees("Jawaban Anda sudah dicatat")
    assert Request.get().agreed_due_on.isoformat() == in_days(60)

    office.completes("bendahara", "Terbitkan tagihan", billing="820211112222333",
                     nominal="12500000", berlaku=in_days(7), tagihan=paper("Tagihan"))  # fmt: skip
    page.goto(address)
    customer.sees("820211112222333")
    page.set_input_files("#complete-bukti_bayar", paper("Bukti penerimaan negara"))
    customer.presses("Kirim bukti bayar")
    customer.sees("Jawaban Anda sudah dicatat")
    office.completes("bendahara", "Verifikasi pembayaran", ntpn="ABCD1234EFGH5678",
                     dibayar=in_days(0))  # fmt: skip

    office.completes("petugas_contoh", "Catat penerimaan benda uji", kode="BU-001", jumlah="1",
                     kondisi=0)  # fmt: skip
    office.completes("penyelia", "Simpan rencana uji", rencana_uji=paper("Rencana uji"))
    office.completes("penguji", "Simpan rekaman pengujian", tested_on=in_days(0),
                     conditions="Suhu ruang 27 °C", lembar_kerja=paper("Lembar kerja"))  # fmt: skip
    office.completes("penyelia", "Simpan pemeriksaan keabsahan")
    office.completes("penguji", "Serahkan konsep LHU", konsep=paper("Konsep LHU"))
    office.completes("manajer_teknis", "Periksa dan teruskan ke Kepala Balai",
                     report=paper("Laporan Hasil Uji"))  # fmt: skip
    page.goto(address)
    assert page.get_by_text("Unduh Dokumen").count() == 0
    office.completes("kepala_balai", "Sahkan LHU")
    answers_survey(customer, address)
    office.completes("petugas_layanan", "Serahkan LHU kepada pelanggan", leftover=0)
    page.goto(address)
    customer.sees("Unduh Dokumen")
    assert page.locator(".m-timeline .is-done").count() == 16
    office.leaves()
    customer.leaves()


def test_refusal_objection_and_reopening(chromium, live, people, app):
    """Kasubag TU decides on an objection against the admin; number and history stay."""
    office = Office(chromium, live, people, "Data yang ditolak")
    request = file_request(app.extensions["melasti"], people.customer, now=instant(),
                           subject=office.subject)  # fmt: skip
    customer = Person(chromium, live, width=360)
    customer.logs_in(people.customer.email)
    admin = office.at("admin_layanan")
    admin.page.get_by_text("Tolak permohonan …").click()
    admin.page.fill("#reject-reason", "Surat permohonan belum ditandatangani pemohon.")
    admin.page.fill("#reject-basis", "Persyaratan pada standar pelayanan.")
    admin.page.fill("#reject-alternative", "Lengkapi tanda tangan, lalu ajukan kembali.")
    admin.presses("Tolak permohonan")
    admin.presses("Ya, lanjutkan")
    admin.sees("Pelanggan menerima alasan Anda")

    address = f"/layanan/{request.public_id}"
    customer.opens(address)
    customer.sees("Surat permohonan belum ditandatangani pemohon.")
    customer.sees("Surat Penolakan")
    customer.page.get_by_text("Ajukan keberatan …").click()
    customer.page.fill("#object-reason", "Surat sudah ditandatangani pada halaman dua.")
    customer.presses("Ajukan keberatan")
    customer.presses("Ya, lanjutkan")
    customer.sees("akan diputus oleh atasan")

    kasubag = office.at("kasubag_tu")
    kasubag.page.fill("#reopen-reason", "Tanda tangan memang ada pada halaman dua.")
    kasubag.presses("Terima keberatan dan buka kembali")
    kasubag.sees("dibuka kembali pada tahap semula")
    customer.opens(address)
    customer.sees("Menunggu verifikasi Admin Layanan")
    kinds = [event.kind for event in Event.select().where(Event.request == request)
             .order_by(Event.seq)]  # fmt: skip
    assert kinds == ["submitted", "rejected", "objected", "reopened"]
    letter = Document.get((Document.request == request) & (Document.kind == "surat_penolakan"))
    assert not letter.is_internal
    office.leaves()
    customer.leaves()


def test_acting_head_decides_on_a_phone(chromium, live, people, app):
    """Kepala Balai travels; by mandate the Kasubag acts as Plh. from a phone."""
    office = Office(chromium, live, people, "Data untuk Plh.")
    runtime = app.extensions["melasti"]
    request = file_request(runtime, people.customer, now=instant(), subject=office.subject)
    request = advance(request, people, runtime, now=instant(), until="DISPOSISI_KABALAI")
    today = instant().astimezone(ZONE).date()
    Mandate.create(
        role_code="kepala_balai", kind="plh", absent=people.kepala_balai,
        acting=people.kasubag_tu, letter="SPT-01/2026", from_on=today,
        until_on=today + timedelta(days=300), created_at=instant(),
        created_by=people.administrator,
    )  # fmt: skip
    acting = office.at("kasubag_tu", width=360)
    acting.sees("Anda bertindak sebagai Plh. Kepala Balai.")
    assert acting.page.evaluate("document.documentElement.scrollWidth") <= 360
    acting.page.fill("#complete-note", "Mohon ditindaklanjuti selama saya bertugas.")
    acting.presses("Disposisikan ke Kasubag TU")
    acting.sees("Diteruskan ke Kasubag TU")
    event = Event.select().where(Event.request == request).order_by(Event.seq.desc()).first()
    assert (event.actor_id, event.acted_for) == (people.kasubag_tu.id, "kepala_balai")
    assert event.data["power"] == "plh"
    acting = office.at("kasubag_tu")
    acting.sees("Plh. Kepala Balai")
    office.leaves()
