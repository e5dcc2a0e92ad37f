"""Downloads: under the number of their request, by their type, one by one or all in one ZIP."""

import hashlib
import http.client
import io
import tracemalloc
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from models import INFECTED, WAITING_SCAN, Document, Event
from outputs.zip_stream import DIGESTS, Packed, stream_zip
from tests.papers import words_of
from tests.people import enter, file_request, pdf
from tests.storage import file_samples as samples
from tests.web.requests.upload_steps import (
    Desk,
    about_of,
    handed_over,
    ready_for_results,
    token_of,
)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def finished(app, people, runtime, now, clock):
    """A request whose results are a report, a workbook and a picture."""
    clock.set(now + timedelta(minutes=100))
    request = ready_for_results(runtime, people, now)
    desk = Desk(app, people.pemangku_data, request)
    files = [("Laporan akhir é.pdf", pdf("Laporan")), ("tabel.xlsx", samples.workbook()),
             ("foto.jpeg", samples.picture("JPEG"))]  # fmt: skip
    answers = [desk.uploads(name, content) for name, content in files]
    about = {about_of(answers[1]): "Tinggi gelombang"}
    assert desk.hands_in(map(token_of, answers), about=about).status_code == 302
    request = handed_over(type(request).get_by_id(request.id), people, runtime, now)
    clock.set(now + timedelta(hours=4))
    return request


def results(request) -> list[Document]:
    return list(Document.select().where(
        (Document.request == request) & Document.is_result).order_by(Document.id))  # fmt: skip


def test_each_file_leaves_by_its_type_under_the_number_of_the_request(app, people, finished):
    client = enter(app, people.customer)
    stem = finished.number.replace("/", "-")
    expected = [
        ("application/pdf", f"{stem}_laporan-1_Laporan-akhir-é.pdf"),
        (WORKBOOK, f"{stem}_laporan-2_tabel.xlsx"),
        ("image/jpeg", f"{stem}_laporan-3_foto.jpg"),
    ]
    for row, (media_type, name) in zip(results(finished), expected, strict=True):
        answer = client.get(f"/dokumen/{row.public_id}")
        assert answer.mimetype == media_type
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        said = answer.headers["Content-Disposition"]
        assert said.startswith("attachment; filename=") and said.isascii()
        if name.isascii():
            assert said == f'attachment; filename="{name}"'
        else:
            assert "filename*=UTF-8''" in said and "%C3%A9.pdf" in said
        assert hashlib.sha256(answer.data).hexdigest() == row.sha256


def test_no_download_is_named_by_a_key_of_ours(app, people, finished):
    """Receipt, disposition, deed and letter; also those that were ordered under the old names."""
    old = Document.get(Document.kind == "tanda_terima")
    Document.update(filename=f"tanda-terima-{finished.public_id}.pdf").where(
        Document.id == old.id).execute()  # fmt: skip
    admin, names = enter(app, people.admin_layanan), {}
    for row in Document.select().where(Document.request == finished):
        answer = admin.get(f"/dokumen/{row.public_id}")
        said = answer.headers["Content-Disposition"]
        assert answer.status_code == 200 and finished.public_id not in said, said
        assert finished.number.replace("/", "-") in said
        names[row.kind] = said
    assert {"tanda_terima", "berita_acara", "lembar_disposisi", "pendukung"} <= set(names)
    assert "_berita-acara.pdf" in names["berita_acara"]
    card = admin.get(f"/backoffice/permohonan/{finished.public_id}").text
    assert f"-{finished.public_id}.pdf" not in card


def test_the_deed_says_what_each_of_several_files_is(app, people, finished):
    deed = Document.get(Document.kind == "berita_acara")
    words = words_of(enter(app, people.customer).get(f"/dokumen/{deed.public_id}").data)
    for said in ("Tinggi gelombang", "tabel.xlsx", "foto.jpg", results(finished)[1].sha256):
        assert said in words.replace("\n", " "), said


def test_before_there_is_a_number_the_subject_names_it(app, people, runtime, now):
    file_request(runtime, people.customer, now=now, subject="Data “gelombang” Kuta")
    receipt = Document.get(Document.kind == "tanda_terima")
    said = enter(app, people.customer).get(f"/dokumen/{receipt.public_id}")
    assert said.headers["Content-Disposition"] == (
        'attachment; filename="permohonan-2024-07-29-data-gelombang-kuta_tanda-terima.pdf"'
    )


def test_a_download_goes_on_where_it_stopped_and_counts_once(app, people, finished):
    client, row = enter(app, people.customer), results(finished)[1]
    whole = client.get(f"/dokumen/{row.public_id}").data
    rest = client.get(f"/dokumen/{row.public_id}", headers={"Range": "bytes=1000-"})
    assert rest.status_code == 206 and rest.data == whole[1000:]
    fetched = Event.select().where(Event.kind == "result_downloaded")
    assert fetched.count() == 1


def test_staff_look_at_pictures_and_papers_but_nothing_else(app, people, finished):
    admin = enter(app, people.admin_layanan)
    said = [admin.get(f"/dokumen/{row.public_id}?lihat=1").headers for row in results(finished)]
    assert [one["Content-Disposition"].split(";")[0] for one in said] == [
        "inline", "attachment", "inline",
    ]  # fmt: skip
    assert all("default-src 'none'" in one["Content-Security-Policy"] for one in said)
    assert said[0]["X-Frame-Options"] == "SAMEORIGIN"


def test_all_in_one_zip_with_their_digests(app, people, finished):
    client = enter(app, people.customer)
    page = client.get(f"/layanan/{finished.public_id}").text
    assert "Unduh semua (ZIP)" in page and "Tinggi gelombang" in page and "(Excel, " in page
    answer = client.get(f"/layanan/{finished.public_id}/berkas.zip")
    stem = finished.number.replace("/", "-")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{stem}_berkas.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        lines = archive.read(DIGESTS).decode().splitlines()
        assert len(lines) == 3
        for line, row in zip(lines, results(finished), strict=True):
            digest, name = line.split("  ")
            assert digest == row.sha256 == hashlib.sha256(archive.read(name)).hexdigest()
            assert archive.getinfo(name).compress_type == zipfile.ZIP_STORED
    assert enter(app, people.other_customer).get(
        f"/layanan/{finished.public_id}/berkas.zip").status_code == 404  # fmt: skip


def test_unscanned_files_wait_and_infected_ones_stay_closed(app, people, finished):
    first, second, _ = results(finished)
    Document.update(scan=WAITING_SCAN).where(Document.id == first.id).execute()
    Document.update(scan=INFECTED).where(Document.id == second.id).execute()
    client = enter(app, people.customer)
    for row, words in ((first, "menunggu pemeriksaan"), (second, "tidak dapat dibuka")):
        answer = client.get(f"/dokumen/{row.public_id}")
        assert answer.status_code == 409 and words in answer.text
    page = client.get(f"/layanan/{finished.public_id}").text
    assert "Menunggu pemeriksaan; belum dapat dibuka." in page
    assert f"/dokumen/{first.public_id}" not in page
    packed = client.get(f"/layanan/{finished.public_id}/berkas.zip").data
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert len(archive.namelist()) == 2
        assert archive.read(DIGESTS).decode().count("tidak disertakan") == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_header_crosses_a_real_socket(app, people, finished, live):
    """A header beyond Latin-1 breaks in the server, not in the tests' client."""
    row = results(finished)[0]
    Document.update(filename="Ombak “tinggi” 海.pdf").where(Document.id == row.id).execute()
    client = enter(app, people.customer)
    name = app.config["SESSION_COOKIE_NAME"]
    line = http.client.HTTPConnection(urlsplit(live).netloc)
    line.request("GET", f"/dokumen/{row.public_id}",
                 headers={"Cookie": f"{name}={client.get_cookie(name).value}"})  # fmt: skip
    answer = line.getresponse()
    assert answer.status == 200 and "%E6%B5%B7.pdf" in answer.getheader("Content-Disposition")
    assert hashlib.sha256(answer.read()).hexdigest() == row.sha256


def test_a_zip_of_large_files_is_never_held_in_memory(tmp_path, now):
    path = tmp_path / "besar"
    path.write_bytes(b"x" * 30_000_000)
    files = [Packed(f"{number}.csv", path, 0, now + timedelta(1)) for number in range(3)]
    tracemalloc.start()
    size = sum(len(piece) for piece in stream_zip(files))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 90_000_000 and peak < 2_000_000
