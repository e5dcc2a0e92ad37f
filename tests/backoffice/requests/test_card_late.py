"""A late request: its card says so in red and offers what helps; the customer reads one date."""

import re
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from models import Event, Message, Request
from tests.moves.side_steps import wita
from tests.people import advance, enter, file_request, post

LATE = wita(8, 5, 9)


@pytest.fixture
def late(app, people, runtime, now, clock) -> Request:
    """Filed Monday 29 July, promised for Thursday, with Pemangku Data; now it is Monday again."""
    filed = file_request(runtime, people.customer, now=now)
    clock.set(LATE)
    return advance(filed, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")


def headline(page: str) -> str:
    said = page.split('class="m-headline')[1]
    # The customer's begins with the way, a box of its own.
    return re.sub(r'(?s)<div class="m-way">.*?</div>', "", said).split("</div>")[0]


def card_of(request: Request) -> str:
    return f"/backoffice/permohonan/{request.public_id}"


def test_the_headline_says_since_when_and_at_whose_desk(app, people, late):
    words = headline(enter(app, people.kepala_balai).get(card_of(late)).text)
    assert words.startswith(" is-late")
    assert "Terlambat sejak Kamis, 1 Agu 2024 (2 hari kerja)." in words
    assert "Di meja Pemangku Data: Petugas pemangku_data, sejak" in words
    assert "Penyebab belum dicatat." in words
    assert "perkiraan selesai" not in words


def test_the_head_reminds_from_the_card_and_reads_it_there(app, people, late):
    head = enter(app, people.kepala_balai)
    said = post(head, f"{card_of(late)}/remind", {"version": late.version, "note": "Tolong."})
    assert said.status_code == 302
    assert (
        Message.select()
        .where((Message.template == "diingatkan") & (Message.recipient == people.pemangku_data))
        .count()
        == 1
    )
    page = head.get(card_of(late)).text
    assert re.search(
        r"Petugas diingatkan .* oleh Kepala Balai: Petugas kepala_balai\.", headline(page)
    )
    assert "Ingatkan petugas" not in page
    again = post(head, f"{card_of(late)}/remind", {"version": late.version})
    assert again.status_code == 403
    assert Message.select().where(Message.template == "diingatkan").count() == 1


def test_the_head_gives_it_to_somebody_else(app, people, late):
    page = enter(app, people.kepala_balai).get(card_of(late)).text
    address = re.search(r'href="(/backoffice/penugasan/[^"]*)"', page)[1]
    assert enter(app, people.kepala_balai).get(address.replace("&amp;", "&")).status_code == 200


def test_the_cause_stands_on_the_card_and_not_with_the_customer(app, people, late):
    head = enter(app, people.kepala_balai)
    given = {"version": late.version, "cause": "Cuaca atau keadaan lapangan", "note": "Badai."}
    assert post(head, f"{card_of(late)}/explain_delay", given).status_code == 302
    assert "Penyebab: cuaca atau keadaan lapangan." in headline(head.get(card_of(late)).text)
    assert "Badai" in head.get(card_of(late)).text
    assert "Badai" not in enter(app, people.customer).get(f"/layanan/{late.public_id}").text


def test_other_without_words_is_asked_for_and_keeps_what_was_chosen(app, people, late):
    head = enter(app, people.kepala_balai)
    page = post(head, f"{card_of(late)}/explain_delay",
                {"version": late.version, "cause": "Lainnya"})  # fmt: skip
    assert page.status_code == 422
    assert "Jelaskan penyebabnya." in page.text
    assert re.search(r'(checked|selected)[^<]*>\s*Lainnya|value="Lainnya"[^<]* checked', page.text)


def test_the_customer_reads_one_date_at_each_moment(app, people, late, clock):
    page = enter(app, people.customer).get(f"/layanan/{late.public_id}").text
    assert "melewati perkiraan selesai Kamis, 1 Agu 2024" in headline(page)
    assert "perkiraan yang baru segera kami sampaikan" in headline(page)
    head = enter(app, people.kepala_balai)
    given = {"version": late.version, "finish_on": "2024-08-09",
             "reason": "Data telemetri sedang dipulihkan."}  # fmt: skip
    assert post(head, f"{card_of(late)}/tell_new_date", given).status_code == 302
    page = enter(app, people.customer).get(f"/layanan/{late.public_id}").text
    words = headline(page)
    assert "perkiraan selesai paling lambat Jumat, 9 Agu 2024 (semula Kamis, 1 Agu 2024)" in words
    assert "Mohon maaf" in words and "kemungkinan selesai" not in words
    assert "Data telemetri sedang dipulihkan." in page
    facts = page.split("Tanggal Max Proses")[1][:200]
    assert "9 Agu 2024" in facts
    row = enter(app, people.customer).get("/layanan/proses").text
    assert "9 Agu 2024 16:00" in row and "1 Agu 2024 12:57" not in row
    assert "Mengapa batas semula Kamis, 1 Agu 2024?" in page
    book = load_workbook(
        BytesIO(enter(app, people.customer).get("/layanan/proses?format=xlsx").data)
    )
    days = {
        cell.value.date()
        for row in book.active.iter_rows()
        for cell in row
        if isinstance(cell.value, datetime)
    }
    assert date(2024, 8, 9) in days and date(2024, 8, 1) not in days
    clock.set(LATE + timedelta(days=30))
    page = enter(app, people.customer).get(f"/layanan/{late.public_id}").text
    assert "melewati perkiraan selesai Jumat, 9 Agu 2024" in headline(page)


@pytest.mark.parametrize("post_name", ["pemangku_data", "admin_layanan", "auditor", "staf_tu"])
def test_who_may_not_deal_with_delays_reads_it_and_can_send_nothing(app, people, late, post_name):
    person = enter(app, people.staff[post_name])
    page = person.get(card_of(late)).text
    assert "Terlambat sejak" in headline(page)
    for code in ("remind", "explain_delay", "tell_new_date"):
        assert f"{card_of(late)}/{code}" not in page
        assert post(person, f"{card_of(late)}/{code}", {"version": late.version}).status_code == 403
    assert not Event.select().where(Event.kind == "holder_reminded").exists()


def test_a_day_that_has_passed_and_no_reason_are_told_together(app, people, late):
    page = post(enter(app, people.kepala_balai), f"{card_of(late)}/tell_new_date",
                {"version": late.version, "finish_on": "2024-08-01", "reason": ""})  # fmt: skip
    assert page.status_code == 422
    assert "Tanggal ini sudah lewat. Isi hari ini atau sesudahnya." in page.text
    assert page.text.count('class="m-error"') == 2
    assert 'value="2024-08-01"' in page.text
    assert Request.get_by_id(late.id).expected_at is None
