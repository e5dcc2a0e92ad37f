"""Somebody makes an account with a stranger's address before the stranger comes."""

import pytest

from administration import customers
from models import NO_EMAIL, Event, Message, Request, User
from moves.refusals import Refused
from tests.account_messages import link_of, messages_to, newest_link, person_of
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, REQUEST, write_down
from tests.people import enter, post
from tests.story_forms import SIGN_UP

VICTIM, VICTIMS_PHONE = "korban@contoh.test", "+6281299990000"
ROBBER, ROBBERS_PHONE = "perampok@contoh.test", "+6281377770000"
ROBBERS, VICTIMS = "sandi si perampok 1", "sandi si korban 2"
CHOSEN = {"password": "ombak tenang pagi", "password_confirm": "ombak tenang pagi"}
# What the robber gives of the victim: the e-mail, the phone, or both.
STOLEN = {
    "email": {"email": VICTIM, "phone": ROBBERS_PHONE},
    "phone": {"email": ROBBER, "phone": VICTIMS_PHONE},
    "both": {"email": VICTIM, "phone": VICTIMS_PHONE},
}


def sign_up(app, *, name="Si Perampok", password=ROBBERS, **given):
    client = app.test_client()
    assert post(client, "/daftar", SIGN_UP | given | {"name": name, "password": password}
                ).status_code == 302  # fmt: skip
    return client


def logs_in(app, email: str, password: str) -> bool:
    given = {"email": email, "password": password}
    return post(app.test_client(), "/masuk", given).status_code == 302


def opens_own_links(app, client, *addresses: str) -> None:
    for address in addresses:
        for message in messages_to(address):
            if message.link == "proof":
                post(client, link_of(app, message))


def robbed(app, what: str) -> User:
    """The account that the robber made, with all proved that the robber can prove."""
    client = sign_up(app, **STOLEN[what])
    opens_own_links(app, client, ROBBER, ROBBERS_PHONE)
    return User.get(User.name == "Si Perampok")


@pytest.mark.parametrize("what", STOLEN)
def test_the_robber_proves_the_own_address_alone(app, db, what):
    account = robbed(app, what)
    assert bool(account.email_confirmed_at) == (account.email == ROBBER)
    assert bool(account.phone_confirmed_at) == (account.phone == ROBBERS_PHONE)


def test_the_victim_presses_every_button_and_blesses_nothing(app, db):
    robbed(app, "email")
    post(app.test_client(), "/lupa-sandi", {"email": VICTIM})
    post(app.test_client(), "/verifikasi", {"email": VICTIM})
    victim = app.test_client()
    links = [link_of(app, message) for message in messages_to(VICTIM)]
    assert len(links) == 3 and all(link.startswith("/verifikasi/") for link in links)
    for link in links:
        assert victim.get(link).status_code == 200
        assert post(victim, link).status_code == 422
        assert post(victim, link, {"password": VICTIMS}).status_code == 422
    assert person_of(VICTIM).email_confirmed_at is None


def test_the_victim_signs_up_and_has_the_address(app, db):
    account = robbed(app, "email")
    victim = sign_up(app, name="Si Korban", password=VICTIMS, email=VICTIM, phone=VICTIMS_PHONE)
    # Until it is proved nobody knows whose it is.
    assert person_of(VICTIM) == account
    post(victim, newest_link(app, "akun_terdaftar", VICTIM))
    own = person_of(VICTIM)
    assert own != account and own.name == "Si Korban" and own.email_confirmed_at
    assert logs_in(app, VICTIM, VICTIMS) and not logs_in(app, VICTIM, ROBBERS)
    # The robber's account goes on without the address, and its owner hears of it.
    account = User.get_by_id(account.id)
    assert account.email.endswith(NO_EMAIL) and account.active
    assert messages_to(ROBBERS_PHONE, "alamat_dilepas")
    assert Event.get(Event.kind == "email_released").stream == f"user:{account.public_id}"


def test_the_victims_reset_reaches_no_phone_but_a_proved_one(app, db):
    robbed(app, "email")
    victim = sign_up(app, name="Si Korban", password=VICTIMS, email=VICTIM, phone=VICTIMS_PHONE)
    post(victim, newest_link(app, "akun_terdaftar", VICTIM))
    before = len(messages_to(ROBBERS_PHONE))
    post(app.test_client(), "/lupa-sandi", {"email": VICTIM})
    resets = Message.select().where(Message.link == "reset")
    assert [message.address for message in resets] == [VICTIM]
    assert len(messages_to(ROBBERS_PHONE)) == before


def test_the_robbers_own_claim_is_worth_nothing_later(app, db):
    """The links of the first account die with the claim."""
    robber = sign_up(app, **STOLEN["email"])
    link = newest_link(app, "akun_terdaftar", VICTIM)
    victim = sign_up(app, name="Si Korban", password=VICTIMS, email=VICTIM, phone=VICTIMS_PHONE)
    post(victim, newest_link(app, "akun_terdaftar", VICTIM))
    for client, given in ((robber, {}), (app.test_client(), {"password": ROBBERS})):
        assert post(client, link, given).status_code == 410
    assert person_of(VICTIM).name == "Si Korban"


def test_a_second_claim_takes_nothing_from_who_proved_first(app, db):
    victim = sign_up(app, name="Si Korban", password=VICTIMS, email=VICTIM, phone=VICTIMS_PHONE)
    robber = sign_up(app, **STOLEN["email"])
    waiting = User.get(User.name == "Si Perampok")
    assert waiting.new_email == VICTIM and waiting.email.endswith(NO_EMAIL)
    first, second = (link_of(app, message) for message in messages_to(VICTIM, "akun_terdaftar"))
    post(victim, first)
    answer = post(robber, second)
    assert answer.status_code == 409 and "sudah dibuktikan oleh akun lain" in answer.text
    assert person_of(VICTIM).name == "Si Korban"


@pytest.mark.parametrize("what", STOLEN)
def test_the_counter_files_nothing_into_it(app, people, what):
    account = robbed(app, what)
    clerk = enter(app, people.admin_layanan)
    for words in (VICTIM, VICTIMS_PHONE, "Si Perampok"):
        page = post(clerk, "/backoffice/cari", {"q": words, "di": "/backoffice/loket/"},
                    follow_redirects=True).text  # fmt: skip
        if account.public_id in page:
            assert "belum terbukti" in page
    address = f"{FORM_PAGE}?pelanggan={account.public_id}"
    assert clerk.get(address).status_code == 302
    told = clerk.get("/backoffice/loket/").text
    assert "belum terbukti milik pelanggan" in told
    assert post(clerk, address, REQUEST).status_code == 302
    assert not Request.select().exists()


def test_the_counter_writes_the_victim_down_beside_it(app, people):
    account = robbed(app, "email")
    clerk = enter(app, people.admin_layanan)
    write_down(clerk, **{**NEWCOMER, "name": "Si Korban", "email": VICTIM})
    filed = Request.get()
    assert filed.customer != account and filed.customer.new_email == VICTIM
    victim = app.test_client()
    proved = post(victim, newest_link(app, "bukti_alamat", VICTIM))
    assert post(victim, proved.location, CHOSEN).status_code == 302
    assert person_of(VICTIM).id == filed.customer_id
    assert logs_in(app, VICTIM, CHOSEN["password"]) and not logs_in(app, VICTIM, ROBBERS)


@pytest.mark.parametrize("what", STOLEN)
def test_nothing_is_joined_with_it(app, people, now, what):
    account = robbed(app, what)
    admin = people.admin_layanan
    for pair in ((account, people.customer), (people.customer, account)):
        with pytest.raises(Refused, match="belum terbukti"):
            customers.merge(*pair, actor=admin, now=now)
    assert User.get_by_id(account.id).active and User.get_by_id(people.customer.id).active
    clerk = enter(app, admin)
    page = clerk.get(f"/backoffice/akun-ganda/gabung?simpan={people.customer.public_id}"
                     f"&tutup={account.public_id}")  # fmt: skip
    assert "belum terbukti" in page.text


def test_the_office_invites_the_victim_all_the_same(app, people):
    account = robbed(app, "email")
    admin = enter(app, people.administrator)
    given = {"name": "Si Korban", "email": VICTIM, "phone": "", "posts": "penguji", "active": "y"}
    assert post(admin, "/backoffice/petugas/new/", given).status_code == 302
    invited = person_of(VICTIM)
    assert invited.is_staff and invited != account and not invited.email_confirmed_at
    assert not logs_in(app, VICTIM, ROBBERS)
    # Nobody signs up over somebody who is invited, and nobody is told of it.
    count = Message.select().count()
    sign_up(app, **STOLEN["email"])
    assert person_of(VICTIM) == invited and Message.select().count() == count
    post(app.test_client(), newest_link(app, "undangan_petugas", VICTIM), CHOSEN)
    assert person_of(VICTIM).email_confirmed_at and logs_in(app, VICTIM, CHOSEN["password"])
