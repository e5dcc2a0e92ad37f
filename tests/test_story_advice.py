"""The story of an advice, with a completion and a return, in a real browser."""

import re

import pytest

from models import Message, Request
from tests.people import Person
from tests.story_steps import Office, answers_survey, files_with, in_days

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


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
            "#kinds input[value=advis_lengkap]": True,
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
    admin.page.fill("#ask_completion-items", "Dokumen Pendukung: belum bertanda tangan")
    admin.presses("Minta kelengkapan")
    admin.sees("Jam layanan berhenti")
    page.goto(address)
    customer.sees("Dokumen Pendukung: belum bertanda tangan")
    page.set_input_files("#give_completion-file", paper("Surat bertanda tangan"))
    customer.presses("Kirim kelengkapan")
    customer.sees("Kelengkapan Anda sudah kami terima")
    page.get_by_text(re.compile(r"^Dokumen \(\d")).click()
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
    page.get_by_role("link", name="Unduh Dokumen", exact=True).wait_for()
    assert page.locator(".m-timeline .is-done").count() == 12
    office.leaves()
    customer.leaves()
