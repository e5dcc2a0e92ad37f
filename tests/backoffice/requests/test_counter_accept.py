"""Written down and accepted in one step, by whoever may do both."""

import re
from datetime import UTC, datetime

import pytest

from models import Document, Event, Message, NumberCounter, Request, StageRecord, User
from tests.backoffice.people.mandate_pages import name_on_page
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, REQUEST, key_of, write_down
from tests.html_forms import form_at
from tests.people import details_for, enter, post, upload

ACCEPT = "Catat dan terima"


def accept(client, **changes):
    """Fill the whole form in, with every point of the service's list, and accept."""
    page = client.get(FORM_PAGE).text
    form = {**REQUEST, **NEWCOMER, **points_of(page), "key": key_of(page), "file": upload(),
            "terima": "1", **changes}  # fmt: skip
    given = {name: value for name, value in form.items() if value is not None}
    return post(client, FORM_PAGE, given)


def points_of(page: str, service: str = "data") -> dict:
    """What the form asks for accepting a service, all of it ticked and filled in."""
    filled = form_at(page, "").filled({})
    return {name: value for name, value in filled.items() if name.startswith(f"terima-{service}-")}


def test_m11_one_step_gives_number_and_receipt(app, people):
    client = enter(app, people.admin_layanan)
    answer = accept(client)
    filed = Request.get()
    assert (filed.stage_code, filed.waiting_role) == ("DISPOSISI_KABALAI", "kepala_balai")
    assert re.fullmatch(r"1/L\.Data/\d+/[IVX]+/\d\d", filed.number)
    assert answer.headers["Location"] == f"/backoffice/loket/selesai/{filed.public_id}"
    page = client.get(answer.headers["Location"]).text
    receipt = Document.get((Document.request == filed) & (Document.kind == "tanda_terima"))
    assert filed.number in page and f"/dokumen/{receipt.public_id}" in page
    paper = client.get(f"/dokumen/{receipt.public_id}?lihat=1")
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF")
    moves = Event.select().where((Event.request == filed) & (Event.kind != "document_made"))
    assert [event.kind for event in moves.order_by(Event.seq)] == ["submitted", "stage_completed"]
    done = Event.get((Event.request == filed) & (Event.kind == "stage_completed"))
    assert (done.actor, done.acted_for) == (people.admin_layanan, "admin_layanan")
    record = StageRecord.get(StageRecord.event == done)
    assert record.inputs["checklist"]


def test_m11_only_the_next_post_and_the_number_are_told(app, people):
    client = enter(app, people.admin_layanan)
    page = f"{FORM_PAGE}?pelanggan={people.customer.public_id}"
    write_down(client, page, terima="1", **points_of(client.get(page).text))
    told = {(message.template, message.recipient_id) for message in Message.select()}
    assert told == {
        ("permintaan_bernomor", people.customer.id),
        ("tugas_baru", people.kepala_balai.id),
    }


def test_m11_what_lacks_is_said_and_nothing_is_written(app, people):
    """No request, no customer and no number that nobody has; what was typed stays."""
    client = enter(app, people.admin_layanan)
    form = form_at(client.get(FORM_PAGE).text, "")
    nothing = dict.fromkeys((*form.ticks, *form.choices))
    empty = {name: None for name in nothing if name.startswith("terima-data-")}
    answer = accept(client, **empty)
    assert answer.status_code == 422
    assert "Pemeriksaan kelengkapan" in answer.text and REQUEST["subject"] in answer.text
    assert re.search(r'href="#terima-data-checklist', answer.text)
    assert not Request.select().exists() and not NumberCounter.select().exists()
    assert not User.select().where(User.name == NEWCOMER["name"]).exists()
    assert not Message.select().exists()


def test_m11_a_double_click_files_and_numbers_once(app, people):
    client = enter(app, people.admin_layanan)
    key = key_of(client.get(FORM_PAGE).text)
    assert accept(client, key=key).status_code == 302
    again = accept(client, key=key)
    assert again.status_code == 302
    assert Request.select().count() == NumberCounter.get().last == 1


def test_m11_the_counter_is_the_usual_channel(app, people):
    client = enter(app, people.admin_layanan)
    page = client.get(FORM_PAGE).text
    assert re.search(r'<input checked[^>]*name="channel"[^>]*value="loket"', page)
    assert ACCEPT in page and "Catat saja" in page


def test_writing_down_alone_goes_on_as_before(app, people):
    client = enter(app, people.admin_layanan)
    write_down(client, **NEWCOMER)
    filed = Request.get()
    assert (filed.stage_code, filed.number) == ("TERIMA_ADMIN", None)
    assert client.get(f"/backoffice/loket/selesai/{filed.public_id}").status_code == 404


@pytest.mark.parametrize("service", ["advis", "lab"])
def test_each_service_asks_its_own_points(app, people, runtime, service):
    client = enter(app, people.admin_layanan)
    flow = runtime.catalogue[service].flow
    kind = flow.subclasses[0].code if flow.subclasses else ""
    page = client.get(FORM_PAGE).text
    own = {f"{service}-{name}": value for name, value in details_for(flow, kind).items()}
    files = {f"{service}-{entry.name}": upload() for entry in flow.attachments_for(kind)
             if entry.required}  # fmt: skip
    answer = post(client, FORM_PAGE, {
        **REQUEST, **NEWCOMER, **points_of(page, service), **own, **files,
        "service": service, "subclass": kind, "key": key_of(page), "file": upload(), "terima": "1",
    })  # fmt: skip
    wrong = re.findall(r'class="m-error"[^>]*>.*?</span>([^<]*)', answer.text)
    assert answer.status_code == 302, wrong
    assert Request.get().number


def test_who_stands_in_at_the_counter_accepts_as_such(app, people):
    name_on_page(app, people, datetime.now(UTC), role="admin_layanan", acting="staf_tu")
    client = enter(app, people.staf_tu)
    assert ACCEPT in client.get(FORM_PAGE).text
    assert accept(client).status_code == 302
    done = Event.get(Event.kind == "stage_completed")
    assert (done.actor, done.acted_for) == (people.staf_tu, "admin_layanan")
    assert done.data["power"] == "plh"


def test_strangers_get_404_and_other_posts_403(app, people):
    accept(enter(app, people.admin_layanan))
    address = f"/backoffice/loket/selesai/{Request.get().public_id}"
    assert enter(app, people.penguji).get(address).status_code == 403
    assert enter(app, people.customer).get(address).status_code == 403
    assert enter(app, people.admin_layanan).get("/backoffice/loket/selesai/x").status_code == 404
