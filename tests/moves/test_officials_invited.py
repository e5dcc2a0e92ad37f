"""Whoever was invited and hasn't accepted holds nothing and is told nothing."""

import re
from datetime import timedelta
from importlib import import_module

import pytest

from administration.appointments import Appointment, appoint, vacancies
from config.settings import DeliveryRules
from messages.conversation import write_remark
from messages.reminders import remind
from models import Message, Request, User
from moves.assignments import reassign
from moves.officials import Roster, people_for, today, vacant_posts
from storage.database import database, is_sqlite
from tests.account_messages import link_of
from tests.moves.official_steps import leave, may_complete, queue_of
from tests.people import advance, enter, file_request, post
from workflow import InvalidInput, Reader, Refused

STAFF = "/backoffice/petugas/"
ACCEPTED = {"password": "ombak tenang sekali", "password_confirm": "ombak tenang sekali"}


@pytest.fixture
def invite(app, people):
    """Invite somebody to a post, through the page."""

    def make(role: str, email: str = "salah-ketik@balai.test") -> User:
        form = {"name": "Salah Ketik", "email": email, "phone": "", "active": "y",
                "posts": [role]}  # fmt: skip
        answer = post(enter(app, people.administrator), f"{STAFF}new/", form)
        assert answer.status_code == 302
        return User.get(User.email == email)

    return make


def close(app, people, person: User, **more):
    """Deactivate an account on its page."""
    page = enter(app, people.administrator).get(f"{STAFF}edit/?id={person.id}").text
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    form = {"name": person.name, "email": person.email, "posts": sorted(person.role_codes),
            "seen": seen, **more}  # fmt: skip
    return post(enter(app, people.administrator), f"{STAFF}edit/?id={person.id}", form)


def test_b3_an_invitation_hides_no_vacancy(app, people, invite, runtime, now):
    """What the finding did: the treasurer leaves while an invitation is open."""
    invite("bendahara")
    warned = close(app, people, people.bendahara)
    assert "tidak dipegang orang lain" in warned.text
    assert "Undangan kepada Salah Ketik belum diterima" in warned.text
    assert User.get_by_id(people.bendahara.id).active
    assert close(app, people, people.bendahara, confirm="1").status_code == 302
    assert not User.get_by_id(people.bendahara.id).active
    assert vacant_posts(now) == ["bendahara"]
    assert [one.substitute for one in vacancies(now)] == ["Kasubag TU"]
    assert "Pos Bendahara Penerimaan belum ada pejabatnya" in enter(
        app, people.administrator).get("/backoffice/").text  # fmt: skip
    request = file_request(runtime, people.customer, now=now, service="lab", key="LAB")
    request = advance(request, people, runtime, now=now, until="PEMBAYARAN")
    at = now + timedelta(days=1)
    assert queue_of(people.kasubag_tu, at) == [request.id]
    assert may_complete(request, people.kasubag_tu, at)


def test_b3_taking_the_post_from_its_last_holder_warns_too(app, people, invite):
    invite("bendahara")
    warned = close(app, people, people.bendahara, active="y", posts=["staf_tu"])
    assert "tidak dipegang orang lain" in warned.text
    assert User.get_by_id(people.bendahara.id).role_codes == {"bendahara"}


def test_b3_accepting_gives_the_post(app, people, invite, now):
    person = invite("bendahara")
    leave(people.bendahara)
    link = link_of(app, Message.get(Message.template == "undangan_petugas"))
    assert "bendahara" not in Roster.at(now).holders
    assert post(enter(app, None), link, ACCEPTED).status_code == 302
    assert Roster.at(now).holders["bendahara"] == {person.id}
    assert vacant_posts(now) == []


def test_an_invited_person_is_offered_and_given_nothing(app, people, invite, runtime, now):
    person = invite("penguji")
    request = file_request(runtime, people.customer, now=now, service="lab", key="LAB")
    request = advance(request, people, runtime, now=now, until="PENGUJIAN")
    assert person not in people_for("penguji", now)
    assert person not in list(User.holding("penguji"))
    card = enter(app, people.manajer_teknis)
    assert "Salah Ketik" not in card.get("/backoffice/penugasan/").text
    assert "Salah Ketik" not in card.get("/backoffice/").text
    with pytest.raises(Refused):
        reassign(request, people.penguji, "penguji", person,
                 reader=Reader.at(people.manajer_teknis, now))  # fmt: skip
    for absent, acting in ((people.penyelia, person), (person, people.penyelia)):
        role = "penyelia" if absent == people.penyelia else "penguji"
        asked = Appointment(role, absent, acting, "SPT-1/2024", today(now), today(now))
        with pytest.raises(InvalidInput):
            appoint(asked, actor=people.administrator, now=now)
    reader = Reader.at(person, now)
    assert (reader.powers, reader.turns) == ((), ())
    assert Request.visible_to(reader).count() == 0


def test_no_message_before_the_address_is_proved(app, people, invite, runtime, now):
    """Tasks, digests, warnings, escalations and what customers write go to those who came."""
    person = invite("admin_layanan")
    above = invite("kasubag_tu", "atasan@balai.test")
    request = file_request(runtime, people.customer, now=now)
    reader = Reader.at(people.customer, now)
    write_remark(request, "Kapan selesai?", reader=reader, key="R1", via="portal")
    for days in (1, 2, 4, 7):
        remind(DeliveryRules(), now=now + timedelta(days=days))
    told = {
        (m.recipient_id, m.template)
        for m in Message.select()
        if m.recipient_id != people.customer.id
    }
    assert {template for _, template in told} >= {"tugas_baru", "ringkasan_harian", "lewat",
                                                  "lewat_atasan", "pesan_pelanggan"}  # fmt: skip
    for one in (person, above):
        assert {template for key, template in told if key == one.id} == {"undangan_petugas"}


def test_those_invited_before_hold_nothing_after_the_upgrade(app, people, invite, now):
    """They had a password that nobody knew; who chose one keeps it."""
    waiting, came = invite("penguji"), invite("penguji", "datang@balai.test")
    link = Message.get(Message.recipient == came, Message.template == "undangan_petugas")
    assert post(enter(app, None), link_of(app, link), ACCEPTED).status_code == 302
    User.update(password="hash").where(User.id == waiting.id).execute()
    step = import_module("storage.migrations.0020_participation")
    database.execute_sql(step.NEVER_ACCEPTED.format(true="1" if is_sqlite() else "TRUE"))
    assert not User.get_by_id(waiting.id).has_account
    assert User.get_by_id(came.id).has_account
    assert User.get_by_id(people.penguji.id).has_account
