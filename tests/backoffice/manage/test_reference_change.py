"""A change of reference data is kept with before and after, and never saved unseen."""

import re

import pytest

from models import ChangeRecord, Event, User
from tests.backoffice.manage.reference_pages import HERE
from tests.people import enter, post


def test_change_is_kept_with_before_and_after(app, people):
    client = enter(app, people.administrator)
    form = {
        "name": "Nama Baru",
        "phone": "0812-0000-1111",
        "institution_name": "Universitas Contoh",
        "active": "y",
    }
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    assert post(client, address, form).status_code == 302
    kept = ChangeRecord.get()
    assert kept.before == {"name": "Pelanggan Satu", "phone": "+6281234567890"}
    assert kept.after == {"name": "Nama Baru", "phone": "+6281200001111"}
    # The event names fields and holds a digest; nobody's name or telephone.
    event = Event.get(Event.kind == "record_changed")
    assert (event.actor, event.data["fields"]) == (people.administrator, ["name", "phone"])
    assert "Nama Baru" not in str(event.data)
    trail = enter(app, people.auditor).get("/backoffice/jejak/").text
    assert "nama: “Pelanggan Satu” menjadi “Nama Baru”" in trail
    assert people.administrator.name in trail
    assert "Nama Baru" in client.get("/backoffice/jejak/?table=user").text
    assert "Nama Baru" not in client.get("/backoffice/jejak/?table=holiday").text


def test_posts_of_staff_are_told_by_their_titles(app, people):
    client = enter(app, people.administrator)
    person = people.penguji
    form = {"name": person.name, "email": person.email, "phone": "", "active": "y"}
    address = f"/backoffice/petugas/edit/?id={person.id}"
    assert post(client, address, {**form, "posts": ["penguji", "penyelia"]}).status_code == 302
    trail = client.get("/backoffice/jejak/").text
    assert "pos: Penguji menjadi Penguji, Penyelia" in trail


def test_a_form_that_somebody_overtook_is_not_saved_unseen(app, people):
    """Who corrects a name gives nobody back the post that was just taken away."""
    client, person = enter(app, people.administrator), people.penguji
    address = f"{HERE}/petugas/edit/?id={person.id}"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    person.hold_posts(["auditor"])
    form = {"name": "Nama Benar", "email": person.email, "phone": "", "active": "y",
            "posts": ["penguji"], "seen": seen}  # fmt: skip
    answer = post(client, address, form)
    assert answer.status_code == 422
    assert "Yang berbeda dari isian Anda: Nama, Pos." in answer.text
    assert User.get_by_id(person.id).role_codes == {"auditor"}
    # Whoever says so again has seen it.
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)[1]
    assert post(client, address, form | {"seen": seen, "confirm": "1"}).status_code == 302
    assert User.get_by_id(person.id).role_codes == {"penguji"}
    assert User.get_by_id(person.id).name == "Nama Benar"


@pytest.mark.parametrize("place", ["pelanggan", "petugas"])
def test_a_form_that_nobody_overtook_is_saved(app, people, place):
    client, row = enter(app, people.administrator), people.customer
    form = {"name": "Nama Baru", "phone": "", "active": "y", "institution_name": "Lain"}
    if place == "petugas":
        row = people.penguji
        form |= {"email": row.email, "posts": ["penguji", "penyelia"]}
    address = f"{HERE}/{place}/edit/?id={row.id}"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    assert post(client, address, form | {"seen": seen}).status_code == 302
    assert User.get_by_id(row.id).name == "Nama Baru"


def test_nothing_changed_leaves_no_trace(app, people):
    person = people.customer
    form = {"name": person.name, "phone": person.phone, "institution_name": person.institution_name}
    address = f"/backoffice/pelanggan/edit/?id={person.id}"
    post(enter(app, people.administrator), address, {**form, "active": "y"})
    assert not ChangeRecord.select().exists()
