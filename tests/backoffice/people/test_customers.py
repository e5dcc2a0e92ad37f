"""Accounts of customers are closed, opened again and found."""

import pytest

from administration import customers
from models import Request, User
from tests.people import PASSWORD, enter, file_request, post


def _customer(person, **more) -> dict[str, str]:
    given = {"name": person.name, "phone": person.phone}
    return given | {"institution_name": person.institution_name} | more


def test_a_closed_account_stays_outside_and_its_requests_go_on(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    before = enter(app, people.customer)
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    question = post(client, address, _customer(people.customer)).text
    assert "1 permohonannya yang sedang berjalan tetap dilayani" in question
    assert User.get_by_id(people.customer.id).active
    back = post(client, address, _customer(people.customer, back="1"))
    assert back.status_code == 200
    assert post(client, address, _customer(people.customer, confirm="1")).status_code == 302
    assert before.get("/dasbor").status_code == 302
    log_in = {"email": people.customer.email, "password": PASSWORD}
    assert "Akun tidak aktif" in post(enter(app, None), "/masuk", log_in).text
    # The office goes on with the request, and the account can be opened again.
    assert client.get(f"/backoffice/permohonan/{filed.public_id}").status_code == 200
    assert Request.get_by_id(filed.id).is_open
    assert post(client, address, _customer(people.customer, active="y")).status_code == 302
    assert post(enter(app, None), "/masuk", log_in).status_code == 302


def test_whoever_keeps_the_record_corrects_it_whole_and_finds_what_was_filed(
    app, people, runtime, now
):
    file_request(runtime, people.customer, now=now, subject="Data gelombang Sanur")
    client = enter(app, people.admin_layanan)
    address = f"/backoffice/pelanggan/edit/?id={people.customer.id}"
    more = {"institution_category": "swasta", "gender": "P", "address": "Jalan Pantai 1"}
    assert post(client, address, _customer(people.customer, active="y", **more)).status_code == 302
    saved = User.get_by_id(people.customer.id)
    assert (saved.institution_category, saved.gender, saved.address) == tuple(more.values())
    page = client.get("/backoffice/pelanggan/").text
    link = f"/backoffice/?tab=semua&amp;pelanggan={people.customer.public_id}"
    assert link in page
    assert "Data gelombang Sanur" in client.get(link.replace("&amp;", "&")).text


def test_a_page_that_is_not_there_keeps_the_menu_of_the_desk(app, people):
    page = enter(app, people.admin_layanan).get("/backoffice/tidak-ada/")
    assert page.status_code == 404
    assert "Menu backoffice" in page.text and "Ke antrean" in page.text
    assert "Menu backoffice" not in enter(app, people.customer).get("/backoffice/tidak-ada/").text


def test_a_joined_account_is_not_opened_again(app, people, now):
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    address = f"/backoffice/pelanggan/edit/?id={people.other_customer.id}"
    given = _customer(people.other_customer, active="y")
    page = post(enter(app, people.admin_layanan), address, given)
    assert page.status_code == 422
    assert "sudah digabung ke akun Pelanggan Satu" in page.text
    assert not User.get_by_id(people.other_customer.id).active


@pytest.mark.parametrize("words", ["0813-9999-1111", "+62 813 9999 1111", "lain@contoh", "Dua"])
def test_a_customer_is_found_by_telephone_too(app, people, words):
    User.update(phone="+6281399991111").where(User.id == people.other_customer.id).execute()
    page = enter(app, people.admin_layanan).get(
        "/backoffice/pelanggan/", query_string={"q": words}
    ).text  # fmt: skip
    assert "Pelanggan Dua" in page
    assert "Pelanggan Satu" not in page
