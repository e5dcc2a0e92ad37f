"""What the office keeps itself: each change leaves a trace; two accounts of one customer join."""

import pytest

from models.history import ChangeRecord, Event, verify_history
from models.messages import Message
from models.people import User
from models.requests import Request
from tests.people import advance, enter, file_request, make_customer, post
from workflow import customers
from workflow.movement import Refused

MERGE = "/backoffice/akun-ganda/gabung?simpan={}&tutup={}"


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


def test_nothing_changed_leaves_no_trace(app, people):
    person = people.customer
    form = {"name": person.name, "phone": person.phone, "institution_name": person.institution_name}
    address = f"/backoffice/pelanggan/edit/?id={person.id}"
    post(enter(app, people.administrator), address, {**form, "active": "y"})
    assert not ChangeRecord.select().exists()


def test_accounts_are_compared_and_joined(app, people, runtime, now):
    with app.app_context():
        twin = make_customer("kedua@contoh.test", "Pelanggan Satu")
    mine = file_request(runtime, people.customer, now=now, subject="Milik akun pertama")
    theirs = file_request(runtime, twin, now=now, key="K2", subject="Milik akun kedua")
    theirs = advance(theirs, people, runtime, now=now, until="SURVEI")
    before = enter(app, twin)
    client = enter(app, people.admin_layanan)
    # Three share one telephone in these tests; the pair shares the name as well.
    assert MERGE.format(people.customer.public_id, twin.public_id).replace("&", "&amp;") in (
        client.get("/backoffice/akun-ganda/").text
    )
    address = MERGE.format(people.customer.public_id, twin.public_id)
    page = client.get(address).text
    assert "kedua@contoh.test" in page
    assert not User.get_by_id(twin.id).merged_into

    done = post(client, address, follow_redirects=True)
    assert "1 permohonan dialihkan" in done.text
    assert {row.customer_id for row in Request.select()} == {people.customer.id}
    assert not Message.select().where(Message.recipient == twin).exists()
    closed = User.get_by_id(twin.id)
    assert (closed.active, closed.merged_into) == (False, people.customer)
    # The old session is dead, the kept account has it all, with the history unbroken.
    assert before.get("/dasbor").status_code == 302
    portal = enter(app, people.customer)
    page = portal.get(f"/layanan/{theirs.public_id}").text
    assert "Milik akun kedua" in page
    assert portal.get(f"/layanan/{mine.public_id}").status_code == 200
    assert "Akun pelanggan digabungkan" in (
        client.get(f"/backoffice/permohonan/{theirs.public_id}").text
    )
    assert verify_history()[1] == []
    # The survey waits for the kept account now.
    assert portal.get(f"/layanan/{theirs.public_id}/survei").status_code == 200
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("who", ["staff", "same", "closed"])
def test_accounts_that_cannot_be_joined(people, now, who):
    duplicate = {"staff": people.penguji, "same": people.customer, "closed": people.unverified}[who]
    if who == "closed":
        customers.merge(duplicate, people.other_customer, actor=people.admin_layanan, now=now)
    with pytest.raises(Refused):
        customers.merge(duplicate, people.customer, actor=people.admin_layanan, now=now)


def test_joining_is_all_or_nothing(people, runtime, now, monkeypatch):
    """A request that somebody moves meanwhile keeps everything where it was."""
    file_request(runtime, people.other_customer, now=now)
    file_request(runtime, people.other_customer, now=now, key="K2")
    real, moved = customers.compare_and_set, []

    def lose_the_second(request, changes):
        moved.append(request)
        if len(moved) == 2:
            Request.update(version=Request.version + 1).where(Request.id == request.id).execute()
        real(request, changes)

    monkeypatch.setattr(customers, "compare_and_set", lose_the_second)
    with pytest.raises(Refused):
        customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    assert {row.customer_id for row in Request.select()} == {people.other_customer.id}
    assert User.get_by_id(people.other_customer.id).active
