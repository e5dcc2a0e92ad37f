"""What somebody looks for stays out of addresses: it is often a name or a telephone."""

from urllib.parse import parse_qs, urlsplit

import pytest

from models import SavedView
from tests.people import enter, file_request, post

PHONE = "081200000077"


def arguments(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


@pytest.fixture
def filed(people, runtime, now):
    people.customer.phone = "+6281200000077"
    people.customer.save()
    file_request(runtime, people.customer, now=now, key="A", subject="Abrasi Kuta")
    file_request(runtime, people.other_customer, now=now, key="B", subject="Data gelombang")


def look(client, words: str, di: str = "/backoffice/", **more: str):
    return post(client, "/backoffice/cari/", {"di": di, "q": words, **more})


def test_the_address_names_words_that_only_the_searcher_knows(app, people, filed):
    admin = enter(app, people.admin_layanan)
    answer = look(admin, PHONE, tab="semua", service="", stage="")
    assert answer.status_code == 303
    address = answer.location
    # No words, and no empty fields either.
    assert PHONE not in address and set(arguments(address)) == {"tab", "cari"}
    page = admin.get(address).text
    assert f"Cari: {PHONE}" in page and f'value="{PHONE}"' in page
    assert "Abrasi Kuta" in page and "Data gelombang" not in page
    # Nor in any address on the page: tabs, chips, other pages.
    assert not [link for link in page.split('href="')[1:] if PHONE in link.split('"')[0]]
    other = enter(app, people.admin_layanan).get(address).text
    assert PHONE not in other and "Silakan ketik kembali" in other


def test_words_are_found_again_in_every_list_and_in_several_tabs(app, people, filed):
    admin = enter(app, people.administrator)
    first = look(admin, people.customer.name, di="/backoffice/pelanggan/").location
    second = look(admin, "zzz", di="/backoffice/pesan/").location
    assert people.customer.name in admin.get(first).text
    assert people.other_customer.name not in admin.get(first).text
    assert "Cari: zzz" in admin.get(second).text
    # The next person at this computer begins anew.
    post(admin, "/keluar")
    with admin.session_transaction() as cookie:
        assert "cari" not in cookie


@pytest.mark.parametrize(
    "place", ["https://lain.test/", "//lain.test/", "/backoffice/../keluar", "/dasbor",
              "/backoffice//lain.test/", "/backoffice/\\lain.test/", ""]
)  # fmt: skip
def test_it_leads_only_to_lists_of_this_backoffice(app, people, place):
    assert look(enter(app, people.admin_layanan), "x", di=place).status_code == 404


def test_a_saved_search_opens_without_its_words_in_the_address(app, people, filed):
    admin = enter(app, people.admin_layanan)
    given = {"title": "Milik satu orang", "arguments": f"tab=semua&q={PHONE}"}
    saved = post(admin, "/backoffice/tampilan/simpan", given)
    assert PHONE not in saved.location and set(arguments(saved.location)) == {"tab", "cari"}
    view = SavedView.get()
    page = admin.get("/backoffice/").text
    assert PHONE not in page
    address = f"/backoffice/tampilan/buka/{view.public_id}"
    assert f'href="{address}"' in page
    opened = admin.get(address)
    assert PHONE not in opened.location
    assert "Abrasi Kuta" in admin.get(opened.location).text
    assert enter(app, people.penguji).get(address).status_code == 404


def test_a_view_of_ones_own_stands_beside_a_shared_one_of_the_same_name(app, people, filed):
    admin = enter(app, people.admin_layanan)
    shared = {"title": "Yang lab", "arguments": "service=lab", "role": "admin_layanan"}
    for given in (shared, {**shared, "role": ""}, {**shared, "arguments": "service=data"}):
        post(admin, "/backoffice/tampilan/simpan", given)
    views = SavedView.select().order_by(SavedView.role_code)
    assert [(view.role_code, view.arguments) for view in views] == [
        ("", "service=lab"),
        ("admin_layanan", "service=data"),
    ]
    assert "sudah diganti" in admin.get("/backoffice/").text
