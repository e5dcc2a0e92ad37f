"""Customer and office write to each other about a request; notes stay inside the office."""

import hashlib
import io
import threading
import zipfile
from datetime import timedelta

import pytest
from pypdf import PdfReader

import workflow
from messages.conversation import say, unread_counts, why_closed
from models import Document, Event, Message, Remark, Request
from outputs.papers.documents import render_document
from storage.database import database, new_public_id
from tests.people import advance, csrf_token, enter, file_request, post
from workflow import InvalidInput, Refused

SECRET = "Pemohon ini pernah menunggak"


@pytest.fixture
def item(people, runtime, now) -> Request:
    return file_request(runtime, people.customer, now=now)


def write(item, actor, text="Apakah data sudah tersedia?", *, now, **more):
    given = {"key": new_public_id(), "via": "portal", **more}
    return say(item, text, actor=actor, now=now, **given)


def told(template: str) -> list[Message]:
    return list(Message.select().where(Message.template == template).order_by(Message.id))


def sheet_words(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    assert "Uji Coba Layanan Data" in "".join(parts)
    return "".join(parts)


def pdf_words(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


# -- writing -------------------------------------------------------------------------------------


def test_customer_writes_and_the_office_is_told_of_the_number_only(item, people, now):
    remark = write(item, people.customer, now=now)
    event = Event.get(Event.kind == "message_written")
    assert event.actor_id == people.customer.id
    assert event.data == {
        "message": remark.public_id,
        "digest": hashlib.sha256(b"Apakah data sudah tersedia?").hexdigest(),
    }
    (message,) = told("pesan_pelanggan")
    assert message.recipient_id == people.admin_layanan.id
    assert "data sudah" not in str(message.variables)
    assert message.variables["tautan"].startswith(f"/backoffice/permohonan/{item.public_id}")


def test_office_answers_and_the_customer_is_told(item, people, now):
    remark = write(item, people.kasubag_tu, "Mohon tunggu sampai Kamis.", now=now)
    assert (remark.acted_for, remark.is_from_customer) == ("kasubag_tu", False)
    (message,) = told("pesan_baru")
    assert message.recipient_id == people.customer.id
    assert "Kamis" not in str(message.variables["tautan"])


def test_five_lines_are_one_message_until_they_are_read(item, people, now):
    for _ in range(5):
        write(item, people.customer, now=now)
    assert len(told("pesan_pelanggan")) == 1
    write(item, people.admin_layanan, "Sudah kami periksa.", now=now)
    write(item, people.customer, now=now)
    assert len(told("pesan_pelanggan")) == 2
    assert len(told("pesan_baru")) == 1


def test_whoever_asked_last_hears_the_answer(item, people, runtime, now):
    item = advance(item, people, runtime, now=now, until="TUNJUK_PEMANGKU")
    write(item, people.kasubag_tu, "Periode data yang mana?", now=now)
    write(item, people.customer, "Januari 2024.", now=now)
    receivers = {message.recipient_id for message in told("pesan_pelanggan")}
    assert receivers == {people.ketua_tim.id, people.kasubag_tu.id}


def test_a_note_stays_inside_and_tells_nobody(item, people, now):
    before = Message.select().count()
    note = write(item, people.ketua_tim, SECRET, now=now, is_internal=True)
    assert Event.get(Event.kind == "note_written").data["message"] == note.public_id
    assert Message.select().count() == before
    assert list(Remark.visible_to(people.customer)) == []
    assert list(Remark.visible_to(people.other_customer)) == []
    assert list(Remark.visible_to(people.kasubag_tu)) == [note]


def test_who_may_not_write_is_refused(item, people, now):
    for actor, is_internal in (
        (people.auditor, False),
        (people.auditor, True),
        (people.customer, True),
    ):
        with pytest.raises(Refused):
            write(item, actor, now=now, is_internal=is_internal)
    assert not Remark.select().exists()


@pytest.mark.parametrize("text", ["", "  \n ", "\x07", "a" * 4097])
def test_words_are_needed_and_not_too_many(item, people, now, text):
    with pytest.raises(InvalidInput):
        write(item, people.customer, text, now=now)


def test_a_request_takes_words_for_thirty_days_after_its_end(item, people, runtime, now):
    done = advance(item, people, runtime, now=now)
    end = done.closed_at
    assert why_closed(done, people.customer, end + timedelta(days=30)) == ""
    assert "30 hari" in why_closed(done, people.customer, end + timedelta(days=31))
    assert "30 hari" in why_closed(done, people.ketua_tim, end + timedelta(days=31))
    late = end + timedelta(days=31)
    assert why_closed(done, people.ketua_tim, late, is_internal=True) == ""


def test_words_that_came_too_late_can_be_copied(app, item, people, runtime, now):
    done = advance(item, people, runtime, now=now)
    given = {"text": "Laporan sudah kami perbaiki.", "kind": "public"}
    for person, address in (
        (people.ketua_tim, f"/backoffice/permohonan/{done.public_id}/percakapan"),
        (people.customer, f"/layanan/{done.public_id}/pesan"),
    ):
        late = post(enter(app, person), address, given)
        assert late.status_code == 403 and "ditutup" in late.text
        assert f"readonly>{given['text']}</textarea>" in late.text
    assert Remark.select().count() == 0


def test_a_conversation_moves_nothing_and_names_nobody_in_a_conflict(item, people, now):
    write(item, people.ketua_tim, SECRET, now=now, is_internal=True)
    fresh = Request.get_by_id(item.id)
    assert (fresh.version, fresh.stage_code) == (item.version, item.stage_code)
    with pytest.raises(workflow.Conflict) as conflict:
        workflow.act(item, "complete", actor=people.admin_layanan, inputs={}, version=99, now=now)
    assert people.ketua_tim.name not in str(conflict.value)


def test_same_form_twice_says_it_once_even_at_once(item, people, now):
    key, made = new_public_id(), []

    def press():
        with database.connection_context():
            made.append(write(item, people.customer, now=now, key=key).id)

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
    write(item, people.kasubag_tu, now=now, key=key)
    assert Remark.select().count() == 2


# -- read and unread -----------------------------------------------------------------------------


def test_unread_until_opened_and_settled_by_a_colleagues_answer(item, people, now):
    ids = [item.id]
    write(item, people.customer, now=now)
    write(item, people.kasubag_tu, SECRET, now=now, is_internal=True)
    assert unread_counts(ids, people.admin_layanan) == {item.id: 1}
    assert unread_counts(ids, people.customer) == {}
    write(item, people.ketua_tim, "Sedang kami siapkan.", now=now)
    assert unread_counts(ids, people.admin_layanan) == {}
    assert unread_counts(ids, people.customer) == {item.id: 1}
    assert unread_counts(None, people.customer) == {item.id: 1}
    assert unread_counts(None, people.other_customer) == {}


def test_lists_wear_a_badge_until_the_detail_is_opened(app, item, people, now):
    write(item, people.ketua_tim, "Sedang kami siapkan.", now=now)
    client = enter(app, people.customer)
    for address in ("/dasbor", "/layanan/proses"):
        assert "1 pesan baru" in client.get(address).text
    page = client.get(f"/layanan/{item.public_id}").text
    assert "Sedang kami siapkan." in page
    assert "1 baru" in page
    assert "1 pesan baru" not in client.get("/dasbor").text
    write(item, people.customer, "Terima kasih.", now=now)
    staff = enter(app, people.admin_layanan)
    assert "1 pesan baru" in staff.get("/backoffice/").text
    assert "Terima kasih." in staff.get(f"/backoffice/permohonan/{item.public_id}").text
    assert "1 pesan baru" not in staff.get("/backoffice/").text


def test_a_long_conversation_shows_its_newest_end(app, item, people, now, monkeypatch):
    for module in ("messages.conversation", "web.requests.remarks"):
        monkeypatch.setattr(f"{module}.MOST_SHOWN", 3)
    for number in range(5):
        write(item, people.customer, f"Pesan ke-{number}", now=now)
    page = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert "Pesan ke-1" not in page
    assert page.index("Pesan ke-2") < page.index("Pesan ke-4")
    assert "Hanya 3 pesan terakhir" in page


# -- over the web --------------------------------------------------------------------------------


def test_customer_sees_public_messages_only(app, item, people, runtime, now):
    write(item, people.ketua_tim, SECRET, now=now, is_internal=True)
    write(item, people.ketua_tim, "Periode data yang mana?", now=now)
    item = advance(item, people, runtime, now=now)
    client = enter(app, people.customer)
    seen = [f"/layanan/{item.public_id}", "/dasbor", "/layanan/rekap", "/pemberitahuan",
            "/profil/riwayat"]  # fmt: skip
    pages = {address: client.get(address).text for address in seen}
    assert "Periode data yang mana?" in pages[seen[0]]
    assert people.ketua_tim.name not in pages[seen[0]]
    files = [
        sheet_words(client.get("/layanan/rekap?format=xlsx").data),
        sheet_words(
            post(enter(app, people.staf_tu), "/backoffice/rekap/unduh", {"period": "semua"}).data
        ),
    ]
    ordered = Document.visible_to(people.customer).where(Document.request == item)
    files += [pdf_words(render_document(row, base_url="")) for row in ordered if not row.sha256]
    assert len(files) > 3
    for text in [*pages.values(), *files]:
        assert SECRET not in text
        assert "Hanya internal" not in text
    assert all(SECRET not in str(message.variables) for message in Message.select())


def test_staff_sees_both_clearly_apart(app, item, people, now):
    write(item, people.ketua_tim, SECRET, now=now, is_internal=True)
    page = enter(app, people.kasubag_tu).get(f"/backoffice/permohonan/{item.public_id}").text
    assert SECRET in page
    assert "Hanya internal" in page
    assert 'class="is-note"' in page


def test_forms_write_keep_the_text_and_answer_a_double_post(app, item, people):
    client = enter(app, people.customer)
    address = f"/layanan/{item.public_id}"
    form = {"csrf_token": csrf_token(client, address), "key": new_public_id(), "text": "Halo"}
    for _ in range(2):
        answer = client.post(f"{address}/pesan", data=form)
        assert answer.status_code == 302
        assert answer.location.endswith("#percakapan")
    assert [remark.text for remark in Remark.select()] == ["Halo"]
    long = client.post(f"{address}/pesan", data={**form, "text": "panjang " * 600})
    assert long.status_code == 422
    assert "Paling banyak 4096 huruf." in long.text
    assert "panjang panjang" in long.text
    # A customer can't make a note by forging the field.
    client.post(f"{address}/pesan", data={**form, "key": new_public_id(), "kind": "internal"})
    assert not Remark.select().where(Remark.is_internal).exists()


def test_stranger_gets_404_and_moves_nothing(app, item, people):
    for person, address in (
        (people.other_customer, f"/layanan/{item.public_id}/pesan"),
        (people.pemangku_data, f"/backoffice/permohonan/{item.public_id}/percakapan"),
    ):
        assert post(enter(app, person), address, {"text": "Halo"}).status_code == 404
    assert not Remark.select().exists()


def test_html_in_a_message_stays_words(app, item, people, now):
    write(item, people.customer, "<script>alert(1)</script>", now=now)
    for person, address in (
        (people.customer, f"/layanan/{item.public_id}"),
        (people.admin_layanan, f"/backoffice/permohonan/{item.public_id}"),
    ):
        assert "<script>alert" not in enter(app, person).get(address).text
