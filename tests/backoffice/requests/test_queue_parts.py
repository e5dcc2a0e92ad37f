"""What a narrow scope puts together: each request once, in order, counted as often as shown."""

import pytest

from models import Participation, Request
from tests.backoffice.requests.queue_pages import link, subjects
from tests.people import enter

PAGE = 20


@pytest.fixture
def kept(people, filed):
    """46 requests that the post or the person had a hand in, ten of them both; and two of nobody.

    A few run still.
    """
    rows = filed(48)
    for place, row in enumerate(rows[:46]):
        given = {"request": row, "submitted_at": row.submitted_at}
        if place < 30:
            Participation.create(role_code="bendahara", **given)
        if place >= 20:
            Participation.create(user=people.bendahara, **given)
    ended = [row.id for row in rows[5:]]
    Request.update(status="done", waiting_role="").where(Request.id.in_(ended)).execute()
    return rows


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("tab=semua", range(45, -1, -1)),
        ("tab=semua&sort=terlama", range(46)),
        ("tab=selesai", range(45, 4, -1)),
        ("tab=selesai&sort=terlama", range(5, 46)),
        ("tab=semua&status=done", range(45, 4, -1)),
        ("tab=semua&status=waiting_verification", range(4, -1, -1)),
        ("tab=semua&service=lab", range(0)),
        ("tab=selesai&status=waiting_verification", range(0)),
        ("tab=arsip-bendahara&sort=terlama", range(30)),
    ],
)
def test_each_part_gives_its_rows_once_and_in_order(app, people, kept, clock, query, places):
    client, address = enter(app, people.bendahara), f"/backoffice/?{query}"
    pages, last = [], ""
    while address:
        pages.append(subjects(client, address))
        last, address = address, link(client.get(address).text, "next")
    assert [one for page in pages for one in page] == [f"Perihal {n:03d}" for n in places]
    assert all(len(page) == PAGE for page in pages[:-1])
    if len(pages) > 1:
        assert f"dari {len(places)}" in client.get(last).text
        assert subjects(client, link(client.get(last).text, "prev")) == pages[-2]


def test_tabs_count_what_two_parts_share_once(app, people, kept, clock):
    page = enter(app, people.bendahara).get("/backoffice/").text
    for words in ("Tagihan (30)", "Semua (46)", "Selesai (41)"):
        assert words in page


def test_who_does_not_hold_the_post_sees_none_of_it(app, people, kept, clock):
    client = enter(app, people.petugas_contoh)
    for tab in ("semua", "selesai"):
        assert subjects(client, f"/backoffice/?tab={tab}") == []
