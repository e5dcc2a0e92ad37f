"""The sheet: several requests at once, a row each, and an outcome at each row."""

import re

import pytest

from models import Document, Event, Request
from moves.catalogue import current_stage
from tests.people import (
    REFUSAL,
    advance,
    complete_desk,
    enter,
    file_request,
    inputs_for,
    pdf,
    post,
    upload,
)
from tests.test_queries import Counter

HEADS = "DISPOSISI_KABALAI"


def sheet_address(rows, code: str = "") -> str:
    picked = "&".join(f"id={row.public_id}" for row in rows)
    return f"/backoffice/massal/?{picked}" + (f"&tindakan={code}" if code else "")


def form_of(rows, code: str = "complete", *, ticked=None, **more) -> dict:
    """The sheet's form; `more` are inputs, the same for each row."""
    ticked = rows if ticked is None else ticked
    form = {
        "tindakan": code,
        "id": [row.public_id for row in rows],
        "rowid": [f"{row.public_id}:{row.version}:{current_stage(row).desk}" for row in ticked],
    }
    for row in rows:
        form |= {f"{row.public_id}-{name}": value for name, value in more.items()}
    return form


def send(client, form):
    return post(client, "/backoffice/massal/", form)


@pytest.fixture
def at_head(filed, people, runtime, now):
    def make(count: int) -> list[Request]:
        return [advance(row, people, runtime, now=now, until=HEADS) for row in filed(count)]

    return make


def test_a_row_each_is_filled_in_and_sent_once(app, people, at_head, runtime, now, clock):
    rows = at_head(3)
    head = enter(app, people.kepala_balai)
    page = head.get(sheet_address(rows)).text
    assert page.count("data-row") == 3 and "Kirim untuk 3 permohonan" in page
    # Each with its letter beside it.
    letters = Document.select().where(Document.kind == "pendukung")
    assert all(f"/dokumen/{letter.public_id}?lihat=1" in page for letter in letters)

    form = form_of(rows, note="Mohon ditindaklanjuti.")
    # One asks for a note or a tick and has neither; with another somebody was faster.
    form[f"{rows[0].public_id}-note"] = ""
    advance(rows[1], people, runtime, now=now, until="DISPOSISI_KASUBAG")
    before = Event.select().count()
    done = send(head, form)
    assert done.status_code == 200 and "1 dari 3 permohonan dikerjakan" in done.text
    assert Event.select().count() == before + 1
    assert Request.get_by_id(rows[0].id).stage_code == HEADS
    assert done.text.count("data-row") == 1 and "Diteruskan ke Kasubag" in done.text
    # Where somebody was faster: by whom, and what was typed is there to be copied.
    assert f"baru saja diproses oleh {people.kepala_balai.name}" in done.text
    assert "“Mohon ditindaklanjuti.”" in done.text


def test_fill_down_copies_and_does_nothing_else(app, people, at_head, clock):
    rows = at_head(3)
    head = enter(app, people.kepala_balai)
    form = form_of(rows, ticked=rows[:2])
    form[f"{rows[0].public_id}-note"] = "Untuk semua"
    form[f"{rows[0].public_id}-instructions"] = ["Siapkan bahan", "Teruskan"]
    form[f"{rows[1].public_id}-note"] = "Lain"
    before = Event.select().count()
    group = re.search(r'data-group="(\w+)"', head.get(sheet_address(rows)).text)[1]

    one = send(head, form | {"fill": f"{group}:instructions"}).text
    assert one.count("<span data-ticked>: Siapkan bahan; Teruskan</span>") == 2
    assert one.count(">Untuk semua</textarea>") == 1 and one.count(">Lain</textarea>") == 1
    every = send(head, form | {"fill": group}).text
    # What isn't ticked takes no part.
    assert every.count(">Untuk semua</textarea>") == 2
    assert Event.select().count() == before


def test_checklists_are_ticked_row_by_row(app, people, filed, runtime, now, clock):
    rows = filed(2)
    admin = enter(app, people.admin_layanan)
    form = form_of(rows)
    form[f"{rows[0].public_id}-checklist"] = "semua"
    for place, answer in enumerate(("ya", "tidak", "ya")):
        form[f"{rows[1].public_id}-checklist-{place}"] = answer
    half = send(admin, form)
    assert half.status_code == 200 and "1 dari 2" in half.text
    # What was answered stays, and the point that needs a word says so.
    other = rows[1].public_id
    assert len(re.findall(rf'name="{other}-checklist-\d" value="\w+" checked', half.text)) == 3
    assert "Periksa butir yang ditandai" in half.text
    form = form_of([Request.get_by_id(rows[1].id)]) | {
        f"{other}-checklist-{place}": "ya" for place in range(3)
    }
    assert "1 dari 1" in send(admin, form).text
    numbers = [row.number.split("/")[0] for row in Request.select().order_by(Request.id)]
    assert numbers == ["1", "2"]


def test_different_services_stand_apart_and_files_belong_to_a_row(
    app, people, filed, runtime, now, clock
):
    data = advance(filed(1)[0], people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    other = file_request(runtime, people.customer, now=now, key="A", service="advis")
    with app.app_context():
        people.pemangku_data.hold_posts(["pemangku_data", "admin_layanan"])
    both, rows = enter(app, people.pemangku_data), [data, other]
    page = both.get(sheet_address(rows)).text
    assert len(re.findall("data-group=", page)) == 2 and 'enctype="multipart/form-data"' in page
    form = form_of(rows) | {f"{other.public_id}-checklist": "semua"}
    refused = send(both, form)
    assert "1 dari 2" in refused.text and "Unggah berkas" in refused.text
    form = form_of([data]) | {f"{data.public_id}-report": upload(pdf("Hasil"), "hasil.pdf")}
    assert "1 dari 1" in send(both, form).text
    assert Document.get(Document.is_result).filename == "hasil.pdf"


def test_what_is_grave_needs_a_tick_first(app, people, filed, clock):
    rows = filed(2)
    admin = enter(app, people.admin_layanan)
    page = admin.get(sheet_address(rows, "reject")).text
    [group] = re.findall(r'name="(\w+)-sure"', page)
    form = form_of(rows, "reject", **REFUSAL)
    refused = send(admin, form)
    assert refused.status_code == 422 and "Centang pernyataan" in refused.text
    assert refused.text.count(REFUSAL["reason"]) == 2
    assert "2 dari 2" in send(admin, form | {f"{group}-sure": "1"}).text
    assert {row.status for row in Request.select()} == {"rejected"}


def test_strangers_rows_are_left_out_and_idle_ones_say_why(app, people, filed, clock):
    rows = filed(2)
    outsider = enter(app, people.penguji)
    assert outsider.get(sheet_address(rows)).status_code == 302
    assert send(outsider, form_of(rows)).status_code == 302
    idle = enter(app, people.petugas_layanan).get(sheet_address(rows)).text
    assert "Tidak ada tindakan bagi Anda" in idle and "data-row" not in idle
    admin = enter(app, people.admin_layanan)
    assert "Centang sedikitnya satu" in send(admin, form_of(rows, ticked=[])).text
    assert {row.version for row in Request.select()} == {1}


def test_nothing_is_picked_where_nothing_can_be_done(app, people, filed, runtime, now, clock):
    done, open_ = filed(2)
    advance(done, people, runtime, now=now)
    for person, tab, boxes in (
        (people.admin_layanan, "selesai", 0),
        (people.admin_layanan, "semua", 2),
        (people.auditor, "semua", 0),
    ):
        page = enter(app, person).get(f"/backoffice/?tab={tab}").text
        assert "Perihal 000" in page
        assert page.count('type="checkbox" name="id"') == boxes
        assert ("Tindak bersama" in page) == bool(boxes)


@pytest.mark.parametrize("service", ["data", "advis", "lab"])
def test_every_office_step_of_every_flow_is_done_on_the_sheet(
    app, people, runtime, now, clock, service
):
    request, steps = file_request(runtime, people.customer, now=now, service=service), 0
    while request.is_open:
        desk = current_stage(request)
        if desk.kind in ("customer", "survey"):
            clock.forward(minutes=10)
            request = complete_desk(request, people, runtime, now=clock.now)
            continue
        given = {}
        for name, value in inputs_for(desk, people, runtime, request, clock.now).items():
            is_file = hasattr(value, "sha256")
            given[name] = upload(pdf(name), f"{name}.pdf") if is_file else value
        done = send(enter(app, people.staff[desk.role]), form_of([request], **given))
        assert "1 dari 1" in done.text, (desk.desk, done.text)
        request, steps = Request.get_by_id(request.id), steps + 1
        clock.forward(hours=1)
    assert steps == sum(one.kind in ("office", "handover") and not one.automatic
                        for one in runtime.catalogue[service].flow.as_walked(
                            request.subclass_code, is_free=False).desks)  # fmt: skip


def test_the_sheet_asks_no_more_for_more_rows(app, people, at_head, monkeypatch, clock):
    rows, counter = at_head(8), Counter(monkeypatch)
    head = enter(app, people.kepala_balai)
    few, many = (counter.of(head, sheet_address(some)) for some in (rows[:2], rows))
    assert many == few
