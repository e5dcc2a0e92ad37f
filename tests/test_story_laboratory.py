"""The story of a laboratory service, with contract, payment, sample and two approvals."""

import pytest

from models import Request
from tests.people import Person
from tests.story_steps import Office, answers_survey, files_with, in_days

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


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
            "#lab-jenis_uji": True,
            "#lab-lokasi": "Pelabuhan Contoh",
            "#lab-kesesuaian": True,
        },
        attached={"#lab-gambar": "Gambar teknis"},
    )
    office.completes("admin_layanan", "Terima dan teruskan ke Kepala Balai")
    office.completes("kepala_balai", "Disposisikan ke Kasubag TU", note="Mohon diproses.")
    office.completes("kasubag_tu", "Disposisikan ke Manajer Teknis",
                     manajer_teknis=people.manajer_teknis.public_id)  # fmt: skip
    card = office.reads_card("manajer_teknis").page
    assert card.get_by_text("klausul 7.1, 7.2, 6.6").count() >= 1
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

    office.completes("bendahara", "Terbitkan tagihan", billing="8202 1111 2222 333",
                     nominal="12500000", berlaku=in_days(7), tagihan=paper("Tagihan"))  # fmt: skip
    page.goto(address)
    customer.sees("820 211 112 222 333")
    page.set_input_files("#complete-bukti_bayar", paper("Bukti penerimaan negara"))
    customer.presses("Kirim bukti bayar")
    customer.sees("Jawaban Anda sudah dicatat")
    office.completes("bendahara", "Verifikasi pembayaran", ntpn="ABCD1234EFGH5678",
                     dibayar=in_days(0))  # fmt: skip

    office.completes("petugas_contoh", "Catat penerimaan benda uji", kode="BU-001", jumlah="1",
                     kondisi=0)  # fmt: skip
    office.completes("penyelia", "Simpan rencana uji", rencana_uji=paper("Rencana uji"))
    office.completes("penguji", "Simpan rekaman pengujian", started_on=in_days(0),
                     tested_on=in_days(0), conditions="Suhu ruang 27 °C",
                     lembar_kerja=paper("Lembar kerja"))  # fmt: skip
    office.completes("penyelia", "Simpan pemeriksaan keabsahan")
    office.completes("penguji", "Serahkan konsep LHU", konsep=paper("Konsep LHU"))
    office.completes("manajer_teknis", "Periksa dan teruskan ke Kepala Balai",
                     report=paper("Laporan Hasil Uji"))  # fmt: skip
    page.goto(address)
    assert page.get_by_text("Unduh Dokumen", exact=True).count() == 0
    office.completes("kepala_balai", "Sahkan LHU")
    answers_survey(customer, address)
    office.completes("petugas_layanan", "Serahkan LHU kepada pelanggan", leftover=0)
    page.goto(address)
    page.get_by_role("link", name="Unduh Dokumen", exact=True).wait_for()
    assert page.locator(".m-timeline .is-done").count() == 16
    office.leaves()
    customer.leaves()
