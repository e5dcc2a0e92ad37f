"""Found from anywhere, within the reader's scope, without a word in any address."""

import pytest

from models import User
from tests.people import csrf_token, enter, file_request, post
from tests.test_queries import Counter

HERE = "/backoffice/temukan/"


@pytest.fixture
def filed(people, runtime, now):
    User.update(phone="+6281200000010", name="Wayan Candidasa").where(
        User.id == people.customer.id
    ).execute()
    customer = User.get_by_id(people.customer.id)
    file_request(runtime, people.other_customer, now=now, key="O", subject="Arus di Sanur")
    return file_request(runtime, customer, now=now, subject="Gelombang di Pantai Amed")


def find(client, words, **more) -> str:
    form = {"q": words, "csrf_token": csrf_token(client), **more}
    return client.post(HERE, data=form, headers={"X-Requested-With": "fetch"}).text


@pytest.mark.parametrize(
    "words", ["amed", "gelombng", "candi dasa", "candidassa", "00000010", "pelanggan@contoh.test"]
)
def test_half_remembered_words_find_it(app, people, filed, words):
    found = find(enter(app, people.admin_layanan), words)
    assert f"/backoffice/permohonan/{filed.public_id}" in found
    assert "Sanur" not in found


def test_scope_holds_for_words_and_for_what_was_opened(app, people, filed):
    tester, admin = enter(app, people.penguji), enter(app, people.admin_layanan)
    for client, is_seen in ((tester, False), (admin, True)):
        recent = find(client, "", recent=f"{filed.public_id},x'--,{'A' * 99}")
        for found in (recent, find(client, "gelombang")):
            assert (filed.public_id in found) == is_seen
            assert ("Wayan" in found) == is_seen
    # Who keeps accounts and opens no requests finds the account.
    found = find(enter(app, people.administrator), "wayan")
    assert f"/backoffice/pelanggan/edit/?id={people.customer.id}" in found
    assert filed.public_id not in found


def test_pages_of_ones_own_menu_are_found_and_no_others(app, people, filed):
    admin, tester = enter(app, people.admin_layanan), enter(app, people.penguji)
    for words in ("rekap", "rekpa layanan", "REKAP"):
        assert 'href="/backoffice/rekap/"' in find(admin, words)
    assert "/backoffice/rekap/" not in find(tester, "rekap")
    assert "/backoffice/belum-dijawab/" in find(tester, "belum")


def test_without_a_script_it_is_a_page_and_words_stay_out_of_addresses(app, people, filed):
    client = enter(app, people.admin_layanan)
    assert 'action="/backoffice/temukan/"' in client.get(HERE).text
    page = post(client, HERE, {"q": "amed"}).text
    assert f'href="/backoffice/permohonan/{filed.public_id}"' in page and 'value="amed"' in page
    assert "q=" not in page.replace("?q=", "q=").split("<main")[1]
    assert "Tidak ditemukan" in post(client, HERE, {"q": "xyzxyz"}).text
    # Nothing that somebody types is an error.
    for words in ("", "%", "'\"--", "/" * 300, "☂"):
        assert post(client, HERE, {"q": words}).status_code == 200


def test_it_costs_the_same_however_many_there_are(app, people, runtime, now, filed, monkeypatch):
    client, asked = enter(app, people.admin_layanan), Counter(monkeypatch)
    form = {"q": "gelombang", "csrf_token": csrf_token(client)}
    sums = []
    for number in range(2):
        client.post(HERE, data=form)
        asked.statements.clear()
        client.post(HERE, data=form, headers={"X-Requested-With": "fetch"})
        sums.append(len(asked.statements))
        for more in range(6):
            file_request(runtime, filed.customer, now=now, key=f"{number}{more}",
                         subject="Gelombang lain")  # fmt: skip
    assert sums[0] == sums[1] <= 14
