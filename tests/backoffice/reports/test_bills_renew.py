"""Renewing a lapsed bill, what came in against the targets, and finding bills by the queue."""

import csv
import io
import re
from datetime import date
from html import escape

import pytest

from models import Billing, ChangeRecord, Event, Request, RevenueTarget, StageRecord
from rules.formats import ZONE, decimal_id
from tests.backoffice.reports.bill_samples import all_rows, bill_all
from tests.people import advance, complete_desk, csrf_token, enter, file_request, pdf, post, upload

PAGE = "/backoffice/tagihan/"
YEAR = f"{PAGE}realisasi"


@pytest.fixture
def billed(people, runtime, now, clock) -> Request:
    """A laboratory request whose customer has a bill to pay."""
    clock.set(now)
    filed = file_request(runtime, people.customer, now=now, service="lab")
    found = advance(filed, people, runtime, now=now, until="PEMBAYARAN")
    return complete_desk(found, people, runtime, now=now)


# -- renewing ------------------------------------------------------------------------------------


def test_the_treasurer_renews_a_lapsed_bill_from_the_book(app, people, billed, clock):
    old = Billing.get()
    clock.forward(days=(old.expires_on - old.issued_at.date()).days + 1)
    client = enter(app, people.bendahara)
    page = client.get(f"{PAGE}?state=lapsed").text
    address = re.search(rf'href="([^"]*{old.code}/terbitkan-ulang)"', page)[1]
    form = client.get(address).text
    assert f"Kode billing {old.code} berlaku sampai" in form
    # A reason that is too short comes back with its sentence, and nothing moved.
    item = Request.get_by_id(billed.id)
    given = {"version": str(item.version), "desk": "PEMBAYARAN/2", "reason": "lewat"}
    refused = post(client, address, given)
    assert refused.status_code == 422 and "Sedikitnya 10 huruf" in refused.text
    assert ">lewat</textarea>" in refused.text
    given["reason"] = re.search(r"<textarea[^>]*>([^<]+)</textarea>", form)[1]
    card = post(client, address, given, follow_redirects=True)
    assert "Tuliskan kode billing yang baru" in card.text
    assert 'name="billing"' in card.text
    assert Event.select().where(Event.kind == "billing_reissued").count() == 1
    # Until the new code is there the book leads to the card.
    assert "Isi kode baru" in client.get(f"{PAGE}?state=lapsed").text
    item = Request.get_by_id(billed.id)
    until = clock.now.astimezone(ZONE).date().isoformat()
    new = {"version": str(item.version), "billing": "820299999999999", "berlaku": until,
           "nominal": str(old.amount), "tagihan": upload(pdf("Tagihan baru"))}  # fmt: skip
    done = post(client, f"/backoffice/permohonan/{item.public_id}/complete", new)
    assert done.status_code == 302, done.text
    assert Billing.get_by_id(old.id).replaced_at and Billing.select().count() == 2
    page = client.get(PAGE).text
    # Counted once: the old one stands beside the total.
    assert f"<strong>{decimal_id(old.amount, 0)}</strong>" in page.partition("<tfoot>")[2]
    assert old.code not in client.get(f"{PAGE}?state=issued").text
    assert client.get(address).status_code == 404


def test_who_only_reads_the_book_renews_nothing(app, people, billed):
    code = Billing.get().code
    for reader in (people.kepala_balai, people.auditor):
        client = enter(app, reader)
        page = client.get(PAGE).text
        assert code in page and "Terbitkan ulang" not in page
        assert client.get(f"{PAGE}{code}/terbitkan-ulang").status_code == 404
        assert post(client, f"{PAGE}{code}/terbitkan-ulang").status_code == 404


# -- what came in --------------------------------------------------------------------------------


@pytest.fixture
def book(snapshots, people, runtime, now, clock):
    clock.set(now)
    return snapshots.of(bill_all, people, runtime, now)


def cells(page: str, title: str) -> dict[str, str]:
    row = next(
        r
        for r in re.findall(r"<tr>.*?</tr>", page, re.S)
        if 'scope="row"' in r and f">{escape(title)}</th>" in r
    )
    found = re.findall(r'<td data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.S)
    return {label: re.sub(r"<[^>]+>", "", text).strip() for label, text in found}


def test_each_month_has_what_was_paid_in_it(app, people, runtime, book, now):
    year = now.astimezone(ZONE).year
    page = enter(app, people.kepala_balai).get(f"{YEAR}?tahun={year}").text
    paid = [row for row in all_rows() if row["paid_on"] and row["paid_on"].year == year]
    whole = 0
    for code, offer in runtime.catalogue.items():
        mine = [row for row in paid if row["service_code"] == code]
        shown = cells(page, offer.flow.title)
        for number, month in enumerate(("Januari", "Februari", "Maret", "April", "Mei", "Juni",
                                        "Juli", "Agustus", "September", "Oktober", "November",
                                        "Desember"), start=1):  # fmt: skip
            amount = sum(row["amount"] for row in mine if row["paid_on"].month == number)
            assert shown[month] == (decimal_id(amount, 0) if amount else "-"), (code, month)
        whole += sum(row["amount"] for row in mine)
        assert shown["Jumlah"] == decimal_id(sum(row["amount"] for row in mine), 0)
    assert whole and cells(page, "Jumlah")["Jumlah"] == decimal_id(whole, 0)


def test_targets_are_set_by_who_may_and_leave_a_trail(app, people, runtime, book, now):
    year, title = now.astimezone(ZONE).year, runtime.catalogue["lab"].flow.title
    address = f"{YEAR}?tahun={year}"
    head = enter(app, people.kepala_balai)
    assert "Simpan target" not in head.get(address).text
    assert post(head, address, {"target-lab": "1"}).status_code == 403
    treasurer = enter(app, people.bendahara)
    wrong = post(treasurer, address, {"target-lab": "satu miliar", "target-data": "5.000"})
    assert wrong.status_code == 422 and 'value="satu miliar"' in wrong.text
    assert 'value="5.000"' in wrong.text and not RevenueTarget.select().exists()
    saved = post(treasurer, address, {"target-lab": "400.000.000"}, follow_redirects=True)
    paid = sum(row["amount"] for row in all_rows() if row["service_code"] == "lab"
               and row["paid_on"] and row["paid_on"].year == year)  # fmt: skip
    shown = cells(saved.text, title)
    assert shown["Target"] == "400.000.000"
    assert shown["Capaian"] == f"{decimal_id(100 * paid / 400_000_000, 1)} %"
    post(treasurer, address, {"target-lab": "400.000.000"})
    post(treasurer, address, {"target-lab": ""})
    assert not RevenueTarget.select().exists()
    assert [(c.before, c.after) for c in ChangeRecord.select().order_by(ChangeRecord.id)] == [
        ({}, {"amount": 400_000_000}),
        ({"amount": 400_000_000}, {}),
    ]


def test_the_year_as_a_file_adds_up(app, people, book, now):
    year = now.astimezone(ZONE).year
    text = enter(app, people.auditor).get(f"{YEAR}?tahun={year}&format=csv").data
    heads, *rows, total = csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";")
    for place, head in enumerate(heads):
        if head.endswith("(Rp)") and not head.startswith("TARGET"):
            assert int(total[place]) == sum(int(row[place]) for row in rows)
    assert int(total[13]) == sum(
        row["amount"] for row in all_rows() if row["paid_on"] and row["paid_on"] >= date(year, 1, 1)
    )


# -- found by the queue --------------------------------------------------------------------------


def test_the_queues_search_finds_codes_ntpn_and_samples(app, people, runtime, billed, now):
    client = enter(app, people.auditor)

    def finds(words: str) -> bool:
        form = {"di": "/backoffice/", "tab": "semua", "q": words, "csrf_token": csrf_token(client)}
        page = client.post("/backoffice/cari/", data=form, follow_redirects=True).text
        return f"/backoffice/permohonan/{billed.public_id}" in page

    bill = Billing.get()
    assert finds(bill.code) and finds(bill.code[:8]) and not finds("999999999999999")
    item = complete_desk(Request.get_by_id(billed.id), people, runtime, now=now)
    item = complete_desk(item, people, runtime, now=now)
    assert finds(Billing.get().ntpn) and finds(bill.code)
    complete_desk(item, people, runtime, now=now)
    assert finds(f"BU-{billed.id:06d}")
    # What is gone isn't found any more, nor anything else lost with it.
    # The words of a stage say for good what was typed there, and so what is found by them.
    StageRecord.update(words="").execute()
    Billing.update(code="820211111111111").where(Billing.id == bill.id).execute()
    assert finds("820211111111111") and not finds(bill.code)
    assert finds(billed.number)
