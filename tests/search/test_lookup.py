"""The search index finds what people type, follows every write, and keeps to the scope."""

from datetime import timedelta

import pytest

from models import Request, User
from rules.search_terms import category_terms, read_terms
from search import lookup
from storage.database import database, is_sqlite
from tests.people import advance, enter, file_request, post
from workflow import Reader


def found(words: str, scope=None) -> set[str]:
    query = Request.select() if scope is None else scope
    return {row.subject for row in lookup.narrow(query, read_terms(words)).query}


def file_three(people, runtime, now):
    """Three requests of two customers; the first has a number."""
    User.update(
        name="Siti Ánisa", institution_name="PT Karya-Pesisir Sejahtera", phone="+6281355501234"
    ).where(User.id == people.other_customer.id).execute()
    first = file_request(runtime, people.customer, now=now, key="A", subject="Abrasi Pantai Kuta")
    file_request(runtime, people.other_customer, now=now, key="B", subject="Data gelombang")
    file_request(runtime, people.customer, now=now, key="C", subject="Pasang surut Kuta")
    return advance(first, people, runtime, now=now, until="DISPOSISI_KASUBAG")


@pytest.fixture
def three(snapshots, people, runtime, now):
    return snapshots.of(file_three, people, runtime, now)


def test_finds_by_perihal_name_instansi(three):
    assert found("kuta") == {"Abrasi Pantai Kuta", "Pasang surut Kuta"}
    assert found("PASANG kut") == {"Pasang surut Kuta"}
    assert found("anisa") == {"Data gelombang"} == found("Ánis")
    assert found("karya-pesisir") == {"Data gelombang"} == found("sejahtera karya")
    assert found("tidak ada") == set()


@pytest.mark.parametrize(
    "words",
    [
        "0813-5550-1234",
        "081355501",
        "0813",
        "+62 813 5550",
        "6281355501234",
        "0813 5550 1234",
        "81355501",
    ],
)
def test_finds_by_phone_however_it_is_written(three, words):
    assert found(words) == {"Data gelombang"}


def test_finds_by_number_and_its_beginning(three):
    number = three.number
    assert number
    for words in (number, number.lower(), number.rsplit("/", 1)[0], number[:-4], f"  {number} "):
        assert found(words) == {"Abrasi Pantai Kuta"}, words
    assert found("999/" + number) == set()


def test_a_number_is_not_another_with_the_same_words(three, people, runtime, now):
    later = file_request(runtime, people.customer, now=now, key="D", subject="Lain lagi")
    Request.update(number="29/L.Data/1/VII/24").where(Request.id == later.id).execute()
    assert three.number == "1/L.Data/29/VII/24"
    assert found(three.number) == {"Abrasi Pantai Kuta"}
    assert found("29/L.Data/1/VII/24") == {"Lain lagi"}


@pytest.mark.parametrize(
    "words", ['"', "a OR b", "NEAR(a b)", "words:kuta", "'; drop", "kuta*", "(", "!|&", "\\", "^a"]
)
def test_signs_are_words_and_never_commands(three, words):
    assert found(words) <= {"Abrasi Pantai Kuta", "Pasang surut Kuta"}


def test_category_of_institution_is_a_hidden_word(three):
    User.update(institution_category="swasta").where(User.phone == "+6281355501234").execute()
    terms = category_terms("perguruan_tinggi")
    assert {row.subject for row in lookup.narrow(Request.select(), terms).query} == {
        "Abrasi Pantai Kuta",
        "Pasang surut Kuta",
    }
    assert found("kuta perguruan") == set()


def test_profile_change_reaches_the_index(app, people, three):
    client = enter(app, people.customer)
    answer = post(
        client,
        "/profil",
        {"name": "Wayan Baru", "institution_category": "swasta", "institution_name": "CV Samudra",
         "phone_region": "ID", "phone": "0812-3456-7890", "gender": "L",
         "email": people.customer.email},
    )  # fmt: skip
    assert answer.status_code == 302
    # Another telephone counts once it is proved.
    User.update(phone="+6285711112222").where(User.id == people.customer.id).execute()
    both = {"Abrasi Pantai Kuta", "Pasang surut Kuta"}
    assert found("wayan samudra") == both == found("085711112222")
    assert found("universitas") == set() == found("081234567890")


def test_index_rolls_back_with_the_write(people, runtime, now, three):
    with pytest.raises(RuntimeError), database.atomic():
        file_request(runtime, people.customer, now=now, key="D", subject="Tenggelam")
        User.update(name="Hilang").where(User.id == people.customer.id).execute()
        assert found("tenggelam") == {"Tenggelam"}
        raise RuntimeError
    assert found("tenggelam") == set() == found("hilang")


def test_given_to_another_customer_or_deleted(people, runtime, now, three):
    """Merged customers and removed rows leave nothing behind, whoever writes."""
    mine = Request.customer == people.customer.id
    Request.update(customer=people.other_customer).where(mine).execute()
    assert "Pasang surut Kuta" in found("anisa")
    assert found("universitas kuta") == set()


def test_scope_applies(people, runtime, now, three):
    advance(three, people, runtime, now=now, until="VERIFIKASI_DATA")
    holder = people.pemangku_data
    assert found("kuta", Request.visible_to(Reader.at(holder, now))) <= {"Abrasi Pantai Kuta"}
    assert found("gelombang", Request.visible_to(Reader.at(holder, now))) == set()
    assert found("gelombang", Request.visible_to(Reader.at(people.customer, now))) == set()


@pytest.mark.parametrize(
    ("certainly", "walked", "newer"),
    [
        pytest.param(3, 20_000, 0, id="sample says it"),
        pytest.param(1000, 20_000, 0, id="sample says nothing"),
        pytest.param(3, 0, 0, id="too far to walk"),
        pytest.param(1, 20_000, 14, id="others are newer"),
    ],
)
def test_common_words_are_walked_newest_first(
    monkeypatch, people, runtime, now, certainly, walked, newer
):
    monkeypatch.setattr(lookup, "ENOUGH", 4)
    monkeypatch.setattr(lookup, "CERTAINLY", certainly)
    monkeypatch.setattr(lookup, "MOST_WALKED", walked)
    for index in range(14):
        file_request(runtime, people.customer, now=now + timedelta(minutes=index),
                     key=f"K{index}", subject=f"Umum {index:02d}")  # fmt: skip
    for index in range(newer):
        file_request(runtime, people.customer, now=now + timedelta(hours=1), key=f"L{index}")
    dense = lookup.narrow(Request.select(), read_terms("umum"))
    assert dense.is_dense
    page = lookup.newest(dense, Request.select(), limit=6)
    assert [row.subject[-2:] for row in page] == ["13", "12", "11", "10", "09", "08"]
    following = lookup.newest(dense, Request.select(), limit=6, beyond=page[-1].id)
    assert [row.subject[-2:] for row in following] == ["07", "06", "05", "04", "03", "02"]
    back = lookup.newest(dense, Request.select(), limit=6, beyond=following[0].id, backwards=True)
    assert [row.id for row in reversed(back)] == [row.id for row in page]
    # A small scope is answered exactly, though the word is common.
    few = Request.select().where(Request.subject.in_(["Umum 00", "Umum 13"]))
    exact = lookup.narrow(few, read_terms("umum"))
    assert not exact.is_dense and exact.query.count() == 2
    none = lookup.narrow(Request.select().where(Request.id < 0), read_terms("umum"))
    assert not none.is_dense and none.query.count() == 0


def test_reindex_mends_a_lost_index(app, people, three):
    before = found("kuta")
    database.execute_sql(
        """INSERT INTO "request_search" ("request_search") VALUES ('delete-all')"""
        if is_sqlite()
        else 'DELETE FROM "request_search"'
    )
    assert found("kuta") == set()
    assert lookup.rebuild() == 3
    assert found("kuta") == before
    assert lookup.rebuild() == 3 and found("kuta") == before


def test_numbering_reaches_the_index(people, runtime, now, three):
    filed = file_request(runtime, people.customer, now=now, key="E", subject="Rip current")
    assert found("rip cur") == {"Rip current"}
    moved = advance(filed, people, runtime, now=now, until="DISPOSISI_KASUBAG")
    assert moved.number and found(moved.number) == {"Rip current"}
