"""The queue's filters and its search."""

import re

import pytest

from backoffice.requests.queue_list import TABS
from models import User
from search import lookup
from tests.backoffice.requests.queue_pages import link, subjects
from tests.people import advance, enter, file_request

# -- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["service=data", "q=Perihal", "q=001", "status=in_process", "running=1", "instansi=mahasiswa",
     "done=2024-07", "since=2024-07-30", "assignee=kosong", "overdue=1", "q=.00"],
)  # fmt: skip
def test_under_filters_each_tab_tells_how_many_it_will_show(
    app, people, filed, runtime, now, clock, query
):
    rows = filed(6)
    advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    advance(rows[1], people, runtime, now=now)
    advance(rows[2], people, runtime, now=now, until="SURVEI")
    file_request(runtime, people.other_customer, now=now, key="LAB", service="lab",
                 subject="Perihal 900")  # fmt: skip
    for person in (people.admin_layanan, people.pemangku_data):
        client = enter(app, person)
        pages = {tab: client.get(f"/backoffice/?tab={tab}&{query}").text for tab in TABS}
        shown = {tab: len(re.findall(r"<strong>Perihal \d+</strong>", page))
                 for tab, page in pages.items()}  # fmt: skip
        for page in pages.values():
            tabs = re.search(r"m-queue-tabs.*?</nav>", page, re.DOTALL)[0]
            told = re.findall(r">([^<(]+?)(?: \((\d+)\))?</a>", tabs)
            for tab, (words, count) in zip(TABS, told, strict=True):
                assert words == TABS[tab]
                # Signs alone are in no index, and only looked for where one stands.
                assert count == str(shown[tab]) or (query == "q=.00" and not count), (tab, told)


def test_what_passed_a_stage_is_counted_where_one_stands(app, people, filed, clock):
    """Looking through the history once is what this filter costs; thrice would be for a hint."""
    filed(1)
    page = (
        enter(app, people.admin_layanan)
        .get("/backoffice/?tab=semua&passed=data:TERIMA_ADMIN@2024-07")
        .text
    )
    assert "hanya bagian yang terbuka yang dihitung" in page
    assert "Semua (0)" in page and "Menunggu saya</a>" in page


def test_a_common_word_says_why_other_tabs_have_no_count(app, people, filed, clock, monkeypatch):
    monkeypatch.setattr(lookup, "ENOUGH", 2)
    filed(5)
    page = enter(app, people.admin_layanan).get("/backoffice/?q=perihal").text
    assert "hanya bagian yang terbuka yang dihitung" in page
    assert "Menunggu saya</a>" in page


def test_filters_are_chips_that_take_themselves_out(app, people, filed, runtime, now, clock):
    rows = filed(2)
    lab = file_request(runtime, people.other_customer, now=now, key="LAB", service="lab",
                       subject="Perihal 900")  # fmt: skip
    User.update(institution_category="swasta").where(User.id == people.other_customer.id).execute()
    moved = advance(rows[0], people, runtime, now=now, until="DISPOSISI_KABALAI")
    admin = enter(app, people.admin_layanan)
    everything = "/backoffice/?tab=semua"
    assert subjects(admin, f"{everything}&service=lab") == ["Perihal 900"]
    assert subjects(admin, f"{everything}&stage=data:DISPOSISI_KABALAI") == ["Perihal 000"]
    assert subjects(admin, f"{everything}&role=kepala_balai") == ["Perihal 000"]
    assert subjects(admin, f"{everything}&status=waiting_verification&service=data") == [
        "Perihal 001"
    ]
    assert subjects(admin, f"{everything}&instansi=swasta") == ["Perihal 900"]
    assert subjects(admin, f"{everything}&since=2024-07-30") == []
    assert subjects(admin, f"{everything}&q={moved.number}") == ["Perihal 000"]
    page = admin.get(f"{everything}&service=lab&instansi=swasta&sesudah=x").text
    assert "Instansi: " in page and "hapus saringan" in page
    chip = re.search(r'class="m-chip" href="([^"]+)">Instansi', page)[1].replace("&amp;", "&")
    assert "instansi" not in chip and "service=lab" in chip
    assert lab.public_id in page


def test_filter_by_assignee(app, people, filed, runtime, now, clock):
    rows = filed(2)
    advance(rows[0], people, runtime, now=now, until="TUNJUK_PEMANGKU")
    admin, lead = enter(app, people.admin_layanan), enter(app, people.ketua_tim)
    who = people.ketua_tim.public_id
    assert subjects(admin, f"/backoffice/?tab=semua&assignee={who}") == ["Perihal 000"]
    assert subjects(admin, "/backoffice/?tab=semua&assignee=kosong") == ["Perihal 001"]
    assert subjects(lead, "/backoffice/?tab=semua&assignee=saya") == ["Perihal 000"]


def test_search_looks_everywhere_and_keeps_to_the_scope(app, people, filed, runtime, now, clock):
    rows = filed(2)
    advance(rows[0], people, runtime, now=now)
    admin = enter(app, people.admin_layanan)
    assert set(subjects(admin, "/backoffice/?q=perihal")) == {"Perihal 000", "Perihal 001"}
    assert subjects(admin, "/backoffice/?q=perihal&tab=saya") == ["Perihal 001"]
    other = enter(app, people.penguji)
    assert subjects(other, "/backoffice/?q=perihal&tab=semua") == []


def test_dense_search_pages_both_ways(app, people, filed, clock, monkeypatch):
    monkeypatch.setattr(lookup, "ENOUGH", 5)
    filed(45)
    admin = enter(app, people.admin_layanan)
    seen, address = [], "/backoffice/?q=perihal"
    pages = []
    while address:
        pages.append(address)
        seen += subjects(admin, address)
        address = link(admin.get(address).text, "next")
    assert seen == [f"Perihal {n:03d}" for n in reversed(range(45))]
    back = link(admin.get(pages[-1]).text, "prev")
    assert subjects(admin, back) == seen[20:40]


# -- pages ---------------------------------------------------------------------------------------


def test_days_the_wrong_way_round_are_pointed_out(app, people, filed):
    filed(1)
    admin = enter(app, people.admin_layanan)
    wrong = admin.get("/backoffice/?tab=semua&since=2024-08-02&until=2024-08-01").text
    assert "mendahului “Diajukan sejak”" in wrong
    assert 'aria-invalid="true" value="2024-08-01"' in wrong
    assert 'value="2024-08-02"' in wrong
    assert "Tidak ada yang cocok" not in wrong
    for right in ("since=2024-08-02&until=2024-08-02", "until=2024-08-01", "since=9&until=2"):
        assert "mendahului" not in admin.get(f"/backoffice/?tab=semua&{right}").text
    lists = ((people.customer, "/layanan/rekap"), (people.admin_layanan, "/backoffice/pesan/"))
    for person, address in lists:
        page = enter(app, person).get(f"{address}?since=2024-08-02&until=2024-08-01").text
        assert "mendahului" in page and 'value="2024-08-02"' in page
