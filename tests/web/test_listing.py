"""Pages of lists follow each other: no row twice and none left out, whatever comes in meanwhile."""

import re
from datetime import timedelta

import pytest

from models import Message, Request, User
from tests.people import enter, file_request, make_customer

SUBJECT = re.compile(r'data-label="PERIHAL">\s*(\S[^<]*?)\s*<')


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found.group(1).replace("&amp;", "&") if found else ""


@pytest.fixture
def file(people, runtime, now):
    def filed(number: int, who=None) -> Request:
        at = now + timedelta(minutes=number)
        return file_request(
            runtime, who or people.customer, now=at, key=f"K{number}-{who}",
            subject=f"{'perihal' if number % 2 else 'Périhal'} {number:03d}",
        )  # fmt: skip

    return filed


@pytest.mark.parametrize("sort", ["", "submitted", "due", "-due", "subject", "-subject"])
def test_no_row_comes_twice_when_one_is_added(app, people, file, clock, sort):
    for number in range(10, 35):
        file(number)
    client = enter(app, people.customer)
    address, seen = f"/layanan/rekap?sort={sort}", []
    for added in (1, 99, 50):
        page = client.get(address).text
        assert len(SUBJECT.findall(page)) <= 10
        seen += SUBJECT.findall(page)
        file(added)
        address = link(page, "next")
        if not address:
            break
    first = {f"{number:03d}" for number in range(10, 35)}
    told = [subject[-3:] for subject in seen]
    assert len(told) == len(set(told)) and first <= set(told)
    back = link(client.get(link(page, "prev")).text, "prev")
    assert "sebelum=" in back and client.get(back).status_code == 200
    if "subject" in sort:
        assert told == sorted(told, reverse=sort.startswith("-"))


def test_there_and_back_again(app, people, file, clock):
    for number in range(25):
        file(number)
    client = enter(app, people.customer)
    first = client.get("/layanan/rekap").text
    second = client.get(link(first, "next")).text
    third = client.get(link(second, "next")).text
    assert "Showing 1 to 10 of 25" in first and not link(first, "prev")
    assert "Showing 11 to 20 of 25" in second
    assert "Showing 21 to 25 of 25" in third and not link(third, "next")
    again = client.get(link(third, "prev")).text
    assert SUBJECT.findall(again) == SUBJECT.findall(second)
    begin = client.get(link(again, "prev")).text
    assert SUBJECT.findall(begin) == SUBJECT.findall(first) and not link(begin, "prev")
    # A filter begins anew, and so does an address that was kept by its number.
    assert "sesudah" not in link(second, "next").replace("sesudah=", "", 1)
    assert 'href="/layanan/rekap?sort=subject"' in second
    assert SUBJECT.findall(client.get("/layanan/rekap?page=2").text) == SUBJECT.findall(second)


@pytest.mark.parametrize("place", ["sesudah={}", "sebelum={}", "sesudah={}&sort=subject"])
def test_a_strangers_row_tells_nothing_of_its_place(app, people, file, clock, place):
    for number in range(12):
        file(number)
    stranger = file(500, people.other_customer)
    client = enter(app, people.customer)
    asked = place.format(stranger.id)
    plain = client.get(f"/layanan/rekap?{asked.partition('&')[2]}").text
    assert SUBJECT.findall(client.get(f"/layanan/rekap?{asked}").text) == SUBJECT.findall(plain)
    for nonsense in ("x", "-1", "9" * 30, "1'", "", "1e3"):
        page = client.get("/layanan/rekap", query_string={"sesudah": nonsense})
        assert page.status_code == 200 and len(SUBJECT.findall(page.text)) == 10


def test_lists_of_the_backoffice_go_on_where_they_were(app, people, now, clock):
    with app.app_context():
        for number in range(45):
            made = make_customer(f"p{number}@laut.test", "Nama")
            User.update(name=f"Nama {number:02d}").where(User.id == made.id).execute()
    client, seen = enter(app, people.administrator), []
    address = "/backoffice/pelanggan/?q=nama"
    for added in ("Nama 00a", "Nama 99", ""):
        page = client.get(address).text
        rows = page[page.find("<tbody") : page.find("</tbody")]
        seen += dict.fromkeys(re.findall(r">(Nama \d\d)<", rows))
        address = link(page, "next")
        if added:
            with app.app_context():
                made = make_customer(f"{added[5:]}@laut.test", "Nama")
            User.update(name=added).where(User.id == made.id).execute()
    assert seen[:45] == [f"Nama {number:02d}" for number in range(45)]
    assert not Message.select().where(Message.recipient == people.customer).exists()
