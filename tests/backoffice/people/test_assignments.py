"""Handing work that is held by name to somebody else: one by one, in bulk, and when staff leave."""

import re
from datetime import UTC, datetime

import pytest

import workflow
from models import Assignment, Event, Message, Request, User
from moves.catalogue import current_stage
from tests.people import advance, enter, file_request, inputs_for, make_staff, post
from tests.test_queries import Counter
from workflow import Reader

PAGE = "/backoffice/penugasan/"
REPORT_DESK = "LAPORAN_KE_PETUGAS"


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def colleague(app, people) -> User:
    with app.app_context():
        return make_staff("pemangku_data", email="pemangku2@balai.test")


@pytest.fixture
def held(people, runtime, at) -> list[Request]:
    """Three requests that wait for Pemangku Data by name."""
    filed = [file_request(runtime, people.customer, now=at, key=f"K{i}") for i in range(3)]
    return [advance(one, people, runtime, now=at, until=REPORT_DESK) for one in filed]


def form_for(person: User, successor: User | None, requests, **more) -> dict:
    return {
        "orang": person.public_id,
        "pos": "pemangku_data",
        "pengganti": successor.public_id if successor else "pos",
        "rowid": [request.public_id for request in requests],
        **more,
    }


def holder_of(request: Request) -> int | None:
    return Request.get_by_id(request.id).assignee_id


def test_overview_counts_what_each_person_holds(app, people, held):
    page = enter(app, people.ketua_tim).get(PAGE).text
    assert "Petugas pemangku_data" in page
    assert f"orang={people.pemangku_data.public_id}" in page
    listed = enter(app, people.administrator).get(f"{PAGE}?orang={people.pemangku_data.public_id}")
    for request in held:
        assert request.number in listed.text


def test_handed_over_in_bulk_with_one_refused(app, people, runtime, colleague, held, at):
    gone = workflow.act(
        held[0], "complete", reader=Reader.at(people.pemangku_data, at), version=held[0].version,
        inputs=_report(runtime, held[0], people, at),
    )  # fmt: skip
    advance(gone, people, runtime, now=at)
    client = enter(app, people.ketua_tim)
    page = post(client, PAGE, form_for(people.pemangku_data, colleague, held)).text
    assert "2 dari 3 permohonan dialihkan" in page
    assert "Permohonan sudah selesai atau ditutup." in page
    assert [holder_of(request) for request in held[1:]] == [colleague.id] * 2
    assert set(Request.waiting_for(Reader.at(colleague, at))) == set(held[1:])
    assert not Request.waiting_for(Reader.at(people.pemangku_data, at)).exists()
    events = Event.select().where(Event.kind == "reassigned").order_by(Event.id)
    assert [event.request_id for event in events] == sorted(one.id for one in held[1:])
    assert events[0].data["from_user"] == people.pemangku_data.public_id
    assert events[0].data["to_user"] == colleague.public_id
    assert events[0].acted_for == "ketua_tim"


def _report(runtime, request, people, at) -> dict:
    return inputs_for(current_stage(request), people, runtime, request, at)


def test_both_are_told_once(app, people, colleague, held):
    client = enter(app, people.ketua_tim)
    post(client, PAGE, form_for(people.pemangku_data, colleague, held))
    told = {
        (message.template, message.recipient_id)
        for message in Message.select().where(Message.template.startswith("tugas_di"))
    }
    assert told == {
        ("tugas_dialihkan", colleague.id),
        ("tugas_dilepas", people.pemangku_data.id),
    }
    assert Message.select().where(Message.template == "tugas_dialihkan").count() == 1


def test_single_one_from_the_card(app, people, colleague, held):
    client = enter(app, people.ketua_tim)
    card = client.get(f"/backoffice/permohonan/{held[0].public_id}").text
    address = f"{PAGE}?permohonan={held[0].public_id}"
    assert address in card
    assert held[0].number in client.get(address).text
    form = form_for(people.pemangku_data, colleague, held[:1], single="1")
    assert "1 dari 1 permohonan dialihkan" in post(client, PAGE, form).text
    assert [holder_of(one) for one in held] == [colleague.id] + [people.pemangku_data.id] * 2
    told = Message.get(Message.template == "tugas_dialihkan")
    assert told.variables["hal"] == held[0].number
    assert held[0].public_id in told.variables["tautan"]


def test_all_of_somebody_who_left_go_back_to_the_post(app, people, held, at):
    people.pemangku_data.active = False
    people.pemangku_data.save()
    client = enter(app, people.administrator)
    assert "3 permohonan menunggu petugas yang akunnya tidak aktif" in client.get(
        "/backoffice/"
    ).text.replace("<strong>", "")
    form = form_for(people.pemangku_data, None, [], all="1")
    assert "3 dari 3 permohonan dialihkan" in post(client, PAGE, form).text
    assert {holder_of(one) for one in held} == {None}
    # Nobody else holds the post: its substitute does the work.
    assert workflow.choices(Request.get_by_id(held[0].id), Reader.at(people.ketua_tim, at))
    assert "tidak aktif" not in client.get("/backoffice/").text


def test_next_stage_follows_the_new_holder(app, people, runtime, colleague, at):
    """Held for later only: the turn isn't touched, and comes to the new one."""
    request = file_request(runtime, people.customer, now=at)
    request = advance(request, people, runtime, now=at, until="VERIFIKASI_DATA")
    client = enter(app, people.administrator)
    post(client, PAGE, form_for(people.pemangku_data, colleague, [request]))
    assert holder_of(request) == people.ketua_tim.id
    request = advance(Request.get_by_id(request.id), people, runtime, now=at, until=REPORT_DESK)
    assert request.assignee_id == colleague.id


def test_maker_of_what_is_examined_is_refused(app, people, runtime, at):
    """The penguji wrote the draft; what the penyelia has to examine can't come to him."""
    people.penguji.hold_posts(["penguji", "manajer_teknis"])
    request = file_request(runtime, people.customer, now=at, service="lab")
    request = advance(request, people, runtime, now=at, until="PENGESAHAN_LHU")
    client = enter(app, people.administrator)
    form = form_for(people.manajer_teknis, people.penguji, [request]) | {"pos": "manajer_teknis"}
    page = post(client, PAGE, form).text
    assert "0 dari 1 permohonan dialihkan" in page
    assert "menyusun bagian yang diperiksa" in page
    assert holder_of(request) == people.manajer_teknis.id


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rowid": []}, "Pilih sedikitnya satu permohonan."),
        ({"pengganti": ""}, "Pilih siapa yang menerima."),
    ],
)
def test_wrong_form_keeps_what_was_chosen(app, people, colleague, held, changed, words):
    client = enter(app, people.ketua_tim)
    form = form_for(people.pemangku_data, colleague, held[:1]) | changed
    answer = post(client, PAGE, form)
    assert answer.status_code == 422
    assert words in answer.text
    kept = f'value="{colleague.public_id}" selected' in answer.text
    ticked = f'value="{held[0].public_id}" checked' in answer.text
    assert (kept, ticked) == (bool(form["pengganti"]), bool(form["rowid"]))
    assert holder_of(held[0]) == people.pemangku_data.id


def test_somebody_without_the_post_receives_nothing(app, people, held):
    client = enter(app, people.ketua_tim)
    form = form_for(people.pemangku_data, people.bendahara, held)
    assert post(client, PAGE, form).status_code == 422
    assert {holder_of(one) for one in held} == {people.pemangku_data.id}


def test_second_try_says_that_it_was_done(app, people, colleague, held):
    client = enter(app, people.ketua_tim)
    form = form_for(people.pemangku_data, colleague, held[:1])
    post(client, PAGE, form)
    page = post(client, PAGE, form).text
    assert "tidak lagi dipegang Petugas pemangku_data" in page


def test_strange_ids_are_404(app, people, colleague, held):
    client = enter(app, people.ketua_tim)
    for address in ("?permohonan=x", "?orang=x", f"?orang={people.customer.public_id}"):
        assert client.get(PAGE + address).status_code == 404
    form = form_for(people.pemangku_data, colleague, held[:1])
    assert post(client, PAGE, form | {"rowid": ["x"]}).status_code == 404
    assert post(client, PAGE, form | {"orang": "x"}).status_code == 404


def test_deactivation_asks_first_and_leads_here(app, people, held):
    client = enter(app, people.administrator)
    person = people.pemangku_data
    address = f"/backoffice/petugas/edit/?id={person.id}"
    form = {"name": person.name, "email": person.email, "phone": "", "posts": ["pemangku_data"]}
    page = post(client, address, form).text
    assert "3 permohonan berjalan dipegang atas nama" in page
    assert "Pos Pemangku Data tidak dipegang orang lain" in page
    assert f"{PAGE}?orang={person.public_id}" in page
    assert User.get_by_id(person.id).active
    assert post(client, address, form | {"confirm": "1"}).status_code == 302
    assert not User.get_by_id(person.id).active
    assert "masih ada yang ditinggalkan" in client.get(address).text
    assert Assignment.select().where(Assignment.user == person).exists()


def test_form_of_an_account_shows_what_is_held(app, people):
    page = enter(app, people.administrator).get(
        f"/backoffice/petugas/edit/?id={people.pemangku_data.id}"
    )
    ticked = [tag for tag in re.findall(r"<input[^>]*>", page.text) if " checked " in tag]
    assert len(ticked) == 2
    assert 'name="active"' in ticked[0]
    assert 'value="pemangku_data"' in ticked[1]


def test_deactivation_of_somebody_without_work_is_saved_at_once(app, people, colleague):
    client = enter(app, people.administrator)
    form = {"name": "X", "email": colleague.email, "phone": "", "posts": ["pemangku_data"]}
    answer = post(client, f"/backoffice/petugas/edit/?id={colleague.id}", form)
    assert answer.status_code == 302
    assert not User.get_by_id(colleague.id).active


def test_pages_run_a_fixed_number_of_queries(app, people, colleague, held, monkeypatch):
    counter, client = Counter(monkeypatch), enter(app, people.ketua_tim)
    one = f"{PAGE}?orang={people.pemangku_data.public_id}"
    before = [counter.of(client, PAGE), counter.of(client, one)]
    Assignment.update(user=colleague).where(
        (Assignment.request == held[0]) & (Assignment.user == people.pemangku_data)
    ).execute()
    assert [counter.of(client, PAGE), counter.of(client, one)] == before
    assert max(before) <= 9
