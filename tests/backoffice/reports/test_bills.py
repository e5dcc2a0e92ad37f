"""The treasurer's book: which bills stand in it, what they add up to, who reads it."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from models import Billing, Request
from outputs.bills.book import Choice, sum_up
from rules.bills import STATES
from rules.formats import ZONE, decimal_id
from tests.backoffice.reports.bill_samples import (
    EXPECTED_STATES,
    SAMPLES,
    all_rows,
    bill_all,
    counted,
)
from tests.people import csrf_token, enter
from workflow import Reader

PAGE = "/backoffice/tagihan/"


@pytest.fixture
def book(snapshots, people, runtime, now, clock):
    """Every state of a bill, with the day after the manual's example as today."""
    clock.set(now)
    return snapshots.of(bill_all, people, runtime, now)


def codes_on(page: str) -> list[str]:
    return re.findall(r'data-label="Kode billing">\s*(\d{15})', page)


def today_of(now):
    return now.astimezone(ZONE).date()


def test_sums_equal_the_rows_counted_by_hand(people, book, now):
    expected = counted(all_rows(), today_of(now))
    sums = sum_up(Choice(), Reader.at(people.bendahara, now))
    found = {state: (one.count, one.amount) for state, one in sums.per_state.items()}
    assert found == {state: expected.get(state, (0, 0)) for state in STATES}
    assert set(expected) == set(STATES)
    # What is issued is everything but what another bill took the place of.
    whole = [row["amount"] for row in all_rows() if row["ntpn"] or not row["replaced_at"]]
    issued = sums.of(Choice(state="issued").states)
    assert (issued.count, issued.amount) == (len(whole), sum(whole))


@pytest.mark.parametrize("state", [*STATES, "issued", "waiting", ""])
def test_each_state_lists_its_bills_and_their_sum(app, people, book, state):
    wanted = {"issued": {*STATES} - {"replaced"}, "waiting": {"unpaid", "lapsing"},
              "": {*STATES}}.get(state, {state})  # fmt: skip
    places = [place for place, known in enumerate(EXPECTED_STATES) if known in wanted]
    page = enter(app, people.bendahara).get(f"{PAGE}?state={state}").text
    assert sorted(codes_on(page)) == sorted(f"82024{place:010d}" for place in places)
    standing = sum(SAMPLES[place][5] for place in places if not SAMPLES[place][4])
    total = page.partition("<tfoot>")[2]
    assert f"<strong>{decimal_id(standing, 0)}</strong>" in total
    assert page.count("tidak dijumlahkan") == ("replaced" in wanted)


def test_a_bill_may_be_paid_on_its_last_day(app, people, book, clock):
    client = enter(app, people.bendahara)
    [code] = [f"82024{place:010d}" for place, one in enumerate(SAMPLES) if one[2] == 0]
    assert code in codes_on(client.get(f"{PAGE}?state=lapsing").text)
    clock.forward(days=1)
    assert code not in codes_on(client.get(f"{PAGE}?state=waiting").text)
    assert code in codes_on(client.get(f"{PAGE}?state=lapsed").text)


def test_periods_are_of_issue_or_of_payment_with_both_ends(app, people, book, now):
    client, rows = enter(app, people.kasubag_tu), all_rows()
    paid = sorted({row["paid_on"] for row in rows if row["paid_on"]})
    for first, last in ((paid[0], paid[0]), (paid[0], paid[-1]), (paid[1], paid[-1])):
        span = f"period=tanggal&since={first}&until={last}"
        wanted = [r["code"] for r in rows if r["paid_on"] and first <= r["paid_on"] <= last]
        assert sorted(codes_on(client.get(f"{PAGE}?by=bayar&{span}").text)) == sorted(wanted)
        wanted = [r["code"] for r in rows
                  if first <= r["issued_at"].astimezone(ZONE).date() <= last]  # fmt: skip
        assert sorted(codes_on(client.get(f"{PAGE}?{span}").text)) == sorted(wanted)
    backwards = client.get(f"{PAGE}?period=tanggal&since={paid[1]}&until={paid[0]}").text
    assert "mendahului" in backwards and not codes_on(backwards)


@pytest.mark.parametrize(
    ("words", "found"),
    [("820240000000004", [4]), ("8202400000000", range(15)), ("NTPN000000000006", [6]),
     ("ntpn000000000006", [6]), ("3/L.Uji/29/VII/24", [2]), ("universitas", range(15)),
     ("Pelanggan Satu 820240000000001", [1]), ("tidak-ada", []), ("%", []), ("_", [])],
)  # fmt: skip
def test_words_find_codes_ntpn_numbers_and_customers(app, people, book, words, found):
    client = enter(app, people.bendahara)
    form = {"di": PAGE, "q": words, "csrf_token": csrf_token(client)}
    page = client.post("/backoffice/cari/", data=form, follow_redirects=True)
    assert words not in page.request.path + page.request.query_string.decode()
    assert sorted(codes_on(page.text)) == [f"82024{place:010d}" for place in found]
    if not found:
        assert "Tidak ada tagihan yang cocok" in page.text


def test_pages_follow_each_other_without_a_gap(app, people, book, monkeypatch):
    monkeypatch.setattr("backoffice.reports.bills.PER_PAGE", 4)
    client, seen, address = enter(app, people.auditor), [], PAGE
    for _ in range(6):
        page = client.get(address).text
        seen += codes_on(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        if not found:
            break
        address = found[1].replace("&amp;", "&")
    assert seen == [row["code"] for row in reversed(all_rows())]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("state", ["", "issued", "replaced", "paid"])
def test_files_hold_what_is_chosen_and_totals_that_equal_the_rows(
    app, people, book, now, kind, state
):
    client = enter(app, people.bendahara)
    answer = client.get(f"{PAGE}unduh?state={state}&format={kind}")
    assert answer.headers["Content-Disposition"].rstrip('"').endswith(f".{kind}")
    if kind == "xlsx":
        table = [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.values]
    else:
        table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    heads, rows, total = table[0], table[1:-1], table[-1]
    assert {str(row[5]) for row in rows} == set(codes_on(client.get(f"{PAGE}?state={state}").text))
    assert total[1] == "JUMLAH"
    for place in (heads.index(f"{name} (Rp)") for name in ("TAGIHAN", "DIGANTI", "DITERIMA")):
        assert int(total[place]) == sum(int(row[place] or 0) for row in rows)
    billed = sum(int(row[heads.index("TAGIHAN (Rp)")] or 0) for row in rows)
    sums = sum_up(Choice(state=state), Reader.at(people.bendahara, now))
    assert billed == sums.standing(Choice(state=state).states).amount


def test_paper_has_all_rows_and_too_many_are_sent_to_a_file(app, people, book, monkeypatch):
    client = enter(app, people.kepala_balai)
    page = client.get(f"{PAGE}cetak?state=paid").text
    assert len(codes_on(page)) == EXPECTED_STATES.count("paid")
    assert "Keadaan" in page and "Lunas" in page and "data-print" in page
    monkeypatch.setattr("backoffice.reports.bills.MOST_PRINTED", 3)
    page = client.get(f"{PAGE}cetak").text
    assert not codes_on(page) and "unduh sebagai Excel" in page


def test_a_book_without_bills_says_where_they_come_from(app, people, clock):
    page = enter(app, people.bendahara).get(PAGE).text
    assert "Belum ada tagihan" in page


def test_the_book_is_closed_to_others_and_a_strangers_code_is_nothing(app, people, book, now):
    code = Billing.select().first().code
    for post_code in ("penguji", "admin_layanan", "pemangku_data", "administrator"):
        client = enter(app, people.staff[post_code])
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}{code}/terbitkan-ulang").status_code == 403
    assert enter(app, people.customer).get(PAGE).status_code == 403
    assert not Billing.visible_to(Reader.at(people.penguji, now)).exists()
    assert Request.select().count() == len(SAMPLES)
