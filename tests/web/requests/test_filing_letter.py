"""Number, day and sender of the customer's letter, at the portal and at the counter."""

import re
from datetime import date

import pytest

from models import Document, IncomingLetter, Request, RequestDraft
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, write_down
from tests.outputs.papers.ordered_papers import complete, read
from tests.people import checked, enter, post, upload
from tests.story_forms import FORM

LETTER = {
    "letter_number": "123/UN14.2.5/PT/2024",
    "letter_on": "2024-07-26",
    "letter_from": "Dekan Fakultas Teknik",
}
WORDS = "123/UN14.2.5/PT/2024, tanggal 26 Jul 2024, dari Dekan Fakultas Teknik"


def test_a_letter_goes_from_the_form_to_the_disposition(app, people, runtime, now, clock):
    client = enter(app, people.customer)
    post(client, "/ajukan", {**FORM, **LETTER, "file": upload()})
    assert WORDS in client.get("/ajukan/periksa").text
    post(client, "/ajukan/kirim", checked(client))
    request = Request.get()
    assert WORDS in client.get(f"/layanan/{request.public_id}").text
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{request.public_id}").text
    assert WORDS in card and "1/2024" in card
    for _ in range(2):
        request = complete(request, people, runtime, at=now)
    sheet = Document.get(Document.kind == "lembar_disposisi")
    _, text = read(sheet)
    for words in ("Dekan Fakultas Teknik, Pelanggan Satu, Universitas Contoh", "Nomor surat",
                  "123/UN14.2.5/PT/2024", "Nomor agenda", "1/2024", "26 Juli 2024"):  # fmt: skip
        assert words in text, words
    _, receipt = read(Document.get(Document.kind == "tanda_terima"))
    assert WORDS in receipt


def test_a_private_letter_needs_no_number(app, people):
    client = enter(app, people.customer)
    page = client.get("/ajukan").text
    assert "Surat pribadi yang tidak bernomor: kosongkan nomornya." in page
    post(client, "/ajukan", {**FORM, "file": upload()})
    post(client, "/ajukan/kirim", checked(client))
    came = IncomingLetter.get()
    assert (came.number, came.dated_on, came.sender, came.seq) == ("", None, "", 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"letter_number": "12/X"}, "Isi juga tanggal suratnya."),
        ({"letter_on": "2024-07-30"}, "Tanggal surat belum tiba."),
        ({"letter_on": "kemarin"}, "Isi tanggal yang benar"),
        ({"letter_on": "1024-07-30"}, "Tahunnya tampak keliru."),
        ({"letter_number": "1" * 101, "letter_on": "2024-07-01"}, "Paling banyak 100 huruf."),
        ({"letter_from": "x" * 161}, "Paling banyak 160 huruf."),
    ],
)
def test_a_letter_that_cannot_be_is_refused_and_what_was_typed_stays(
    app, people, clock, given, sentence
):
    client = enter(app, people.customer)
    answer = post(client, "/ajukan", {**FORM, **given, "file": upload()})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{text}"' in answer.text for text in given.values())
    # As everything else that was typed, it is kept, as far as its field goes, and refused again.
    name, longest = next(iter(given)), int((re.findall(r"\d+(?= huruf)", sentence) or [1000])[0])
    assert RequestDraft.get().answers[name] == given[name][:longest]
    assert client.get("/ajukan/periksa").status_code == 302
    assert Request.select().count() == 0


def test_the_counter_writes_it_down_too(app, people, clock):
    client = enter(app, people.admin_layanan)
    assert "Penanda tangan surat" in client.get(FORM_PAGE).text
    write_down(client, **NEWCOMER, **LETTER, channel="surat")
    came = IncomingLetter.get()
    assert (came.number, came.dated_on, came.sender) == (
        LETTER["letter_number"],
        date(2024, 7, 26),
        LETTER["letter_from"],
    )


def test_a_line_end_never_comes_in(app, people, clock):
    client = enter(app, people.customer)
    odd = {**LETTER, "letter_number": "12/\nX", "file": upload()}
    post(client, "/ajukan", {**FORM, **odd})
    post(client, "/ajukan/kirim", checked(client))
    assert IncomingLetter.get().number == "12/ X"
