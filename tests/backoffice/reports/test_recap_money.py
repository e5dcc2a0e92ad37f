"""What was billed and paid, in the recap of every format, with totals that equal the rows."""

import csv
import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from tests.backoffice.reports.bill_samples import SAMPLES, all_rows, bill_all
from tests.backoffice.reports.recap_samples import HEAD
from tests.papers import words_of
from tests.people import csrf_token, enter

COLUMNS = ["number", "status", "billed", "received", "ntpn", "paid_on"]


@pytest.fixture
def book(snapshots, people, runtime, now):
    return snapshots.of(bill_all, people, runtime, now)


def recap(app, people, kind: str, columns=COLUMNS):
    client = enter(app, people.kasubag_tu)
    given = {"format": kind, "period": "semua", "column": columns, "csrf_token": csrf_token(client)}
    answer = client.post("/backoffice/rekap/unduh", data=given)
    assert answer.status_code == 200, answer.text[:500]
    return answer


def test_csv_has_the_money_of_each_request_once(app, people, book):
    text = recap(app, people, "csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == len(SAMPLES)
    bills = [row for row in all_rows() if row["ntpn"] or not row["replaced_at"]]
    assert sum(int(row["TAGIHAN (Rp)"] or 0) for row in rows) == sum(b["amount"] for b in bills)
    paid = {bill["ntpn"]: bill for bill in bills if bill["ntpn"]}
    assert {row["NTPN"] for row in rows} - {""} == set(paid)
    for row in rows:
        bill = paid.get(row["NTPN"])
        assert row["DITERIMA (Rp)"] == (str(bill["amount"]) if bill else "")
        assert row["TANGGAL BAYAR"] == (bill["paid_on"].isoformat() if bill else "")


def test_workbook_adds_up_under_its_rows(app, people, book):
    sheet = load_workbook(io.BytesIO(recap(app, people, "xlsx").data))["Data"]
    lines = [list(row) for row in sheet.values]
    heads, rows = lines[HEAD - 1], [row for row in lines if isinstance(row[0], int)]
    [total] = [row for row in lines if row[0] == "JUMLAH"]
    assert len(rows) == len(SAMPLES)
    for name in ("TAGIHAN (Rp)", "DITERIMA (Rp)"):
        place = heads.index(name)
        assert total[place] == sum(row[place] or 0 for row in rows) > 0
    days = {row[heads.index("TANGGAL BAYAR")] for row in rows} - {None}
    assert days == {datetime.combine(row["paid_on"], datetime.min.time())
                    for row in all_rows() if row["paid_on"]}  # fmt: skip


def test_paper_says_what_was_billed_and_received(app, people, book):
    text = words_of(recap(app, people, "pdf").data)
    billed = sum(row["amount"] for row in all_rows() if row["ntpn"] or not row["replaced_at"])
    received = sum(row["amount"] for row in all_rows() if row["ntpn"])
    for amount in (billed, received):
        assert f"Rp{amount:,}".replace(",", ".") in text


def test_nothing_is_said_of_money_where_nobody_asked(app, people, book):
    sheet = load_workbook(io.BytesIO(recap(app, people, "xlsx", ["number"]).data))["Data"]
    assert "JUMLAH" not in {cell for row in sheet.values for cell in row}
