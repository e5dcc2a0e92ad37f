"""What the office does about messages: looks, sends again, cancels."""

from datetime import timedelta

import pytest

from messages.gateways.gateway import BadAddress, TryLater
from messages.sending import deliver_due
from models import Event, Message, User
from rules.formats import moment_short
from tests.messages.carriers import Gateway, postman
from tests.people import enter, post

PAGE = "/backoffice/pesan/"


@pytest.fixture
def failed(filed, now):
    """WhatsApp refused the number; the e-mail in its place left."""
    deliver_due(postman(Gateway(BadAddress("131026")), Gateway()), now=now)
    return Message.get(Message.state == "failed")


def admin(app, people):
    return enter(app, people.admin_layanan)


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("state=failed", True),
        ("state=read", False),
        ("channel=whatsapp", True),
        ("channel=merpati", True),
        ("template=tugas_baru", False),
        ("template=permintaan_diterima_sistem", True),
        ("since=2024-07-29&until=2024-07-29", True),
        ("since=2024-07-30", False),
        ("until=2024-07-28", False),
        ("since=bukan-tanggal", True),
        ("q=Pelanggan", True),
        ("q=Orang+Lain", False),
    ],
)
def test_outbox_is_filtered(app, people, failed, query, shows):
    text = admin(app, people).get(f"{PAGE}?{query}").text
    assert ("Alamat penerima tidak dapat menerima pesan." in text) == shows


def test_outbox_says_what_became_of_each(app, people, failed):
    text = admin(app, people).get(PAGE).text
    for words in ("Gagal 29 Jul 2024 12:57 WITA", "Diteruskan lewat saluran lain.",
                  "Pengganti pesan yang tidak sampai", "Terkirim 29 Jul 2024"):  # fmt: skip
        assert words in text


def test_the_next_try_is_told_after_a_failed_one_only(app, people, filed, now):
    Message.delete().where(Message.channel == "email").execute()
    client = admin(app, people)
    assert "Dicoba lagi" not in client.get(PAGE).text, "nothing was tried yet"
    gateway = Gateway(TryLater("sibuk"))
    deliver_due(postman(gateway), now=now)
    moment = moment_short(Message.get().next_attempt_at)
    assert f"Dicoba lagi {moment}." in client.get(PAGE).text
    deliver_due(postman(gateway), now=now + timedelta(minutes=2))
    assert Message.get().state == "sent"
    assert "Dicoba lagi" not in client.get(PAGE).text


def test_failed_message_goes_again_to_the_number_of_today(app, people, failed, now):
    User.update(phone="+6281111111111").where(User.id == people.customer.id).execute()
    here = f"{PAGE}?state=failed"
    button = {"action": "resend", "rowid": failed.id, "url": here}
    answer = post(admin(app, people), f"{PAGE}action/", button)
    assert answer.headers["Location"].endswith(f"{PAGE}?state=failed")
    again = Message.get_by_id(failed.id)
    assert (again.state, again.address, again.attempts) == ("queued", "+6281111111111", 0)
    assert Event.select().where(Event.kind == "message_resent").count() == 1
    gateway = Gateway()
    # Ten in the morning, WITA: outside the quiet hours, whenever the test runs.
    morning = (again.next_attempt_at + timedelta(days=1)).replace(hour=2)
    deliver_due(postman(gateway), now=morning)
    assert [o.idempotency_key for o in gateway.taken] == [failed.public_id]


def test_what_has_left_is_neither_sent_again_nor_cancelled(app, people, failed):
    sent = Message.get(Message.state == "sent")
    for deed in ("resend", "cancel"):
        post(admin(app, people), f"{PAGE}action/", {"action": deed, "rowid": sent.id})
    assert Message.get_by_id(sent.id).state == "sent"
    assert not Event.select().where(Event.kind.startswith("message_")).exists()


def test_waiting_message_is_cancelled_and_stays_where_it_is(app, people, filed, now):
    message = Message.get(Message.channel == "whatsapp")
    post(admin(app, people), f"{PAGE}action/", {"action": "cancel", "rowid": message.id})
    assert Message.get_by_id(message.id).state == "cancelled"
    assert Event.select().where(Event.kind == "message_cancelled").count() == 1
    gateway = Gateway()
    deliver_due(postman(gateway), now=now + timedelta(days=1))
    assert message.public_id not in [o.idempotency_key for o in gateway.taken]


def test_auditor_reads_and_does_nothing(app, people, call):
    client, address = enter(app, people.auditor), f"/backoffice/telepon/{call.public_id}"
    assert "Kirim ulang" not in client.get(PAGE).text
    assert post(client, f"{PAGE}action/", {"action": "resend", "rowid": "1"}).status_code == 403
    assert "Simpan hasil" not in client.get(address).text
    assert post(client, address, {"outcome": "reached"}).status_code == 403
