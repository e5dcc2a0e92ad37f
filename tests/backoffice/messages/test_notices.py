"""The bell of everybody in the office, and what open pages ask for."""

import re
from datetime import timedelta

import pytest

from models import Message
from moves.notices import tell_staff
from tests.people import enter, file_request, post
from tests.test_queries import Counter

HERE = "/backoffice/pemberitahuan/"


def unseen(page: str) -> str:
    return re.search(r"data-unseen[^>]*>([^<]+)<", page).group(1).strip()


def asked_since(page: str) -> str:
    return re.search(r'data-news="([^"]+)"', page).group(1)


def test_bell_counts_until_it_is_opened_and_the_list_says_what_is_new(
    app, people, runtime, now, clock
):
    file_request(runtime, people.customer, now=now)
    clock.forward(minutes=5)
    client = enter(app, people.admin_layanan)
    assert unseen(client.get("/backoffice/").text) == "1"
    # To look at the list by its address changes nothing.
    assert unseen(client.get(HERE).text) == "1"
    page = post(client, HERE, follow_redirects=True).text
    assert unseen(page) == "0" and page.count(">baru<") + page.count("baru</span>") >= 1
    assert "/backoffice/permohonan/" in page
    clock.forward(minutes=5)
    tell_staff(None, people.admin_layanan, "pesan_masuk_baru", now=clock.now, key="x",
               more={"tautan": "/backoffice/pesan-masuk/"})  # fmt: skip
    assert unseen(client.get("/backoffice/").text) == "1"
    # A colleague of another post was told nothing.
    assert unseen(enter(app, people.penguji).get("/backoffice/").text) == "0"


def test_an_open_page_learns_what_arrived_and_hears_nothing_twice(app, people, runtime, now, clock):
    clock.forward(minutes=1)
    client = enter(app, people.admin_layanan)
    address = asked_since(client.get("/backoffice/").text)
    before = client.get(address)
    assert before.json == {"unseen": "", "unanswered": "", "arrived": ""}
    clock.forward(minutes=1)
    for number in range(3):
        file_request(runtime, people.customer, now=clock.now, key=f"N{number}")
    news = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert news.status_code == 200
    assert (news.json["unseen"], news.json["arrived"]) == ("3", "3")
    again = client.get(address, headers={"If-None-Match": news.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    # A page that was made afterwards holds these already.
    clock.forward(minutes=1)
    fresh = asked_since(client.get("/backoffice/").text)
    assert client.get(fresh).json["arrived"] == ""


def test_the_same_notice_by_another_channel_counts_once(app, people, runtime, now):
    file_request(runtime, people.customer, now=now)
    told = Message.get(Message.recipient == people.admin_layanan)
    Message.enqueue("tugas_baru", recipient=people.admin_layanan, channel="email", at=now,
                    dedupe_key="next", variables=told.variables, request=told.request,
                    origin=told)  # fmt: skip
    Message.update(created_at=now).execute()
    client = enter(app, people.admin_layanan)
    assert client.get(HERE).text.count("/backoffice/permohonan/") == 1


@pytest.mark.parametrize("post", ["admin_layanan", "penguji", "administrator"])
def test_poll_takes_one_query_beside_the_log_in(app, people, now, monkeypatch, post):
    client = enter(app, people.staff[post])
    asked = Counter(monkeypatch)
    address = f"{HERE}hitung?sejak={now - timedelta(hours=1):%Y%m%d%H%M%S%f}"
    # Who it is, their posts, who is where by what mandate, the published flows; and the counts.
    assert asked.of(client, address) <= 7
