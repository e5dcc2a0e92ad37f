"""Every page of a draft opens, in few queries and in Indonesian."""

import io

import pytest

from tests.backoffice.manage.flow_pages import ALUR, NEW, send
from tests.people import advance, file_request
from tests.test_pages import check
from tests.test_queries import Counter

# What differs between the engines is in test_flows.py and test_simulation.py.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


PAGES = ("", "data", "data/draf", "data/draf/periksa", "data/draf/simulasi",
         "data/draf/terbitkan", "data/draf/tahap-baru", "lab/draf", "lab/draf/simulasi",
         "lab/draf/tahap/PEMBAYARAN", "data/draf/tahap/PENGAJUAN", "data/draf/tahap/SURVEI",
         "data/draf/berkas")  # fmt: skip


# -- the forms -----------------------------------------------------------------------------------


def test_every_page_opens(admin):
    for page in PAGES:
        assert admin.get(f"{ALUR}/{page}").status_code == 200, page


# -- how many queries ----------------------------------------------------------------------------


def test_pages_run_a_fixed_number_of_queries(app, admin, people, runtime, now, monkeypatch):
    counter = Counter(monkeypatch)
    few = {page: counter.of(admin, f"{ALUR}/{page}") for page in PAGES}
    for number in range(6):
        request = file_request(runtime, people.customer, now=now, key=f"K{number}")
        if number % 2:
            advance(request, people, runtime, now=now)
    many = {page: counter.of(admin, f"{ALUR}/{page}") for page in PAGES}
    assert few == many
    assert max(many.values()) <= 18


def test_pages_are_indonesian_and_valid(admin):
    send(admin, "/tahap-baru", **NEW)
    pages = {page: admin.get(f"{ALUR}/{page}").text for page in PAGES if page != "data/draf/berkas"}
    pages["days"] = send(admin, "", do="days", janji="x").text
    pages["stage"] = send(admin, "/tahap/TERIMA_ADMIN", short="").text
    pages["file"] = send(admin, "/berkas", file=(io.BytesIO(b"x = 1"), "a.toml")).text
    pages["note"] = send(admin, "/terbitkan", "lab", note="").text
    check(pages)
