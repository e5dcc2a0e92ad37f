"""A photo is a paper: it becomes a PDF, upright, small, and without what the camera wrote."""

import io
import os
import re
import struct
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader

from models import Document, Request, RequestDraft, Upload
from tests.moves.side_steps import take, wita
from tests.people import csrf_token, enter, file_request, pdf, post, upload
from tests.story_forms import FORM

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def photo(size=(400, 300), *, form="JPEG", noise=False, mode="RGB") -> bytes:
    """Taken with the telephone held upright: the camera notes how to turn it, and where it was."""
    if noise:
        image = Image.frombytes("RGB", size, os.urandom(3 * size[0] * size[1]))
    else:
        image = Image.new(mode, size, "teal")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera Rahasia"
    out = io.BytesIO()
    image.save(out, form, exif=exif, quality=95)
    return out.getvalue()


def bomb() -> bytes:
    """A few hundred bytes that say they are 60,000 x 60,000 points."""

    def part(name: bytes, data: bytes) -> bytes:
        sealed = name + data
        return struct.pack(">I", len(data)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(60_001))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", data) + part(b"IEND", b"")


def content_of(runtime, document: Document) -> bytes:
    with runtime.storage.open(document.sha256) as file:
        return file.read()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("surat.jpg", photo()),
        ("surat.jpeg", photo((2400, 1800), noise=True)),
        ("surat.png", photo(form="PNG", mode="RGBA")),
    ],
    ids=["jpeg", "large", "png"],
)
def test_a_photo_of_the_letter_is_filed(app, people, runtime, name, content):
    client = enter(app, people.customer)
    assert post(client, "/ajukan", {**FORM, "file": upload(content, name)}).status_code == 302
    draft = RequestDraft.get()
    assert draft.files["pendukung"][2] == "surat.pdf"
    assert client.get(f"/ajukan/periksa?formulir={draft.key}").status_code == 200
    paper = runtime.storage.open(draft.files["pendukung"][0]).read()
    assert len(paper) <= 2 * 1024 * 1024
    [page] = PdfReader(io.BytesIO(paper)).pages
    assert page.mediabox.height > page.mediabox.width
    assert b"Exif" not in paper and b"Kamera" not in paper


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (photo()[:700], "Foto rusak"),
        (bomb(), "Ukuran gambar terlalu besar"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "Foto ini berformat HEIC"),
        (photo() + bytes(13 * 1024 * 1024), "Ukuran berkas melebihi 2 MB"),
        (b"%PDF-1.7\n" + bytes(3 * 1024 * 1024), "Ukuran berkas melebihi 2 MB"),
    ],
    ids=["broken", "bomb", "heic", "huge photo", "large pdf"],
)
def test_what_is_no_good_photo_is_told_and_nothing_is_lost(app, people, runtime, content, words):
    kept = list(runtime.storage.digests())
    page = post(enter(app, people.customer), "/ajukan", {**FORM, "file": upload(content, "a.jpg")})
    assert page.status_code == 422 and words in page.text
    assert FORM["subject"] in page.text
    assert list(runtime.storage.digests()) == kept
    assert not Request.select().exists()


def test_photos_answer_a_completion(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    asked = take(item, "ask_completion", people.admin_layanan, wita(7, 29, 14),
                 days="5", items="Foto lokasi")  # fmt: skip
    client, address = enter(app, people.customer), f"/layanan/{item.public_id}"
    assert "image/jpeg" in client.get(address).text
    form = {"version": str(asked.version), "desk": "TERIMA_ADMIN",
            "file": [upload(photo(), "a.jpg"), upload(photo((300, 200)), "b.jpg")]}  # fmt: skip
    assert post(client, f"{address}/tindakan/give_completion", form).status_code == 302
    found = list(Document.select().where(Document.title == "Foto lokasi").order_by(Document.part))
    assert [row.filename for row in found] == ["a.pdf", "b.pdf"]
    assert all(content_of(runtime, row).startswith(b"%PDF-") for row in found)


def test_a_large_photo_comes_in_pieces_and_becomes_a_paper(app, people, runtime, now):
    """As a telephone sends it to the slot of an asked paper; a PDF of that size stays too large."""
    item = file_request(runtime, people.customer, now=now)
    take(item, "ask_completion", people.admin_layanan, wita(7, 29, 14), days="5",
         items="Foto lokasi")  # fmt: skip
    client, address = enter(app, people.customer), f"/layanan/{item.public_id}"
    page = client.get(address).text
    permit = re.search(r'data-pieces="([^"]+)"', page).group(1)
    assert f'data-max-photo-bytes="{12 * 1024 * 1024}"' in page
    large = photo((2400, 1800), noise=True)
    assert 2 * 1024 * 1024 < len(large) < 12 * 1024 * 1024
    form = {"untuk": permit, "nama": "FOTO_1.JPG", "ukuran": len(large), "berubah": "1"}
    begun = post(client, "/unggahan", form)
    assert begun.status_code == 201
    answer = client.post(
        f"/unggahan/{begun.json['id']}", query_string={"dari": 0}, data=large,
        headers={"X-CSRFToken": csrf_token(client, address)},
        content_type="application/octet-stream",
    )  # fmt: skip
    assert answer.status_code == 200, answer.json
    kept = Upload.get()
    with runtime.storage.open(kept.sha256) as file:
        content = file.read()
    assert content.startswith(b"%PDF") and len(content) <= 2 * 1024 * 1024
    refused = post(client, "/unggahan", form | {"nama": "surat.pdf"})
    assert (refused.status_code, refused.json["error"]) == (422, "Ukuran berkas melebihi 2 MB.")


def test_forms_say_that_a_photo_will_do(app, people):
    page = enter(app, people.customer).get("/ajukan").text
    assert "maksimal ukuran file adalah 2Mb, atau foto surat yang jelas" in page


def test_photos_of_its_pages_are_one_paper_in_their_order(app, people, runtime):
    client = enter(app, people.customer)
    shots = [photo((300 + 100 * n, 200), noise=True) for n in range(3)]
    sent = [upload(shot, f"IMG_{n}.jpg") for n, shot in enumerate(shots)]
    assert post(client, "/ajukan", {**FORM, "file": sent}).status_code == 302
    draft = RequestDraft.get()
    sha256, size, name = draft.files["pendukung"][:3]
    assert name == "IMG_0.pdf" and size <= 2 * 1024 * 1024
    paper = runtime.storage.open(sha256).read()
    heights = [float(page.mediabox.height) for page in PdfReader(io.BytesIO(paper)).pages]
    assert len(heights) == 3 and heights == sorted(heights)
    assert b"Exif" not in paper
    assert client.get(f"/ajukan/periksa?formulir={draft.key}").status_code == 200


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ([photo(), pdf()], "Beberapa berkas sekaligus hanya untuk foto"),
        ([pdf(), pdf("Kedua")], "Beberapa berkas sekaligus hanya untuk foto"),
        ([photo(), photo()[:700]], "Foto rusak"),
        ([photo(), b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"], "berformat HEIC"),
        ([photo()] * 11, "Paling banyak 10 foto"),
        ([photo(), photo() + bytes(12 * 1024 * 1024)], "Ukuran foto melebihi 12 MB"),
    ],
    ids=["mixed", "pdfs", "broken", "heic", "many", "huge"],
)
def test_several_files_that_make_no_paper_are_told(app, people, runtime, contents, words):
    kept = list(runtime.storage.digests())
    sent = [upload(content, f"{n}.jpg") for n, content in enumerate(contents)]
    page = post(enter(app, people.customer), "/ajukan", {**FORM, "file": sent})
    assert page.status_code == 422 and words in page.text
    assert FORM["subject"] in page.text
    assert list(runtime.storage.digests()) == kept and not Request.select().exists()
