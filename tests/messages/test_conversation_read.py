"""A conversation is unread, read and shown, to whom it concerns."""

import io
import re
import zipfile

from pypdf import PdfReader

from messages.conversation import unread_counts
from models import Document, Message, Remark
from outputs.papers.documents import render_document
from storage.database import new_public_id
from tests.messages.conversation_words import SECRET, write
from tests.people import advance, csrf_token, enter, post
from workflow import Reader


def sheet_words(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    assert "Uji Coba Layanan Data" in "".join(parts)
    return "".join(parts)


def pdf_words(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def has_it_on_the_screen(client, address: str) -> None:
    """Send the form of the conversation, as its page does once it was scrolled as far."""
    form = client.get(address).text.split("data-read")
    action = re.search(r'action="([^"]+)"\s*$', form[0])[1]
    last = re.search(r'name="last" value="(\w+)"', form[1])[1]
    assert post(client, action, {"last": last}).status_code == 303


# -- read and unread -----------------------------------------------------------------------------


def test_unread_until_opened_and_settled_by_a_colleagues_answer(talk, people, now):
    ids = [talk.id]
    write(talk, people.customer, now=now)
    write(talk, people.kasubag_tu, SECRET, now=now, is_internal=True)
    assert unread_counts(ids, people.admin_layanan) == {talk.id: 1}
    assert unread_counts(ids, people.customer) == {}
    write(talk, people.ketua_tim, "Sedang kami siapkan.", now=now)
    assert unread_counts(ids, people.admin_layanan) == {}
    assert unread_counts(ids, people.customer) == {talk.id: 1}
    assert unread_counts(None, people.customer) == {talk.id: 1}
    assert unread_counts(None, people.other_customer) == {}


def test_lists_wear_a_badge_until_the_detail_is_opened(app, talk, people, now):
    write(talk, people.ketua_tim, "Sedang kami siapkan.", now=now)
    client = enter(app, people.customer)
    for address in ("/dasbor", "/layanan/proses"):
        assert "1 pesan baru" in client.get(address).text
    address = f"/layanan/{talk.public_id}"
    page = client.get(address).text
    assert "Sedang kami siapkan." in page
    assert "1 baru" in page
    has_it_on_the_screen(client, address)
    assert "1 pesan baru" not in client.get("/dasbor").text
    write(talk, people.customer, "Terima kasih.", now=now)
    staff = enter(app, people.admin_layanan)
    assert "1 pesan baru" in staff.get("/backoffice/").text
    card = f"/backoffice/permohonan/{talk.public_id}"
    assert "Terima kasih." in staff.get(card).text
    has_it_on_the_screen(staff, card)
    assert "1 pesan baru" not in staff.get("/backoffice/").text


def test_a_long_conversation_shows_its_newest_end(app, talk, people, now, monkeypatch):
    for module in ("messages.conversation", "web.requests.remarks"):
        monkeypatch.setattr(f"{module}.MOST_SHOWN", 3)
    for number in range(5):
        write(talk, people.customer, f"Pesan ke-{number}", now=now)
    page = enter(app, people.customer).get(f"/layanan/{talk.public_id}").text
    assert "Pesan ke-1" not in page
    assert page.index("Pesan ke-2") < page.index("Pesan ke-4")
    assert "Hanya 3 pesan terakhir" in page


# -- over the web --------------------------------------------------------------------------------


def test_customer_sees_public_messages_only(app, talk, people, runtime, now):
    write(talk, people.ketua_tim, SECRET, now=now, is_internal=True)
    write(talk, people.ketua_tim, "Periode data yang mana?", now=now)
    talk = advance(talk, people, runtime, now=now)
    client = enter(app, people.customer)
    seen = [f"/layanan/{talk.public_id}", "/dasbor", "/layanan/rekap", "/pemberitahuan",
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
    ordered = Document.visible_to(Reader.at(people.customer, now)).where(Document.request == talk)
    files += [pdf_words(render_document(row, base_url="")) for row in ordered if not row.sha256]
    assert len(files) > 3
    for text in [*pages.values(), *files]:
        assert SECRET not in text
        assert "Hanya internal" not in text
    assert all(SECRET not in str(message.variables) for message in Message.select())


def test_staff_sees_both_clearly_apart(app, talk, people, now):
    write(talk, people.ketua_tim, SECRET, now=now, is_internal=True)
    page = enter(app, people.kasubag_tu).get(f"/backoffice/permohonan/{talk.public_id}").text
    assert SECRET in page
    assert "Hanya internal" in page
    assert 'class="is-note"' in page


def test_forms_write_keep_the_text_and_answer_a_double_post(app, talk, people):
    client = enter(app, people.customer)
    address = f"/layanan/{talk.public_id}"
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


def test_stranger_gets_404_and_moves_nothing(app, talk, people):
    for person, address in (
        (people.other_customer, f"/layanan/{talk.public_id}/pesan"),
        (people.pemangku_data, f"/backoffice/permohonan/{talk.public_id}/percakapan"),
    ):
        assert post(enter(app, person), address, {"text": "Halo"}).status_code == 404
    assert not Remark.select().exists()


def test_html_in_a_message_stays_words(app, talk, people, now):
    write(talk, people.customer, "<script>alert(1)</script>", now=now)
    for person, address in (
        (people.customer, f"/layanan/{talk.public_id}"),
        (people.admin_layanan, f"/backoffice/permohonan/{talk.public_id}"),
    ):
        assert "<script>alert" not in enter(app, person).get(address).text
