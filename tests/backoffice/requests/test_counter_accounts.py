"""Accounts at the counter: closed, taken, and claimed later."""

from administration import customers
from models import Message, Request, User
from tests.account_messages import newest_link, prove
from tests.backoffice.requests.counter_pages import FORM_PAGE, NEWCOMER, REQUEST, write_down
from tests.people import enter, post
from tests.web.test_wrong_input import problem_at, rows


def test_closed_account_is_not_found(app, people):
    User.update(active=False).where(User.id == people.customer.id).execute()
    client = enter(app, people.admin_layanan)
    found = client.get("/backoffice/loket/?q=Pelanggan").text
    assert people.other_customer.public_id in found
    assert people.customer.public_id not in found
    page = f"{FORM_PAGE}?pelanggan={people.customer.public_id}"
    assert client.get(page).status_code == 404


def test_email_that_is_taken_leads_back_to_the_search(app, people):
    client, before = enter(app, people.admin_layanan), rows()
    answer = write_down(client, **{**NEWCOMER, "email": "Pelanggan@Contoh.test"})
    assert answer.status_code == 422
    assert "sudah terdaftar" in problem_at(answer.text, "email")
    assert rows() == before


def test_email_of_an_account_that_the_search_does_not_find_says_where_its_owner_is(
    app, people, now
):
    """Neither a closed nor a joined account is found, so the search is no way out alone."""
    client = enter(app, people.admin_layanan)
    prove(people.unverified, now)
    customers.merge(people.unverified, people.other_customer, actor=people.admin_layanan, now=now)
    customers.merge(people.other_customer, people.customer, actor=people.admin_layanan, now=now)
    for email, words in (
        (people.unverified.email, "digabung ke akun Pelanggan Satu"),
        (people.penguji.email, "milik akun petugas"),
    ):
        answer = write_down(client, **{**NEWCOMER, "email": email})
        assert words in problem_at(answer.text, "email")
    User.update(active=False).where(User.id == people.customer.id).execute()
    answer = write_down(client, **{**NEWCOMER, "email": people.customer.email})
    assert "Aktifkan dahulu" in problem_at(answer.text, "email")
    assert not Request.select().exists()


def test_customer_of_the_counter_claims_the_account_later(app, people):
    """The e-mail is proved by its own link, which leads on to a password."""
    write_down(enter(app, people.admin_layanan), **{**NEWCOMER, "email": "loket@contoh.test"})
    person = User.get(User.email == "loket@contoh.test")
    assert person.email_confirmed_at is None
    client = app.test_client()
    post(client, "/lupa-sandi", {"email": person.email})
    assert not Message.select().where(Message.link == "reset").exists()
    for link in (newest_link(app, "bukti_alamat", person.email),
                 newest_link(app, "kirim_ulang_verifikasi", person.email)):  # fmt: skip
        assert client.get(link).status_code == 200
    proved = post(client, link)
    page = client.get(proved.location)
    assert page.status_code == 200
    chosen = {"password": "ombak tenang pagi", "password_confirm": "ombak tenang pagi"}
    done = post(client, proved.location, chosen, follow_redirects=True)
    assert done.status_code == 200
    assert User.get_by_id(person.id).has_account
    assert REQUEST["subject"] in enter(app, User.get_by_id(person.id)).get("/dasbor").text
