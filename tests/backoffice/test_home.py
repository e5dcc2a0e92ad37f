"""Beranda: figures by what a post may do, equal to the lists behind them and to the digest."""

import re
from datetime import timedelta

import pytest

from config.settings import DeliveryRules
from messages import reminders
from models import Absence, Backup, Message, Trouble
from tests.backoffice.reports.bill_samples import bill_all
from tests.people import advance, enter, file_request
from tests.test_queries import Counter

PAGE = "/backoffice/beranda/"
CARDS = {
    "kepala_balai": {"Menunggu saya", "Balai, Agustus 2024", "Tagihan", "Rekap Juli 2024"},
    "staf_tu": {"Menunggu saya", "Rekap Juli 2024"},
    "bendahara": {"Menunggu saya", "Tagihan"},
    "penguji": {"Menunggu saya"},
    "administrator": {"Orang", "Sistem", "Acuan"},
    "auditor": {"Tagihan", "Rekap Juli 2024", "Jejak"},
}


def figures(page: str) -> dict[str, tuple[str, str]]:
    """Words of each figure -> the figure and the address behind it."""
    found = re.findall(
        r'm-counter[^"]*"(?: href="([^"]+)")?>\s*<strong>([^<]+)</strong>([^<]+)<', page
    )
    return {words.strip(): (value, url.replace("&amp;", "&")) for url, value, words in found}


@pytest.fixture
def morning(app, people, runtime, now, clock):
    """Two dispositions wait for the head, three requests for the admin; it is Tuesday morning."""
    for key in ("A", "B"):
        filed = file_request(runtime, people.customer, now=now, key=key)
        advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    for key in ("C", "D", "E"):
        file_request(runtime, people.customer, now=now + timedelta(days=7), key=key)
    clock.set(now.replace(month=8, day=6, hour=1))


def test_each_post_sees_what_it_may_do_something_about(app, people, morning):
    for role, titles in CARDS.items():
        page = enter(app, people.staff[role]).get(PAGE)
        assert page.status_code == 200
        shown = set(re.findall(r"<h2>([^<]+)</h2>", page.text))
        assert titles <= shown, role
        others = set().union(*CARDS.values()) - titles - {"Acuan", "Orang", "Jejak"}
        assert not others & shown, role


def test_figures_are_those_of_the_lists_and_of_the_digest(app, people, morning, clock):
    head = enter(app, people.kepala_balai)
    found = figures(head.get(PAGE).text)
    assert found["permohonan"][0] == "2" and found["masuk"][0] == "3"
    for words, mark in (("permohonan", "2"), ("terlambat sekarang", None), ("masuk", "3")):
        value, url = found[words]
        assert value == (mark or value)
        assert f"dari {value}<" in head.get(url).text, words
    reminders.remind(DeliveryRules(), now=clock.now)
    told = Message.get((Message.template == "ringkasan_harian")
                       & (Message.recipient == people.kepala_balai))  # fmt: skip
    said = {"jumlah": "permohonan", "terlambat": "lewat batas", "hari_ini": "jatuh tempo hari ini"}
    assert {name: told.variables[name] for name in said} == {
        name: found[words][0] for name, words in said.items()
    }


@pytest.mark.parametrize(("role", "lands"), [("administrator", PAGE), ("auditor", PAGE),
                                             ("staf_tu", "/backoffice/")])  # fmt: skip
def test_who_never_has_a_queue_lands_here(app, people, role, lands):
    assert enter(app, people.staff[role]).get("/setelah-masuk").headers["Location"] == lands


@pytest.mark.parametrize("role", CARDS)
def test_as_many_queries_for_few_as_for_many(app, people, runtime, now, clock, monkeypatch, role):
    counter, client = Counter(monkeypatch), enter(app, people.staff[role])
    first, *others = {user.id: user for user in people.staff.values()}.values()
    fill(people, runtime, now, [first])
    few = counter.of(client, PAGE)
    bill_all(people, runtime, now)
    fill(people, runtime, now, others)
    assert counter.of(client, PAGE) == few <= 18


def fill(people, runtime, now, users) -> None:
    """For each of these people, one of everything that a card counts."""
    for user in users:
        file_request(runtime, people.customer, now=now, key=f"K{user.id}")
        Absence.create(user=user, kind="cuti", from_on=now.date(), until_on=now.date(),
                       created_at=now, created_by=user)  # fmt: skip
        Backup.create(began_at=now, finished_at=now, target="cadangan")
        Trouble.create(code=f"uji-{user.id}", title="Uji", words="Uji", opened_at=now, seen_at=now,
                       next_try_at=now)  # fmt: skip
