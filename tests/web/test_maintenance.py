"""While the system is worked on all is read, nothing written, and what was typed is kept."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

import tasks
from administration.commands.maintenance import COMMANDS
from config.background import huey
from config.clock import utc_now
from models import Event, Maintenance, Message, Remark
from run import main
from tests.people import enter, file_request, pdf, post
from tests.web import kept_steps as steps
from tests.web.kept_steps import CASES


@pytest.fixture
def closed(app: Flask, db, now):
    Maintenance.create(began_at=now)


@pytest.mark.parametrize("make", CASES)
def test_no_form_is_taken_and_all_of_it_comes_back(app, people, runtime, now, clock, make):
    case = make(people, runtime, now)
    client = enter(app, case.person)
    form = steps.opens(client, case)
    before = written()
    Maintenance.create(began_at=now)
    answer = steps.sends(client, case, form)
    assert answer.status_code == 503, answer.text[-1500:]
    assert int(answer.headers["Retry-After"]) > 0
    assert "Layanan sedang dalam pemeliharaan" in answer.text
    shown = html.unescape(answer.text)
    for words in case.typed.values():
        assert str(words).replace("\r\n", "\n") in shown or len(str(words)) < 5
    assert written() == before
    Maintenance.update(ended_at=now).execute()
    again = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', answer.text))
    if again:
        # Files are to be chosen again; all else arrives.
        sent = {name: html.unescape(value) for name, value in again.items()}
        assert client.post(case.address, data=sent).status_code in (200, 302, 422)


def written():
    return [table.select().count() for table in (Event, Message, Remark)]


@pytest.mark.parametrize("path", ["/", "/masuk", "/lacak", "/faq", "/tentang"])
def test_pages_are_read_under_a_notice(app, closed, path):
    page = app.test_client().get(path)
    assert page.status_code == 200 and "Sedang dalam pemeliharaan" in page.text


def test_staff_read_on_and_write_nothing(app, people, closed):
    client = enter(app, people.admin_layanan)
    page = client.get("/backoffice/permohonan/", follow_redirects=True)
    assert page.status_code == 200 and "Sedang dalam pemeliharaan" in page.text


def test_who_only_looks_for_something_sends_words_and_is_answered(
    app, people, runtime, now, clock, closed
):
    filed = file_request(runtime, people.customer, now=now, subject="Gelombang di Amed")
    before = written()
    found = post(app.test_client(), "/lacak", {"email": people.customer.email, "number": ""})
    assert found.status_code == 200 and "***" in found.text
    assert "Sedang dalam pemeliharaan" in found.text
    client = enter(app, people.admin_layanan)
    form = {"di": "/backoffice/permohonan/", "q": "Amed"}
    listed = post(client, "/backoffice/cari/", form, follow_redirects=True)
    assert listed.status_code == 200 and filed.subject in listed.text
    assert written() == before


@pytest.mark.parametrize(
    ("minutes", "seconds", "said"), [(30, 1800, "Perkiraan selesai"), (-5, 300, "beberapa saat")]
)
def test_the_end_is_foretold_while_it_lies_ahead(app, db, minutes, seconds, said):
    began = utc_now()
    Maintenance.create(began_at=began, expected_at=began + timedelta(minutes=minutes))
    answer = post(app.test_client(), "/masuk", {"email": "a@b.test", "password": "x" * 12})
    assert answer.status_code == 503 and said in answer.text
    assert seconds - 60 <= int(answer.headers["Retry-After"]) <= seconds
    assert "x" * 12 not in answer.text


@pytest.mark.parametrize("path", ["/unggahan", "/lacak", "/backoffice/permohonan/aksi/accept"])
def test_scripts_and_strangers_are_told_too(app, closed, path):
    answer = app.test_client().post(path, data={"file": (pdf(), "surat.pdf")})
    assert answer.status_code in (400, 404, 503)
    assert Event.select().count() == 0


def test_the_worker_pauses(app, closed, now):
    ran = []

    @huey.task()
    def probe():
        ran.append(1)

    huey.execute(probe.s())
    assert ran == []
    Maintenance.update(ended_at=now).execute()
    huey.execute(probe.s())
    assert ran == [1]
    huey._registry.unregister(probe.task_class)


def test_the_command_begins_and_ends_it_once(app, db, runtime, monkeypatch, capsys):
    command = COMMANDS["maintenance"]
    assert command.needs_schema
    monkeypatch.setattr("run.settings_of_process", lambda: runtime.settings)

    def said(*words):
        monkeypatch.setattr("run._refuse_another_schema", lambda settings: None)
        monkeypatch.setattr("administration.commands.maintenance.open_database", lambda url: None)
        assert main(["maintenance", *words]) == 0
        return capsys.readouterr().out

    assert said("status") == "off\n"
    assert said("on").startswith("on since ")
    assert said("on", "--minutes", "20").startswith("on since ")
    assert Maintenance.select().count() == 1 and Maintenance.running().expected_at
    assert said("off") == "off\n" and said("off") == "off\n"
    told = [event.data["is_on"] for event in Event.select().where(Event.stream == "maintenance")]
    assert told == [True, False]
    assert tasks.pause_in_a_maintenance(None) is None
