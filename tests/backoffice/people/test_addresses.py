"""The office changes somebody's e-mail or phone, and can't become them by it."""

import pytest

from models import ChangeRecord, Event, Message, User
from tests.account_messages import link_of, messages_to
from tests.people import PASSWORD, enter, post

NEW = {"email": "ganti@contoh.test", "phone": "+6281355556666"}
CHANNELS = {"email": "email", "phone": "whatsapp"}


def edit(app, actor: User, person: User, **changes: str):
    """Change a customer or a member of staff as their page does."""
    kind = "petugas" if person.is_staff else "pelanggan"
    given = {"name": person.name, "email": person.email, "phone": person.phone, "active": "y",
             "institution_name": person.institution_name, "posts": sorted(person.role_codes),
             "confirm": "1"}  # fmt: skip
    return post(enter(app, actor), f"/backoffice/{kind}/edit/?id={person.id}", given | changes)


@pytest.fixture(params=["customer", "kepala_balai"])
def person(app, people, request):
    found = getattr(people, request.param)
    phone = {"phone": "+6281200001111", "phone_confirmed_at": found.email_confirmed_at}
    User.update(phone).where(User.id == found.id).execute()
    return User.get_by_id(found.id)


@pytest.fixture
def actor(people, person):
    return people.administrator if person.is_staff else people.admin_layanan


@pytest.mark.parametrize("field", NEW)
def test_no_reset_goes_to_what_the_office_wrote(app, person, actor, field):
    old, new = getattr(person, field), NEW[field]
    assert edit(app, actor, person, **{field: new}).status_code == 302
    stored = User.get_by_id(person.id)
    assert new in stored.unproved(CHANNELS[field])
    post(app.test_client(), "/lupa-sandi", {"email": stored.email})
    resets = {message.address for message in Message.select().where(Message.link == "reset")}
    assert resets and new not in resets
    # The proof alone goes there, and proves nothing to who doesn't know the account.
    assert {message.link for message in messages_to(new)} == {"proof"}
    for link in [link_of(app, message) for message in messages_to(new)]:
        assert post(enter(app, actor), link, {"password": PASSWORD + "x"}).status_code == 422
    assert new in User.get_by_id(person.id).unproved(CHANNELS[field])
    # The old address, the person by the other one, and the auditor's log know.
    other = person.phone if field == "email" else person.email
    for address in (old, other):
        told = messages_to(address, "alamat_diubah")
        assert len(told) == 1 and told[0].variables["oleh"] == "petugas kami"
        # Whatever takes its place before the message leaves.
        assert told[0].only_here
    event = Event.get(Event.kind == "address_changed")
    assert event.actor == actor and event.data["user"] == person.public_id
    change = ChangeRecord.select().order_by(ChangeRecord.id.desc()).get()
    assert change.before[field] == old and change.after[field] == new


def test_an_e_mail_stays_good_for_the_log_in_until_the_new_one_is_proved(app, person, actor):
    edit(app, actor, person, email=NEW["email"])
    given = {"email": person.email, "password": PASSWORD}
    assert post(app.test_client(), "/masuk", given).status_code == 302
    page = enter(app, actor).get(f"/backoffice/{'petugas' if person.is_staff else 'pelanggan'}/")
    assert f"{NEW['email']} (belum terbukti)" in page.text
    link = link_of(app, messages_to(NEW["email"])[0])
    assert post(app.test_client(), link, {"password": PASSWORD}).status_code == 302
    assert User.get_by_id(person.id).email == NEW["email"]


def test_a_number_that_the_office_corrects_is_used_for_calls_at_once(app, people):
    edit(app, people.admin_layanan, people.customer, phone=NEW["phone"])
    stored = User.get_by_id(people.customer.id)
    assert stored.phone == NEW["phone"] and stored.phone_confirmed_at is None
    assert stored.proved_address("whatsapp") == "" and stored.proved_address("email")


@pytest.mark.parametrize("kind", ["petugas", "pelanggan"])
def test_the_e_mail_of_another_account_is_refused_in_words(app, people, kind):
    person = people.penguji if kind == "petugas" else people.customer
    actor = people.administrator if kind == "petugas" else people.admin_layanan
    answer = edit(app, actor, person, email=people.other_customer.email)
    assert answer.status_code == 422 and "Email ini sudah dipakai akun lain." in answer.text
    assert not Message.select().exists()


def test_a_customer_without_e_mail_gets_one(app, people):
    User.update(email="x@tanpa-email.invalid", email_confirmed_at=None).where(
        User.id == people.customer.id
    ).execute()
    person = User.get_by_id(people.customer.id)
    assert edit(app, people.admin_layanan, person, email="").status_code == 302
    assert edit(app, people.admin_layanan, person, email=NEW["email"]).status_code == 302
    stored = User.get_by_id(person.id)
    assert stored.email == NEW["email"] and not stored.email_confirmed_at
    assert edit(app, people.admin_layanan, stored, email="").status_code == 302
    assert User.get_by_id(person.id).shown_email == ""
