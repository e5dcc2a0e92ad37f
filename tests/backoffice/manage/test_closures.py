"""The calendar through its pages: looked at first, then written with the deadlines it moves."""

from datetime import date, timedelta

import pytest

import workflow
from administration import closures
from administration.closures import Change, ClosedDay, Stale, move_deadlines
from models import Event, Holiday, Request
from tests.backoffice.manage.closure_pages import PAGE, WEDNESDAY, hidden
from tests.people import advance, enter, file_request, post
from tests.test_queries import Counter
from workflow import Conflict

pytestmark = pytest.mark.usefixtures("kept_calendar")


def form(on=WEDNESDAY, title="Hari Raya Contoh", kind="lokal", **more) -> dict:
    return {"on": on.isoformat(), "title": title, "kind": kind, "source": "Edaran", **more}


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
