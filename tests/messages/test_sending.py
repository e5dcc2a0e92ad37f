"""Messages leave once, by the channel that can carry them."""

from datetime import timedelta

import pytest

from messages import waiting
from messages.gateways.gateway import BadAddress, BadTemplate, TryLater
from messages.sending import deliver_due
from models import CallTask, Message
from tests.messages.carriers import Gateway, postman
from tests.people import advance


def test_due_messages_leave_once(filed, now):
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 2
    assert deliver_due(postman(gateway), now=now) == 0
    assert len(gateway.taken) == 2
    assert {message.state for message in Message.select()} == {"sent"}


def test_links_use_the_configured_address(filed, now):
    gateway = Gateway()
    deliver_due(postman(gateway), now=now)
    to_customer = next(o for o in gateway.taken if o.template == "permintaan_diterima_sistem")
    assert f"https://layanan.contoh.test/layanan/{filed.public_id}" in to_customer.text
    assert "Uji Coba Layanan Data" in to_customer.text
    assert to_customer.text.startswith("Bapak Pelanggan Satu,")


def test_passing_fault_waits_and_tries_again(filed, now):
    gateway = Gateway(TryLater("sibuk"), TryLater("sibuk"))
    deliver_due(postman(gateway), now=now)
    waits = sorted((message.next_attempt_at - now).total_seconds() for message in Message.select())
    assert all(60 <= wait <= 72 for wait in waits)
    assert deliver_due(postman(gateway), now=now + timedelta(seconds=30)) == 0
    assert deliver_due(postman(gateway), now=now + timedelta(minutes=2)) == 2


def test_bad_number_fails_at_once_and_others_go_on(filed, now):
    dead, mail = Gateway(BadAddress("Nomor tidak terdaftar.")), Gateway()
    assert deliver_due(postman(dead, mail), now=now) == 2
    failed = Message.get(Message.state == "failed")
    assert failed.error == ("Alamat penerima tidak dapat menerima pesan. (Nomor tidak terdaftar.)")
    assert sorted(o.template for o in mail.taken) == ["permintaan_diterima_sistem", "tugas_baru"]


@pytest.mark.parametrize("kind", [BadAddress, BadTemplate])
def test_what_whatsapp_cannot_carry_goes_as_mail_once(filed, now, kind):
    dead, mail = Gateway(*[kind("Ditolak.")] * 4), Gateway()
    deliver_due(postman(dead, mail), now=now)
    deliver_due(postman(dead, mail), now=now + timedelta(hours=1))
    taken = [o for o in mail.taken if o.template == "permintaan_diterima_sistem"]
    assert [o.address for o in taken] == ["pelanggan@contoh.test"]
    assert dead.tried == 1
    assert not CallTask.select().exists()


def test_who_cannot_be_reached_at_all_is_to_be_phoned_once(filed, people, runtime, now):
    dead = Gateway(*[BadAddress("Tidak ada.")] * 10)
    deliver_due(postman(dead, dead), now=now)
    task = CallTask.get()
    assert (task.recipient, task.request) == (people.customer, filed)
    assert "Tidak ada." in task.reason
    # Another message about the same request joins the task that is open.
    advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    deliver_due(postman(dead, dead), now=now + timedelta(hours=1))
    assert CallTask.select().count() == 1
    assert task.messages.count() == 2


def test_customer_without_mail_is_phoned(filed, people, now):
    people.customer.email = "loket-1@tanpa-email.invalid"
    people.customer.save()
    mail = Gateway()
    deliver_due(postman(Gateway(BadAddress("Tidak ada.")), mail), now=now)
    assert [o.address for o in mail.taken] == ["admin_layanan@balai.test"]
    assert CallTask.get().recipient == people.customer


def test_ladder_follows_the_setting(filed, now):
    mail = Gateway()
    deliver_due(postman(Gateway(BadAddress("x")), mail, ladder=("whatsapp",)), now=now)
    assert [o.template for o in mail.taken] == ["tugas_baru"]
    assert CallTask.select().count() == 1


def test_gives_up_visibly_after_the_last_try(filed, now):
    at = now
    for _ in range(16):
        dead = Gateway(*[TryLater("mati")] * 9)
        deliver_due(postman(dead, dead), now=at)
        at += timedelta(hours=12)
    assert {message.state for message in Message.select()} == {"failed"}
    assert {message.attempts for message in Message.select()} == {6}
    assert [task.recipient.email for task in CallTask.select()] == ["pelanggan@contoh.test"]


# -- what is accepted and never arrives ------------------------------------------------------------


def test_unreported_message_goes_by_mail_once_and_stays_sent(filed, now):
    gateway, mail = Gateway(), Gateway()
    post = postman(gateway, mail)
    deliver_due(post, now=now)
    later = now + timedelta(hours=24)
    assert waiting.chase_unreported(post, frozenset(), now=later) == 0
    assert waiting.chase_unreported(post, frozenset({"gateway"}), now=later) == 2
    assert waiting.chase_unreported(post, frozenset({"gateway"}), now=later) == 0
    deliver_due(post, now=later)
    assert [o.template for o in mail.taken] == ["tugas_baru", "permintaan_diterima_sistem"]
    assert {message.state for message in Message.select()} == {"sent"}


# -- workers that die ------------------------------------------------------------------------------


def test_expired_link_is_not_sent(people, app, now):
    Message.enqueue(
        "reset_sandi",
        recipient=people.customer,
        channel="email",
        at=now,
        dedupe_key="k",
        variables={"tautan": "/x"},
        expires_at=now + timedelta(minutes=30),
    )
    gateway = Gateway()
    deliver_due(postman(gateway), now=now + timedelta(hours=1))
    assert gateway.taken == []
    assert Message.get().state == "failed"


@pytest.mark.fault
def test_poison_row_does_not_stop_the_others(filed, now):
    Message.update(template="tidak_ada").where(Message.template == "tugas_baru").execute()
    gateway = Gateway()
    assert deliver_due(postman(gateway), now=now) == 1


def test_same_message_is_enqueued_once(people, now):
    for _ in range(2):
        Message.enqueue(
            "akun_aktif", recipient=people.customer, channel="email", at=now, dedupe_key="sama",
            variables={},
        )  # fmt: skip
    assert Message.select().count() == 1
