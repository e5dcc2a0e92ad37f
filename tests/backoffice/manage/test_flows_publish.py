"""A draft goes down and up as a file, and is published."""

import io

import pytest

from administration.drafts import stamp_of
from administration.flow_drafts import definition_of
from config.settings import CONTENT
from models import FlowVersion
from rules.flow_shape import read_toml
from tests.backoffice.manage.flow_pages import ALUR, draft_of, flow_of_draft, send
from tests.people import post

# What differs between the engines is in test_flows.py and test_simulation.py.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


# -- files ---------------------------------------------------------------------------------------


def test_the_file_goes_down_and_up_unchanged(admin):
    answer = admin.get(f"{ALUR}/data/draf/berkas")
    assert read_toml(answer.data) == definition_of(draft_of())
    before = stamp_of(draft_of())
    send(admin, "/berkas", file=(io.BytesIO(answer.data), "alur.toml"))
    assert stamp_of(draft_of()) == before


def test_an_edited_file_becomes_the_draft(admin):
    content = admin.get(f"{ALUR}/data/draf/berkas").text.replace("Diterima Admin", "Masuk Loket")
    assert send(admin, "/berkas", file=(io.BytesIO(content.encode()), "a.toml")).status_code == 302
    assert flow_of_draft().stage("TERIMA_ADMIN").short == "Masuk Loket"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Pilih berkas"),
        (b"\x89PNG", "bukan teks UTF-8"),
        (b"title = 5", "harus berupa teks"),
        ((CONTENT / "services" / "lab.toml").read_bytes(), "Berkas ini untuk layanan “lab”"),
    ],
)
def test_another_file_is_refused_in_words(admin, content, words):
    before = draft_of().definition
    answer = send(admin, "/berkas", file=(io.BytesIO(content), "a.toml"))
    assert answer.status_code == 422
    assert words in answer.text
    assert draft_of().definition == before


# -- publishing ----------------------------------------------------------------------------------


def test_publishing_asks_for_a_note_and_says_what_changes(admin, people):
    send(admin, "", do="days", janji="4", **{"hari-SERAH_PELANGGAN": "1,5"})
    page = admin.get(f"{ALUR}/data/draf/terbitkan").text
    assert "janji layanan 3 menjadi 4 hari kerja" in page
    assert send(admin, "/terbitkan", note=" ").status_code == 422
    seen = stamp_of(draft_of())
    assert send(admin, "/terbitkan", note="Menurut keputusan rapat.").status_code == 302
    page = admin.get(f"{ALUR}/data").text
    assert "Versi 2 sudah berlaku" in page and "Menurut keputusan rapat." in page
    version = FlowVersion.select().order_by(FlowVersion.id.desc()).first()
    assert (version.published_by, version.note) == (
        people.administrator,
        "Menurut keputusan rapat.",
    )
    for words in ("Versi alur diterbitkan: versi 2", "Draf alur diubah: waktu dan janji"):
        assert words in page
    again = post(admin, f"{ALUR}/data/draf/terbitkan", {"seen": seen, "note": "x"})
    assert again.status_code == 404
    first = admin.get(f"{ALUR}/data/versi/{version.id}/berkas").text
    assert "edition = 2" in first


def test_a_draft_with_errors_is_not_published(admin):
    send(admin, "", do="days", janji="2")
    page = admin.get(f"{ALUR}/data/draf/terbitkan").text
    assert "Harus diperbaiki dahulu (1)" in page and 'name="note"' not in page
    assert send(admin, "/terbitkan", note="Tetap saja.").status_code == 409


def test_a_draft_from_another_version_says_so(admin, runtime):
    assert "tidak dimulai dari alur yang berlaku" not in admin.get(f"{ALUR}/data/draf").text
    send(admin, "", do="days", janji="4", **{"hari-SERAH_PELANGGAN": "1,5"})
    first = runtime.catalogue["data"].version_id
    send(admin, "/terbitkan", note="Menurut keputusan rapat.")
    post(admin, f"{ALUR}/data/draf/buka", {"version": str(first)})
    for page in ("draf", "draf/terbitkan"):
        told = admin.get(f"{ALUR}/data/{page}").text
        assert "tidak dimulai dari alur yang berlaku" in told
        assert "janji layanan 4 menjadi 3 hari kerja" in told


@pytest.mark.parametrize(
    "address",
    ["tidak-ada", "tidak-ada/draf", "advis/draf", "data/versi/0", "data/versi/abc",
     "data/versi/" + "9" * 40, "data/draf/tahap/TIDAK_ADA"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(admin, address):
    assert admin.get(f"{ALUR}/{address}").status_code == 404


def test_a_version_of_another_service_is_a_404(admin, runtime):
    lab = runtime.catalogue["lab"].version_id
    assert admin.get(f"{ALUR}/data/versi/{lab}").status_code == 404
    assert post(admin, f"{ALUR}/data/draf/buka", {"version": str(lab)}).status_code == 404
