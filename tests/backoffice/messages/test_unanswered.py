"""Customers who wait for an answer are seen, and answered where they stand."""

import re
from datetime import timedelta

import pytest

from config.office import office
from messages.conversation import write_remark
from messages.unanswered import clock_of
from models import AwaitedReply, Event, IncomingMessage, Message, Remark
from moves.catalogue import work_calendar
from storage.database import new_public_id
from tests.people import advance, enter, file_request, post
from workflow import Reader

HERE = "/backoffice/belum-dijawab/"


def ask(request, words, *, at):
    return write_remark(request, words, reader=Reader.at(request.customer, at),
                        key=new_public_id(), via="portal")  # fmt: skip


@pytest.fixture
def asked(people, runtime, now):
    """A running and a finished request whose customers wrote; the finished one's wrote first."""
    running = file_request(runtime, people.customer, now=now, key="RUNNING")
    done = file_request(runtime, people.other_customer, now=now, key="DONE")
    done = advance(done, people, runtime, now=now)
    ask(done, "Apakah laporan dapat diperbaiki?", at=now + timedelta(minutes=1))
    ask(running, "Kapan datanya siap?", at=now + timedelta(minutes=2))
    ask(running, "Kami tunggu.", at=now + timedelta(minutes=3))
    return running, done


def test_longest_waiting_is_first_and_leaves_with_the_answer(app, people, asked, clock):
    running, done = asked
    clock.forward(minutes=30)
    client = enter(app, people.petugas_layanan)
    assert "data-unanswered>(2)<" in client.get("/backoffice/").text
    page = client.get(HERE).text
    assert page.index("laporan dapat diperbaiki") < page.index("Kapan datanya siap?")
    assert page.index("Kapan datanya siap?") < page.index("Kami tunggu.")
    waits = AwaitedReply.get((AwaitedReply.request == done) & AwaitedReply.is_open())
    sent = post(client, f"{HERE}{done.public_id}/jawab", {"text": "Bisa.", "waits": waits.id})
    assert sent.status_code == 302
    answer = Remark.get(Remark.text == "Bisa.")
    settled = AwaitedReply.get_by_id(waits.id)
    assert (settled.answer_id, settled.settled_by_id) == (answer.id, people.petugas_layanan.id)
    told = Message.get((Message.template == "pesan_baru") & (Message.request == done))
    assert told.recipient_id == people.other_customer.id
    page = client.get(HERE).text
    assert "laporan dapat diperbaiki" not in page and "Kapan datanya siap?" in page


def test_thanks_need_no_answer_and_a_new_question_waits_anew(app, people, asked, clock):
    running, _ = asked
    client = enter(app, people.admin_layanan)
    post(client, f"{HERE}{running.public_id}/selesai")
    event = Event.get(Event.kind == "reply_not_needed")
    assert (event.request_id, event.actor_id) == (running.id, people.admin_layanan.id)
    assert "Kapan datanya siap?" not in client.get(HERE).text
    clock.forward(hours=1)
    ask(running, "Satu hal lagi.", at=clock.now)
    page = client.get(HERE).text
    assert "Satu hal lagi." in page and "Kapan datanya siap?" not in page


def test_a_colleague_who_was_quicker_is_named_and_nothing_is_sent_twice(app, people, asked):
    running, _ = asked
    waits = AwaitedReply.get(AwaitedReply.request == running)
    form = {"text": "Besok siap.", "waits": waits.id}
    post(enter(app, people.admin_layanan), f"{HERE}{running.public_id}/jawab", form)
    form = {"text": "Lusa siap.", "waits": waits.id}
    late = post(enter(app, people.kasubag_tu), f"{HERE}{running.public_id}/jawab", form)
    assert late.status_code == 409
    assert people.admin_layanan.name in late.text and "Lusa siap." in late.text
    assert not Remark.select().where(Remark.text == "Lusa siap.").exists()


def test_nobody_sees_or_answers_what_is_none_of_theirs(app, people, asked):
    running, _ = asked
    client = enter(app, people.penguji)
    assert "Kapan datanya siap?" not in client.get(HERE).text
    assert post(client, f"{HERE}{running.public_id}/jawab", {"text": "Ya"}).status_code == 404
    assert post(client, f"{HERE}{running.public_id}/selesai").status_code == 404
    assert enter(app, people.auditor).get(HERE).status_code == 403


def test_whatsapp_of_no_request_waits_in_the_same_line(app, people, asked, now):
    IncomingMessage.create(provider_id="w1", channel="waha", phone="+6285200000001",
                           text="Halo, jam buka?", received_at=now, is_waiting=True)  # fmt: skip
    client = enter(app, people.admin_layanan)
    page = client.get(HERE).text
    assert page.index("Halo, jam buka?") < page.index("laporan dapat diperbaiki")
    # Who doesn't read the messages that came in doesn't meet them here either.
    assert "jam buka" not in enter(app, people.kasubag_tu).get(HERE).text


def test_pages_go_on_where_the_last_one_ended(app, people, runtime, now):
    for number in range(23):
        item = file_request(runtime, people.customer, now=now, key=f"K{number}")
        # Several at the same instant: the id decides.
        ask(item, f"Pertanyaan {number:02}.", at=now + timedelta(minutes=number // 5))
    client = enter(app, people.staf_tu)
    first = client.get(HERE).text
    found = re.search(r'href="([^"]+sesudah=[^"]+)"', first).group(1)
    second = client.get(found).text
    seen = [re.findall(r"Pertanyaan \d\d\.", page) for page in (first, second)]
    assert [len(words) for words in seen] == [20, 3]
    assert len(set(seen[0] + seen[1])) == 23
    assert client.get(f"{HERE}?sesudah=99999999999999999999-p-1").status_code == 200


def test_clock_counts_office_hours_only(people, now):
    calendar, hours = work_calendar(), office().first_answer_hours
    assert hours == 4
    # Friday 15.30: half an hour is left of that day, the rest falls on Monday.
    friday = now + timedelta(days=4, hours=2, minutes=32, seconds=15)
    asked = clock_of(friday, calendar, friday + timedelta(days=2))
    assert asked.tone == "ok" and asked.due_at == friday + timedelta(days=2, hours=20)
    assert clock_of(friday, calendar, asked.due_at - timedelta(minutes=30)).tone == "soon"
    assert clock_of(friday, calendar, asked.due_at + timedelta(minutes=1)).tone == "late"
