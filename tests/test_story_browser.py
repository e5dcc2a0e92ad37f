"""The manual's worked example in a real browser, with every post logging in."""

import re

import pytest

from models import Request
from tests.people import Person, pdf
from tests.story_forms import FORM, SIGN_UP, SUBJECT, pdf_text


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_story_in_a_browser(chromium, live, people, tmp_path):
    letter = tmp_path / "surat.pdf"
    letter.write_bytes(pdf())
    report = tmp_path / "laporan.pdf"
    report.write_bytes(pdf("Laporan data gelombang"))

    customer = Person(chromium, live, width=360)
    page = customer.page
    customer.opens("/daftar")
    page.fill("#name", SIGN_UP["name"])
    page.select_option("#institution_category", SIGN_UP["institution_category"])
    page.fill("#institution_name", SIGN_UP["institution_name"])
    page.fill("#phone", SIGN_UP["phone"])
    page.select_option("#gender", SIGN_UP["gender"])
    page.fill("#email", SIGN_UP["email"])
    page.fill("#password", SIGN_UP["password"])
    page.check("#privacy")
    customer.presses("Sign up")
    customer.sees("Periksa WhatsApp dan email Anda")

    # The newcomer reads the message on the demo page and follows its link.
    customer.opens("/demo/pesan")
    page.get_by_role("link", name=re.compile("Buka tautan Verifikasi")).first.click()
    page.get_by_role("button", name="ini milik saya").click()
    customer.sees("Sign In")
    customer.logs_in(SIGN_UP["email"], SIGN_UP["password"])
    customer.sees("Selamat Datang Kembali Ibu Pemohon Contoh")

    customer.opens("/ajukan")
    page.locator("#services input[value=data]").check()
    page.get_by_text("Data & Informasi", exact=True).click()
    page.fill("#subject", SUBJECT)
    page.fill("#description", FORM["description"])
    page.set_input_files("#file", letter)
    page.check("#statement")
    customer.presses("Simpan")
    customer.sees("Periksa isian Anda")
    customer.presses("Kirim permohonan")
    customer.sees("Permohonan Anda sudah kami terima")
    page.get_by_role("link", name="Lihat permohonan").click()
    customer.sees("Menunggu verifikasi Admin Layanan, perkiraan selesai")
    address = page.url.removeprefix(live)

    def at_post(name: str, fill) -> None:
        person = Person(chromium, live)
        person.logs_in(people.staff[name].email)
        person.page.get_by_role("link", name=SUBJECT, exact=True).click()
        fill(person)
        # After the last of the list it comes anew, with the news of what was done.
        person.page.wait_for_url("**/backoffice/")
        person.page.locator("#kabar").get_by_text("selesai").first.wait_for()
        person.leaves()

    def admin(person) -> None:
        person.ticks(person.page.locator("#tindakan form").first, "input[name=checklist]")
        person.presses("Terima dan teruskan ke Kepala Balai")
        person.sees("Diteruskan ke Kepala Balai")

    def kepala(person) -> None:
        person.page.fill("#complete-note", "Mohon ditindaklanjuti.")
        person.presses("Disposisikan ke Kasubag TU")
        person.sees("Diteruskan ke Kasubag TU")

    def kasubag(person) -> None:
        person.page.select_option("#complete-ketua_tim", people.ketua_tim.public_id)
        person.presses("Disposisikan ke Ketua Tim")
        person.sees("Diteruskan ke Ketua Tim Layanan")

    def ketua_appoints(person) -> None:
        person.page.select_option("#complete-pemangku_data", people.pemangku_data.public_id)
        person.presses("Tunjuk Pemangku Data")

    def ketua_verifies(person) -> None:
        person.page.get_by_text("Tersedia", exact=True).click()
        person.presses("Simpan hasil verifikasi")
        person.sees("Diteruskan ke Pemangku Data")

    def pemangku(person) -> None:
        person.page.set_input_files("#complete-report", report)
        person.presses("Serahkan laporan kepada Petugas Layanan")
        person.sees("Diteruskan ke Pelanggan")

    at_post("admin_layanan", admin)
    customer.opens(address)
    customer.sees("1/L.Data/")
    at_post("kepala_balai", kepala)
    at_post("kasubag_tu", kasubag)
    at_post("ketua_tim", ketua_appoints)
    at_post("ketua_tim", ketua_verifies)
    at_post("pemangku_data", pemangku)

    customer.opens("/dasbor")
    page.get_by_role("link", name=re.compile("Isi Survey")).click()
    for element in range(1, 10):
        page.locator(f"input[name=U{element}][value='4']").check()
    page.select_option("#age", index=1)
    page.select_option("#education", index=5)
    page.select_option("#occupation", index=8)
    customer.presses("Kirim survei")
    customer.sees("Penilaian Anda sudah kami simpan")
    assert page.get_by_text("Unduh Dokumen", exact=True).count() == 0

    at_post("petugas_layanan", lambda person: person.presses("Serahkan laporan kepada pelanggan"))

    customer.opens(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh Dokumen", exact=True).click()
    assert "Laporan data gelombang" in pdf_text(download.value.path().read_bytes())
    done = page.locator(".m-timeline .is-done")
    assert done.count() == 9
    customer.opens("/layanan/selesai")
    page.locator(".m-matter", has_text="1/L.Data/").wait_for()
    # A phone shows one short row; the columns of the table need a wide window.
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("td[data-label='TANGGAL MAX PROSES']", has_text="selesai").wait_for()
    customer.leaves()


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_refusal_asks_before_it_happens(chromium, live, people, app, now):
    """The confirmation works under the strict content security policy."""
    from tests.people import file_request

    file_request(app.extensions["melasti"], people.customer, now=now, subject=SUBJECT)
    admin = Person(chromium, live, width=360)
    admin.logs_in(people.admin_layanan.email)
    admin.page.get_by_role("link", name=SUBJECT, exact=True).click()
    admin.page.get_by_text("Tolak permohonan …").click()
    admin.page.fill("#reject-reason", "Surat permohonan belum ditandatangani pemohon.")
    admin.page.fill("#reject-basis", "Persyaratan pada standar pelayanan.")
    admin.page.fill("#reject-alternative", "Lengkapi tanda tangan, lalu ajukan kembali.")
    admin.presses("Tolak permohonan")
    admin.sees("dapat mengajukan keberatan")
    admin.presses("Kembali")
    assert Request.get().status == "waiting_verification"
    admin.presses("Tolak permohonan")
    admin.presses("Ya, lanjutkan")
    admin.sees("Pelanggan menerima alasan Anda")
    assert Request.get().status == "rejected"
    admin.leaves()
