"""What people see of messages: beside the history, in the banner, in simple words."""

from datetime import UTC, datetime, timedelta

import pytest

from messages.gateways.gateway import BadAddress, Unreachable
from messages.sending import deliver_due
from messages.staff_news import news_for
from models import Message, User
from tests.messages.carriers import Gateway, postman
from tests.people import enter, file_request
from workflow import Reader


@pytest.fixture
def filed(people, runtime, now):
    return file_request(runtime, people.customer, now=now)


def card(app, person, request) -> str:
    return enter(app, person).get(f"/backoffice/permohonan/{request.public_id}").text


def page(app, person, request) -> str:
    return enter(app, person).get(f"/layanan/{request.public_id}").text


def test_state_of_a_message_stands_beside_its_stage(app, people, filed, now):
    assert "WhatsApp ke pelanggan: menunggu dikirim" in card(app, people.kasubag_tu, filed)
    deliver_due(postman(Gateway()), now=now)
    Message.update(state="read", state_at=now + timedelta(minutes=7)).execute()
    text = "29 Jul 2024 13:04 WITA"
    assert f"WhatsApp ke pelanggan: dibaca {text}" in card(app, people.kasubag_tu, filed)
    assert f"Pemberitahuan WhatsApp sudah Anda baca {text}" in page(app, people.customer, filed)


def test_notification_has_a_button_for_the_link_and_no_words_that_led_to_it(app, people, filed):
    seen = enter(app, people.customer).get("/pemberitahuan").text
    assert "menunggu verifikasi admin.<" in seen
    assert f'href="/layanan/{filed.public_id}"' in seen


def test_what_failed_says_why_and_what_came_in_its_place(app, people, filed, now):
    deliver_due(postman(Gateway(BadAddress("Cloud API 131026")), Gateway()), now=now)
    seen = card(app, people.admin_layanan, filed)
    assert "gagal 29 Jul 2024 12:57 WITA – Alamat penerima tidak dapat menerima pesan" in seen
    assert "Email ke pelanggan: terkirim 29 Jul 2024 12:57 WITA" in seen
    assert "131026" not in seen
    theirs = page(app, people.customer, filed)
    assert "Pemberitahuan WhatsApp belum sampai; kami kirim lewat saluran lain" in theirs
    assert "Pemberitahuan Email sudah kami kirim" in theirs


def test_who_is_to_be_phoned_is_told_on_the_card(app, people, filed, now):
    dead = Gateway(*[BadAddress("x")] * 3)
    deliver_due(postman(dead), now=now)
    assert "pelanggan perlu ditelepon" in card(app, people.admin_layanan, filed)
    assert "kami akan menghubungi Anda" in page(app, people.customer, filed)


def delivery_trouble(at):
    """What everybody in the office reads of it then."""
    reader = Reader.at(User.get(User.is_staff), at)
    return news_for(reader, since=at).trouble


def test_no_banner_when_all_is_well(app, people, filed, now):
    assert delivery_trouble(now) == []
    deliver_due(postman(Gateway()), now=now)
    assert delivery_trouble(now + timedelta(hours=1)) == []
    assert "Pengiriman pesan terganggu" not in card(app, people.kasubag_tu, filed)


def test_messages_that_wait_raise_the_banner(app, people, filed, now):
    assert delivery_trouble(now + timedelta(minutes=10)) == []
    (words,) = delivery_trouble(now + timedelta(minutes=11))
    assert words.startswith("2 pesan menunggu lebih dari sepuluh menit")
    seen = card(app, people.kasubag_tu, filed)
    assert "Pengiriman pesan terganggu" in seen
    # The link to the messages is only for those who may read them.
    assert "/backoffice/pesan/?state=queued" not in seen
    assert "/backoffice/pesan/?state=queued" in card(app, people.admin_layanan, filed)


def test_channel_that_is_down_raises_the_banner(people, filed, now):
    for _ in range(3):
        Message.update(next_attempt_at=now).execute()
        deliver_due(postman(Gateway(Unreachable("diam")), Gateway()), now=now)
    (words,) = delivery_trouble(now)
    assert (
        words == "WhatsApp terganggu sejak 29 Jul 2024 12:57 WITA: Gateway tidak dapat dihubungi."
    )


def test_night_is_no_trouble(people, filed):
    evening = datetime(2024, 7, 29, 13, 30, tzinfo=UTC)
    Message.delete().where(Message.channel == "email").execute()
    Message.update(queued_at=evening, next_attempt_at=evening).execute()
    deliver_due(postman(Gateway()), now=evening)
    assert delivery_trouble(evening + timedelta(hours=8)) == []
