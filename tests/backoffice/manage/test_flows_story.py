"""An administrator changes a service while requests are under way, in a real browser."""

import pytest

from models import FlowVersion, Request
from tests.people import Person, advance, file_request
from web.runtime import now as instant

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


def test_the_pages_are_accessible_and_fit(chromium, live, people, whole):
    from axe_playwright_python.sync_playwright import Axe

    for width, service in ((360, "lab"), (1280, "data"))[: 2 if whole else 1]:
        admin = Person(chromium, live, width=width)
        admin.logs_in(people.administrator.email)
        admin.opens(f"/backoffice/alur/{service}")
        admin.presses("Ubah alur ini")
        for page in ("", service, *(f"{service}/draf{rest}" for rest in (
            "", "/tahap/TERIMA_ADMIN", "/tahap-baru", "/periksa", "/simulasi", "/terbitkan",
        ))):  # fmt: skip
            admin.opens(f"/backoffice/alur/{page}")
            found = Axe().run(admin.page).response["violations"]
            serious = [r["id"] for r in found if r["impact"] in ("serious", "critical")]
            wide = admin.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert (serious, wide) == ([], 0), page
        admin.leaves()


def test_a_stage_more_for_new_requests_while_the_old_ones_go_on(chromium, live, people, runtime):
    old = file_request(runtime, people.customer, now=instant(), key="LAMA", subject="Data lama")
    advance(file_request(runtime, people.customer, now=instant(), key="SELESAI"), people, runtime,
            now=instant())  # fmt: skip

    admin = Person(chromium, live)
    page = admin.page
    admin.logs_in(people.administrator.email)
    admin.opens("/backoffice/alur/")
    page.get_by_role("row", name="Pelayanan Informasi Data").get_by_role("link").click()
    assert page.locator("svg.m-flow[role=img]").count() == 1
    admin.presses("Ubah alur ini")
    admin.sees("Draf masih sama dengan alur yang berlaku")

    # The Kasubag gets a stage of his own, and the one after it more time.
    page.get_by_role("link", name="Tambah tahap").click()
    page.select_option("#after", label="Disposisi Kepala Balai")
    page.select_option("#role", "kasubag_tu")
    page.fill("#title", "KASUBAG TU MENELAAH KELENGKAPAN ADMINISTRASI")
    page.fill("#short", "Telaah TU")
    page.fill("#days", "sehari")
    page.fill("#action", "Simpan telaah")
    page.fill("#waiting", "Menunggu telaah Kasubag TU")
    admin.presses("Tambahkan tahap")
    admin.sees("Isi hari kerja 0 sampai")
    page.fill("#days", "1")
    admin.presses("Tambahkan tahap")
    admin.sees("1 masalah harus diperbaiki")

    page.get_by_role("link", name="Lihat pemeriksaan").click()
    admin.sees("jumlah hari semua tahap melebihi janji layanan")
    page.get_by_role("link", name="Kembali ke draf").click()
    page.fill("#janji", "5")
    page.fill("#janji-data_informasi", "5")
    page.fill("#hari-DISPOSISI_KASUBAG", "0,5")
    page.get_by_role("button", name="Simpan waktu").last.click()
    admin.sees("Draf lolos pemeriksaan")
    admin.sees("Telaah TU [baru]")

    page.get_by_role("link", name="Jalankan simulasi").click()
    admin.sees("2 permohonan: 1 sudah selesai dikerjakan balai, 1 masih dikerjakan")
    admin.sees("Tidak ada permohonan yang akan tertahan.")
    admin.sees("Belum ada riwayat untuk Telaah TU")

    page.get_by_role("link", name="Lanjut ke penerbitan").click()
    admin.sees("tahap baru sesudah “Disposisi Kepala Balai”, dipegang Kasubag TU")
    page.fill("#note", "Telaah administrasi ditambahkan menurut hasil kaji ulang.")
    admin.presses("Terbitkan versi 2")
    admin.sees("Versi 2 sudah berlaku bagi permohonan baru")
    version = FlowVersion.select().order_by(FlowVersion.id.desc()).first()

    # A customer's next request walks the new way, and the Kasubag finds his stage in the queue.
    new = file_request(runtime, people.customer, now=instant(), key="BARU", subject="Data baru")
    assert (new.flow_id, old.flow_id) == (version.id, Request.get_by_id(old.id).flow_id)
    for request in (new, old):
        advance(request, people, runtime, now=instant(), until="DISPOSISI_KASUBAG" if
                request == old else "TELAAH_TU")  # fmt: skip
    kasubag = Person(chromium, live, width=360)
    kasubag.logs_in(people.kasubag_tu.email)
    kasubag.opens("/backoffice/")
    kasubag.page.get_by_role("link", name="Data baru", exact=True).click()
    kasubag.presses("Simpan telaah")
    kasubag.sees("Diteruskan ke Kasubag TU")
    assert Request.get_by_id(new.id).stage_code == "DISPOSISI_KASUBAG"
    assert Request.get_by_id(old.id).stage_code == "DISPOSISI_KASUBAG"

    customer = Person(chromium, live, width=360)
    customer.logs_in(people.customer.email)
    for request, stages in ((new, 10), (old, 9)):
        customer.opens(f"/layanan/{request.public_id}")
        assert customer.page.locator(".m-timeline li").count() == stages
        done = advance(Request.get_by_id(request.id), people, runtime, now=instant())
        assert done.status == "done"

    admin.opens("/backoffice/alur/data")
    admin.sees("Telaah administrasi ditambahkan menurut hasil kaji ulang.")
    for person in (admin, kasubag, customer):
        person.leaves()
