"""The calendar through its pages: looked at first, then written with the deadlines it moves."""

import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

import workflow
from administration import closures
from administration.closures import Change, ClosedDay, Stale, move_deadlines
from models import Event, Holiday, Request
from tests.people import advance, enter, file_request, post
from tests.test_queries import Counter
from workflow import Conflict

PAGE = "/backoffice/hari-libur/"
# Filed on Monday, 29 July 2024, due on Thursday, 1 August; Wednesday is nobody's holiday.
WEDNESDAY = date(2024, 7, 31)


@pytest.fixture
def running(people, runtime, now) -> list[Request]:
    """Three requests that a closed Wednesday moves, and one that was filed after it."""
    filed = [file_request(runtime, people.customer, now=now, key=f"K{i}") for i in range(3)]
    advance(filed[2], people, runtime, now=now, until="VERIFIKASI_DATA")
    later = now + timedelta(days=3)
    return [*filed, file_request(runtime, people.customer, now=later, key="LATER")]


@pytest.fixture(autouse=True)
def _keep_the_calendar(db):
    """The calendar stays between tests; what one adds must go."""
    before = {row.on: row for row in Holiday.select()}
    yield
    for row in Holiday.select():
        kept = before.pop(row.on, None)
        if kept is None:
            row.delete_instance()
        else:
            said = {name: getattr(kept, name) for name in ("title", "kind", "source")}
            Holiday.update(**said).where(Holiday.id == row.id).execute()
    for row in before.values():
        Holiday.create(on=row.on, title=row.title, kind=row.kind, source=row.source)


def form(on=WEDNESDAY, title="Hari Raya Contoh", kind="lokal", **more) -> dict:
    return {"on": on.isoformat(), "title": title, "kind": kind, "source": "Edaran", **more}


def hidden(page: str) -> dict[str, str]:
    """What the preview hands on to the confirmation."""
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1)
            for name in ("plan", "stamp")}  # fmt: skip


def deadlines() -> dict[str, tuple]:
    rows = Request.select(Request.public_id, Request.due_at, Request.stage_due_at)
    return {row.public_id: (row.due_at, row.stage_due_at) for row in rows}


def test_without_a_change_nothing_would_move(people, runtime, running, now):
    """What is stored is what counting anew gives, at every desk of the services."""
    for service in ("data", "lab", "advis"):
        request = file_request(runtime, people.customer, now=now, service=service, key=service)
        while request.is_open:
            assert closures.moved_deadlines(Holiday.as_mapping(), now=now) == []
            following = workflow.current_stage(request).code
            stages = [stage.code for stage in workflow.flow_of(request).stages]
            index = stages.index(following) + 1
            until = stages[index] if index < len(stages) else ""
            request = advance(request, people, runtime, now=now, until=until)


def test_preview_shows_what_would_move_and_writes_nothing(app, people, running):
    before, days = deadlines(), Holiday.select().count()
    page = post(enter(app, people.administrator), f"{PAGE}new/", form()).text
    assert "Batas waktu 3 permohonan berjalan berubah." in page
    assert "Kamis, 1 Agu 2024" in page
    assert "Jumat, 2 Agu 2024" in page
    assert (deadlines(), Holiday.select().count()) == (before, days)
    assert not Event.select().where(Event.kind == "deadline_moved").exists()


def test_confirmation_moves_exactly_what_was_shown(app, people, running, now):
    before, client = deadlines(), enter(app, people.administrator)
    shown = hidden(post(client, f"{PAGE}new/", form()).text)
    assert post(client, f"{PAGE}terapkan/", shown).status_code == 302
    assert Holiday.get(Holiday.on == WEDNESDAY).title == "Hari Raya Contoh"
    after = deadlines()
    for request in running[:3]:
        old, new = before[request.public_id][0], after[request.public_id][0]
        assert new - old == timedelta(days=1)
        moved = Event.get((Event.request == request) & (Event.kind == "deadline_moved"))
        assert (moved.data["from"], moved.data["until"]) == (old.isoformat(), new.isoformat())
        assert moved.actor_id == people.administrator.id
    assert after[running[3].public_id] == before[running[3].public_id]
    assert Event.select().where(Event.kind == "deadline_moved").count() == 3
    written = Event.get((Event.kind == "record_created") & (Event.actor == people.administrator))
    assert written.data["table"] == "holiday"
    assert closures.moved_deadlines(Holiday.as_mapping(), now=now) == []
    detail = enter(app, people.customer).get(f"/layanan/{running[0].public_id}").text
    assert "Batas waktu dihitung ulang" in detail
    assert "Hari Raya Contoh" in detail


def test_taking_a_day_out_moves_deadlines_back(app, people, running):
    before, client = deadlines(), enter(app, people.administrator)
    post(client, f"{PAGE}terapkan/", hidden(post(client, f"{PAGE}new/", form()).text))
    row = Holiday.get(Holiday.on == WEDNESDAY)
    page = client.get(f"{PAGE}hapus/?id={row.id}").text
    assert "Batas waktu 3 permohonan berjalan berubah." in page
    assert Holiday.select().where(Holiday.id == row.id).exists()
    post(client, f"{PAGE}terapkan/", hidden(page))
    assert not Holiday.select().where(Holiday.id == row.id).exists()
    assert deadlines() == before


def test_changed_day_moves_from_one_to_the_other(app, people, running):
    client = enter(app, people.administrator)
    post(client, f"{PAGE}terapkan/", hidden(post(client, f"{PAGE}new/", form()).text))
    row = Holiday.get(Holiday.on == WEDNESDAY)
    later = form(on=date(2024, 8, 15), title="Hari Raya Contoh")
    page = post(client, f"{PAGE}edit/?id={row.id}", later).text
    assert "Ubah Rabu, 31 Jul 2024: Hari Raya Contoh menjadi Kamis, 15 Agu 2024" in page
    post(client, f"{PAGE}terapkan/", hidden(page))
    assert Holiday.get_by_id(row.id).on == date(2024, 8, 15)


def test_what_changed_since_the_preview_is_shown_again(app, people, runtime, running, now):
    client = enter(app, people.administrator)
    shown = hidden(post(client, f"{PAGE}new/", form()).text)
    file_request(runtime, people.customer, now=now, key="MEANWHILE")
    before = deadlines()
    again = post(client, f"{PAGE}terapkan/", shown)
    assert again.status_code == 409
    assert "Keadaan berubah sejak pratinjau" in again.text
    assert "Batas waktu 4 permohonan berjalan berubah." in again.text
    assert deadlines() == before
    assert not Holiday.select().where(Holiday.on == WEDNESDAY).exists()
    assert post(client, f"{PAGE}terapkan/", hidden(again.text)).status_code == 302
    assert Event.select().where(Event.kind == "deadline_moved").count() == 4


def test_stale_stamp_and_a_day_taken_meanwhile_write_nothing(people, running, now):
    changes = [Change(None, ClosedDay(WEDNESDAY, "Hari Raya Contoh", "lokal"))]
    plan = closures.plan_changes(changes, now=now)
    with pytest.raises(Stale):
        closures.carry_out(changes, stamp="x", actor=people.administrator, now=now)
    Holiday.create(on=WEDNESDAY, title="Orang lain", kind="lokal")
    with pytest.raises(workflow.InvalidInput):
        closures.carry_out(changes, stamp=plan.stamp, actor=people.administrator, now=now)
    assert issubclass(Stale, Conflict)
    assert not Event.select().where(Event.kind == "deadline_moved").exists()


def test_night_finds_what_was_filed_with_the_old_calendar_once(running, now):
    Holiday.create(on=WEDNESDAY, title="Hari Raya Contoh", kind="lokal")
    assert move_deadlines(actor=None, now=now) == 3
    assert move_deadlines(actor=None, now=now) == 0
    assert Event.select().where(Event.kind == "deadline_moved").count() == 3


def test_taken_day_is_refused_with_the_form_kept(app, people, db):
    client = enter(app, people.administrator)
    answer = post(client, f"{PAGE}new/", form(on=date(2026, 8, 17), title="Ganda"))
    assert answer.status_code == 422
    assert "Tanggal ini sudah ada di kalender" in answer.text
    assert 'value="Ganda"' in answer.text


def test_forged_plan_is_refused(app, people, running):
    client = enter(app, people.administrator)
    shown = hidden(post(client, f"{PAGE}new/", form()).text)
    days = Holiday.select().count()
    for forged in ({"plan": "x"}, {"plan": shown["plan"] + "x"}):
        assert post(client, f"{PAGE}terapkan/", shown | forged).status_code == 302
    assert Holiday.select().count() == days


def test_year_shows_kinds_and_suggests_what_is_missing(app, people, db):
    client = enter(app, people.administrator)
    page = client.get(f"{PAGE}?tahun=2026").text
    assert page.count('class="m-days"') == 12
    assert "Cuti bersama: 8" in page
    assert "hari usulan" not in page
    empty = client.get(f"{PAGE}?tahun=2031").text
    assert "Kalender 2031 belum diisi" in empty
    assert "hari usulan untuk 2031" in empty
    assert "hari usulan" not in enter(app, people.auditor).get(f"{PAGE}?tahun=2031").text
    chosen = {"tahun": "2031", "tanggal": ["2031-01-01", "2031-08-17", "2031-08-18"]}
    preview = post(client, f"{PAGE}usulan/", chosen).text
    post(client, f"{PAGE}terapkan/", hidden(preview))
    assert [one.on for one in closures.days_of(2031)] == [date(2031, 1, 1), date(2031, 8, 17)]


def test_spreadsheet_is_run_dry_line_by_line(app, people, running):
    client = enter(app, people.administrator)
    sheet = client.get(f"{PAGE}unduh/")
    assert sheet.data[:2] == b"PK"
    again = post(client, f"{PAGE}periksa/", {"file": (io.BytesIO(sheet.data), "kalender.xlsx")})
    assert "Tidak ada yang perlu disimpan." in again.text
    cells = load_workbook(io.BytesIO(sheet.data)).active["A"]
    assert all(cell.is_date for cell in cells[1:])
    lines = "\n".join(
        (
            "TANGGAL;NAMA;JENIS;SUMBER",
            "31/07/2024;Hari Raya Contoh;Libur lokal;Edaran",
            "2026-08-17;Hari Kemerdekaan;Libur nasional;SKB",
            "2027-02-30;Salah;Libur lokal;",
            "2027-03-01;Salah;libur-liburan;",
            "31-07-2024;Dua kali;Khusus;",
        )
    )
    upload = {"file": (io.BytesIO(lines.encode()), "kalender.csv")}
    page = post(client, f"{PAGE}periksa/", upload).text
    assert "2 baris akan disimpan" in page
    assert re.findall(r">(\d+ \w+)</span>", page)[:4] == [
        "1 baru", "1 diubah", "0 tetap", "3 ditolak"]  # fmt: skip
    assert page.count('name="stamp"') == 2, "buttons above and below"
    for words in ("Hari libur baru.", "Tanggal tidak terbaca", "Jenis tidak dikenal",
                  "sudah ada pada baris sebelumnya", "menjadi “Hari Kemerdekaan”"):  # fmt: skip
        assert words in page
    assert "Batas waktu 3 permohonan berjalan berubah." in page
    assert not Holiday.select().where(Holiday.on == WEDNESDAY).exists()
    post(client, f"{PAGE}terapkan/", hidden(page))
    assert Holiday.get(Holiday.on == date(2026, 8, 17)).source == "SKB"
    assert Holiday.get(Holiday.on == WEDNESDAY).kind == "lokal"
    assert Event.select().where(Event.kind == "deadline_moved").count() == 3


def test_unchanged_lines_are_folded_and_a_formula_is_called_one(app, people, db):
    client = enter(app, people.administrator)
    book = load_workbook(io.BytesIO(client.get(f"{PAGE}unduh/").data))
    book.active.append([date(2031, 3, 3), "", "=UPPER(C2)", "Libur lokal", ""])
    book.active.append([date(2031, 3, 4), "", "Cuti bersama contoh", "Cuti bersama", ""])
    file = io.BytesIO()
    book.save(file)
    page = post(client, f"{PAGE}periksa/", {"file": (io.BytesIO(file.getvalue()), "k.xlsx")}).text
    assert "Kolom NAMA berisi rumus. Tulis nilainya, bukan rumus." in page
    assert "Wajib diisi." not in page and "(rumus)" in page
    first, folded = page.split('<details class="m-more', 1)
    assert "4 Mar 2031" in first and "1 baru" in first and "1 ditolak" in first
    assert "Tidak berubah" not in first and f"{Holiday.select().count()} baris yang tetap" in folded
    saved = post(client, f"{PAGE}terapkan/", hidden(page))
    assert saved.headers["Location"].endswith("tahun=2031")
    row = Holiday.get(Holiday.on == date(2031, 3, 4))
    gone = post(client, f"{PAGE}terapkan/", hidden(client.get(f"{PAGE}hapus/?id={row.id}").text))
    assert gone.headers["Location"].endswith("tahun=2031")


def test_unreadable_file_is_refused_with_a_sentence(app, people, db):
    client = enter(app, people.administrator)
    upload = {"file": (io.BytesIO(b"PK\x03\x04rusak"), "kalender.xlsx")}
    answer = post(client, f"{PAGE}periksa/", upload, follow_redirects=True)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


def test_preview_runs_a_fixed_number_of_queries(app, people, runtime, running, now, monkeypatch):
    client = enter(app, people.administrator)
    row = Holiday.create(on=WEDNESDAY, title="Hari Raya Contoh", kind="lokal")
    address = f"{PAGE}hapus/?id={row.id}"
    counter = Counter(monkeypatch)
    before = counter.of(client, address)
    for index in range(3):
        file_request(runtime, people.customer, now=now, key=f"MORE{index}")
    assert counter.of(client, address) == before <= 10
    assert counter.of(client, PAGE) <= 8
