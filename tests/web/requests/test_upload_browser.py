"""Results from a phone: in pieces, through a dead spot, and down again by the customer."""

import hashlib

import pytest

from models import Document
from tests.people import Person, pdf
from tests.storage import file_samples as samples
from tests.web.requests.upload_steps import handed_over, ready_for_results

pytestmark = pytest.mark.browser


@pytest.fixture
def files(tmp_path):
    def write(**contents):
        paths = []
        for name, content in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(content)
            paths.append(str(path))
        return paths

    return write


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_results_are_uploaded_on_a_phone_and_survive_a_dead_spot(
    app, people, runtime, now, live, chromium, files, tmp_path
):
    request = ready_for_results(runtime, people, now)
    person = Person(chromium, live, width=360)
    person.logs_in("pemangku_data@balai.test")
    person.opens(f"/backoffice/permohonan/{request.public_id}")
    page = person.page
    table = samples.table(150_000)
    # The line breaks after the first piece, for two tries.
    tries = []

    def break_off(route):
        tries.append(route.request.url)
        route.abort() if len(tries) in (2, 3) else route.continue_()

    page.route("**/unggahan/*?dari=*", break_off)
    page.set_input_files("input[type=file]", files(tabel_csv=table, lari_pdf=samples.PROGRAM))
    page.get_by_text("Sambungan terputus pada").wait_for()
    page.get_by_role("button", name="Serahkan laporan kepada Petugas Layanan").click()
    page.get_by_text("Formulir terkirim sendiri begitu semua berkas selesai").first.wait_for()
    page.get_by_text("adalah program Windows (exe)").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Batalkan: lari.pdf").click()
    assert page.locator("[data-kept] li").count() == 1 and len(tries) >= 4
    page.fill("[data-kept] li input[type=text]", "Deret waktu tinggi gelombang")
    # What is missing elsewhere doesn't cost the upload.
    page.evaluate("document.querySelector('[name=note]').removeAttribute('maxlength')")
    page.fill("[name=note]", "x" * 1001)
    page.get_by_role("button", name="Serahkan laporan kepada Petugas Layanan").click()
    page.get_by_text("Paling banyak 1000 huruf").first.wait_for()
    page.set_input_files("input[type=file]", files(laporan_pdf=pdf("Laporan")))
    page.locator("[data-kept] li").nth(1).wait_for()
    assert page.input_value("[data-kept] li input[type=text] >> nth=0") == (
        "Deret waktu tinggi gelombang"
    )
    page.fill("[name=note]", "Mohon diteruskan.")
    page.get_by_role("button", name="Serahkan laporan kepada Petugas Layanan").click()
    page.get_by_text("Diteruskan ke").wait_for()
    rows = list(Document.select().where(Document.kind == "laporan").order_by(Document.id))
    assert [(row.filename, row.description) for row in rows] == [
        ("tabel.csv", "Deret waktu tinggi gelombang"), ("laporan.pdf", ""),
    ]  # fmt: skip
    assert rows[0].sha256 == hashlib.sha256(table).hexdigest()
    # The browser's own words about the dead spot.
    assert [one for one in person.complaints if "net::ERR_FAILED" not in one] == []
    person.complaints.clear()
    person.leaves()

    request = handed_over(type(request).get_by_id(request.id), people, runtime, now)
    customer = Person(chromium, live, width=360)
    customer.logs_in("pelanggan@contoh.test")
    customer.opens(f"/layanan/{request.public_id}")
    customer.sees("Deret waktu tinggi gelombang")
    with customer.page.expect_download() as fetched:
        customer.page.get_by_role("link", name="Unduh semua (ZIP)").click()
    assert fetched.value.suggested_filename == "1-L.Data-29-VII-24_berkas.zip"
    assert customer.page.evaluate("document.documentElement.scrollWidth") <= 360
    customer.leaves()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_upload_goes_on_after_logging_in_again_in_another_tab(
    app, people, runtime, now, live, chromium, files
):
    request = ready_for_results(runtime, people, now)
    person = Person(chromium, live)
    person.logs_in("pemangku_data@balai.test")
    person.opens(f"/backoffice/permohonan/{request.public_id}")
    page = person.page
    person._context.clear_cookies()
    page.set_input_files("input[type=file]", files(laporan_pdf=pdf("Laporan")))
    page.get_by_text("Sesi Anda berakhir").first.wait_for()
    first, person._page = person._page, person._context.new_page()
    person.logs_in("pemangku_data@balai.test")
    first.get_by_role("button", name="Coba lagi: laporan.pdf").click()
    first.locator("[data-kept] li").wait_for()
    first.get_by_role("button", name="Serahkan laporan kepada Petugas Layanan").click()
    first.get_by_text("Diteruskan ke").wait_for()
    assert Document.get(Document.kind == "laporan").filename == "laporan.pdf"
    person._context.close()
