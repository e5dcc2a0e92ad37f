"""The recap as it is handed in: in the agenda's order, with balances, totals and signatures."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest

from models import Request, User
from outputs.recap.backlog import Balance, read_backlog
from outputs.recap.choice import Choice
from rules.formats import ZONE
from tests.backoffice.reports.recap_samples import HEAD, open_book, table, take
from tests.papers import read_pdf
from tests.people import enter, file_request
from workflow import Reader

MONTHS = ("2024-07", "2024-08", "2024-09")


def rows_of(client, **choice) -> list[dict[str, str]]:
    text = take(client, format="csv", **choice).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_rows_run_from_the_first_number_on_with_the_unnumbered_apart(app, people, several):
    client = enter(app, people.staf_tu)
    numbers = [row["NO PERMINTAAN LAYANAN"] for row in rows_of(client)]
    assert [number.split("/")[0] for number in numbers] == ["1", "2", "-", "-", "-"]
    lines = [[cell.value for cell in row] for row in open_book(take(client))["Data"]]
    assert [line[0] for line in lines[HEAD:]][:7] == [1, 2, "Belum bernomor", 3, 4, 5, "JUMLAH"]


def test_a_month_holds_what_was_finished_in_it_whenever_it_was_filed(app, people, several, now):
    done, refused, _ = several
    Request.update(office_done_at=now + timedelta(days=5)).where(Request.id == done.id).execute()
    client = enter(app, people.staf_tu)
    august = {"period": "tanggal", "since": "2024-08-01", "until": "2024-08-31"}
    assert rows_of(client, **august) == []
    [row] = rows_of(client, **august, by="selesai")
    assert row["NO PERMINTAAN LAYANAN"] == done.number
    july = {**august, "since": "2024-07-01", "until": "2024-07-31", "by": "selesai"}
    assert [row["PERIHAL"] for row in rows_of(client, **july)] == [refused.subject]


def counted(requests, first: datetime, after: datetime) -> tuple[int, ...]:
    """The balance of some days by looking at each request."""
    opening = filed = done = dropped = closing = 0
    for item in requests:
        ended = item.office_done_at or item.closed_at
        was_there = item.submitted_at < first and (ended is None or ended >= first)
        opening += was_there
        filed += first <= item.submitted_at < after
        if ended and first <= ended < after:
            done += item.office_done_at is not None
            dropped += item.office_done_at is None
        closing += item.submitted_at < after and (ended is None or ended >= after)
    return opening, filed, done, dropped, closing


def test_balances_equal_an_independent_count(app, people, several, runtime, now):
    """Of every month and service, and of days that begin and end in the middle of months."""
    done, *_ = several
    Request.update(office_done_at=now + timedelta(days=33)).where(Request.id == done.id).execute()
    file_request(runtime, people.customer, now=now + timedelta(days=3), key="L", service="lab")
    requests = list(Request.select())
    reader = Reader.at(people.staf_tu, now + timedelta(days=60))
    midnight = datetime(2024, 7, 1, tzinfo=ZONE)
    spans = (((7, 1), (9, 30)), ((7, 30), (9, 2)), ((8, 10), (8, 20)))
    for first, last in ((date(2024, *a), date(2024, *b)) for a, b in spans):
        choice = Choice(period="tanggal", since=first, until=last)
        found = read_backlog(choice, reader, list(runtime.catalogue))
        begin = midnight.replace(month=first.month, day=first.day)
        after = midnight.replace(month=last.month, day=last.day) + timedelta(days=1)
        assert found.whole.figures == counted(requests, begin, after)
        for service in runtime.catalogue:
            mine = [item for item in requests if item.service_code == service]
            assert found.of_service(service).figures == counted(mine, begin, after), service
    whole = read_backlog(Choice(period="semua"), reader, list(runtime.catalogue))
    assert tuple(whole.months) == MONTHS
    for number, code in enumerate(MONTHS, start=7):
        at = midnight.replace(month=number)
        expected = counted(requests, at, at.replace(month=number + 1))
        assert whole.of_month(code).figures == expected, code
    assert whole.of_month("2024-09") != Balance()
    # The same in the workbook, and on the page.
    client = enter(app, people.staf_tu)
    sheet = open_book(take(client))["Sisa dan Selesai"]
    sums = {row[0]: row[2:] for row in sheet.iter_rows(values_only=True) if row[1] == "Jumlah"}
    assert sums["Agustus 2024"] == whole.of_month("2024-08").figures
    assert sums["Seluruh periode"] == whole.whole.figures


@pytest.mark.parametrize("count", range(8))
def test_totals_and_signatures_never_stand_alone(app, people, runtime, now, count):
    """Whatever number of rows fills the page before: rows, totals and names are together."""
    User.update(nip="198001012005011001").where(User.id == people.kepala_balai.id).execute()
    for number in range(count):
        file_request(runtime, people.customer, now=now, key=f"T{number}",
                     subject="Data pasang surut dan gelombang " * 3)  # fmt: skip
    reader, _ = read_pdf(take(enter(app, people.staf_tu), format="pdf").data)
    last = " ".join(reader.pages[-1].extract_text().split())
    for words in ("Jumlah permohonan", "Mengetahui", people.kepala_balai.name, people.staf_tu.name,
                  "NIP 19800101 200501 1 001"):  # fmt: skip
        assert words in last, words
    assert people.customer.name in last or not count


def test_every_filter_of_the_queue_narrows_the_recap(app, people, several):
    done, refused, running = several
    client = enter(app, people.staf_tu)
    for given, expected in (
        ({"instansi": "perguruan_tinggi"}, 5),
        ({"instansi": "desa"}, 0),
        ({"stage": f"data:{running.stage_code}"}, 1),
        ({"role": running.waiting_role}, 1),
        ({"assignee": "kosong", "status": "waiting_verification"}, 2),
        ({"pelanggan": people.other_customer.public_id}, 1),
        ({"outcome": "tepat"}, 1),
        ({"outcome": "terlambat"}, 0),
        ({"cause": "cuaca"}, 0),
        ({"status": "disetujui"}, 2),
        ({"age": "lewat", "service": "lab"}, 0),
    ):
        assert len(rows_of(client, **given)) == expected, given
    said = open_book(take(client, pelanggan=people.customer.public_id))["Tentang"]
    words = " ".join(str(cell.value) for row in said.iter_rows() for cell in row)
    assert "satu orang tertentu" in words and people.customer.name not in words


def test_last_months_recap_is_one_button(app, people, several, clock):
    client = enter(app, people.staf_tu)
    page = client.get("/backoffice/rekap/").text
    assert '<input type="hidden" name="period" value="bulan-lalu">' in page
    assert len(table(open_book(take(client, period="bulan-lalu"))["Data"])) == 0
