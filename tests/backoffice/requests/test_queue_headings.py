"""The headings of the queue sort it; it is told what to leave out, and taken away as it stands."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from backoffice.requests import queue_list
from models import Event, Request, User
from tests.backoffice.requests.queue_pages import link, subjects
from tests.people import advance, enter, file_request, post

ALL = "/backoffice/?tab=semua"


def heading(page: str, words: str) -> tuple[str, str]:
    """(where a click leads, how the list is sorted by it)."""
    found = re.search(
        rf'<th class="c-\w+" scope="col"(?: aria-sort="(\w+)")?\s*>\s*<a class="m-sort" '
        rf'href="([^"]+)">{words}', page
    )  # fmt: skip
    return (found[2].replace("&amp;", "&"), found[1] or "") if found else ("", "")


COUNTED = ("Perihal", "Diajukan", "Nomor", "Pelanggan", "Keadaan")
WALKED = ("Perihal", "Nomor", "Keadaan")


@pytest.mark.parametrize(
    ("words", "most"), [*((one, 999) for one in COUNTED), *((one, 5) for one in WALKED)]
)
def test_a_click_sorts_and_a_second_one_turns_it_round(
    app, people, filed, runtime, now, monkeypatch, words, most
):
    monkeypatch.setattr(queue_list, "MOST_COUNTED", most)
    mixed = filed(26)
    for place, row in enumerate(mixed):
        # Subjects the other way round; a third has a number, and every second is another's.
        number = f"{place:02d}/L" if place % 3 == 0 else None
        stage = "DISPOSISI_KABALAI" if place % 5 < 2 else row.stage_code
        Request.update(subject=f"Perihal {99 - place:03d}", number=number, stage_code=stage).where(
            Request.id == row.id
        ).execute()
        if place % 2:
            Request.update(customer=people.other_customer).where(Request.id == row.id).execute()
    admin = enter(app, people.admin_layanan)
    rising, _ = heading(admin.get(ALL).text, words)
    assert rising
    page = admin.get(rising).text
    falling, now_sorted = heading(page, words)
    assert now_sorted == "ascending" and heading(admin.get(falling).text, words)[1] == "descending"
    for address in (rising, falling):
        first = admin.get(address).text
        rest = subjects(admin, link(first, "next"))
        told = subjects(admin, address) + rest
        assert len(told) == len(set(told)) == 26
        assert subjects(admin, link(admin.get(link(first, "next")).text, "prev")) == told[:20]
        if words == "Perihal":
            assert told == sorted(told, reverse=address == falling)
        if words == "Keadaan":
            stages = dict(Request.select(Request.subject, Request.stage_code).tuples())
            lie = [(stages[subject], -int(subject[-3:])) for subject in told]
            assert lie == sorted(lie, reverse=address == falling)
        if words == "Nomor":
            known = dict(Request.select(Request.subject, Request.number).tuples())
            numbers = [known[subject] for subject in told]
            assert numbers[:9] == sorted(filter(None, numbers), reverse=address == falling)
        if words == "Pelanggan":
            of = Request.select(Request.subject, User.name).join(User, on=Request.customer)
            names = [dict(of.tuples())[subject] for subject in told]
            assert names == sorted(names, reverse=address == falling)
    assert len(subjects(admin, f"{rising}&page_size=50")) == 26


def test_too_many_rows_are_not_sorted_by_what_no_index_holds(app, people, filed, monkeypatch):
    filed(3)
    monkeypatch.setattr(queue_list, "MOST_COUNTED", 2)
    admin = enter(app, people.admin_layanan)

    def offered(address: str) -> set[str]:
        page = admin.get(address).text
        return {words for words in (*COUNTED, "Petugas") if heading(page, words)[0]}

    assert offered(f"{ALL}&sort=perihal") == {*WALKED, "Diajukan"}
    # What is narrowed lies in no index of these.
    for address in (f"{ALL}&service=data", "/backoffice/?tab=saya", f"{ALL}&q=perihal"):
        assert offered(f"{address}&sort=perihal") == {"Diajukan"}, address
        assert subjects(admin, f"{address}&sort=perihal") == subjects(admin, address)
    assert subjects(admin, f"{ALL}&sort=pelanggan") == subjects(admin, ALL)


def test_what_is_left_out_and_several_at_once(app, people, filed, runtime, now):
    first, _ = filed(2)
    advance(first, people, runtime, now=now, until="VERIFIKASI_DATA")
    file_request(runtime, people.customer, now=now, key="LAB", service="lab", subject="Perihal 900")
    admin = enter(app, people.admin_layanan)
    assert subjects(admin, f"{ALL}&service=!data") == ["Perihal 900"]
    assert len(subjects(admin, f"{ALL}&service=data,lab&sort=terlama")) == 3
    waiting = set(subjects(admin, f"{ALL}&status=!in_process"))
    assert waiting == {"Perihal 001", "Perihal 900"}
    assert subjects(admin, f"{ALL}&role=!admin_layanan") == ["Perihal 000"]
    for nonsense in ("service=!", "service=!x,y", "status=,", "sort=-", "sort=-x&page_size=7"):
        assert len(subjects(admin, f"{ALL}&{nonsense}")) == 3
    # The form says so by a box beside the choice.
    given = {"di": "/backoffice/", "tab": "semua", "service": "data", "bukan": "service"}
    sent = post(admin, "/backoffice/cari/", given)
    page = admin.get(sent.location).text
    assert "Bukan: " in page and subjects(admin, sent.location) == ["Perihal 900"]


def test_the_file_is_what_the_page_shows(app, people, filed):
    filed(22)
    Request.update(subject="=1+1").where(Request.subject == "Perihal 003").execute()
    admin = enter(app, people.admin_layanan)
    page = admin.get(f"{ALL}&sort=terlama").text
    address = re.search(r'href="(/backoffice/unduh[^"]+csv[^"]*)"', page)[1].replace("&amp;", "&")
    rows = list(csv.reader(io.StringIO(admin.get(address).data.decode("utf-8-sig")), delimiter=";"))
    at = rows[0].index("PERIHAL")
    assert [row[at] for row in rows[1:5]] == ["Perihal 000", "Perihal 001", "Perihal 002", "'=1+1"]
    assert len(rows) == 23
    sheet = load_workbook(io.BytesIO(admin.get(address.replace("csv", "xlsx")).data)).active
    assert sheet.max_row == 23 and sheet.cell(5, at + 1).data_type == "s"
    assert Event.get(Event.kind == "list_exported").data == {"list": "queue", "format": "csv"}
    # What a post doesn't see isn't in its file either.
    other = enter(app, people.penguji).get("/backoffice/unduh?tab=semua&jenis=csv")
    assert other.data.decode("utf-8-sig").count("\n") == 1
    assert admin.get("/backoffice/unduh?jenis=exe").status_code == 404
