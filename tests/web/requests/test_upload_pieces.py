"""Files that arrive in pieces: cut and gone on with, refused in a sentence, kept through errors."""

import hashlib
from datetime import timedelta

import pytest

import tasks
from administration.file_store import adopt
from models import Document, Upload
from tests.people import enter, pdf
from tests.storage import file_samples as samples
from tests.web.requests.upload_steps import (
    PIECE,
    Desk,
    about_of,
    ready_for_results,
    token_of,
)


@pytest.fixture
def desk(app, people, runtime, now):
    return Desk(app, people.pemangku_data, ready_for_results(runtime, people, now))


def partial_files(runtime):
    return list((runtime.settings.files_dir / "partial").iterdir())


def test_results_of_several_kinds_reach_the_request(desk, runtime):
    table = samples.table(30_000)
    first = desk.uploads("Tabel gelombang.xlsx", samples.workbook())
    second = desk.uploads("deret waktu.csv", table)
    about = {about_of(first): "Tabel\nper stasiun", about_of(second): "Deret waktu"}
    answer = desk.hands_in([token_of(first), token_of(second)], about=about)
    assert answer.status_code == 302
    rows = list(Document.select().where(Document.kind == "laporan").order_by(Document.id))
    assert [(row.filename, row.description, row.part) for row in rows] == [
        ("Tabel-gelombang.xlsx", "Tabel per stasiun", 1),
        ("deret-waktu.csv", "Deret waktu", 2),
    ]
    assert rows[1].media_type == "text/csv; charset=utf-8"
    assert rows[1].sha256 == hashlib.sha256(table).hexdigest()
    assert runtime.storage.path(rows[1].sha256).read_bytes() == table
    # What the documents name now isn't offered again.
    assert Upload.select().count() == 0 and partial_files(runtime) == []


def test_a_cut_upload_goes_on_where_it_stopped(desk):
    content = samples.table(60_000)
    begun = desk.begins("a.csv", len(content))
    assert desk.sends(begun["id"], content[:PIECE], 0) == {"status": 200, "there": PIECE}
    # The page is opened anew and says so; the same file goes on.
    assert "Unggahan a.csv terhenti pada" in desk.look()
    again = desk.begins("a.csv", len(content))
    assert (again["id"], again["there"]) == (begun["id"], PIECE)
    last = desk.sends(begun["id"], content[PIECE:], PIECE)
    assert last["there"] == len(content) and "report_kept" in last["kept"]
    assert Upload.get().sha256 == hashlib.sha256(content).hexdigest()


def test_a_piece_that_comes_twice_or_too_early_is_told_where_to_go_on(desk):
    content = samples.table(60_000)
    key = desk.begins("a.csv", len(content))["id"]
    desk.sends(key, content[:PIECE], 0)
    for at in (0, 2 * PIECE):
        answer = desk.sends(key, content[at : at + PIECE], at)
        assert (answer["status"], answer["there"]) == (409, PIECE)
    last = desk.sends(key, content[PIECE:], PIECE)
    # The answer to the last one was lost: asked again it is the same.
    again = desk.sends(key, b"", len(content))
    assert last["kept"] and again["status"] == 200 and "a.csv" in again["kept"]


def test_a_digest_that_was_lost_with_the_process_is_counted_anew(desk, runtime):
    content = samples.table(60_000)
    key = desk.begins("a.csv", len(content))["id"]
    desk.sends(key, content[:PIECE], 0)
    runtime.partial._running.clear()
    # As after a kill in the middle of a piece.
    with (runtime.settings.files_dir / "partial" / key).open("ab") as file:
        file.write(content[PIECE : PIECE + 1000])
    assert desk.begins("a.csv", len(content))["there"] == PIECE + 1000
    desk.sends(key, content[PIECE + 1000 :], PIECE + 1000)
    assert Upload.get().sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (samples.PROGRAM, "laporan.pdf", "adalah program Windows (exe)"),
        (samples.archive({"nol.csv": b"0" * 120_000_000}), "data.zip", "mengembang"),
        (samples.workbook_with({"xl/vbaProject.bin": b"x"}), "tabel.xlsx", "makro"),
        (samples.locked_archive(), "data.zip", "kata sandi"),
        (b"%PDF-1.4 rusak", "laporan.pdf", "PDF rusak"),
    ],
)
def test_what_isnt_accepted_gets_its_sentence_and_nothing_else_is_lost(
    desk, runtime, content, name, sentence
):
    good = desk.uploads("tabel.xlsx", samples.workbook())
    bad = desk.uploads(name, content)
    assert bad["status"] == 422 and sentence in bad["error"]
    assert [row.filename for row in Upload.select()] == ["tabel.xlsx"]
    assert partial_files(runtime) == [] and "tabel.xlsx" in desk.look()
    assert desk.hands_in([token_of(good)]).status_code == 302


def test_too_large_is_said_before_anything_is_sent(desk):
    answer = desk.begins("a.zip", 200 * 1024 * 1024 + 1)
    assert (answer["status"], answer["error"]) == (422, "Ukuran berkas melebihi 200 MB.")
    assert "kosong" in desk.begins("a.zip", 0)["error"]
    key = desk.begins("a.csv", 10)["id"]
    assert desk.sends(key, b"1;2\n" * 5, 0)["status"] == 422
    assert Upload.select().count() == 0


def test_what_was_uploaded_survives_an_error_of_the_form_and_a_closed_page(desk):
    kept = desk.uploads("tabel.xlsx", samples.workbook())
    page = desk.hands_in([token_of(kept)], about={about_of(kept): "Tabel"}, note="x" * 1001)
    assert page.status_code == 422 and "tabel.xlsx" in page.text and 'value="Tabel"' in page.text
    assert "tabel.xlsx" in desk.look()
    # Unticked it isn't handed in.
    assert "Unggah berkas PDF, Excel (xlsx)" in desk.hands_in().text


def test_an_upload_is_its_owners_alone(desk, app, people, now):
    key = desk.begins("a.csv", 100)["id"]
    other = Desk.__new__(Desk)
    other.client, other.token = enter(app, people.ketua_tim), desk.token
    page = other.client.get("/backoffice/").text
    other.token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    other.permit = desk.permit
    assert other.sends(key, b"1;2\n", 0)["status"] == 404
    assert other.gives_up(key) == 404
    assert "terlalu lama terbuka" in other.begins("b.csv", 10)["error"]
    assert desk.gives_up(key) == 200 and Upload.select().count() == 0


def test_a_token_of_another_input_isnt_taken(desk, app, people, runtime, now):
    """It was checked by what the other input accepts."""
    other = Desk(app, people.pemangku_data, ready_for_results(runtime, people, now, key="K2"))
    token = token_of(other.uploads("tabel.xlsx", samples.workbook()))
    broken = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert desk.hands_in([broken]).status_code == 422
    assert desk.hands_in([token]).status_code == 302


def test_the_janitor_takes_what_nobody_went_on_with(desk, runtime, now):
    adopt(runtime.storage)
    desk.uploads("tabel.xlsx", samples.workbook())
    sha256 = Upload.get().sha256
    desk.sends(desk.begins("a.csv", 1000)["id"], b"1;2\n", 0)
    tasks.clean_up(runtime.storage, now=tasks.utc_now() + timedelta(hours=23))
    assert runtime.storage.path(sha256).exists() and len(partial_files(runtime)) == 1
    later = tasks.utc_now() + timedelta(hours=25)
    removed = tasks.clean_up(runtime.storage, now=later)
    assert removed["uploads"] == 2 and partial_files(runtime) == []
    assert not runtime.storage.path(sha256).exists()


def test_without_a_script_the_form_brings_all_files_at_once(desk):
    files = [("tabel.xlsx", samples.workbook()), ("peta.zip", samples.archive()),
             ("laporan.pdf", pdf("Laporan"))]  # fmt: skip
    wrong = desk.hands_in(plain=[*files, ("foto.jpg", samples.PROGRAM)], report_about="Lampiran")
    assert wrong.status_code == 422 and "foto.jpg: Isi berkas ini adalah program" in wrong.text
    assert wrong.text.count('name="report_kept"') == 3
    tokens = [part.split('"')[0] for part in wrong.text.split('name="report_kept" value="')[1:]]
    assert desk.hands_in(tokens).status_code == 302
    rows = list(Document.select().where(Document.kind == "laporan").order_by(Document.id))
    assert [row.part for row in rows] == [1, 2, 3]
    assert {row.description for row in rows} == {"Lampiran"}
