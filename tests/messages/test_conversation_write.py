"""Customer and office write to each other, and are told."""

import hashlib
import threading
from datetime import timedelta

import pytest

import workflow
from messages.conversation import why_closed
from models import Event, Message, Remark, Request
from storage.database import database, new_public_id
from tests.messages.conversation_words import SECRET, write
from tests.people import advance, enter, post
from workflow import InvalidInput, Reader, Refused


def told(template: str) -> list[Message]:
    return list(Message.select().where(Message.template == template).order_by(Message.id))


def test_customer_writes_and_the_office_is_told_of_the_number_only(talk, people, now):
    remark = write(talk, people.customer, now=now)
    event = Event.get(Event.kind == "message_written")
    assert event.actor_id == people.customer.id
    assert event.data == {
        "message": remark.public_id,
        "digest": hashlib.sha256(b"Apakah data sudah tersedia?").hexdigest(),
    }
    (message,) = told("pesan_pelanggan")
    assert message.recipient_id == people.admin_layanan.id
    assert "data sudah" not in str(message.variables)
    assert message.variables["tautan"].startswith(f"/backoffice/permohonan/{talk.public_id}")


def test_office_answers_and_the_customer_is_told(talk, people, now):
    remark = write(talk, people.kasubag_tu, "Mohon tunggu sampai Kamis.", now=now)
    assert (remark.acted_for, remark.is_from_customer) == ("kasubag_tu", False)
    (message,) = told("pesan_baru")
    assert message.recipient_id == people.customer.id
    assert "Kamis" not in str(message.variables["tautan"])


def test_five_lines_are_one_message_until_they_are_read(talk, people, now):
    for _ in range(5):
        write(talk, people.customer, now=now)
    assert len(told("pesan_pelanggan")) == 1
    write(talk, people.admin_layanan, "Sudah kami periksa.", now=now)
    write(talk, people.customer, now=now)
    assert len(told("pesan_pelanggan")) == 2
    assert len(told("pesan_baru")) == 1


def test_whoever_asked_last_hears_the_answer(talk, people, runtime, now):
    talk = advance(talk, people, runtime, now=now, until="TUNJUK_PEMANGKU")
    write(talk, people.kasubag_tu, "Periode data yang mana?", now=now)
    write(talk, people.customer, "Januari 2024.", now=now)
    receivers = {message.recipient_id for message in told("pesan_pelanggan")}
    assert receivers == {people.ketua_tim.id, people.kasubag_tu.id}


def test_a_note_stays_inside_and_tells_nobody(talk, people, now):
    before = Message.select().count()
    note = write(talk, people.ketua_tim, SECRET, now=now, is_internal=True)
    assert Event.get(Event.kind == "note_written").data["message"] == note.public_id
    assert Message.select().count() == before
    assert list(Remark.visible_to(Reader.at(people.customer, now))) == []
    assert list(Remark.visible_to(Reader.at(people.other_customer, now))) == []
    assert list(Remark.visible_to(Reader.at(people.kasubag_tu, now))) == [note]


def test_who_may_not_write_is_refused(talk, people, now):
    for actor, is_internal in (
        (people.auditor, False),
        (people.auditor, True),
        (people.customer, True),
    ):
        with pytest.raises(Refused):
            write(talk, actor, now=now, is_internal=is_internal)
    assert not Remark.select().exists()


@pytest.mark.parametrize("text", ["", "  \n ", "\x07", "a" * 4097])
def test_words_are_needed_and_not_too_many(talk, people, now, text):
    with pytest.raises(InvalidInput):
        write(talk, people.customer, text, now=now)


def test_a_request_takes_words_for_thirty_days_after_its_end(talk, people, runtime, now):
    done = advance(talk, people, runtime, now=now)
    end = done.closed_at
    assert why_closed(done, Reader.at(people.customer, end + timedelta(days=30))) == ""
    assert "30 hari" in why_closed(done, Reader.at(people.customer, end + timedelta(days=31)))
    assert "30 hari" in why_closed(done, Reader.at(people.ketua_tim, end + timedelta(days=31)))
    late = end + timedelta(days=31)
    assert why_closed(done, Reader.at(people.ketua_tim, late), is_internal=True) == ""


def test_words_that_came_too_late_can_be_copied(app, talk, people, runtime, now):
    done = advance(talk, people, runtime, now=now)
    given = {"text": "Laporan sudah kami perbaiki.", "kind": "public"}
    for person, address in (
        (people.ketua_tim, f"/backoffice/permohonan/{done.public_id}/percakapan"),
        (people.customer, f"/layanan/{done.public_id}/pesan"),
    ):
        late = post(enter(app, person), address, given)
        assert late.status_code == 403 and "ditutup" in late.text
        assert f"readonly>{given['text']}</textarea>" in late.text
    assert Remark.select().count() == 0


def test_a_conversation_moves_nothing_and_names_nobody_in_a_conflict(talk, people, now):
    write(talk, people.ketua_tim, SECRET, now=now, is_internal=True)
    fresh = Request.get_by_id(talk.id)
    assert (fresh.version, fresh.stage_code) == (talk.version, talk.stage_code)
    with pytest.raises(workflow.Conflict) as conflict:
        workflow.act(
            talk, "complete", reader=Reader.at(people.admin_layanan, now), inputs={}, version=99
        )
    assert people.ketua_tim.name not in str(conflict.value)


def test_same_form_twice_says_it_once_even_at_once(talk, people, now):
    key, made = new_public_id(), []

    def press():
        with database.connection_context():
            made.append(write(talk, people.customer, now=now, key=key).id)

    database.close()
    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.connect()
    assert len(set(made)) == 1
    assert Remark.select().count() == 1
    assert Event.select().where(Event.kind == "message_written").count() == 1
    # The key of one person says nothing for another.
    write(talk, people.kasubag_tu, now=now, key=key)
    assert Remark.select().count() == 2
