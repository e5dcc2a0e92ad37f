"""A customer on a phone and the office talk about a request; a note is never seen outside."""

import pytest

from models import Event, Message, Remark
from tests.people import Person, file_request
from web.runtime import now as instant

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]
NOTE = "Tanyakan dulu kepada pemangku data."


def test_customer_asks_from_a_phone_and_the_office_answers(chromium, live, people, runtime):
    item = file_request(runtime, people.customer, now=instant())
    customer = Person(chromium, live, width=360)
    customer.logs_in(people.customer.email)
    customer.opens(f"/layanan/{item.public_id}")
    customer.page.get_by_text("Tulis pesan kepada petugas …").click()
    customer.presses("Kirim pesan")
    customer.sees("Tulis pesannya lebih dahulu.")
    customer.page.get_by_label("Tulis pesan kepada petugas").fill("Apakah data 2020 juga ada?")
    customer.presses("Kirim pesan")
    customer.sees("Pesan Anda sudah kami terima.")
    assert customer.page.evaluate("document.documentElement.scrollWidth") == 360

    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("1 pesan baru")
    admin.page.get_by_role("link", name=item.subject, exact=True).click()
    # Beside the list at once; it is answered on the card.
    admin.sees("Apakah data 2020 juga ada?")
    admin.page.locator("#samping").get_by_role("link", name="1 pesan baru").click()
    admin.page.wait_for_url("**/permohonan/**")
    admin.sees("Apakah data 2020 juga ada?")
    admin.page.get_by_text("Tambah catatan internal").click()
    admin.page.get_by_label("Catatan internal").fill(NOTE)
    admin.presses("Simpan catatan internal")
    admin.sees("Hanya internal")
    admin.sees(NOTE)
    admin.page.get_by_label("Pesan kepada pelanggan").fill("Ada, kami sertakan.")
    admin.presses("Kirim ke pelanggan")
    admin.sees("Pesan dikirim ke pelanggan.")

    customer.opens("/dasbor")
    customer.sees("1 pesan baru")
    customer.page.get_by_role("link", name=item.subject).first.click()
    customer.sees("Ada, kami sertakan.")
    for path in (f"/layanan/{item.public_id}", "/dasbor", "/pemberitahuan", "/profil/riwayat"):
        customer.opens(path)
        assert NOTE not in customer.page.content()
        assert "internal" not in customer.page.locator("main").inner_text()
    assert Remark.select().count() == 3
    assert Event.select().where(Event.kind == "note_written").count() == 1
    assert Message.select().where(Message.template == "pesan_baru").count() == 1
    admin.leaves()
    customer.leaves()


def test_administrator_sees_the_words_while_writing_them(chromium, live, people):
    administrator = Person(chromium, live)
    page = administrator.page
    administrator.logs_in(people.administrator.email)
    administrator.opens("/backoffice/pesan-templat/tahap_maju")
    page.fill("#text", "Yth. {sapaan} {nama}: {nma} {tautan}")
    administrator.sees("Variabel {nma} tidak ada pada pesan ini.")
    page.fill("#text", "Yth. {sapaan} {nama}, tahap {tahap} selesai: {tautan}")
    administrator.sees("Yth. Ibu Pelanggan Contoh, tahap Disposisi Kepala Balai selesai:")
    letter = page.frame_locator("iframe[title='Pratinjau email']")
    letter.get_by_text("Buka MELASTI").wait_for()
    administrator.presses("Simpan kata-kata")
    administrator.sees("Kata-kata baru berlaku mulai sekarang.")
    administrator.presses("Kembalikan ke bawaan")
    page.get_by_role("button", name="Ya, lanjutkan").click()
    administrator.sees("Kata-kata bawaan berlaku lagi.")
    administrator.leaves()
