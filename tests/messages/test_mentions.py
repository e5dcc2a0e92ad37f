"""Colleagues named in a note hear of it, and who follows a request hears of its moves."""

import pytest

from models import Message, Remark, User, Watcher
from moves.watchers import follow
from tests.messages.conversation_words import write
from tests.people import advance, complete_desk, enter, file_request, post
from workflow import InvalidInput, Reader


@pytest.fixture
def item(people, runtime, now):
    for post_, name in (("kasubag_tu", "Ni Made Ayu, S.T."), ("ketua_tim", "I Made Budi"),
                        ("penguji", "Putu Penguji")):  # fmt: skip
        User.update(name=name).where(User.id == people.staff[post_].id).execute()
    return file_request(runtime, people.customer, now=now)


def told(template):
    return {message.recipient_id for message in
            Message.select().where(Message.template == template)}  # fmt: skip


def test_a_note_tells_whom_it_names_once_and_says_none_of_it(item, people, now):
    text = "Mohon dicek @Ni Made Ayu, S.T. dan @budi; surel a@made.test tidak. @Budi terima kasih."
    note = write(item, people.admin_layanan, text, now=now, is_internal=True)
    assert note.is_internal
    assert told("disebut") == {people.kasubag_tu.id, people.ketua_tim.id}
    first = Message.get(Message.template == "disebut")
    assert first.variables["tautan"].endswith(f"{item.public_id}#percakapan")
    assert "dicek" not in str(first.variables)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tanya @made.", "@I Made Budi"),
        ("Tanya @Zainal.", "Tidak ada petugas bernama “Zainal”"),
        # Given to others, so that a tester may not see it.
        ("Tanya @Putu Penguji.", "Putu Penguji tidak dapat membuka"),
    ],
)
def test_a_name_of_several_of_nobody_or_of_a_stranger_is_refused(item, people, now, text, said):
    with pytest.raises(InvalidInput) as refusal:
        write(item, people.admin_layanan, text, now=now, is_internal=True)
    assert said in refusal.value.errors["text"]
    assert not Remark.select().exists() and not told("disebut")


def test_words_to_a_customer_name_nobody(item, people, now):
    write(item, people.admin_layanan, "Silakan hubungi @budi.", now=now)
    assert told("disebut") == set()


def test_who_follows_hears_of_moves_of_others_and_stops_with_the_right_to_see(
    app, item, people, runtime, now
):
    address = f"/backoffice/permohonan/{item.public_id}/ikuti"
    clerk = enter(app, people.staf_tu)
    assert post(clerk, address, {"ikuti": "1"}).status_code == 302
    assert post(enter(app, people.penguji), address, {"ikuti": "1"}).status_code == 404
    assert "Berhenti mengikuti" in clerk.get(address.removesuffix("/ikuti")).text
    for person in (people.admin_layanan, people.kepala_balai):
        follow(item, reader=Reader.at(person, now))
    item = complete_desk(item, people, runtime, now=now)
    # Not who did it, nor whose turn it is now: they know.
    assert told("diikuti") == {people.staf_tu.id}
    assert people.kepala_balai.id in told("tugas_baru")
    # Whoever lost the post sees it no more, and hears no more.
    people.staf_tu.hold_posts(["penguji"])
    before = Message.select().where(Message.template == "diikuti").count()
    item = advance(item, people, runtime, now=now, until="TUNJUK_PEMANGKU")
    heard = {message.recipient_id for message in
             Message.select().where(Message.template == "diikuti").offset(before)}  # fmt: skip
    assert people.staf_tu.id not in heard
    post(enter(app, people.admin_layanan), address)
    assert not Watcher.select().where(Watcher.user == people.admin_layanan).exists()
