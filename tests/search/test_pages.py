"""The same words find the same people and requests on whichever page they are typed."""

import pytest

from models import User
from tests.people import enter, file_request

SAID = "yang mirip:"
NAME, OTHER = "Dr. I Wayan Ánom Putra, S.T.", "Nur’aini Sørensen-Dewi"


@pytest.fixture
def named(people, runtime, now):
    for person, name in ((people.customer, NAME), (people.other_customer, OTHER)):
        User.update(name=name).where(User.id == person.id).execute()
    file_request(runtime, people.customer, now=now, key="A", subject="Café Teluk Benoa")
    file_request(runtime, people.other_customer, now=now, key="B", subject="Jetty Candidasa")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ánom", NAME), ("anom", NAME), ("ÁNOM", NAME), ("Putra Wayan", NAME), ("Dr. Wayan", NAME),
        ("putra s.t.", NAME), ("wayan,putra", NAME), ("ａｎｏｍ", NAME), ("a\u0301nom", NAME),
        ("Nur'aini", OTHER), ("nuraini", OTHER), ("nur aini", OTHER), ("NUR´AINI", OTHER),
        ("sorensen", OTHER), ("dewi sørensen", OTHER), ("sorensendewi", OTHER),
    ],
)  # fmt: skip
def test_people_at_the_counter_in_lists_and_in_the_queue(app, people, named, words, name):
    (stranger,) = {NAME, OTHER} - {name}
    clerk, admin = enter(app, people.admin_layanan), enter(app, people.administrator)
    for client, address in (
        (clerk, "/backoffice/loket/"),
        (clerk, "/backoffice/"),
        (admin, "/backoffice/pelanggan/"),
    ):
        page = client.get(address, query_string={"q": words, "tab": "semua"}).text
        assert name in page and stranger not in page and SAID not in page, address


@pytest.mark.parametrize(
    "words",
    ["teluk benoa", "Benoa,", "Cafe", "BENOA TELUK", "tel\u00aduk", "“café”", "teluk-benoa"],
)
def test_own_requests_on_the_portal(app, people, named, words):
    page = enter(app, people.customer).get("/layanan/proses", query_string={"q": words}).text
    assert "Café Teluk Benoa" in page and SAID not in page
    other = enter(app, people.other_customer).get("/layanan/proses", query_string={"q": words}).text
    assert "Benoa</" not in other and "Café" not in other


@pytest.mark.parametrize("words", ["Ánom Putra", "candidasa", "jety", "candidasaa"])
def test_a_customer_finds_nothing_of_strangers(app, people, named, words):
    mine = people.customer if "anom" not in words.lower() and "Á" not in words else None
    client = enter(app, mine or people.other_customer)
    page = client.get("/layanan/rekap", query_string={"q": words}).text
    assert "Tidak ada yang cocok" in page and SAID not in page
