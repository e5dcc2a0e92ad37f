"""Acting officials through the pages: looked at, named, told, recalled."""

from datetime import UTC, datetime, timedelta

import pytest

import workflow
from administration.appointments import Appointment, appoint, tell_ended
from models import Event, Mandate, Message, Request
from moves.officials import today
from tests.backoffice.people.mandate_pages import form_for, name_on_page
from tests.people import Person, advance, enter, file_request, post
from tests.test_queries import Counter
from tests.test_races import together
from workflow import InvalidInput, Reader

HEAD = "DISPOSISI_KABALAI"


@pytest.fixture
def waiting(people, runtime, at) -> Request:
    """A request that waits for Kepala Balai."""
    request = file_request(runtime, people.customer, now=at)
    return advance(request, people, runtime, now=at, until=HEAD)


def test_preview_says_what_moves_and_writes_nothing(app, people, waiting, at):
    client = enter(app, people.administrator)
    page = post(client, "/backoffice/mandat/baru", form_for(people, at)).text
    assert "1 permohonan yang menunggu Kepala Balai" in page
    assert "langsung tampil di antrean Petugas kasubag_tu" in page
    assert Mandate.select().count() == 0
    back = post(client, "/backoffice/mandat/baru", {**form_for(people, at), "back": 1})
    assert back.status_code == 200
    assert 'value="SPT-01/2026"' in back.text


def test_named_on_the_page_the_acting_person_has_the_queue_and_acts(app, people, waiting, at):
    mandate = name_on_page(app, people, at)
    acting = enter(app, people.kasubag_tu)
    queue = acting.get("/backoffice/").text
    assert waiting.subject in queue
    assert "Anda bertindak sebagai Plh. Kepala Balai sampai" in queue
    absent = enter(app, people.kepala_balai).get("/backoffice/").text
    assert "Petugas kasubag_tu bertindak sebagai Plh. Kepala Balai menggantikan Anda" in absent
    card = f"/backoffice/permohonan/{waiting.public_id}"
    form = {"version": waiting.version, "note": "Mohon ditindaklanjuti."}
    assert post(acting, f"{card}/complete", form).status_code == 302
    event = Event.select().where(Event.request == waiting).order_by(Event.seq.desc()).first()
    assert (event.actor_id, event.acted_for) == (people.kasubag_tu.id, "kepala_balai")
    assert event.data["mandate"] == mandate.public_id


def test_both_are_told_and_the_history_knows(app, people, at):
    mandate = name_on_page(app, people, at)
    told = Message.select().where(Message.template == "mandat_mulai")
    assert {message.recipient_id for message in told} == {
        people.kepala_balai.id,
        people.kasubag_tu.id,
    }
    event = Event.get(Event.kind == "mandate_given")
    assert event.actor_id == people.administrator.id
    assert event.data["mandate"] == mandate.public_id
    assert event.data["acting"] == people.kasubag_tu.public_id


def test_recalled_mandate_gives_the_work_back(app, people, waiting, at):
    mandate = name_on_page(app, people, at)
    client = enter(app, people.kasubag_tu)
    address = f"/backoffice/mandat/{mandate.public_id}/akhiri"
    asked = client.get(address).text
    assert "1 permohonan yang menunggu tidak tampil lagi" in asked
    assert Mandate.get_by_id(mandate.id).revoked_at is None
    assert post(client, address).status_code == 302
    assert Mandate.get_by_id(mandate.id).revoked_at is not None
    assert not Request.waiting_for(Reader.at(people.kasubag_tu, datetime.now(UTC))).exists()
    assert waiting.subject in enter(app, people.kepala_balai).get("/backoffice/").text
    told = Message.select().where(Message.template == "mandat_berakhir")
    assert told.count() == 2
    assert Event.select().where(Event.kind == "mandate_revoked").count() == 1
    post(client, address)
    assert Event.select().where(Event.kind == "mandate_revoked").count() == 1


def test_absent_official_is_back_when_the_days_are_over(people, waiting, app, at):
    name_on_page(app, people, at, days=2)
    later = at + timedelta(days=3)
    assert not [p for p in Reader.at(people.kasubag_tu, later).powers if p.role == "kepala_balai"]
    theirs = workflow.choices(waiting, Reader.at(people.kasubag_tu, later))
    assert "complete" not in {choice.code for choice in theirs}
    assert workflow.choices(waiting, Reader.at(people.kepala_balai, later))


def test_its_end_is_told_once(app, people, at):
    name_on_page(app, people, at, days=2)
    next_morning = at + timedelta(days=3)
    assert tell_ended(now=at) == 0
    for _ in range(2):
        assert tell_ended(now=next_morning) == 1
    told = Message.select().where(Message.template == "mandat_berakhir")
    assert {message.recipient_id for message in told} == {
        people.kepala_balai.id,
        people.kasubag_tu.id,
    }
    assert told.count() == 2
    assert tell_ended(now=at + timedelta(days=30)) == 0


def test_two_appointments_at_once_make_one_mandate(people, at):
    def job(acting):
        asked = Appointment(
            "kepala_balai", people.kepala_balai, acting, "SPT-01/2026", today(at), today(at)
        )
        return lambda: appoint(asked, actor=people.administrator, now=at)

    results, errors = together([job(people.kasubag_tu), job(people.ketua_tim)])
    assert len(results) == Mandate.select().count() == 1
    assert [type(error) for error in errors] == [InvalidInput]
    assert "Sudah ada mandat untuk masa itu" in errors[0].errors["replaced"]


def test_mandate_reaches_only_its_services(app, people, runtime, waiting, at):
    name_on_page(app, people, at, acting="penguji", services=["lab"])
    lab = file_request(runtime, people.customer, now=at, key="LAB", service="lab")
    acting = enter(app, people.penguji)
    assert waiting.subject not in acting.get("/backoffice/").text
    assert acting.get(f"/backoffice/permohonan/{waiting.public_id}").status_code == 404
    assert acting.get(f"/backoffice/permohonan/{lab.public_id}").status_code == 200
    assert (
        "Pelayanan Pengujian Laboratorium"
        in enter(app, people.auditor).get("/backoffice/mandat/").text
    )


def test_vacancy_is_a_problem_until_a_plt_is_named(app, people, at):
    people.penyelia.active = False
    people.penyelia.save()
    client = enter(app, people.administrator)
    queue = client.get("/backoffice/").text
    assert "Pos Penyelia belum ada pejabatnya" in queue
    assert "permohonan jatuh ke Manajer Teknis (Petugas manajer_teknis)" in queue
    assert "/backoffice/mandat/baru?pos=penyelia" in queue
    substitute = enter(app, people.manajer_teknis).get("/backoffice/").text
    assert "Pos Penyelia kosong; pekerjaannya jatuh kepada Anda." in substitute
    assert "belum ada pejabatnya" not in enter(app, people.kasubag_tu).get("/backoffice/").text
    page = client.get("/backoffice/mandat/baru?pos=penyelia").text
    assert 'selected value="penyelia"' in page
    form = form_for(people, at, acting="penguji") | {"replaced": "penyelia", "confirm": 1}
    assert post(client, "/backoffice/mandat/baru", form).status_code == 302
    assert Mandate.get().kind == "plt"
    assert "belum ada pejabatnya" not in client.get("/backoffice/").text
    assert "Plt. Penyelia" in client.get("/backoffice/mandat/").text


def test_list_runs_a_fixed_number_of_queries(app, people, at, monkeypatch):
    client = enter(app, people.administrator)
    counter, found = Counter(monkeypatch), []
    for offset in range(3):
        on = (today(at) + timedelta(days=offset * 10)).isoformat()
        name_on_page(app, people, at, from_on=on, until_on=on)
        found.append(counter.of(client, "/backoffice/mandat/"))
    assert found[0] == found[-1] <= 13


@pytest.mark.browser
def test_administrator_names_a_plh_on_a_phone(chromium, live, people, waiting, at):
    """On the way to the airport the head asks for a Plh.; a telephone is enough."""
    person = Person(chromium, live, width=360)
    person.logs_in(people.administrator.email)
    person.opens("/backoffice/mandat/")
    person.page.get_by_role("link", name="Tunjuk Plh. atau Plt.").click()
    person.page.select_option("#replaced", label="Kepala Balai – Petugas kepala_balai")
    person.page.select_option("#acting", label="Petugas kasubag_tu – Kasubag TU")
    until = (today(at) + timedelta(days=2)).isoformat()
    person.page.fill("#until_on", until)
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 360
    person.presses("Lihat akibatnya")
    person.sees("Nomor surat penunjukan: Isi nomor surat penunjukan.")
    assert person.page.input_value("#until_on") == until
    person.page.fill("#letter", "SPT-01/2026")
    person.presses("Lihat akibatnya")
    person.sees("1 permohonan yang menunggu Kepala Balai")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 360
    person.presses("Tetapkan Plh. Kepala Balai")
    person.sees("Plh. Kepala Balai sudah ditetapkan")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 360
    acting = Person(chromium, live, width=360)
    acting.logs_in(people.kasubag_tu.email)
    acting.opens("/backoffice/")
    acting.sees(waiting.subject)
    person.leaves()
    acting.leaves()
