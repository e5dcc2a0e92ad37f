"""A customer chooses how to be told, tries it, and every later message follows the choice."""

from models import Event, Message, User
from tests.people import advance, enter, file_request, post


def choose(client, wanted: str):
    return post(client, "/profil/pemberitahuan", {"notify_by": wanted})


def test_choice_is_followed_from_the_next_message_on(app, people, runtime, now):
    client = enter(app, people.customer)
    assert choose(client, "email").status_code == 302
    assert Event.get(Event.kind == "channel_chosen").data == {"notify_by": "email", "by": "portal"}
    person = User.get_by_id(people.customer.id)
    item = file_request(runtime, person, now=now)
    advance(item, people, runtime, now=now, until="DISPOSISI_KABALAI")
    mine = list(Message.select().where(Message.recipient == person))
    assert mine
    assert {(message.channel, message.address) for message in mine} == {("email", person.email)}
    choose(client, "whatsapp")
    assert User.get_by_id(person.id).wants_whatsapp
    assert choose(client, "merpati").status_code == 302
    assert User.get_by_id(person.id).notify_by == "whatsapp"


def test_security_messages_go_by_email_whatever_the_choice(app, people):
    for wanted, channels in (("whatsapp", {"whatsapp", "email"}), ("email", {"email"})):
        User.update(notify_by=wanted).where(User.id == people.customer.id).execute()
        Message.delete().execute()
        post(enter(app, None), "/lupa-sandi", {"email": people.customer.email})
        sent = Message.select().where(Message.template == "reset_sandi")
        assert {message.channel for message in sent} == channels


def test_test_message_shows_what_became_of_it(app, people):
    client = enter(app, people.customer)
    for _ in range(2):
        assert post(client, "/profil/pesan-uji").status_code == 302
    assert Message.select().where(Message.template == "pesan_uji").count() <= 2
    page = client.get("/profil").text
    assert "Pesan uji masuk antrean kirim" in page
    Message.update(state="failed", error="Nomor tidak terdaftar di WhatsApp. (131026)").execute()
    page = client.get("/profil").text
    assert "Gagal dikirim" in page
    assert "Nomor tidak terdaftar di WhatsApp." in page
    assert "131026" not in page


def test_test_messages_are_few(app, people):
    client = enter(app, people.customer)
    codes = [post(client, "/profil/pesan-uji").status_code for _ in range(7)]
    assert codes[:5] == [302] * 5
    assert codes[-1] == 429
