"""What a customer reads of all requests at once: counters, lists, their file, the history."""

import io
import re

import openpyxl
import pytest

from models import Request
from rules.statuses import CANCELLED, CLOSED_STATUSES, EXPIRED, LABELS, NEEDS_COMPLETION
from tests.moves.side_steps import take, wita
from tests.people import advance, enter, file_request, post

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def of_each(people, runtime, now):
    """A request in each status: of those that a walk doesn't reach only the row says so."""
    for status in LABELS:
        item = file_request(runtime, people.customer, now=now, key=status, subject=status)
        closed_at = now if status in CLOSED_STATUSES else None
        Request.update(status=status, closed_at=closed_at).where(Request.id == item.id).execute()


def counters(page: str) -> dict[str, tuple[int, str]]:
    found = re.findall(
        r'<a class="m-counter[^"]*" href="([^"]+)"><strong>(\d+)</strong>([^<]+)</a>', page
    )
    return {words.strip(): (int(count), address) for address, count, words in found}


def test_counters_add_up_and_lead_to_what_they_count(app, people, of_each):
    client = enter(app, people.customer)
    shown = counters(client.get("/dasbor").text)
    total, _ = shown.pop("Jumlah")
    assert sum(count for count, _ in shown.values()) == total == len(LABELS)
    for words, (count, address) in shown.items():
        page = client.get(address.replace("&amp;", "&")).text
        assert f"of {count} records" in page, words


def test_only_what_was_done_is_done(app, people, of_each):
    client = enter(app, people.customer)
    rows = client.get("/layanan/rekap").text.split("<tr>")
    for status in (CANCELLED, EXPIRED):
        [row] = [row for row in rows if f">{status}</a>" in row]
        limit = re.search(r'data-label="TANGGAL MAX PROSES">([^<]+)<', row)[1].strip()
        assert limit == "-" and LABELS[status].title in row and "PENGAJUAN PERMOHONAN" not in row
    [row] = [row for row in rows if f">{NEEDS_COMPLETION}</a>" in row]
    assert "29 Jul 2024 12:57:45 WITA" in row and "PENGAJUAN PERMOHONAN LAYANAN" in row


def test_the_file_says_what_the_list_says(app, people, of_each):
    client = enter(app, people.customer)
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get("/layanan/rekap?format=xlsx").data), read_only=True
    ).active
    head, *rows = sheet.iter_rows(values_only=True)
    place = {title: number for number, title in enumerate(head)}
    by_subject = {row[place["PERIHAL"]]: row for row in rows}
    assert by_subject["done"][place["TANGGAL MAX PROSES"]] == "selesai"
    assert by_subject[CANCELLED][place["TANGGAL MAX PROSES"]] == "-"
    state = by_subject[NEEDS_COMPLETION][place["STATUS LAYANAN"]]
    assert state.endswith("PENGAJUAN PERMOHONAN LAYANAN · 29 Jul 2024 12:57:45 WITA")


def test_tasks_say_what_to_do_until_when(app, people, runtime, now):
    asked = take(
        file_request(runtime, people.customer, now=now), "ask_completion", people.admin_layanan,
        wita(7, 29, 11), days="5", items="Peta lokasi",
    )  # fmt: skip
    page = enter(app, people.customer).get("/dasbor").text
    assert "Kirim kelengkapan" in page and "sampai Senin, 5 Agu 2024" in page
    assert f"/layanan/{asked.public_id}#tindakan" in page
    assert "Menunggu Pelanggan" not in page


def test_history_names_the_request_and_leads_there(app, people, runtime, now):
    item = advance(
        file_request(runtime, people.customer, now=now), people, runtime, now=now, until="SURVEI"
    )
    page = enter(app, people.customer).get("/profil/riwayat").text
    row = next(row for row in page.split("<tr>") if "Mengajukan permohonan" in row)
    assert f'href="/layanan/{item.public_id}"' in row and item.number in row


def test_tracking_by_e_mail_tells_requests_apart(app, people, runtime, now):
    filed = [file_request(runtime, people.customer, now=now, key=f"K{one}") for one in range(6)]
    numbered = advance(filed[-1], people, runtime, now=now, until="SURVEI")
    client = enter(app, None)
    page = post(client, "/lacak", {"email": people.customer.email}).text
    assert numbered.number in page and page.count("<article") == 5
    assert "5 permohonan terbaru" in page and people.customer.name not in page
    assert "permohonan terbaru" not in post(client, "/lacak", {"number": numbered.number}).text


def test_stages_to_come_are_on_going(app, people, runtime, now):
    item = file_request(runtime, people.customer, now=now)
    page = enter(app, people.customer).get(f"/layanan/{item.public_id}").text
    assert page.count("On going") == 8
    assert "?lihat=1" in page and "Buka File" in page


def test_the_foot_names_where_else_the_office_is(app, db):
    foot = app.test_client().get("/").text.partition("<footer")[2]
    for words in ("Balai Teknik Pantai Official", "pupr_sda_baltekpantai", "Facebook", "Web:"):
        assert words in foot
