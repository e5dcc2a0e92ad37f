"""Ten seconds in which what was done can be undone: nothing leaves before, everything after."""

import io
import re
from dataclasses import replace

import pytest

import tasks
import workflow
from administration.file_store import is_wanted
from models import Document, Event, HeldAct, Message, Request, StageRecord
from moves.catalogue import current_stage
from storage.database import database
from tests.backoffice.requests.queue_pages import colleague_of, subjects
from tests.people import REFUSAL, advance, enter, inputs_for, pdf, post
from tests.test_races import together
from workflow import Conflict, Grace, Reader

UNDONE = ["submitted", "act_begun", "act_undone"]


@pytest.fixture
def grace(app, monkeypatch):
    """As in earnest: acts are held for ten seconds."""
    runtime = app.extensions["melasti"]
    held = replace(runtime, settings=replace(runtime.settings, undo_seconds=10))
    monkeypatch.setitem(app.extensions, "melasti", held)


@pytest.fixture
def admin(app, people, clock, grace):
    return enter(app, people.admin_layanan)


def accept(client, request, people, runtime, **more):
    given = inputs_for(current_stage(request), people, runtime, request, runtime_moment(request))
    form = {"version": request.version, **given, **more}
    return post(client, f"/backoffice/permohonan/{request.public_id}/complete", form)


def runtime_moment(request):
    return request.submitted_at


def kinds(request) -> list[str]:
    events = Event.select(Event.kind).where(Event.request == request).order_by(Event.seq)
    return [kind for (kind,) in events.tuples()]


def batch_of(page: str) -> str:
    return re.search(r'name="batch" value="(\w+)"', page)[1]


def undo(client, batch: str, **more):
    return post(client, "/backoffice/urungkan/", {"batch": batch, **more}, follow_redirects=True)


def told(request) -> set[str]:
    rows = Message.select(Message.template).where(Message.request == request)
    return {template for (template,) in rows.tuples()}


def test_nothing_leaves_before_the_grace_is_over_and_all_of_it_after(
    app, people, runtime, filed, clock, admin
):
    [request] = filed(1)
    before, pressed_at = told(request), clock.now
    answer = accept(admin, request, people, runtime)
    page = admin.get(answer.location).text
    assert "Perihal 000" in page and "Diteruskan ke Kepala" in page and "Urungkan" in page
    assert subjects(admin, "/backoffice/?tab=saya") == []
    kept = Request.get()
    assert (kept.number, kept.version, kinds(kept), told(kept)) == (
        None, request.version, ["submitted"], before
    )  # fmt: skip
    assert not StageRecord.select().where(StageRecord.stage_code == "TERIMA_ADMIN").exists()

    clock.forward(seconds=9)
    tasks.carry_out.call_local()
    assert Request.get().number is None
    # Whoever acted has gone home, and their browser sleeps.
    clock.forward(seconds=1)
    tasks.carry_out.call_local()
    tasks.carry_out.call_local()
    moved = Request.get()
    assert moved.number.startswith("1/") and moved.stage_code == "DISPOSISI_KABALAI"
    assert kinds(moved) == ["submitted", "stage_completed"] and not HeldAct.select().exists()
    event = Event.get(Event.kind == "stage_completed")
    assert (event.at, event.actor_id) == (pressed_at, people.admin_layanan.id)
    assert told(moved) == before | {"permintaan_bernomor", "tugas_baru"}


def test_what_is_undone_leaves_a_pair_of_events_and_no_message(
    app, people, runtime, filed, clock, admin
):
    first, second = filed(2)
    before = told(first), Document.select().count()
    page = admin.get(accept(admin, first, people, runtime).location).text
    clock.forward(seconds=5)
    card = undo(admin, batch_of(page)).text
    assert kinds(first) == UNDONE
    assert (told(first), Document.select().count()) == before
    # The form stands there again as it was filled in.
    assert "Tidak ada yang terkirim" in card
    ticks = re.findall(r'<input type="radio" name="checklist-\d" value="ya"[^>]* checked', card)
    assert len(ticks) == len(current_stage(first).inputs[0].options)

    clock.forward(minutes=1)
    tasks.carry_out.call_local()
    assert kinds(first) == UNDONE and "sudah dijalankan" in undo(admin, batch_of(page)).text
    # No number was spent on it.
    accept(admin, second, people, runtime)
    clock.forward(seconds=10)
    accept(admin, first, people, runtime)
    clock.forward(seconds=10)
    admin.get("/backoffice/")
    numbers = [row.number for row in Request.select().order_by(Request.id)]
    assert [number.split("/")[0] for number in numbers] == ["2", "1"]


def test_nobody_else_acts_meanwhile_nor_takes_it_back(app, people, runtime, filed, clock, admin):
    [request] = filed(1)
    colleague = colleague_of(app, "admin_layanan", email="kedua@balai.test")
    other = enter(app, colleague)
    batch = batch_of(admin.get(accept(admin, request, people, runtime).location).text)
    name = people.admin_layanan.name
    assert f"Sedang diproses oleh {name}" in other.get("/backoffice/?tab=saya").text
    card = other.get(f"/backoffice/permohonan/{request.public_id}").text
    assert f"Sedang diproses oleh {name}" in card and 'id="complete-' not in card
    late = accept(other, request, people, runtime)
    assert late.status_code == 409 and f"sedang diproses oleh {name}" in late.text
    again = accept(admin, request, people, runtime)
    assert again.status_code == 409 and "sedang dijalankan" in again.text
    assert "sudah dijalankan" in undo(other, batch).text
    with pytest.raises(Conflict, match="Petugas sedang memproses"):
        workflow.act(request, "cancel", reader=Reader.at(people.customer, clock.now),
                     inputs={"reason": REFUSAL["reason"]}, version=request.version)  # fmt: skip
    assert HeldAct.select().count() == 1 and kinds(request) == ["submitted"]


def test_the_next_reading_carries_it_out_though_no_worker_came_by(
    app, people, runtime, filed, clock, admin
):
    [request] = filed(1)
    accept(admin, request, people, runtime)
    clock.forward(minutes=3)
    head = enter(app, people.kepala_balai)
    assert subjects(head, "/backoffice/?tab=saya") == ["Perihal 000"]


def test_what_cant_be_carried_out_is_told_to_who_did_it(app, people, runtime, filed, clock, admin):
    [request] = filed(1)
    before = told(request)
    accept(admin, request, people, runtime)
    colleague_of(app, "admin_layanan", email="kedua@balai.test")
    people.admin_layanan.hold_posts(["staf_tu"])
    clock.forward(seconds=10)
    tasks.carry_out.call_local()
    kept = Request.get()
    assert (kept.held_by_id, kinds(kept), told(kept)) == (None, ["submitted"], before)
    page = admin.get("/backoffice/").text
    assert "tidak dapat melakukan tindakan ini" in page and "Perihal 000" in page
    assert "Belum terlaksana" not in undo(admin, batch_of(page), read="1").text
    assert not HeldAct.select().exists()


def test_files_stay_while_their_act_is_held(app, people, runtime, filed, clock, grace):
    [request] = filed(1)
    request = advance(
        request, people, runtime, now=request.submitted_at, until="LAPORAN_KE_PETUGAS"
    )
    holder, words = enter(app, people.staff[current_stage(request).role]), "Laporan hasil"
    given = inputs_for(current_stage(request), people, runtime, request, clock.now)
    given |= {"report": (io.BytesIO(pdf(words)), "laporan.pdf"), "version": request.version}
    answer = post(holder, f"/backoffice/permohonan/{request.public_id}/complete", given)
    assert answer.status_code == 302, answer.text
    held = HeldAct.get()
    [[sha256, *_]] = held.inputs["report"]["_files"]
    assert is_wanted(sha256) and not Document.select().where(Document.sha256 == sha256).exists()
    clock.forward(seconds=10)
    tasks.carry_out.call_local()
    assert Document.get(Document.sha256 == sha256).is_result


def test_two_at_once_hold_one_act(people, runtime, filed, clock):
    [request] = filed(1)
    given = inputs_for(current_stage(request), people, runtime, request, clock.now)

    def press(batch: str):
        return workflow.hold(
            request,
            "complete",
            reader=Reader.at(people.admin_layanan, clock.now),
            inputs=given,
            version=request.version,
            grace=Grace(10, batch, lambda moved: "Selesai."),
        )

    results, errors = together([lambda: press("A"), lambda: press("B")])
    assert len(results) == 1 and [type(error) for error in errors] == [Conflict]
    assert HeldAct.select().count() == 1 and kinds(request) == ["submitted"]
    clock.forward(seconds=10)
    # Two workers at once carry it out once.
    done, _ = together([lambda: workflow.carry_out_due(clock.now)] * 2)
    assert sorted(done) == [0, 1] and database.is_closed() is False
    assert kinds(request) == ["submitted", "stage_completed"]
