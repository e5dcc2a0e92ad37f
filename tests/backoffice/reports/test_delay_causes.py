"""Why services were late: counted on the dashboard, listed behind it, and told in the Rekap."""

import re
from datetime import timedelta
from html import unescape

import pytest

from models import Request
from tests.backoffice.reports.recap_samples import open_book, table
from tests.backoffice.reports.recap_samples import take as take_recap
from tests.moves.side_steps import take, wita
from tests.people import advance, enter, file_request

LATE = wita(8, 5, 9)


@pytest.fixture
def delayed(app, people, runtime, now, clock) -> dict[str, Request]:
    """Three late requests with a cause, one late without one, one in time."""
    clock.set(LATE)
    found = {}
    for key, cause in [("A", "cuaca"), ("B", "cuaca"), ("C", "alat"), ("D", ""), ("E", "")]:
        filed_at = LATE - timedelta(hours=1) if key == "E" else now
        filed = file_request(
            runtime, people.customer, now=filed_at, key=key, subject=f"Kasus {key}"
        )
        found[key] = advance(filed, people, runtime, now=filed_at, until="LAPORAN_KE_PETUGAS")
        if cause:
            Request.update(delay_cause=cause).where(Request.id == filed.id).execute()
    found["B"] = advance(Request.get_by_id(found["B"].id), people, runtime, now=LATE)
    return found


def causes_of(page: str) -> dict[str, tuple[int, str]]:
    part = page.split('id="penyebab"')[1].split("</section>")[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th>.*?href="([^"]+)"[^>]*>\s*(\d+)', part, re.S)
    return {words: (int(count), unescape(link)) for words, link, count in rows}


def test_each_cause_counts_what_its_list_shows(app, people, delayed):
    head = enter(app, people.kepala_balai)
    found = causes_of(head.get("/backoffice/dasbor/").text)
    assert {words: count for words, (count, _) in found.items()} == {
        "Cuaca atau keadaan lapangan": 2,
        "Peralatan rusak atau sedang dikalibrasi": 1,
        "Belum dicatat (masih berjalan)": 1,
    }
    for words, (count, link) in found.items():
        listed = set(re.findall(r"Kasus [A-E]", head.get(link).text))
        assert len(listed) == count, words
    _, link = found["Belum dicatat (masih berjalan)"]
    assert set(re.findall(r"Kasus [A-E]", head.get(link).text)) == {"Kasus D"}


def test_who_sees_few_requests_counts_those_alone(app, people, delayed):
    assert causes_of(enter(app, people.penguji).get("/backoffice/dasbor/").text) == {}


def test_an_empty_table_says_so(app, people):
    page = enter(app, people.kepala_balai).get("/backoffice/dasbor/").text
    assert "Tidak ada keterlambatan yang dicatat" in page


def test_the_recap_has_the_cause(app, people, delayed):
    rows = table(open_book(take_recap(enter(app, people.staf_tu)))["Data"])
    causes = {row["PERIHAL"]: row["PENYEBAB TERLAMBAT"] for row in rows}
    assert causes["Kasus A"] == "Cuaca atau keadaan lapangan"
    assert not causes["Kasus D"]


def test_the_cause_said_by_the_door_is_counted(app, people, delayed):
    take(delayed["D"], "explain_delay", people.kasubag_tu, LATE, cause="Menunggu pihak lain")
    found = causes_of(enter(app, people.kepala_balai).get("/backoffice/dasbor/").text)
    assert found["Menunggu pihak lain"][0] == 1
    assert "Belum dicatat (masih berjalan)" not in found


def test_a_cause_of_nobodys_list_filters_nothing(app, people, delayed):
    page = enter(app, people.kepala_balai).get("/backoffice/?tab=semua&cause=' OR 1=1").text
    assert len(set(re.findall(r"Kasus [A-E]", page))) == 5
