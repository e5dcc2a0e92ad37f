"""Each point that was asked for has its own slot, and replaces only the paper that it names."""

import re

import pytest

from models import Document, Event, StageRecord
from moves.asked_points import MOST_POINTS, read_points
from moves.catalogue import flow_of
from tests.moves.side_steps import take, wita
from tests.people import enter, pdf, post, upload

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ITEMS = (
    "1. Dokumen Pendukung: belum bertanda tangan\n- Foto lokasi: buram\n\nNomor telepon juru ukur"
)


@pytest.fixture
def asked(at, people, clock):
    clock.now = wita(7, 30, 11)
    return take(at("TERIMA_ADMIN", "advis"), "ask_completion", people.admin_layanan,
                wita(7, 30, 10), days="5", items=ITEMS)  # fmt: skip


def send(app, person, asked, **form):
    address = f"/layanan/{asked.public_id}/tindakan/give_completion"
    sent = {"version": str(asked.version), "desk": "TERIMA_ADMIN", **form}
    return post(enter(app, person), address, sent)


def papers(asked, *, living=True) -> dict[str, int]:
    """Title -> how many, of those that nothing has replaced."""
    rows = Document.select().where(
        (Document.request == asked) & Document.replaced_by.is_null(living)
    )
    titles = [row.title for row in rows]
    return {title: titles.count(title) for title in titles}


def test_points_are_read_from_lines(at):
    flow = flow_of(at("TERIMA_ADMIN", "advis"))
    points = read_points(ITEMS, flow)
    assert [(one.number, one.text, one.paper) for one in points] == [
        (1, "Dokumen Pendukung: belum bertanda tangan", "Dokumen Pendukung"),
        (2, "Foto lokasi: buram", "Foto lokasi"),
        (3, "Nomor telepon juru ukur", ""),
    ]
    many = read_points("\n".join(f"Butir {n}" for n in range(30)), flow)
    assert len(many) == MOST_POINTS and many[-1].text.endswith("Butir 29")
    # What is only like a title replaces nothing.
    assert [one.kind for one in read_points("Foto\nFoto lokasi buram", flow)] == ["", ""]


def test_each_point_has_a_slot_that_says_what_it_does(app, people, asked):
    page = enter(app, people.customer).get(f"/layanan/{asked.public_id}").text
    for number, words in enumerate(("Dokumen Pendukung: belum", "Foto lokasi: buram", "Nomor")):
        assert f"<legend>{number + 1}. {words}" in page
    hints = re.findall(r"(Menggantikan [^;]+|Berkas baru);", page)
    assert hints == ["Menggantikan Dokumen Pendukung", "Menggantikan Foto lokasi", "Berkas baru"]
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{asked.public_id}").text
    assert "give_completion" not in card


def test_a_file_replaces_the_paper_that_was_meant_and_no_other(app, people, asked):
    before = papers(asked)
    letters = [upload(pdf("Surat"), "surat.pdf"), upload(pdf("Lampiran"), "lampiran.pdf")]
    answer = send(app, people.customer, asked, answer="Sudah ditandatangani di halaman 2.",
                  file2=letters, answer3="0812 3456")  # fmt: skip
    assert answer.status_code == 302
    assert papers(asked) == before | {"Foto lokasi": 2}
    assert papers(asked, living=False) == {"Foto lokasi": 1}
    record = StageRecord.select().join(Event).where(Event.kind == "completion_given").get()
    assert record.inputs["points"].splitlines() == [
        "1. Dokumen Pendukung: belum bertanda tangan: Sudah ditandatangani di halaman 2.",
        "2. Foto lokasi: buram: surat.pdf; lampiran.pdf",
        "3. Nomor telepon juru ukur: 0812 3456",
    ]
    staff = (people.admin_layanan, "/backoffice/permohonan/")
    for person, address in ((people.customer, "/layanan/"), staff):
        page = enter(app, person).get(f"{address}{asked.public_id}").text
        assert "2. Foto lokasi: buram: surat.pdf; lampiran.pdf" in page


def test_what_was_not_there_before_is_added(app, people, asked):
    before = papers(asked)
    answer = send(app, people.customer, asked, answer="Ada.", answer2="Terlampir di surat.",
                  file3=upload(pdf("Telepon"), "telepon.pdf"))  # fmt: skip
    assert answer.status_code == 302
    assert papers(asked) == before | {"Nomor telepon juru ukur": 1}
    assert papers(asked, living=False) == {}


@pytest.mark.parametrize("left_out", ["answer", "answer2", "answer3"])
def test_a_point_without_file_and_answer_is_asked_for_and_nothing_is_lost(
    app, people, asked, left_out
):
    given = {"answer": "Satu saja", "answer2": "Dua saja", "answer3": "Tiga saja"}
    del given[left_out]
    page = send(app, people.customer, asked, **given)
    assert page.status_code == 422
    number = left_out.removeprefix("answer")
    assert f'href="#give_completion-file{number}"' in page.text
    assert all(words in page.text for words in given.values())
    assert not Event.select().where(Event.kind == "completion_given").exists()


def test_strangers_answer_nothing(app, people, asked):
    assert send(app, people.other_customer, asked, answer="x").status_code == 404
    assert send(app, people.admin_layanan, asked, answer="x").status_code in (403, 404)


def test_an_empty_slot_says_both_ways_to_answer_it(app, people, asked):
    page = send(app, people.customer, asked)
    assert page.status_code == 422
    assert "Isi bagian ini, atau “Jawaban tertulis untuk butir 1”." in page.text
