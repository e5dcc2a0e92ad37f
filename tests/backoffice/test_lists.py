"""What every list of the backoffice can do: sort, filter, choose columns, take away, act."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import peewee
import pytest
from openpyxl import load_workbook

from backoffice import lists
from backoffice.lists import LISTS
from backoffice.requests import queue
from models import Event, User
from storage.database import database
from tests.people import enter, file_request, make_customer, post
from tests.test_queries import Counter
from tests.web.test_listing import link

CUSTOMERS, STAFF = "/backoffice/pelanggan/", "/backoffice/petugas/"
NAME = re.compile(r'data-label="Nama">\s*([^<]*?)\s*<')


@pytest.fixture
def crowd(app, people, now):
    """Twenty-six customers, of every third of whom nobody knows since when."""
    with app.app_context():
        for number in range(26):
            made = make_customer(f"p{number}@laut.test", f"Nama {number:02d}")
            at = None if number % 3 == 0 else now + timedelta(days=(number * 7) % 26)
            User.update(
                name=f"Nama {number:02d}", created_at=at, institution_name=f"Balai {number % 2}"
            ).where(User.id == made.id).execute()
    User.update(active=False).where(User.name == "Nama 05").execute()
    return User.select().where(User.name.startswith("Nama"))


def sort_address(page: str, heading: str) -> str:
    found = re.search(rf'class="m-sort"\s+href="([^"]+)"\s*>\s*{heading}', page)
    return found[1].replace("&amp;", "&")


def all_pages(client, address: str) -> list[str]:
    seen = []
    while address:
        page = client.get(address).text
        seen += NAME.findall(page)
        address = link(page, "next")
    return seen


def test_a_heading_sorts_both_ways_and_what_is_empty_comes_last(app, people, crowd):
    client = enter(app, people.administrator)
    page = client.get(f"{CUSTOMERS}?q=nama").text
    assert 'aria-sort="ascending"' in page and NAME.findall(page)[0] == "Nama 00"
    turned = client.get(sort_address(page, "Nama")).text
    assert 'aria-sort="descending"' in turned and NAME.findall(turned)[0] == "Nama 25"
    # The column is chosen first; it isn't shown to who never asked for it.
    assert 'data-label="Terdaftar"' not in page
    columns = {
        "daftar": "customers",
        "columns": ["created_at", "email"],
        "url": f"{CUSTOMERS}?q=nama",
    }
    chosen = post(client, "/backoffice/tampilan/kolom", columns, follow_redirects=True).text
    assert 'data-label="Terdaftar"' in chosen and 'data-label="Instansi"' not in chosen
    assert 'data-label="Instansi"' in enter(app, people.auditor).get(CUSTOMERS).text
    known = {user.name: user.created_at for user in crowd}
    rising = sort_address(chosen, "Terdaftar")
    for address in (rising, f"{rising}&desc=1"):
        names = all_pages(client, f"{address}&page_size=20")
        assert sorted(names) == sorted(known)
        dated = [known[name] for name in names if known[name]]
        assert dated == sorted(dated, reverse="desc" in address)
        assert {known[name] for name in names[len(dated) :]} == {None}
    # And back again from the last page.
    last = client.get(link(client.get(f"{rising}&page_size=20").text, "next")).text
    first = client.get(link(last, "prev")).text
    assert NAME.findall(first) == all_pages(client, rising)[:20]


def test_filters_combine_and_what_was_typed_stays_out_of_the_address(app, people, crowd):
    client = enter(app, people.administrator)
    given = {"di": CUSTOMERS, "op-0": "instansi_mengandung", "w-0": "balai 1",
             "op-1": "akun_adalah", "v-1": ["tidak"], "op-2": "email_kosong"}  # fmt: skip
    answer = post(client, "/backoffice/cari/", given)
    arguments = parse_qs(urlsplit(answer.location).query)
    assert set(arguments) == {"flt0_instansi_mengandung", "flt1_akun_adalah"}
    assert "balai" not in unquote(answer.location).lower()
    page = client.get(answer.location).text
    assert NAME.findall(page) == ["Nama 05"]
    assert "Instansi mengandung: “balai 1”" in page and "Akun: Tidak aktif" in page
    # Without one of them the other stays.
    chip = re.search(r'class="m-chip" href="([^"]+)"\s*>\s*Akun', page)[1].replace("&amp;", "&")
    rest = all_pages(client, chip)
    assert len(rest) == 13 and "Nama 05" in rest
    assert "tidak dipakai" in client.get(f"{CUSTOMERS}?flt0_akun_adalah=zz").text


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ("flt0_akun_adalah=tidak", ["Nama 05"]),
        ("flt0_akun_bukan=ya", ["Nama 05"]),
        ("flt0_terdaftar_kosong=1&flt1_instansi_sama_dengan=BALAI 1",
         ["Nama 03", "Nama 09", "Nama 15", "Nama 21"]),
        ("flt0_instansi_salah_satu_dari_pisahkan_dengan_koma=x, balai 0&flt1_terdaftar_kosong=0"
         "&flt2_terdaftar_antara=2024-07-30 to 2024-08-02", ["Nama 04", "Nama 08"]),
        ("flt0_instansi_tidak_mengandung=balai&flt1_akun_adalah=ya", []),
    ],
)  # fmt: skip
def test_operators(app, people, crowd, filters, names):
    arguments = dict(one.split("=") for one in filters.split("&"))
    page = enter(app, people.administrator).get(CUSTOMERS, query_string={**arguments, "q": "nama"})
    assert NAME.findall(page.text) == names


def test_the_file_holds_what_the_page_shows_and_the_history_says_who_took_it(app, people, crowd):
    User.update(name="=1+1").where(User.name == "Nama 05").execute()
    client = enter(app, people.administrator)
    address = f"{CUSTOMERS}unduh?flt0_instansi_sama_dengan=balai 1&sort=0&desc=1&jenis="
    text = client.get(f"{address}csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0][:2] == ["NAMA", "INSTANSI"] and len(rows) == 14
    assert rows[1][0] == "Nama 25" and rows[-1][0] == "'=1+1"
    sheet = load_workbook(io.BytesIO(client.get(f"{address}xlsx").data)).active
    cell = sheet.cell(sheet.max_row, 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    taken = Event.get(Event.kind == "list_exported")
    assert taken.actor == people.administrator
    assert taken.data == {"list": "customers", "format": "csv"}
    assert client.get(f"{address}exe").status_code == 404
    assert enter(app, people.penguji).get(f"{address}csv").status_code == 403


@pytest.mark.parametrize("address", [CUSTOMERS, "/backoffice/"])
def test_no_file_leaves_rows_out(app, people, crowd, runtime, now, monkeypatch, address):
    for key in "AB":
        file_request(runtime, people.customer, now=now, key=key)
    for module in (lists, queue):
        monkeypatch.setattr(module, "MOST_EXPORTED", 1)
    client = enter(app, people.admin_layanan)
    page = client.get(f"{address}unduh?jenis=csv", follow_redirects=True)
    assert "lebih dari 1 baris cocok" in page.text and page.request.path == address


def test_the_menu_acts_on_the_ticked_rows_of_the_list_alone(app, people, crowd):
    client = enter(app, people.administrator)
    assert 'name="rowid"' in client.get(STAFF).text
    stranger = {"action": "invite", "rowid": [people.customer.id, "x", "9" * 40], "url": STAFF}
    assert post(client, f"{STAFF}action/", stranger).location == STAFF
    assert not Event.select().where(Event.kind == "record_changed").exists()
    assert 'name="rowid"' not in enter(app, people.auditor).get(STAFF).text
    assert post(enter(app, people.auditor), f"{STAFF}action/", stranger).status_code == 403


def test_the_number_of_queries_is_that_of_the_page_not_of_the_rows(app, people, crowd, monkeypatch):
    counter = Counter(monkeypatch)
    client = enter(app, people.administrator)
    few = counter.of(client, f"{CUSTOMERS}?flt0_akun_adalah=tidak")
    assert counter.of(client, f"{CUSTOMERS}?page_size=100&sort=5") <= few + 1 <= 10


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_heading_of_a_large_table_walks_an_index(app, people, monkeypatch):
    asked, original = [], peewee.Database.execute_sql

    def kept(database, sql, params=None):
        if "ORDER BY" in sql and "LIMIT" in sql:
            asked.append((sql, params))
        return original(database, sql, params)

    monkeypatch.setattr(peewee.Database, "execute_sql", kept)
    for person, endpoint in (
        (people.administrator, "customers"), (people.administrator, "outbox"),
        (people.auditor, "changes"), (people.kasubag_tu, "letters_in"),
        (people.kasubag_tu, "letters_out"),
    ):  # fmt: skip
        client, listed = enter(app, person), LISTS[endpoint]
        for place, name in enumerate(listed.column_list):
            if name not in listed.get_sortable_columns():
                continue
            for desc in ("", "&desc=1"):
                asked.clear()
                client.get(f"{listed.url}/?sort={place}{desc}")
                table = f'FROM "{listed.model._meta.table_name}" AS'
                for sql, params in [one for one in asked if table in one[0]]:
                    plan = original(database, f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
                    assert not [row for row in plan if "B-TREE" in row[3]], (endpoint, name)
                assert any(table in sql for sql, _ in asked), (endpoint, name)
