"""A new service is a new file and nothing else: no code, no template, no setting by setting.

The office lends a wave gauge. The file alone gives the form, the queues, the buttons, the
documents, the messages, the public SOP page and the line in the recap.
"""

import re
import shutil
from dataclasses import replace

import pypdfium2
import pytest

import tasks
from config.settings import CONTENT, BadSetting, read_settings
from models import Document, Event, FlowVersion, Message, Request
from moves.catalogue import current_stage
from rules.flow_check import read_flow_files
from rules.services import BadFlow
from run import create_app
from tests.new_service import CODE, FILE, FORM
from tests.people import checked, enter, good_answers, pdf, post, upload
from tests.snapshots import empty_tables
from web.runtime import now as instant


@pytest.fixture
def services(tmp_path):
    """The services folder of an office that added one file to the three."""
    folder = tmp_path / "layanan"
    shutil.copytree(CONTENT / "services", folder)
    (folder / "alat.toml").write_text(FILE)
    return folder


@pytest.fixture
def office(app, people, services):
    """The application of that office, on the database of the test."""
    settings = replace(app.extensions["melasti"].settings, services_dir=services)
    application = create_app(settings)
    application.config["EVEN_ANSWER_SECONDS"] = 0
    yield application
    empty_tables()
    FlowVersion.delete().where(FlowVersion.service_code == CODE).execute()


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def complete(office, person, request: Request, given: dict) -> None:
    """One post opens the request from the own queue and presses the button of the file."""
    client = enter(office, person)
    card = f"/backoffice/permohonan/{request.public_id}"
    assert card in client.get("/backoffice/").text
    page = client.get(card).text
    assert current_stage(Request.get_by_id(request.id)).action in page
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    done = post(client, f"{card}/complete", {"version": version, **given}, follow_redirects=True)
    assert done.status_code == 200, done.text


def test_a_file_is_a_service_from_the_form_to_the_recap(office, people):
    customer = enter(office, people.customer)
    visitor = office.test_client()

    # The public pages know it: the tile, the SOP with its stages, fourteen components and promise.
    assert "PEMINJAMAN ALAT UKUR PANTAI" in visitor.get("/").text
    sop = visitor.get("/sop/alat").text
    for words in ("PEMERIKSAAN DAN PERSETUJUAN PEMINJAMAN", "Isi komponen dasar_hukum",
                  "8 hari kerja", "Jaminan tertulis",
                  "Petugas Penerima Contoh → Penyelia"):  # fmt: skip
        assert words in sop, words

    # The form asks its own fields and refuses them in words when they are missing or wrong.
    page = customer.get("/ajukan?layanan=alat").text
    assert "Alat yang dipinjam" in page and "Jaminan tertulis" in page
    wrong = post(customer, "/ajukan", {**FORM, "alat-jumlah_bulan": "dua", "file": upload()})
    assert wrong.status_code == 422
    assert "Isi dengan angka saja." in wrong.text and "Unggah berkas PDF." in wrong.text
    files = {"file": upload(), "alat-jaminan": upload(pdf("Jaminan"), "jaminan.pdf")}
    check = post(customer, "/ajukan", {**FORM, **files}, follow_redirects=True).text
    for words in ("Periksa isian Anda", "Wave gauge", "1 Feb 2027", "jaminan.pdf"):
        assert words in check, words
    post(customer, "/ajukan/kirim", checked(customer), follow_redirects=True)
    request = Request.get()
    address = f"/layanan/{request.public_id}"
    assert request.details == {"alat": "Wave gauge", "mulai": "2027-02-01", "jumlah_bulan": "2"}
    receipt = customer.get(f"{address}/tanda-terima", follow_redirects=True).data
    assert "Peminjaman Alat Ukur Pantai" in text_of(receipt)

    # Two desks of one stage, by the posts that the file names; the first gives the number.
    complete(office, people.petugas_contoh, request, {"keadaan": "Baik"})
    assert Request.get().number.startswith("1/L.Alat/")
    complete(office, people.penyelia, request, {"syarat": "Alat dikembalikan dalam keadaan baik."})
    assert "Alat dikembalikan dalam keadaan baik." in customer.get(address).text
    report = {"report": upload(pdf("Laporan pemakaian alat"), "pemakaian.pdf")}
    complete(office, people.petugas_contoh, request, report)

    # Survey, handover, download.
    assert "Unduh Dokumen" not in customer.get(address).text
    questionnaire = office.extensions["melasti"].questionnaire
    post(customer, f"{address}/survei", good_answers(questionnaire), follow_redirects=True)
    complete(office, people.petugas_layanan, request, {})
    assert Request.get().status == "done"
    result = Document.get(Document.is_result)
    downloaded = customer.get(f"/dokumen/{result.public_id}").data
    assert "Laporan pemakaian alat" in text_of(downloaded)
    tasks.make_pending_documents(
        office.extensions["melasti"].storage, base_url="http://localhost", now=instant()
    )
    minutes = Document.get(Document.kind == "berita_acara")
    assert "Pinjam wave gauge" in text_of(customer.get(f"/dokumen/{minutes.public_id}").data)

    # History, messages and the visitor's tracking speak its words.
    stages = [event.stage_code for event in Event.select().where(
        (Event.request == request) & (Event.stage_code != "")).order_by(Event.seq)]  # fmt: skip
    assert stages == ["AJUKAN", "PERIKSA", "PERIKSA", "BERITA_ALAT", "SURVEI_ALAT", "SERAH_ALAT"]
    told = {m.template for m in Message.select().where(Message.recipient == people.customer)}
    assert told >= {"permintaan_bernomor", "isi_survei", "hasil_siap"}
    tracked = post(visitor, "/lacak", {"number": Request.get().number}).text
    assert "PENYERAHAN LAPORAN PEMAKAIAN ALAT" in tracked

    # The recap knows it.
    staff = enter(office, people.staf_tu)
    assert "Peminjaman Alat Ukur Pantai" in staff.get("/backoffice/rekap/").text


def test_the_other_kind_asks_less(office, people):
    """The daily loan needs neither months nor a guarantee."""
    customer = enter(office, people.customer)
    daily = {name: value for name, value in FORM.items() if name != "alat-jumlah_bulan"}
    check = post(customer, "/ajukan", {**daily, "subclass": "harian", "file": upload()},
                 follow_redirects=True)  # fmt: skip
    assert "Periksa isian Anda" in check.text
    post(customer, "/ajukan/kirim", checked(customer))
    assert Request.get().subclass_code == "harian"


def test_a_faulty_file_is_named_and_a_folder_that_is_not_there_as_well(services, tmp_path):
    from config.office import office as facts

    broken = FILE.replace('role = "penyelia"\nkind', 'role = "raja"\nkind')
    (services / "alat.toml").write_text(broken)
    with pytest.raises(BadFlow, match=r"alat\.toml.*raja"):
        read_flow_files(services, facts().posts)
    with pytest.raises(BadSetting, match="SERVICES_DIR"):
        read_settings({"DATA_DIR": str(tmp_path), "SERVICES_DIR": str(tmp_path / "tidak-ada")})
