"""What is like a misspelt word is found where nothing is exact, and only in one's own scope."""

import pytest

from models import Request, User
from rules.search_terms import read_terms
from search.lookup import PEOPLE, REQUESTS, rebuild
from search.similar import narrowed, similar_terms
from storage.database import database
from tests.people import enter, file_request
from workflow import Reader

SAID = "Tidak ada yang persis; yang mirip:"


def file_them(people, runtime, now):
    User.update(name="I Wayan Ánom Sutedja, S.T.", institution_name="CV Segara").where(
        User.id == people.customer.id
    ).execute()
    User.update(name="Nur’aini", institution_name="").where(
        User.id == people.other_customer.id
    ).execute()
    for key, who, subject in (
        ("A", people.customer, "Data gelombang Teluk Benoa"),
        ("B", people.other_customer, "Pasang surut Candidasa"),
        ("C", people.customer, "Abrasi Lovina"),
    ):
        file_request(runtime, who, now=now, key=key, subject=subject)


@pytest.fixture(autouse=True)
def filed(snapshots, people, runtime, now):
    snapshots.of(file_them, people, runtime, now)


def of_requests(words: str, query=None) -> tuple[set[str], bool]:
    query = Request.select() if query is None else query
    rows, is_similar = narrowed(query, words, {REQUESTS: Request.id})
    return {row.subject for row in rows}, is_similar


def of_people(words: str) -> tuple[set[str], bool]:
    rows, is_similar = narrowed(User.select(), words, {PEOPLE: User.id})
    return {row.name for row in rows}, is_similar


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("gelonbang", "Data gelombang Teluk Benoa"),
        ("gelobmang benoa", "Data gelombang Teluk Benoa"),
        ("teluk benoaa", "Data gelombang Teluk Benoa"),
        ("telukbenoa", "Data gelombang Teluk Benoa"),
        ("BENUA gelombang", "Data gelombang Teluk Benoa"),
        ("pasanng suruut", "Pasang surut Candidasa"),
        ("candi dasa pasung", "Pasang surut Candidasa"),
        ("canndidasa", "Pasang surut Candidasa"),
        ("abrsi", "Abrasi Lovina"),
        ("arbasi lovina", "Abrasi Lovina"),
        ("lowina", "Abrasi Lovina"),
    ],
)
def test_misspelt_words_find_requests(words, subject):
    assert of_requests(words) == ({subject}, True)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("wayan anom suteja", "I Wayan Ánom Sutedja, S.T."),
        ("Dr. Wayan Sutedja", "I Wayan Ánom Sutedja, S.T."),
        ("pak annom", "I Wayan Ánom Sutedja, S.T."),
        ("cv segare", "I Wayan Ánom Sutedja, S.T."),
        ("nuraeni", "Nur’aini"),
        ("nurainii", "Nur’aini"),
    ],
)
def test_misspelt_names_find_people(words, name):
    assert of_people(words) == ({name}, True)


@pytest.mark.parametrize("words", ["benoa gelombang", "gelom bang", "pasangsurut candidasa"])
def test_exact_words_leave_the_similar_alone(words):
    found, is_similar = of_requests(words)
    assert found and is_similar == (words == "pasangsurut candidasa")


@pytest.mark.parametrize("words", ["zzzzz", "q", "1234567", "…", "gelonbang zzzzz", "dr"])
def test_nothing_is_like_nonsense(words):
    assert of_requests(words) == (set(), False)


def test_vocabulary_is_learnt_anew_and_forgets():
    assert similar_terms("gelonbang")
    database.execute_sql('DELETE FROM "search_word"')
    Request.update(subject="Sedimen").where(Request.subject.startswith("Data")).execute()
    rebuild()
    assert of_requests("sedimin") == ({"Sedimen"}, True)
    assert of_requests("gelonbang") == (set(), False)
    assert "sedimen" not in str(read_terms("sedimin"))


def test_similar_rows_keep_to_the_scope(people, now):
    own = Request.visible_to(Reader.at(people.customer, now))
    assert of_requests("gelonbang", own)[0] == {"Data gelombang Teluk Benoa"}
    assert of_requests("canndidasa", own) == (set(), False)
    # Nor does a stranger's row that is exact hide what is like it in one's own.
    assert of_requests("candidasa", own) == (set(), False)
    User.update(name="Abrasa").where(User.id == people.other_customer.id).execute()
    assert of_requests("abrasa", own) == ({"Abrasi Lovina"}, True)


def test_pages_say_that_rows_are_only_similar(app, people):
    customer, admin = enter(app, people.customer), enter(app, people.admin_layanan)
    for client, address, there, stranger in (
        (customer, "/layanan/rekap?q=gelonbang", "Teluk Benoa", "Candidasa"),
        (admin, "/backoffice/?q=gelonbang", "Teluk Benoa", "Candidasa"),
        (admin, "/backoffice/loket/?q=suteja", "Ánom", "Nur’aini"),
        (admin, "/backoffice/pelanggan/?q=suteja", "Ánom", "Nur’aini"),
        (enter(app, people.staf_tu), "/backoffice/surat-masuk/?q=gelonbang", "Teluk", "Candidasa"),
        (enter(app, people.administrator), "/backoffice/pesan/?q=suteja", "Ánom", "Nur’aini"),
    ):
        page = client.get(address).text
        assert SAID in page and there in page, address
        assert stranger not in page, address
        assert SAID not in client.get(address.split("?")[0]).text
    for client, address in ((customer, "/layanan/rekap"), (admin, "/backoffice/")):
        assert SAID not in client.get(f"{address}?q=gelombang").text
        page = client.get(f"{address}?q=zzzzzz").text
        assert SAID not in page and "Tidak ada" in page
    assert "Candidasa" not in customer.get("/layanan/rekap?q=canndidasa").text
