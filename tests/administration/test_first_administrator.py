"""The first administrator, on an installation that nobody can enter yet."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import run as main
from administration.first_administrator import appoint_administrator
from config.clock import utc_now
from models import ChangeRecord, Event, LoginSession, User
from storage.database import database
from tests.people import enter, post

ROOT = Path(__file__).parents[2]
SECRET = "Ombak besar di Pantai Sanur 77"


def command(tmp_path, *words, **more):
    place = {
        "DATA_DIR": str(tmp_path / "data"),
        "PATH": os.environ["PATH"],
        "BASE_URL": "http://localhost",
        **more,
    }
    ran = subprocess.run(
        [sys.executable, "run.py", *words],
        cwd=ROOT, env=place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr


def test_the_command_makes_an_administrator_where_nobody_is(tmp_path):
    assert command(tmp_path, "db", "upgrade")[0] == 0
    code, said, wrong = command(
        tmp_path, "admin", "add", "Kepala.TU@Balai.test", " I Gede  Contoh "
    )
    assert (code, wrong) == (0, "")
    assert re.match(r"http://localhost/undangan/\S+\nBerlaku sampai ", said)


@pytest.mark.parametrize("email", ["", "bukan email", "a@b@c", "x@"])
def test_what_is_no_address_is_one_sentence(app, runtime, monkeypatch, capsys, email):
    monkeypatch.setattr(main, "settings_of_process", lambda: runtime.settings)
    monkeypatch.setattr(main, "create_app", lambda settings: app)
    database.close()
    assert main.main(["admin", "add", email, "Nama"]) == 2
    database.connect()
    assert "is no e-mail address" in capsys.readouterr().err
    assert User.select().where(User.name == "Nama").count() == 0


def link_for(runtime, email):
    settings = runtime.settings
    return appoint_administrator(
        email, "I Gede Contoh", secret_key=settings.secret_key, days=7, now=utc_now()
    )[0]


def test_the_link_leads_to_a_password_and_into_the_office(app, db, runtime):
    link = link_for(runtime, "baru@balai.test")
    client = app.test_client()
    assert client.get(link).status_code == 200
    answer = post(client, link, {"password": SECRET, "password_confirm": SECRET})
    assert answer.status_code in (200, 302), answer.text
    person = User.get(User.email == "baru@balai.test")
    assert person.is_in_service and person.email_confirmed_at
    assert enter(app, person).get("/backoffice/petugas/").status_code == 200
    event = Event.get(Event.stream == f"user:{person.public_id}", Event.kind == "record_changed")
    assert event.actor_id is None and event.data["by"] == "command"
    assert ChangeRecord.get(ChangeRecord.event == event).after == {"posts": ["administrator"]}
    # The same link opens nothing twice.
    assert app.test_client().get(link).status_code == 410


def test_who_lost_the_way_in_gets_a_new_one_and_keeps_the_posts(app, people, runtime):
    person = people.kepala_balai
    stranger = enter(app, person)
    link = link_for(runtime, person.email)
    assert LoginSession.select().where(LoginSession.user == person).count() == 0
    assert stranger.get("/backoffice/").status_code == 302
    assert User.get_by_id(person.id).role_codes == {"kepala_balai", "administrator"}
    assert app.test_client().get(link).status_code == 200


def test_a_customer_is_never_made_staff(app, people, runtime):
    with pytest.raises(ValueError, match=people.customer.email):
        link_for(runtime, people.customer.email)
    assert not User.get_by_id(people.customer.id).is_staff
