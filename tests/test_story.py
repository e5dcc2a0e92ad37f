"""The manual's worked example over HTTP, from the home page to the downloaded report."""

import re

import tasks
from models import Document, Event, Message, Request, SurveyReceipt
from tests.account_messages import newest_link
from tests.people import PASSWORD, checked, good_answers, pdf, post, upload
from tests.story_forms import FORM, SIGN_UP, SUBJECT, pdf_text
from web.runtime import now as instant

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
            data[name] = re.findall(r'name="checklist"\s+value="([^"]+)"', card)
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

    # The link in the message verifies; the draft is still there, and takes its file now.
    link = newest_link(app, "akun_terdaftar", SIGN_UP["email"])
    assert "Apakah email ini milik Anda?" in client.get(link).text
    assert post(client, link).status_code == 302
    to_phone = newest_link(app, "akun_terdaftar", "+6281234567890")
    assert post(client, to_phone).status_code == 302
    check = post(client, "/ajukan", {**FORM, "file": upload()}, follow_redirects=True)
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
    waiting = client.get("/dasbor").text
    assert "Isi Survey" in waiting and Request.get().number in waiting
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
