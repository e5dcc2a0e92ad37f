"""Who may stand in, who may name one, and who is told."""

import re
from datetime import timedelta

import pytest

from administration.appointments import Appointment, appoint, revoke
from models import Event, Mandate, Message
from moves.officials import today
from tests.backoffice.people.mandate_pages import form_for, name_on_page
from tests.backoffice.requests.queue_pages import colleague_of
from tests.moves.official_steps import mandate
from tests.people import enter, post
from workflow import InvalidInput, Reader, Refused

FORM = "/backoffice/mandat/baru"


def asked(people, at, *, role="penguji", acting, absent=None, letter="ST-47/2026"):
    absent = absent or people.staff[role]
    return Appointment(role, absent, acting, letter, today(at), today(at) + timedelta(days=3))


def options(page: str, name: str) -> dict[str, str]:
    """Value -> words of what a select offers."""
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)[0]
    return dict(re.findall(r'<option[^>]*value="([^"]*)"[^>]*>([^<]*)', select))


@pytest.mark.parametrize("post_code", ["administrator", "auditor"])
def test_b2_neither_administrator_nor_auditor_stands_in(app, people, at, post_code):
    """Not by a form that was made up, and not beside a post that could."""
    person = people.staff[post_code]
    page = enter(app, people.kasubag_tu).get(FORM).text
    assert person.public_id not in options(page, "acting")
    form = form_for(people, at, role="penguji", acting=post_code)
    answer = post(enter(app, people.kasubag_tu), FORM, {**form, "confirm": 1})
    assert answer.status_code == 422 and not Mandate.select().exists()
    with pytest.raises(InvalidInput) as refusal:
        appoint(asked(people, at, acting=person), actor=people.kasubag_tu, now=at)
    assert "tidak menggantikan pejabat lain" in refusal.value.errors["acting"]
    person.hold_posts([post_code, "penguji"])
    with pytest.raises(InvalidInput):
        appoint(asked(people, at, role="bendahara", acting=person), actor=people.kasubag_tu, now=at)


@pytest.mark.parametrize("post_code", ["administrator", "auditor"])
def test_b2_nobody_stands_in_for_administrator_or_auditor(people, at, post_code):
    with pytest.raises(InvalidInput) as refusal:
        appoint(asked(people, at, role=post_code, acting=people.penguji),
                actor=people.kasubag_tu, now=at)  # fmt: skip
    assert "replaced" in refusal.value.errors


def test_b2_nobody_names_oneself(app, people, at):
    for actor in (people.administrator, people.kasubag_tu):
        with pytest.raises(InvalidInput) as refusal:
            appoint(asked(people, at, acting=actor), actor=actor, now=at)
        assert "diri sendiri" in refusal.value.errors["acting"]
        page = enter(app, actor).get(FORM).text
        assert actor.public_id not in options(page, "acting")


def test_b2_a_mandate_gives_nothing_to_who_became_auditor(people, at):
    mandate("penguji", people.tim_advis, absent=people.penguji, from_on=today(at),
            until_on=today(at))  # fmt: skip
    assert "penguji" in Reader.at(people.tim_advis, at).posts
    people.tim_advis.hold_posts(["tim_advis", "auditor"])
    assert Reader.at(people.tim_advis, at).posts == {"tim_advis", "auditor"}


def test_m12_each_person_is_offered_with_the_post(app, people, at):
    colleague_of(app, "penguji", "penyelia", email="dua-pos@balai.test")
    offered = options(enter(app, people.administrator).get(FORM).text, "acting")
    assert offered[people.penguji.public_id] == "Petugas penguji – Penguji"
    assert "Petugas dua-pos – Penyelia, Penguji" in offered.values()


def test_m12_the_head_names_the_own_plh_and_recalls_it(app, people, at):
    client = enter(app, people.kepala_balai)
    assert "Tunjuk Plh. saya" in client.get("/backoffice/mandat/").text
    page = client.get(FORM).text
    own = f"kepala_balai:{people.kepala_balai.public_id}"
    assert list(options(page, "replaced")) == ["", own]
    assert re.search(rf'<option selected value="{own}"', page)
    answer = post(client, FORM, {**form_for(people, at), "confirm": 1})
    assert answer.status_code == 302
    given = Mandate.get()
    assert (given.acting_id, given.created_by_id) == (people.kasubag_tu.id, people.kepala_balai.id)
    address = f"/backoffice/mandat/{given.public_id}/akhiri"
    assert address in client.get("/backoffice/mandat/").text
    assert post(client, address).status_code == 302
    assert Mandate.get().revoked_at


def test_m12_the_head_names_nobody_else(app, people, at):
    other = name_on_page(app, people, at, role="penguji", acting="tim_advis")
    client = enter(app, people.kepala_balai)
    form = form_for(people, at, role="bendahara", acting="tim_advis")
    assert post(client, FORM, {**form, "confirm": 1}).status_code == 422
    address = f"/backoffice/mandat/{other.public_id}/akhiri"
    assert address not in client.get("/backoffice/mandat/").text
    assert post(client, address).status_code == 403
    with pytest.raises(Refused):
        revoke(other, actor=people.kepala_balai, now=at)
    with pytest.raises(Refused):
        appoint(asked(people, at, acting=people.tim_advis), actor=people.kepala_balai, now=at)
    assert Mandate.select().where(Mandate.revoked_at.is_null()).count() == 1


@pytest.mark.parametrize("letter", ["surat tugas", "47", "ST-47", "ST/2026", "<b>1/2026"])
def test_the_letter_number_has_a_form(app, people, at, letter):
    form = form_for(people, at) | {"letter": letter, "confirm": 1}
    answer = post(enter(app, people.administrator), FORM, form)
    assert answer.status_code == 422 and "Nomor surat belum lengkap" in answer.text
    assert "misalnya SPT-12/BTP/2026" in answer.text
    assert not Mandate.select().exists()


@pytest.mark.parametrize("letter", ["SPT-12/BTP/2026", "UM 02.01-BTP/12/2026", "47/ST/XI/2026"])
def test_letters_of_the_office_are_taken(app, people, at, letter):
    assert name_on_page(app, people, at, letter=letter).letter == letter


def test_naming_is_told_to_both_and_the_auditor_and_stands_in_the_history(app, people, at):
    name_on_page(app, people, at)
    told = {(m.template, m.recipient_id) for m in Message.select()}
    assert told == {
        ("mandat_mulai", people.kasubag_tu.id),
        ("mandat_mulai", people.kepala_balai.id),
        ("mandat_ditetapkan", people.auditor.id),
    }
    said = Message.get(Message.template == "mandat_ditetapkan").variables
    assert said["penetap"] == people.administrator.name
    assert said["digantikan"] == people.kepala_balai.name
    assert Event.select().where(Event.kind == "mandate_given").count() == 1
    page = enter(app, people.auditor).get("/backoffice/jejak/").text
    assert "SPT-01/2026" in page and people.kasubag_tu.name in page
