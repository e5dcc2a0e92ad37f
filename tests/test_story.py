"""The manual's worked example, from the home page to the downloaded report.

Once over HTTP on both engines, once in a real browser with every post logging in.
"""

import re

import pypdfium2
import pytest

import tasks
from models import Document, Event, Message, Request, SurveyReceipt, User
from tests.people import (
    PASSWORD,
    Person,
    checked,
    good_answers,
    pdf,
    post,
    upload,
)
from web.runtime import now as instant

SUBJECT = "Uji Coba Layanan Data"
SIGN_UP = {
    "name": "Pemohon Contoh",
    "institution_category": "perguruan_tinggi",
    "institution_name": "Universitas Contoh",
    "phone_region": "ID",
    "phone": "0812-3456-7890",
    "gender": "P",
    "address": "",
    "email": "pemohon@contoh.test",
    "password": "pantai biru tenang",
    "privacy": "y",
}
FORM = {
    "service": "data",
    "subclass": "data_informasi",
    "subject": SUBJECT,
    "description": "Data gelombang Pantai Contoh 2020–2023 untuk tugas akhir.",
    "statement": "y",
}
OFFICE = [
    ("admin_layanan", "complete", {"checklist": None, "note": "Lengkap."}),
    ("kepala_balai", "complete", {"note": "Mohon ditindaklanjuti sesuai prosedur."}),
    ("kasubag_tu", "complete", {"ketua_tim": "ketua_tim", "note": ""}),
    ("ketua_tim", "complete", {"pemangku_data": "pemangku_data"}),
    ("ketua_tim", "complete", {"availability": "Tersedia", "note": "Lisensi bebas."}),
    ("pemangku_data", "complete", {"report": None, "note": ""}),
]


def log_in(client, email: str, password: str = PASSWORD):
    data = {"email": email, "password": password}
    return post(client, "/masuk", data, follow_redirects=True)


def link_in_message(template: str, email: str) -> str:
    message = (
        Message.select()
        .join(User)
        .where((Message.template == template) & (User.email == email))
        .order_by(Message.id.desc())
        .first()
    )
    return message.variables["tautan"]


def office_post(app, people, post_name: str, given: dict) -> None:
    """One post logs in, opens the first request of its queue and completes the stage."""
    client = app.test_client()
    page = log_in(client, people.staff[post_name].email)
    assert SUBJECT in page.text
    public_id = re.search(r"/backoffice/permohonan/([0-9A-Z]{26})", page.text).group(1)
    card = client.get(f"/backoffice/permohonan/{public_id}").text
    data = {"version": re.search(r'name="version" value="(\d+)"', card).group(1)}
    for name, value in given.items():
        if name == "checklist":
            data[name] = re.findall(r'name="checklist" value="([^"]+)"', card)
        elif name == "report":
            data[name] = upload(pdf("Laporan data gelombang"), "laporan.pdf")
        elif value in people.staff:
            data[name] = people.staff[value].public_id
        else:
            data[name] = value
    done = post(client, f"/backoffice/permohonan/{public_id}/complete", data, follow_redirects=True)
    assert done.status_code == 200, done.text
    assert re.search(r"” selesai\. Diteruskan ke |selesai\. Pelanggan dapat mengunduh", done.text)
    post(client, "/keluar")


def test_story_over_http(app, people):
    client = app.test_client()

    # A visitor fills the form on the home page; it is kept through sign-up, except the file.
    assert "Sampaikan Permintaan Anda" in client.get("/").text
    kept = post(client, "/ajukan", FORM, follow_redirects=True)
    assert "sudah kami simpan, kecuali berkas" in kept.text
    signed_up = post(client, "/daftar", SIGN_UP, follow_redirects=True)
    assert "Periksa WhatsApp dan email Anda" in signed_up.text
    channels = {message.channel for message in Message.select()}
    assert channels == {"whatsapp", "email"}

    # Not verified: may log in, may not file, is told how to get a new link.
    page = log_in(client, SIGN_UP["email"], SIGN_UP["password"])
    assert "belum diverifikasi" in page.text
    assert SUBJECT in page.text
    refused = post(client, "/ajukan", {**FORM, "file": upload()}, follow_redirects=True)
    assert "belum dapat dikirim" in refused.text
    assert Request.select().count() == 0

    # The link in the message verifies; the draft is still there, with its file.
    assert client.get(link_in_message("akun_terdaftar", SIGN_UP["email"])).status_code == 302
    check = post(client, "/ajukan", FORM, follow_redirects=True)
    assert "Periksa isian Anda" in check.text
    assert "surat.pdf" in check.text
    form = checked(client)
    filed = post(client, "/ajukan/kirim", form, follow_redirects=True)
    assert "Permohonan Anda sudah kami terima" in filed.text
    again = post(client, "/ajukan/kirim", form, follow_redirects=True)
    assert "Permohonan Anda sudah kami terima" in again.text
    request = Request.get()
    address = f"/layanan/{request.public_id}"
    receipt = client.get(f"{address}/tanda-terima", follow_redirects=True)
    assert "Tanda Terima" in pdf_text(receipt.data)
    assert ">-</strong>" in client.get(address).text

    for post_name, _, given in OFFICE:
        office_post(app, people, post_name, given)
        tasks.deliver_due(tasks.make_postman(app.extensions["melasti"].settings), now=instant())

    # The survey stands between the customer and the report.
    page = client.get(address).text
    assert "Isi Survey" in page
    assert "Unduh Dokumen" not in page
    assert f"Isi survei untuk {Request.get().number}" in client.get("/dasbor").text
    survey = client.get(f"{address}/survei").text
    assert "Salam Berani" in survey
    assert SIGN_UP["name"] in survey
    questionnaire = app.extensions["melasti"].questionnaire
    thanks = post(client, f"{address}/survei", good_answers(questionnaire), follow_redirects=True)
    assert "Penilaian Anda sudah kami simpan" in thanks.text
    assert SurveyReceipt.select().count() == 1
    office_post(app, people, "petugas_layanan", {"note": ""})

    page = client.get(address).text
    assert "Unduh Dokumen" in page
    report = Document.get(Document.is_result)
    downloaded = client.get(f"/dokumen/{report.public_id}")
    assert downloaded.headers["Content-Disposition"].startswith("attachment")
    assert "Laporan data gelombang" in pdf_text(downloaded.data)
    assert SUBJECT in client.get("/layanan/selesai").text
    assert SUBJECT not in client.get("/layanan/proses").text
    assert "Mengunduh dokumen hasil" in client.get("/profil/riwayat").text

    # Nine stages, nine events, nine messages to the customer and all of them left.
    request = Request.get()
    assert request.status == "done"
    events = list(Event.select().where(Event.request == request, Event.stage_code != ""))
    assert len(events) == 9
    told = Message.select().where(Message.request == request)
    assert told.where(Message.recipient == request.customer).count() == 9
    tasks.deliver_due(tasks.make_postman(app.extensions["melasti"].settings), now=instant())
    assert {message.state for message in Message.select()} == {"sent"}

    # Tracking without log-in shows the stages and nothing else.
    visitor = app.test_client()
    tracked = post(visitor, "/lacak", {"number": request.number.lower()}).text
    assert "P*** C***" in tracked
    for secret in (SIGN_UP["name"], SIGN_UP["email"], SUBJECT, "34567890", "3456-7890"):
        assert secret not in tracked


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


# -- in a browser --------------------------------------------------------------------------------


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
    customer.sees("Sign In")
    customer.logs_in(SIGN_UP["email"], SIGN_UP["password"])
    customer.sees("Selamat Datang Kembali Ibu Pemohon Contoh")

    customer.opens("/ajukan")
    page.locator("#service input[value=data]").check()
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
        person.sees(SUBJECT if name == "nobody" else "selesai")
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
    assert page.get_by_text("Unduh Dokumen").count() == 0

    at_post("petugas_layanan", lambda person: person.presses("Serahkan laporan kepada pelanggan"))

    customer.opens(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh Dokumen").click()
    assert "Laporan data gelombang" in pdf_text(download.value.path().read_bytes())
    done = page.locator(".m-timeline .is-done")
    assert done.count() == 9
    customer.opens("/layanan/selesai")
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
