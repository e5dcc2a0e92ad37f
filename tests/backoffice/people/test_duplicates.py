"""Accounts of one customer are compared and joined."""

import pytest

from administration import customers
from administration.audit import verify_history
from models import CallTask, IncomingMessage, Message, Request, User
from tests.account_messages import prove
from tests.backoffice.manage.reference_pages import HERE, MERGE
from tests.people import PASSWORD, advance, enter, file_request, make_customer, post
from workflow import Refused


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


def test_calls_and_incoming_messages_follow_to_the_account_that_lives(app, people, runtime, now):
    """A number that the phone call corrects is that of the living account."""
    filed = file_request(runtime, people.other_customer, now=now)
    call = CallTask.create(recipient=people.other_customer, request=filed, created_at=now)
    done = CallTask.create(recipient=people.other_customer, created_at=now, done_at=now)
    came = IncomingMessage.create(provider_id="m1", channel="log", phone="+6281399992222",
                                  text="Halo", received_at=now, is_waiting=True,
                                  sender=people.other_customer)  # fmt: skip
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    assert CallTask.get_by_id(call.id).recipient == people.customer
    assert CallTask.get_by_id(done.id).recipient == people.other_customer
    assert IncomingMessage.get_by_id(came.id).sender == people.customer
    client = enter(app, people.admin_layanan)
    said = {"outcome": "corrected", "phone": "0812-9999-0000", "note": ""}
    assert post(client, f"{HERE}/telepon/{call.public_id}", said).status_code == 302
    assert User.get_by_id(people.customer.id).phone == "+6281299990000"


def test_who_logs_in_to_a_joined_account_learns_where_to(app, people, now):
    """It can't be opened again, so nobody is sent to ask for that; strangers learn nothing."""
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    given = {"email": "lain@contoh.test", "password": PASSWORD}
    page = post(enter(app, None), "/masuk", given).text
    assert "digabung ke akun Anda yang lain (p***@contoh.test)" in page
    assert "mengaktifkan akun kembali" not in page
    page = post(enter(app, None), "/masuk", given | {"password": "bukan kata sandinya"}).text
    assert "digabung" not in page


def test_any_two_accounts_are_named_compared_and_told_apart(app, people, runtime, now):
    User.update(phone="+6281399991111", institution_name="Lain").where(
        User.id == people.other_customer.id
    ).execute()
    file_request(runtime, people.other_customer, now=now)
    client, address = enter(app, people.administrator), f"{HERE}/akun-ganda/cari"
    named = {"simpan": "PELANGGAN@contoh.test", "tutup": "0813-9999-1111"}
    found = post(client, address, named)
    assert found.status_code == 302
    assert "contoh" not in found.headers["Location"] and "1111" not in found.headers["Location"]
    page = client.get(found.headers["Location"]).text
    assert (
        "Gabungkan akun Pelanggan Dua (lain@contoh.test, 1 permohonan) ke akun "
        "Pelanggan Satu (pelanggan@contoh.test, 0 permohonan)?"
    ) in page
    post(client, found.headers["Location"])
    assert User.get_by_id(people.other_customer.id).merged_into == people.customer


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"simpan": "pelanggan@contoh.test", "tutup": "siapa@contoh.test"}, "Tidak ada akun"),
        ({"simpan": "pelanggan@contoh.test", "tutup": "penguji@balai.test"}, "Tidak ada akun"),
        ({"simpan": "lain@contoh.test", "tutup": "lain@contoh.test"}, "akun yang sama"),
        ({"simpan": "lain@contoh.test", "tutup": ""}, "Tidak ada akun"),
    ],
)
def test_accounts_that_cannot_be_named(app, people, named, says):
    page = post(enter(app, people.administrator), f"{HERE}/akun-ganda/cari", named)
    assert page.status_code == 422
    assert says in page.text and f'value="{named["simpan"]}"' in page.text


def test_of_accounts_with_one_telephone_one_is_chosen(app, people):
    client = enter(app, people.administrator)
    named = {"simpan": "lain@contoh.test", "tutup": "0812 3456 7890"}
    page = post(client, f"{HERE}/akun-ganda/cari", named).text
    assert "Pilih akun" in page
    assert page.count('name="tutup" value="') >= 3
    assert "Pelanggan Satu, pelanggan@contoh.test, 0 permohonan" in page


@pytest.mark.parametrize("who", ["staff", "same", "closed"])
def test_accounts_that_cannot_be_joined(people, now, who):
    duplicate = {"staff": people.penguji, "same": people.customer, "closed": people.unverified}[who]
    if who == "closed":
        prove(duplicate, now)
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
